"""Chunks of files: each opens in its own place of its own file, and nowhere else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.sealing import chunks
from allpoints.sealing.chunks import (
    CHUNK_BYTES,
    CHUNK_OVERHEAD_BYTES,
    FILE_ID_BYTES,
    FileKey,
    count_of,
    length_of,
    new_file_key,
    open_chunk,
    seal_chunk,
    sealed_size,
)

FILE = new_file_key()
SIZE = 2 * CHUNK_BYTES + 5
PARTS = [bytes([at]) * length_of(SIZE, at) for at in range(count_of(SIZE))]
SEALED = [seal_chunk(FILE, at, part, last=at == 2) for at, part in enumerate(PARTS)]


def refused(file: FileKey, position: int, sealed: bytes, size: int = SIZE) -> bool:
    with pytest.raises(Refusal) as caught:
        open_chunk(file, position, sealed, size)
    return caught.value.code == "CHUNK-ALTERED"


def test_chunks_open_in_their_order() -> None:
    assert [open_chunk(FILE, at, sealed, SIZE) for at, sealed in enumerate(SEALED)] == PARTS
    assert sum(map(len, SEALED)) == sealed_size(SIZE)


def test_chunks_that_are_moved_repeated_or_of_another_file_are_refused() -> None:
    assert refused(FILE, 0, SEALED[1])
    assert refused(FILE, 1, SEALED[0])
    assert refused(FILE, 3, SEALED[2])
    assert refused(new_file_key(), 0, SEALED[0])
    assert refused(FileKey(bytes(FILE_ID_BYTES), FILE.key), 0, SEALED[0])
    assert refused(FileKey(FILE.id, bytes(32)), 0, SEALED[0])


def test_a_file_that_is_cut_off_or_made_longer_is_refused() -> None:
    assert refused(FILE, 1, SEALED[1], 2 * CHUNK_BYTES)
    longer = [*SEALED[:2], seal_chunk(FILE, 2, PARTS[2], last=True)]
    assert open_chunk(FILE, 2, longer[2], SIZE) == PARTS[2]
    assert refused(FILE, 2, SEALED[2], SIZE + CHUNK_BYTES)
    assert refused(FILE, 2, SEALED[2][:-1])
    assert refused(FILE, 2, b"")
    assert refused(FILE, 2, SEALED[2], SIZE - 1)


def test_no_flipped_byte_of_a_chunk_is_accepted() -> None:
    accepted = 0
    for place in range(len(SEALED[2])):
        altered = bytearray(SEALED[2])
        altered[place] ^= 1 << (place % 8)
        try:
            open_chunk(FILE, 2, bytes(altered), SIZE)
        except Refusal:
            continue
        accepted += 1
    assert accepted == 0
    assert open_chunk(FILE, 2, SEALED[2], SIZE) == PARTS[2]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, chunks.FILE_LIMIT_BYTES))
def test_how_many_chunks_and_how_long_follows_from_the_size(size: int) -> None:
    count = count_of(size)
    assert 0 < length_of(size, count - 1) <= CHUNK_BYTES
    assert length_of(size, count) <= 0
    assert (count - 1) * CHUNK_BYTES + length_of(size, count - 1) == size
    assert sealed_size(size) == size + count * CHUNK_OVERHEAD_BYTES


@pytest.mark.parametrize(("data", "last"), [(b"", True), (b"short", False), (bytes(CHUNK_BYTES + 1), True)])
def test_a_chunk_of_no_allowed_length_is_a_mistake_of_the_program(data: bytes, last: bool) -> None:
    with pytest.raises(ValueError, match="a chunk is full"):
        seal_chunk(FILE, 0, data, last=last)
