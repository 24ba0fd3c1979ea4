"""The file of seeds: written before it is named, overwritten where it lies."""

from pathlib import Path

import pytest

from allpoints.messages.key_file import KeyFile

SEEDS = {place: bytes([place + 1]) * 32 for place in range(5)}


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys" / "reception.keys")


def test_a_seed_is_read_from_where_it_was_put_and_nothing_from_elsewhere(file: KeyFile) -> None:
    assert file.read(3) is None
    file.write(SEEDS)
    assert {place: file.read(place) for place in SEEDS} == SEEDS
    assert file.read(5) is None
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_an_erased_seed_is_in_no_byte_of_the_file(file: KeyFile) -> None:
    file.write(SEEDS)
    before = file.path.stat()
    file.erase([1, 3])
    assert file.read(1) is None
    assert file.read(2) == SEEDS[2]
    content = file.path.read_bytes()
    assert SEEDS[1] not in content
    assert SEEDS[2] in content
    after = file.path.stat()
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)


def test_seeds_that_nobody_names_are_erased_and_the_others_stay(file: KeyFile) -> None:
    file.write(SEEDS)
    file.keep_only([0, 4])
    assert [file.read(place) for place in range(5)] == [SEEDS[0], None, None, None, SEEDS[4]]


@pytest.mark.parametrize("seeds", [{-1: bytes(32)}, {0: bytes(31)}, {4_000_000: bytes(32)}])
def test_what_is_no_seed_or_no_place_is_a_mistake_of_the_program(
    file: KeyFile, seeds: dict[int, bytes]
) -> None:
    with pytest.raises(ValueError, match="no place or no seed"):
        file.write(seeds)
