"""Vehicle numbers: the letters that never stand in one, the check digit that never refuses, what a number tells."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.types.vin import Vin, check_digit, model_year


@pytest.fixture
def vin(countries: Countries) -> Vin:
    return Vin(countries)


@pytest.mark.parametrize("number", ["1M8GDM9AXKP042788", "11111111111111111", "5GZCZ43D13S812715"])
def test_published_numbers_have_the_right_check_digit(vin: Vin, number: str) -> None:
    assert check_digit(number) == number[8]
    assert vin.clean(number, "vin") == number
    assert vin.advice(number) == ()


def test_a_check_digit_that_is_off_is_a_remark_where_there_is_one(vin: Vin) -> None:
    off = vin.clean("1M8GDM9A1KP042788", "vin")
    assert vin.advice(off) == (
        "The check digit in place 9 is 1 but the other characters make it X: read the number again.",
    )
    assert vin.advice("WVWZZZ1JZXW000001") == ()
    assert "place 9 is Z" in vin.advice("LVWZZZ1JZXW000001")[0]


@pytest.mark.parametrize(
    "number", ["1M8GDM9AXKPO42788", "IM8GDM9AXKP042788", "1M8GDM9AXKP04278Q", "1M8GDM9AXKPО42788"]
)
def test_letters_like_digits_are_refused_and_never_exchanged(vin: Vin, number: str) -> None:
    with pytest.raises(Refusal) as caught:
        vin.clean(number, "vin")
    assert (caught.value.code, caught.value.path) == ("VIN-LETTER", "vin")
    assert "I is usually 1" in caught.value.hint
    assert vin.clean("1m8-gdm9ax kp042788", "vin") == "1M8GDM9AXKP042788"


def test_older_numbers_are_shorter_and_may_have_any_letter(vin: Vin) -> None:
    assert vin.clean("OQ-11 234", "vin") == "OQ11234"
    assert "7 characters" in vin.advice("OQ11234")[0]
    assert vin.facts("OQ11234") == ()
    for raw, code in (
        ("ABC1", "IDENTIFIER-SHORT"),
        ("A" * 18, "FIELD-TOO-LONG"),
        ("Ж12345", "IDENTIFIER-LATIN"),
    ):
        with pytest.raises(Refusal) as caught:
            vin.clean(raw, "vin")
        assert caught.value.code == code


def test_region_country_maker_and_year_are_told_where_sure(vin: Vin) -> None:
    facts = dict(vin.facts("1M8GDM9AXKP042788"))
    assert facts["Region"] == "North America"
    assert facts["Country of the maker"] == "United States"
    assert facts["Maker"] == "Motor Coach Industries"
    assert facts["Model year"].startswith("1989;")
    assert dict(vin.facts("WVWZZZ1JZXW000001"))["Model year"].startswith("1999 or 2029")
    assert dict(vin.facts("ZA9ZZZ1JZ0WABC001")) == {
        "Region": "Europe",
        "Country of the maker": "Italy",
        "Maker": "a small one, ZA9 ABC",
    }
    assert vin.facts("DZZZZZ1JZ0W000001") == ()


def test_the_letter_of_the_year_comes_round_every_thirty_years() -> None:
    assert model_year("1M8GDMAAXKP042788").startswith("2019;")
    assert model_year("1M8GDM9AXAP042788").startswith("1980;")
    assert model_year("1M8GDM9AX9P042788").startswith("2009;")
    assert model_year("1M8GDM9AX1P042788").startswith("2001;")
    assert model_year("1M8GDM9AXUP042788") == ""


def test_parts_of_a_number_are_searched(vin: Vin) -> None:
    assert vin.pattern("wvw*000001", "vin") == "WVW*000001"
    assert vin.pattern("WVWZZZ1JZ?W00000?", "vin") == "WVWZZZ1JZ?W00000?"
    with pytest.raises(Refusal):
        vin.pattern("WVWZZZ1JZ?WO0000?", "vin")
    with pytest.raises(Refusal):
        vin.pattern("WV?", "vin")


@given(st.from_regex(r"[A-HJ-NPR-Z0-9]{17}", fullmatch=True))
@settings(max_examples=60, deadline=None)
def test_one_wrong_digit_never_goes_unnoticed(number: str) -> None:
    whole = number[:8] + check_digit(number) + number[9:]
    for at in range(17):
        other = "1" if whole[at] != "1" else "2"
        if at != 8 and whole[at].isdigit():
            changed = whole[:at] + other + whole[at + 1 :]
            assert check_digit(changed) != whole[8]
