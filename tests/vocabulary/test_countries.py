"""Codes of issuers: ISO, ICAO's own, and those that members of a network assign themselves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.countries import USER_LABEL_LIMIT, Countries

ICAO_ONLY = (
    "D GBD GBN GBO GBP GBS UNO UNA UNK XXA XXB XXC XXX XPO EUE XOM RKS XBA XIM XCC XCE XCO XEC XMP XDC UTO"
)


def test_the_iso_table_is_whole_and_without_repetition(countries: Countries) -> None:
    iso = [code for code in countries.codes() if countries.alpha2(code)]
    assert len(iso) == 249
    assert len({countries.alpha2(code) for code in iso}) == 249
    assert len({countries.numeric(code) for code in iso}) == 249
    assert (countries.alpha2("CHE"), countries.numeric("CHE")) == ("CH", "756")
    assert countries.alpha2("UTO") == countries.numeric("UTO") == ""


def test_every_iso_country_has_a_name_in_the_four_languages(countries: Countries) -> None:
    for code in countries.codes():
        for language in ("en", "fr", "es", "ar"):
            assert countries.caption(code, language) != code or code == "UTO"
    assert countries.caption("CHE", "fr") == "Suisse"


@pytest.mark.parametrize("code", ICAO_ONLY.split())
def test_codes_that_only_icao_knows_are_known_and_named(countries: Countries, code: str) -> None:
    assert code in countries
    assert countries.caption(code) != code


@pytest.mark.parametrize("code", ["AAA", "AAZ", "QMA", "QZZ", "XAA", "XAV", "XSC", "XZZ", "ZZA", "ZZZ"])
def test_user_assigned_codes_are_accepted_as_themselves(countries: Countries, code: str) -> None:
    assert countries.understand(code.lower()) == code
    assert countries.caption(code) == code


@pytest.mark.parametrize("code", ["QLZ", "ZYZ", "ABA", "EUR", "", "X", "XAVX", "ÄÄÄ", "n/a"])
def test_codes_nobody_assigned_are_refused(countries: Countries, code: str) -> None:
    assert code not in countries
    with pytest.raises(Refusal) as caught:
        countries.understand(code, "issuer")
    assert (caught.value.code, caught.value.path) == ("COUNTRY-UNKNOWN", "issuer")
    assert countries.understand("XAV", "issuer") == "XAV"


@pytest.mark.parametrize("spelling", ["NOR", "nor", "NO", "578", " no ", "NOR<"])
def test_a_country_is_understood_in_any_of_its_codes(countries: Countries, spelling: str) -> None:
    assert countries.understand(spelling) == "NOR"


def test_the_zones_short_code_is_its_country(countries: Countries) -> None:
    assert countries.understand("D") == "DEU"
    assert countries.caption("D") == countries.caption("DEU") == "Germany"


def test_a_member_names_its_own_code_and_no_other(countries: Countries) -> None:
    named = countries.with_labels({"XAV": "Arvandia", "NOR": "Arvandia"}).with_labels({"XBM": "Belmora"})
    assert (named.caption("XAV", "fr"), named.caption("XBM"), named.caption("NOR")) == (
        "Arvandia",
        "Belmora",
        "Norway",
    )
    assert {"XAV", "XBM"} <= set(named.codes())
    assert countries.caption("XAV") == "XAV"


@pytest.mark.parametrize("label", ["", "  ", "A\nB", "x" * (USER_LABEL_LIMIT + 1)])
def test_a_members_name_must_be_readable(countries: Countries, label: str) -> None:
    with pytest.raises(Refusal):
        countries.with_labels({"XAV": label})
    assert countries.with_labels({"XAV": "x" * USER_LABEL_LIMIT}).caption("XAV")[0] == "x"


@given(st.text(max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_is_understood_is_known_and_stays(countries: Countries, text: str) -> None:
    try:
        code = countries.understand(text)
    except Refusal:
        return
    assert code in countries
    assert countries.understand(code) == code
