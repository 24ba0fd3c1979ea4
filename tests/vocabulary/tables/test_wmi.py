"""Assigned characters of vehicle numbers: ranges do not overlap, and name countries there are."""

import itertools

import pytest

from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.tables.wmi import MAKERS, ORDER, country_of, region_of


@pytest.mark.parametrize(
    ("start", "country"),
    [("WV", "DEU"), ("1M", "USA"), ("7S", "USA"), ("2T", "CAN"), ("3V", "MEX"), ("9B", "BRA"), ("93", "BRA"),
     ("VF", "FRA"), ("VS", "ESP"), ("XT", "RUS"), ("JT", "JPN"), ("L0", "CHN"), ("Z0", "RUS"), ("VX", ""), ("DA", ""),
     ("00", ""), ("AA", "ZAF"), ("AH", "ZAF")],
)  # fmt: skip
def test_the_first_two_characters_tell_the_country_where_that_is_sure(start: str, country: str) -> None:
    assert country_of(start) == country


def test_every_country_is_one_and_every_maker_has_three_characters(countries: Countries) -> None:
    told = {country_of(one + other) for one, other in itertools.product(ORDER, repeat=2)} - {""}
    assert len(told) > 50
    assert all(code in countries for code in told)
    assert all(len(code) == 3 and set(code) <= set(ORDER) and name.strip() for code, name in MAKERS.items())


def test_the_first_character_tells_the_region() -> None:
    assert [region_of(letter) for letter in "AWJ1689D"] == [
        "Africa", "Europe", "Asia", "North America", "Oceania", "South America", "South America", "",
    ]  # fmt: skip
