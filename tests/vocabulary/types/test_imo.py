"""A ship's number checks itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.imo import Imo, check_digit

IMO = Imo()


@pytest.mark.parametrize(
    "raw",
    ["9074729", "IMO 9074729", "imo9074729", "IMO No. 9074729", "Hull 9074729", "９０７４７２９", 9074729],
)
def test_the_number_is_understood_with_the_words_in_front(raw: object) -> None:
    assert IMO.clean(raw, "imo") == "9074729"
    assert IMO.caption("9074729") == "IMO 9074729"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("9074728", "IMO-CHECK-DIGIT"),
        ("907472", "IMO-FORM"),
        ("90747290", "IMO-FORM"),
        ("IMO", "IMO-FORM"),
        ("XYZ 9074729", "IMO-FORM"),
        (10**40, "FIELD-TYPE"),
        (True, "FIELD-TYPE"),
        ("9" * 90, "FIELD-TOO-LONG"),
    ],
)
def test_what_is_no_number_of_a_ship_is_refused(raw: object, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        IMO.clean(raw, "imo")
    assert (caught.value.code, caught.value.path) == (code, "imo")


@given(st.integers(0, 999_999), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_exchanged_neighbours_are_noticed(six: int, at: int) -> None:
    number = f"{six:06d}"
    number += check_digit(number)
    assert IMO.clean(number, "x") == number
    changed = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if changed != number and at < 5:
        with pytest.raises(Refusal):
            IMO.clean(changed, "x")


def test_parts_of_a_number_are_searched() -> None:
    assert IMO.pattern("IMO 90747??", "x") == "90747??"
    assert IMO.pattern("907*", "x") == "907*"
    for text in ("90747?", "90747???", "9A7*"):
        with pytest.raises(Refusal):
            IMO.pattern(text, "x")


def test_a_number_too_large_to_write_is_refused() -> None:
    with pytest.raises(Refusal):
        IMO.clean(10**5000, "imo")
