"""Height and weight are understood in the units people use, and kept in metric ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.measures import Height, Measure, Weight


@pytest.mark.parametrize(
    "raw", [178, "178", "178 cm", "178cm", "1.78 m", "1,78m", "1.78", "1m78", "5'10\"", "5′ 10″", "5 ft 10 in", "5ft10",
            "70 inches", "178.4", "١٧٨"]
)  # fmt: skip
def test_heights_meet_in_centimetres(raw: object) -> None:
    assert Height().clean(raw, "height") == 178


@pytest.mark.parametrize("raw", [74, "74", "74 kg", "74,0 kilos", "163 lb", "163 pounds", "11 st 9 lb"])
def test_weights_meet_in_kilograms(raw: object) -> None:
    assert Weight().clean(raw, "weight") == 74


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        (Height(), "5'13", "MEASURE-FORM"),
        (Height(), "tall", "MEASURE-FORM"),
        (Height(), 300, "MEASURE-RANGE"),
        (Height(), "9 ft 11", "MEASURE-RANGE"),
        (Height(), True, "FIELD-TYPE"),
        (Height(), 178.0, "FIELD-TYPE"),
        (Weight(), "12 st 15 lb", "MEASURE-FORM"),
        (Weight(), "heavy", "MEASURE-FORM"),
        (Weight(), 0, "MEASURE-RANGE"),
        (Weight(), 10**400, "MEASURE-RANGE"),
    ],
)
def test_what_no_person_measures_is_refused(kind: Measure, raw: object, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        kind.clean(raw, "x")
    assert (caught.value.code, caught.value.path) == (code, "x")


@given(st.integers(3, 8), st.integers(0, 11))
@settings(max_examples=40, deadline=None)
def test_feet_and_inches_are_the_same_as_inches(feet: int, inches: int) -> None:
    assert Height().clean(f"{feet}'{inches}\"", "x") == Height().clean(f"{12 * feet + inches} in", "x")


def test_witnesses_differ_and_are_still_alike() -> None:
    assert Height().compare(178, 183) == 0.75
    assert Height().compare(178, 120) == 0.0
    assert Weight().compare(74, 77) == 0.9
    assert (Height().caption(178), Weight().caption(74)) == ("178 cm", "74 kg")
