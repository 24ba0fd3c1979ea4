"""Places are understood in the ways people write them and compared by distance."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.coordinates import Coordinates, distance_km

PLACE = Coordinates()


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("51.5074, -0.1278", "51.50740,-0.12780"),
        ("51.5074,-0.1278", "51.50740,-0.12780"),
        ("51.5074 -0.1278", "51.50740,-0.12780"),
        ("51,5074; -0,1278", "51.50740,-0.12780"),
        ("51,5074, -0,1278", "51.50740,-0.12780"),
        ("51°30'26\"N 0°7'40\"W", "51.50722,-0.12778"),
        ("51° 30′ 26″ N, 0° 7′ 40″ W", "51.50722,-0.12778"),
        ("51 30 26 N 0 7 40 W", "51.50722,-0.12778"),
        ("N 51 30.5 W 0 7.6", "51.50833,-0.12667"),
        ("N51.5 W0.12", "51.50000,-0.12000"),
        ("0.12W 51.5N", "51.50000,-0.12000"),
        ("geo:13.4125,103.8667", "13.41250,103.86670"),
        ("٥١٫٥ ٠٫١٢", "51.50000,0.12000"),
        ("-0.000001, -180", "0.00000,180.00000"),
        ("90, 0", "90.00000,0.00000"),
    ],
)
def test_the_usual_ways_of_writing_are_understood(raw: str, value: str) -> None:
    assert PLACE.clean(raw, "x") == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("+40.20361-075.00417/", "40.20361,-75.00417"),
        ("+4012.22-07500.25/", "40.20367,-75.00417"),
        ("+401213.1-0750015.1/", "40.20364,-75.00419"),
        ("-90+000+2800/", "-90.00000,0.00000"),
        ("+27.5916+086.5640+8850CRSWGS_84/", "27.59160,86.56400"),
    ],
)
def test_the_standards_own_examples_are_understood(raw: str, value: str) -> None:
    assert PLACE.clean(raw, "x") == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("91, 0", "COORDINATES-RANGE"),
        ("0, 181", "COORDINATES-RANGE"),
        ("51.5", "COORDINATES-FORM"),
        ("51°61'N 5°E", "COORDINATES-FORM"),
        ("51.5°30'N 5°E", "COORDINATES-FORM"),
        ("130'N 5E", "COORDINATES-FORM"),
        ("5N 6N", "COORDINATES-FORM"),
        ("N5N 6E", "COORDINATES-FORM"),
        ("-5N 6E", "COORDINATES-FORM"),
        ("+515-0001", "COORDINATES-FORM"),
        ("+4061-07500", "COORDINATES-FORM"),
        ("near the bridge", "COORDINATES-FORM"),
        ("5N here", "COORDINATES-FORM"),
    ],
)
def test_what_is_no_place_is_refused(raw: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        PLACE.clean(raw, "place")
    assert (caught.value.code, caught.value.path) == (code, "place")


@given(st.floats(-90, 90), st.floats(-180, 180))
@settings(max_examples=100, deadline=None)
def test_what_is_shown_can_be_typed_in_again(north: float, east: float) -> None:
    value = PLACE.clean(f"{north:.9f}, {east:.9f}", "x")
    assert PLACE.clean(PLACE.caption(value), "x") == value


def test_places_are_compared_by_distance() -> None:
    one, kilometre_away = "51.50000,0.00000", "51.50900,0.00000"
    assert distance_km(one, kilometre_away) == pytest.approx(1.0, abs=0.01)
    assert PLACE.compare(one, kilometre_away) == pytest.approx(0.5, abs=0.01)
    assert PLACE.compare(one, "-51.50000,180.00000") < 0.001
    assert distance_km("0.00000,179.99999", "0.00000,-179.99999") < 0.01
    assert PLACE.caption("-51.50000,180.00000") == "51.50000° S, 180.00000° E"
