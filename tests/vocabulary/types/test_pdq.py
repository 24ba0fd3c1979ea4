"""Perceptual hashes: form, quality, and the distances of PDQ's documentation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.pdq import LEAST_QUALITY, NEAR_DISTANCE, Pdq, distance

HASH = Pdq().examples[0]
hashes = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")


@pytest.mark.parametrize("said", [HASH.upper(), f"{HASH}:100", f"{HASH},{LEAST_QUALITY}", f" {HASH} : 077 "])
def test_the_quality_is_checked_and_dropped(said: str) -> None:
    assert Pdq().clean(said, "x") == HASH


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (HASH[1:], "PDQ-FORM"),
        (HASH + "0", "PDQ-FORM"),
        (f"{HASH}:", "PDQ-FORM"),
        ("g" + HASH[1:], "PDQ-FORM"),
        (f"{HASH}:{LEAST_QUALITY - 1}", "PDQ-QUALITY"),
        (f"{HASH}:101", "PDQ-QUALITY"),
    ],
)
def test_what_is_no_hash_or_a_poor_one_is_refused(said: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        Pdq().clean(said, "hash")
    assert (caught.value.code, caught.value.path) == (code, "hash")
    assert Pdq().clean(HASH, "hash") == HASH


@given(hashes, st.sets(st.integers(0, 255)))
def test_distance_counts_the_bits_that_differ(one: str, bits: set[int]) -> None:
    other = f"{int(one, 16) ^ sum(1 << bit for bit in bits):064x}"
    assert distance(one, other) == distance(other, one) == len(bits)
    assert (Pdq().compare(one, other) >= 0.5) == (len(bits) <= NEAR_DISTANCE)


def test_a_plain_image_comes_with_advice() -> None:
    assert Pdq().advice(HASH) == ()
    assert "0 of 256" in Pdq().advice("0" * 64)[0]
    assert "256 of 256" in Pdq().advice("f" * 64)[0]
