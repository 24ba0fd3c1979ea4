import numpy as np
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.matching.layout import (
    HEADER_BYTES,
    Header,
    bucket_bits_for,
    buckets_of,
    read_header,
    table_width,
)

SAMPLE = Header(
    flags=3, count=100, created_ms=1_700_000_000_000, bucket_bits=4, note_bytes=2, payload_sha256=b"s" * 32
)


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        read_header(data)
    return refused.value.code


def test_a_header_comes_back_as_it_went_in() -> None:
    data = SAMPLE.pack()
    assert len(data) == HEADER_BYTES
    assert read_header(data + b"keys") == SAMPLE


def test_every_changed_byte_of_a_header_is_noticed() -> None:
    for place in range(HEADER_BYTES):
        data = bytearray(SAMPLE.pack())
        data[place] ^= 1
        assert refusal_of(bytes(data)) == ("SEGMENT-VERSION" if place in {8, 9} else "SEGMENT-CORRUPT")


def test_a_header_cut_short_is_truncated() -> None:
    assert refusal_of(SAMPLE.pack()[:-1]) == "SEGMENT-TRUNCATED"


def test_sizes_beyond_the_limits_are_refused_even_with_a_right_hash() -> None:
    sizes = ({"count": (1 << 32) + 1}, {"bucket_bits": 33}, {"note_bytes": 4_097})
    for size in sizes:
        fields = {name: getattr(SAMPLE, name) for name in SAMPLE.__struct_fields__} | size
        assert refusal_of(Header(**fields).pack()) == "SEGMENT-CORRUPT"


@pytest.mark.parametrize(("count", "bits"), [(0, 0), (7, 0), (8, 1), (100_000, 14), (10_000_000, 21)])
def test_a_bucket_has_four_to_eight_keys_on_average(count: int, bits: int) -> None:
    assert bucket_bits_for(count) == bits
    assert count < 8 or 4 <= count / (1 << bits) < 8


def test_the_bucket_table_widens_when_the_keys_pass_four_gibibytes() -> None:
    last_narrow = ((1 << 32) - HEADER_BYTES) // 16 - 1
    assert (table_width(last_narrow), table_width(last_narrow + 1)) == (4, 8)


def test_a_bucket_is_the_top_bits_of_the_key() -> None:
    keys = np.zeros((3, 16), np.uint8)
    keys[:, 0] = (0x00, 0x7F, 0xFF)
    assert buckets_of(keys, 0).tolist() == [0, 0, 0]
    assert buckets_of(keys, 4).tolist() == [0, 7, 15]
    assert buckets_of(keys, 32).tolist() == [0, 0x7F00_0000, 0xFF00_0000]
