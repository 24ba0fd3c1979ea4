import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.sealing.padding import FLOOR_BYTES, pad, padded_size, unpad


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=2000))
def test_padding_comes_off_again(data: bytes) -> None:
    padded = pad(data)
    assert unpad(padded) == data
    assert len(padded) == padded_size(len(data) + 4)


@settings(max_examples=100, deadline=None)
@given(size=st.integers(FLOOR_BYTES + 1, 2**40))
def test_padding_adds_at_most_twelve_percent(size: int) -> None:
    assert size <= padded_size(size) <= size * 1.12
    assert padded_size(padded_size(size)) == padded_size(size)


def test_small_things_have_one_size() -> None:
    assert {padded_size(size) for size in range(FLOOR_BYTES + 1)} == {FLOOR_BYTES}
    assert {len(pad(b"x" * size)) for size in range(253)} == {FLOOR_BYTES}


@pytest.mark.parametrize(
    ("size", "padded"), [(257, 272), (272, 272), (1000, 1024), (9999, 10240), (1_048_577, 1_081_344)]
)
def test_sizes_round_as_in_padme(size: int, padded: int) -> None:
    assert padded_size(size) == padded


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        b"\0\0\0",
        pad(b"x")[:-1],
        pad(b"x") + b"\0",
        pad(b"x")[:-1] + b"\1",
        b"\xff\xff\xff\xff" + bytes(252),
        bytes(272),
    ],
)
def test_other_padding_is_refused(padded: bytes) -> None:
    assert unpad(pad(b"x")) == b"x"
    with pytest.raises(Refusal) as refused:
        unpad(padded)
    assert refused.value.code == "BAD-PADDING"


@settings(max_examples=60, deadline=None)
@given(padded=st.binary(max_size=300))
def test_arbitrary_bytes_are_data_or_a_refusal(padded: bytes) -> None:
    try:
        data = unpad(padded)
    except Refusal:
        return
    assert pad(data) == padded
