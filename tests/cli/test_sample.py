"""A world by one command."""

import json
from pathlib import Path

from tests.cli.conftest import Allpoints


def test_a_world_is_written_and_what_it_holds_is_told(allpoints: Allpoints, tmp_path: Path) -> None:
    made = allpoints("sample", "--seed", 3, "--scale", 0.02, "--out", tmp_path / "world", "--json")
    assert made.code == 0
    told = json.loads(made.out)
    assert (told["seed"], told["scale"]) == (3, 0.02)
    for one in told["files"]:
        assert (tmp_path / "world" / one["file"]).is_file()
    again = allpoints("sample", "--out", tmp_path / "world")
    assert again.code == 1
    assert again.err.startswith("error: ")
    assert "--out" in again.err


def test_a_part_of_a_world_can_be_asked_for(allpoints: Allpoints, tmp_path: Path) -> None:
    asked = ("--register", "travel-documents", "--member", "XAV", "--member", "XBM")
    made = allpoints("sample", "--scale", 0.02, "--out", tmp_path / "part", *asked)
    assert made.code == 0
    assert [line.split()[0] for line in made.out.splitlines()[1:]] == [
        "XAV/travel-documents.csv",
        "XBM/travel-documents.csv",
    ]
    assert "README.txt" in made.err


def test_the_command_shows_how_it_is_used(allpoints: Allpoints) -> None:
    shown = allpoints("sample", "--help")
    assert "$ allpoints sample" in shown.out
