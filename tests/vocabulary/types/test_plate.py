"""Plates are read without their spaces; what is unusual is said where the country's shapes are known."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.plate import Plate

PLATE = Plate()


def test_one_plate_has_one_spelling_whoever_types_it() -> None:
    assert {PLATE.clean(raw, "x") for raw in ("ab-123·cd", "AB 123 CD", "АВ 123 СD")} == {"AB123CD"}
    assert PLATE.clean("1", "x") == "1"
    assert PLATE.pattern("ab ?23*", "x") == "AB?23*"


def test_a_plate_of_unusual_shape_is_remarked_on_for_its_country_only() -> None:
    assert PLATE.advice_beside("AB123CD", ["XAV"]) == ()
    assert PLATE.advice_beside("1234AB", ["XAV"]) == (
        "Plates of XAV read like AA999AA or AA9999; this one does not.",
    )
    assert PLATE.advice_beside("1234AB", ["XBM"]) == ()
    assert PLATE.advice_beside("京A12345", ["UTO"]) == ()


def test_what_is_taken_for_it_is_near_and_no_more() -> None:
    assert "A8123CD" in PLATE.near("AB123CD")
    assert "BA123CD" in PLATE.near("AB123CD")
    assert PLATE.compare("AB123CD", "A8123CD") == 0.5
    assert PLATE.compare("AB123CD", "XY999ZZ") == 0.0


def test_too_long_a_plate_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        PLATE.clean("A" * 17, "plate")
    assert caught.value.path == "plate"
    assert PLATE.clean("A" * 16, "plate")
