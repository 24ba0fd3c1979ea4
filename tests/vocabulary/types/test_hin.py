"""Hull numbers with and without their country, and what they tell of the boat's age."""

import pytest

from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.types.hin import Hin


@pytest.fixture
def hin(countries: Countries) -> Hin:
    return Hin(countries)


def test_a_published_number_is_decoded(hin: Hin) -> None:
    assert hin.clean("US-TNRD1234H394", "x") == "USTNRD1234H394"
    assert hin.caption("USTNRD1234H394") == "US-TNRD1234H394"
    assert hin.caption("TNRD1234H394") == "TNRD1234H394"
    assert hin.facts("USTNRD1234H394") == (
        ("Country of the maker", "United States"),
        ("Maker's code", "TNR"),
        ("Built", "August 1993"),
        ("Model year", "1994"),
    )
    assert hin.facts("TNRD1234H394") == hin.facts("USTNRD1234H394")[1:]
    assert dict(hin.facts("XAABC12345A000"))["Built"] == "January 2000"


@pytest.mark.parametrize(
    ("number", "remark"),
    [
        ("TNRD1234H394", ""),
        ("XATNRD1234H394", ""),
        ("JLD00123M82H", ""),
        ("TNRD1234M394", "does not read like"),
        ("HOME42", "does not read like"),
        ("TNRD1234H894", "is not built in a year"),
        ("TNRO1234H394", "no I, O or Q"),
        ("ZYTNRD1234H394", "no country with the code ZY"),
    ],
)
def test_an_odd_number_is_remarked_on_and_not_refused(hin: Hin, number: str, remark: str) -> None:
    assert hin.clean(number, "x") == number
    advice = " ".join(hin.advice(number))
    assert remark in advice
    assert bool(advice) == bool(remark)


def test_the_country_may_be_left_out_on_one_side(hin: Hin) -> None:
    assert hin.compare("USTNRD1234H394", "TNRD1234H394") == 0.9
    assert hin.compare("TNRD1234H394", "XATNRD1234H394") == 0.9
    assert "USTNRD1234H394" in hin.near("TNRD1234H394")
    assert "TNRD1234H394" in hin.near("XATNRD1234H394")
    assert hin.compare("TNRD1234H394", "TNRD1243H394") == 0.5
    assert hin.compare("TNRD1234H394", "XYZ00000A101") == 0.0
    assert hin.facts("HOME42") == ()
    assert hin.near("HOME42")
