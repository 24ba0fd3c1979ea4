from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.matching.posting import POSTING_BYTES, PUBLISHED_LIMIT_MS, VERSION_LIMIT, Posting, pack, unpack

POSTINGS = st.builds(
    Posting,
    st.binary(min_size=16, max_size=16),
    st.integers(0, PUBLISHED_LIMIT_MS),
    st.integers(0, 255),
    st.integers(0, 255),
    st.text("ABCXYZ", min_size=3, max_size=3),
    st.integers(0, VERSION_LIMIT),
)
SAMPLE = Posting(bytes(range(16)), 0x0102_0304_0506, 7, 8, "XAV", 0x0A0B0C)


def test_a_posting_has_the_bytes_that_the_contract_names() -> None:
    assert pack(SAMPLE) == bytes(range(16)) + bytes([1, 2, 3, 4, 5, 6, 7, 8]) + b"XAV" + bytes(
        [10, 11, 12, 0, 0]
    )


@given(POSTINGS)
@settings(max_examples=60, deadline=None)
def test_a_posting_comes_back_as_it_went_in(posting: Posting) -> None:
    packed = pack(posting)
    back = unpack(packed)
    assert len(packed) == POSTING_BYTES
    assert back == posting
    assert type(back) is Posting


@given(
    st.builds(
        lambda start, owner, version, spare: start + owner + version + spare,
        st.binary(min_size=24, max_size=24),
        st.sampled_from([b"XAV", b"XBM", b"xav", b"X V", b"\xc3\x84V"]),
        st.binary(min_size=3, max_size=3),
        st.sampled_from([bytes(2), b"\x00\x01"]),
    )
)
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_refused_or_are_what_pack_writes(data: bytes) -> None:
    owned = data[24:27].isalpha() and data[24:27].isupper()
    if owned and data[30:] == bytes(2):
        assert pack(unpack(data)) == data
    else:
        with pytest.raises(Refusal) as refused:
            unpack(data)
        assert refused.value.code == "POSTING-BYTES"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("record_id", b"short"),
        ("published_ms", -1),
        ("published_ms", PUBLISHED_LIMIT_MS + 1),
        ("register", 256),
        ("flags", -1),
        ("owner", "XA"),
        ("owner", "xav"),
        ("owner", "XÄV"),
        ("version", VERSION_LIMIT + 1),
    ],
)
def test_a_field_that_does_not_fit_is_named(field: str, value: Any) -> None:
    with pytest.raises(Refusal) as refused:
        pack(SAMPLE._replace(**{field: value}))
    assert (refused.value.code, refused.value.path) == ("POSTING-FIELD", field)


@pytest.mark.parametrize("change", [(31, 1), (24, ord("x")), (24, 0xC3), (26, 0)])
def test_bytes_that_no_posting_has_are_refused(change: tuple[int, int]) -> None:
    data = bytearray(pack(SAMPLE))
    data[change[0]] = change[1]
    with pytest.raises(Refusal) as refused:
        unpack(bytes(data))
    assert refused.value.code == "POSTING-BYTES"


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_posting_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(Refusal) as refused:
        unpack(bytes(length))
    assert refused.value.code == "POSTING-BYTES"
