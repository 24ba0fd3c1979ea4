"""Every command, its help, and how one ends."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from tests.cli.conftest import Allpoints

from allpoints.cli.main import app

HEAVY = ("litestar", "uvicorn", "cryptography", "httpx", "rich", "numpy", "structlog")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from commands(one, (*path, name))
    else:
        yield path, command


KNOWN = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", KNOWN, ids=" ".join)
def test_every_command_says_what_it_does_in_a_sentence_and_shows_an_example(
    allpoints: Allpoints, path: tuple[str, ...]
) -> None:
    shown = allpoints(*path, "--help")
    assert shown.code == 0
    assert f"$ allpoints {' '.join(path)}" in shown.out
    assert KNOWN[path].help[:1].isupper()
    assert KNOWN[path].help.split("\n")[0].rstrip().endswith(".")
    assert all(one.help for one in KNOWN[path].params)


@pytest.mark.parametrize("path", KNOWN, ids=" ".join)
def test_examples_use_only_options_that_exist(path: tuple[str, ...]) -> None:
    known = {option for one in KNOWN[path].params for option in one.opts}
    for line in KNOWN[path].epilog.splitlines():
        words = line.split(f"allpoints {' '.join(path)}", 1)[-1]
        outside = re.sub(r"\"[^\"]*\"|'[^']*'", "", words)
        assert set(re.findall(r"(?<= )--[a-z-]+", outside)) <= known, line


def test_every_command_that_asks_a_node_takes_folder_and_json() -> None:
    for path, command in KNOWN.items():
        assert {"folder", "as_json"} <= {one.name for one in command.params}, path


def test_help_loads_nothing_heavy() -> None:
    looked = f"import sys, allpoints.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_command_typed_wrong_ends_with_two_and_shows_how(allpoints: Allpoints) -> None:
    for line in (("chekc",), ("officer", "add"), ("audit", "--limit", "many"), ("import",)):
        wrong = allpoints(*line)
        assert (wrong.code, wrong.out) == (2, ""), line
        assert "Usage: allpoints" in wrong.err


def test_a_refusal_ends_with_one_and_says_sentence_field_and_hint(
    allpoints: Allpoints, tmp_path: Path
) -> None:
    refused = allpoints("settings", "--dir", tmp_path)
    assert refused.code == 1
    assert refused.out == ""
    assert refused.err == (
        f"error: There is no allpoints.toml in {tmp_path}.\n"
        "hint: Run allpoints init first, or name the node's folder with --dir.\n"
    )


def test_a_refusal_is_a_problem_object_for_a_program(allpoints: Allpoints, tmp_path: Path) -> None:
    refused = allpoints("settings", "--dir", tmp_path, "--json")
    assert refused.code == 1
    assert '"code": "SETTINGS-MISSING"' in refused.out
    assert refused.err == ""


def test_version_goes_to_standard_output(allpoints: Allpoints) -> None:
    assert re.fullmatch(r"allpoints \d+\.\d+\.\d+\S*\n", allpoints("version").out)
