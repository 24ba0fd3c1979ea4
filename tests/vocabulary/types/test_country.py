"""A country field understands every code of a country and stores three letters."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.types.country import Country


def test_spellings_become_three_letters_and_unknown_ones_are_refused(countries: Countries) -> None:
    country = Country(countries)
    assert [country.clean(raw, "x") for raw in ("UTO", "ch", "756", "D", " xav ")] == [
        "UTO", "CHE", "CHE", "DEU", "XAV",
    ]  # fmt: skip
    with pytest.raises(Refusal) as caught:
        country.clean("ZYX", "issuer")
    assert caught.value.path == "issuer"
    assert country.caption("CHE", "es") == "Suiza"


def test_a_former_country_is_kept_with_advice(countries: Countries) -> None:
    country = Country(countries)
    assert country.clean("SUHH", "birth_country") == "SUN"
    assert country.caption("SUN") == "former Soviet Union"
    assert "1992" in country.advice("SUN")[0]
    assert country.advice("NOR") == country.advice("XAV") == ()
