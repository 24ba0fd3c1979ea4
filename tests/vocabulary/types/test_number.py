"""Whole numbers stay in their span; yes and no are said in several ways."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.number import Boolean, Integer

HEIGHT = Integer(30, 260, "cm")


@given(st.integers(-400, 400))
@settings(max_examples=60, deadline=None)
def test_a_number_is_accepted_if_and_only_if_it_is_in_the_span(number: int) -> None:
    for raw in (number, str(number)):
        if 30 <= number <= 260:
            assert HEIGHT.clean(raw, "x") == number
        else:
            with pytest.raises(Refusal):
                HEIGHT.clean(raw, "x")


@pytest.mark.parametrize("raw", ["1.78", "178 cm", "١٧٨", "1e2", "+178", "9" * 17, True, 178.0])
def test_what_is_no_whole_number_is_refused(raw: object) -> None:
    with pytest.raises(Refusal) as caught:
        HEIGHT.clean(raw, "height_cm")
    assert "30 to 260 cm" in caught.value.hint or caught.value.code == "FIELD-TYPE"
    assert HEIGHT.clean("178", "height_cm") == 178


def test_a_number_is_shown_with_its_unit_and_compared_by_its_span() -> None:
    assert HEIGHT.caption(178) == "178 cm"
    assert HEIGHT.compare(30, 260) == 0.0
    assert HEIGHT.compare(170, 175) > 0.9


@pytest.mark.parametrize(
    ("raw", "value"), [("Yes", True), ("1", True), (False, False), ("no", False), (" ", None)]
)
def test_yes_and_no_are_understood(raw: object, value: object) -> None:
    assert Boolean().clean(raw, "x") is value


def test_anything_else_is_neither() -> None:
    for raw in ("perhaps", 1, "ja"):
        with pytest.raises(Refusal):
            Boolean().clean(raw, "x")
    assert Boolean().caption(True, "fr") == "oui"
    assert Boolean().caption(False, "xx") == "no"
