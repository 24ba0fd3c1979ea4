import hashlib
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.registers import file_part
from allpoints.registers.file_part import (
    BUNDLE_BYTES_LIMIT,
    BUNDLE_PARTS_LIMIT,
    PART_BYTES,
    FilePart,
    bundles,
    decode_bundle,
    encode_bundle,
    parts_of,
)
from allpoints.sealing.chunks import count_of, length_of
from allpoints.vocabulary.types.attachment import ATTACHMENT_SIZE_LIMIT

HASH = hashlib.sha256(b"").digest()


def content_of(size: int) -> bytes:
    """Bytes of a size, different in every part."""
    return (b"%d" % size * (size // len(b"%d" % size) + 1))[:size]


SIZES = st.one_of(
    st.integers(1, 40),
    st.sampled_from([PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 3 * PART_BYTES + 7]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SIZES, min_size=1, max_size=8))
def test_files_come_together_again_from_bundles_of_bounded_size(sizes: list[int]) -> None:
    files = {bytes([number]) * 32: content_of(size) for number, size in enumerate(sizes)}
    sent = list(bundles(part for sha256, content in files.items() for part in parts_of(sha256, content)))
    packed = [encode_bundle(one) for one in sent]
    assert max(map(len, packed)) <= BUNDLE_BYTES_LIMIT
    come: dict[bytes, bytes] = {}
    for data in packed:
        for part in decode_bundle(data):
            come[part.sha256] = come.get(part.sha256, b"") + part.data
            assert part.size == len(files[part.sha256])
    assert come == files
    # Two neighbours that would fit into one entry are in one entry.
    for one, other in pairwise(sent):
        assert sum(len(part.data) for part in one) + len(other[0].data) > PART_BYTES


def test_many_small_files_share_an_entry_up_to_a_number() -> None:
    small = [FilePart(HASH, 1, 0, b"x")] * (BUNDLE_PARTS_LIMIT + 1)
    assert [len(one) for one in bundles(small)] == [BUNDLE_PARTS_LIMIT, 1]
    assert list(bundles([])) == []


@given(st.integers(1, ATTACHMENT_SIZE_LIMIT))
def test_the_lengths_of_the_parts_add_up_to_the_size(size: int) -> None:
    count = count_of(size)
    lengths = [length_of(size, position) for position in range(count)]
    assert sum(lengths) == size
    assert set(lengths[:-1]) <= {PART_BYTES}
    assert 1 <= lengths[-1] <= PART_BYTES
    assert length_of(size, count) <= 0


@pytest.mark.parametrize(
    "part",
    [
        FilePart(HASH, 2, 0, b"x"),
        FilePart(HASH, 1, 0, b"xy"),
        FilePart(HASH, 1, 1, b"x"),
        FilePart(HASH, PART_BYTES + 1, 1, b"xy"),
        FilePart(HASH, ATTACHMENT_SIZE_LIMIT + 1, 0, b"x" * PART_BYTES),
        FilePart(HASH, 1, 40, b"x"),
        FilePart(HASH, 1, -1, b"x"),
        FilePart(HASH[1:], 1, 0, b"x"),
        FilePart(HASH, 1, 0, b""),
    ],
)
def test_a_part_of_another_shape_is_refused(part: FilePart) -> None:
    with pytest.raises(Refusal, match="no parts of files"):
        decode_bundle(encode_bundle((part,)))
    sound = FilePart(HASH, PART_BYTES + 1, 1, b"x")
    assert decode_bundle(encode_bundle((sound,))) == (sound,)


def test_a_bundle_has_parts_and_not_too_many() -> None:
    part = FilePart(HASH, 1, 0, b"x")
    for parts in ((), (part,) * (BUNDLE_PARTS_LIMIT + 1)):
        with pytest.raises(Refusal):
            decode_bundle(encode_bundle(parts))
    with pytest.raises(Refusal):
        decode_bundle(
            msgspec.msgpack.encode([{"sha256": HASH, "size": 1, "position": 0, "data": b"x", "x": 1}])
        )
    with pytest.raises(Refusal):
        decode_bundle(bytes(BUNDLE_BYTES_LIMIT + 1))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        known = bool(file_part.decode_bundle(data))
    except Refusal as refusal:
        known = refusal.code == "FILE-PART-SHAPE"
    assert known
