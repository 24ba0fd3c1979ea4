"""Codes of issuers: ISO, ICAO's own, and those that members of a network assign themselves."""

import re

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


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("SUN", "SUN"),
        ("suhh", "SUN"),
        ("SU", "SUN"),
        ("CSHH", "CSK"),
        ("CSXX", "SCG"),
        ("ROM", "ROU"),
        ("TP", "TMP"),
    ],
)
def test_codes_of_former_countries_are_understood(countries: Countries, spelling: str, code: str) -> None:
    assert countries.understand(spelling) == code
    assert code in countries


@pytest.mark.parametrize(
    ("spelling", "code"), [("AI", "AIA"), ("BY", "BLR"), ("GE", "GEO"), ("SK", "SVK"), ("BQ", "BES")]
)
def test_two_letters_given_again_mean_the_country_of_today(
    countries: Countries, spelling: str, code: str
) -> None:
    assert countries.understand(spelling) == code


def test_two_letters_of_two_former_countries_mean_neither(countries: Countries) -> None:
    assert "CS" not in countries.spellings
    with pytest.raises(Refusal):
        countries.understand("CS")


def test_former_countries_are_named_as_such_in_four_languages(countries: Countries) -> None:
    assert [countries.caption("YUG", language) for language in ("en", "fr", "es", "ar")] == [
        "former Yugoslavia",
        "ex-Yougoslavie",
        "ex Yugoslavia",
        "يوغوسلافيا (سابقًا)",
    ]


def test_lists_show_the_countries_of_today_first(countries: Countries) -> None:
    codes = countries.codes()
    former = [code for code in codes if countries.validity(code)[1]]
    assert len(former) == 30
    assert codes[-30:] == tuple(former)
    assert codes[:-30] == tuple(sorted(codes[:-30]))


@pytest.mark.parametrize(
    ("code", "day", "valid"),
    [
        ("SUN", "1992-08-30", True),
        ("SUN", "1992-08-31", False),
        ("SUN", "1960-05-01", True),
        ("SUN", "1992", True),
        ("SUN", "1992-09", False),
        ("SUN", "1993", False),
        ("SSD", "2011-08-08", False),
        ("SSD", "2011-08-09", True),
        ("SSD", "2011", True),
        ("SSD", "2010", False),
        ("SCG", "2003-07-22", False),
        ("SCG", "2003-07-23", True),
        ("SCG", "2006-09-27", False),
        ("DHY", "1977-12-31", True),
        ("DHY", "1978-01-01", False),
        ("BEN", "1977-01-01", True),
        ("BEN", "1976-12-31", False),
        ("NOR", "1850", True),
        ("D", "2026-01-01", True),
        ("XAV", "2026-01-01", True),
        ("XXA", "1999", True),
        ("ABA", "1999", False),
    ],
)
def test_a_code_is_valid_between_its_dates(countries: Countries, code: str, day: str, valid: bool) -> None:
    assert countries.valid_on(code, day) is valid


def test_dates_of_codes_are_dates_of_codes_that_exist(countries: Countries) -> None:
    assert countries.validity("NOR") == countries.validity("XAV") == ("", "")
    assert countries.validity("MNE") == ("2006-09-26", "")
    assert countries.validity("FXX") == ("1993-07-12", "1997-07-14")
    for code in countries.codes():
        since, until = countries.validity(code)
        assert not until or since < until
        assert all(re.fullmatch(r"([0-9]{4}(-[0-9]{2}-[0-9]{2})?)?", day) for day in (since, until))
        assert not since or countries.alpha2(code) or until
