"""Files of a world: the same bytes for the same seed, a part that is a part of the whole, and nothing written over."""

import csv
import hashlib
from pathlib import Path

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.sample.countries import SECRETARIAT
from allpoints.sample.tables import TABLES
from allpoints.sample.world import World
from allpoints.sample.writing import LINKS_FILE, README_FILE, TRAFFIC_FILE, TRUTH_FILE, Part, write
from allpoints.vocabulary.loading import load


def written(folder: Path, world: World, part: Part = Part()) -> dict[str, str]:  # noqa: B008 - frozen
    write(world, folder, part, lambda _file, _rows: None)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_seed_and_scale_write_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path / "one", World(5, 0.02))
    assert written(tmp_path / "two", World(5, 0.02)) == first
    other = written(tmp_path / "three", World(6, 0.02))
    assert set(other) == set(first)
    assert other["XAV/travel-documents.csv"] != first["XAV/travel-documents.csv"]
    assert other[TRAFFIC_FILE] != first[TRAFFIC_FILE]


def test_a_world_has_every_register_at_every_member_that_writes_it(tmp_path: Path, world: World) -> None:
    files = write(world, tmp_path, Part(), lambda _file, _rows: None)
    for table in TABLES:
        members = (SECRETARIAT,) if table.by_secretariat else tuple(one.code for one in world.members)
        for member in members:
            assert (tmp_path / member / table.file).is_file()
    assert (tmp_path / TRAFFIC_FILE).is_file()
    for one in files:
        lines = (tmp_path / one.file).read_text(encoding="utf-8").splitlines()
        assert len(lines) == one.rows + one.file.endswith(".csv")
    page = (tmp_path / README_FILE).read_text(encoding="utf-8")
    assert all(one.file in page for one in files)


def test_a_part_is_the_same_as_in_the_whole(tmp_path: Path) -> None:
    world = World(5, 0.02)
    whole = written(tmp_path / "whole", world)
    part = written(tmp_path / "part", world, Part(("travel-documents",), ("XAV", "XBM")))
    assert set(part) == {"XAV/travel-documents.csv", "XBM/travel-documents.csv", README_FILE}
    assert all(whole[name] == digest for name, digest in part.items() if name != README_FILE)


def test_progress_is_told_for_every_file(tmp_path: Path) -> None:
    told: dict[str, int] = {}

    def tell(file: str, rows: int) -> None:
        told[file] = told.get(file, 0) + rows

    files = write(World(5, 0.02), tmp_path, Part(), tell)
    assert told == {one.file: one.rows for one in files}


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Refusal) as refused:
        written(tmp_path, World(5, 0.02))
    assert refused.value.code == "SAMPLE-FOLDER"
    (tmp_path / "mine.txt").unlink()
    assert written(tmp_path, World(5, 0.02))


@pytest.mark.parametrize("part", [Part(registers=("passports",)), Part(members=("XZZ",))])
def test_a_register_or_member_that_no_world_has_is_refused_with_those_that_are(
    tmp_path: Path, part: Part
) -> None:
    with pytest.raises(Refusal) as refused:
        written(tmp_path / "new", World(5, 0.02), part)
    assert refused.value.code == "SAMPLE-UNKNOWN"
    assert not (tmp_path / "new").exists()


def test_links_join_records_that_are_there(tmp_path: Path) -> None:
    world = World(5, 0.3)
    write(world, tmp_path, Part(), lambda _file, _rows: None)
    held = {
        (table.register, SECRETARIAT if table.by_secretariat else member.code, row["source_ref"])
        for table in TABLES
        for member in world.members
        for row in table.rows(world, member)
    }
    relations = load().terms("relations")
    for name, there in ((LINKS_FILE, "to"), (TRUTH_FILE, "of")):
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
        assert len(found) > 30
        for one in found:
            assert (one["register"], one["owner"], one["record"]) in held
            assert name != LINKS_FILE or one["relation"] in relations
            if one[f"{there}_register"]:
                assert (one[f"{there}_register"], one[f"{there}_owner"], one[f"{there}_record"]) in held
