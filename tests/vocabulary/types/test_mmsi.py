"""Nine digits tell the kind of station and the flag."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.types.mmsi import Mmsi


@pytest.fixture
def mmsi(countries: Countries) -> Mmsi:
    return Mmsi(countries)


@pytest.mark.parametrize(
    ("number", "kind", "flag"),
    [
        ("232001000", "ship", "United Kingdom"),
        ("002320001", "coast station", "United Kingdom"),
        ("023200001", "group of ships", "United Kingdom"),
        ("111232001", "search and rescue aircraft", "United Kingdom"),
        ("992320001", "aid to navigation", "United Kingdom"),
        ("982320001", "craft of a parent ship", "United Kingdom"),
        ("823200001", "hand-held radio", "United Kingdom"),
        ("970123456", "search and rescue transmitter", ""),
        ("972123456", "man-overboard device", ""),
        ("974123456", "emergency beacon", ""),
    ],
)
def test_first_digits_tell_the_station(mmsi: Mmsi, number: str, kind: str, flag: str) -> None:
    facts = dict(mmsi.facts(mmsi.clean(number, "x")))
    assert facts["Station"] == kind
    assert facts.get("Flag", "") == flag
    assert mmsi.advice(number) == ()


def test_unknown_digits_are_remarked_on_and_not_refused(mmsi: Mmsi) -> None:
    assert mmsi.clean("MMSI 299 000 001", "x") == "299000001"
    assert mmsi.advice("299000001") == ("The digits 299 belong to no country.",)
    assert mmsi.advice("123456789") == ("No kind of station has numbers that begin with 123.",)
    assert mmsi.facts("123456789") == ()
    assert mmsi.facts("299000001") == (("Station", "ship"),)


@pytest.mark.parametrize("raw", ["2320001", "2320010000", "23200100A", 2320001, 10**9, "MMSI"])
def test_other_than_nine_digits_are_refused(mmsi: Mmsi, raw: object) -> None:
    with pytest.raises(Refusal) as caught:
        mmsi.clean(raw, "mmsi")
    assert caught.value.path == "mmsi"
    assert mmsi.clean(232001000, "mmsi") == "232001000"


def test_exchanged_digits_are_near(mmsi: Mmsi) -> None:
    assert "322001000" in mmsi.near("232001000")
    assert mmsi.compare("232001000", "322001000") == 0.5
    assert mmsi.compare("232001000", "211001000") == 0.0
    assert mmsi.pattern("232*01", "x") == "232*01"
    with pytest.raises(Refusal):
        mmsi.pattern("232?", "x")
