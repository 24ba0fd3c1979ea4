"""Amounts are read as their writers mean them, or not at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.money import MINOR_UNITS, Money, currencies

MONEY = Money()


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("EUR 1,250.00", "1250.00 EUR"),
        ("1250 EUR", "1250.00 EUR"),
        ("1.250,00 EUR", "1250.00 EUR"),
        ("1 250,00 EUR", "1250.00 EUR"),
        ("1\u202f250,00\u00a0€", "1250.00 EUR"),
        ("1’250.50 CHF", "1250.50 CHF"),
        ("1,250 EUR", "1250.00 EUR"),
        ("1.250 EUR", "1250.00 EUR"),
        ("1.250.000 USD", "1250000.00 USD"),
        ("1'250'000 USD", "1250000.00 USD"),
        ("1250.5 eur", "1250.50 EUR"),
        ("1250.500 EUR", "1250.50 EUR"),
        ("1.250 KWD", "1.250 KWD"),
        ("980 JPY", "980 JPY"),
        ("980.00 JPY", "980 JPY"),
        ("1,250 JPY", "1250 JPY"),
        ("٩٨٠ JPY", "980 JPY"),
        ("0.05 EUR", "0.05 EUR"),
        ("00012 EUR", "12.00 EUR"),
    ],
)
def test_thousands_and_decimals_are_told_apart(raw: str, value: str) -> None:
    assert MONEY.clean(raw, "x") == value
    assert MONEY.clean(value, "x") == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("1250", "MONEY-FORM"),
        ("$1250", "MONEY-FORM"),
        ("EUR 5 USD", "MONEY-FORM"),
        ("12.50.00 EUR", "MONEY-FORM"),
        ("1,25,000.00 EUR", "MONEY-FORM"),
        ("1250. EUR", "MONEY-FORM"),
        ("-5 EUR", "MONEY-FORM"),
        ("5 XYQ", "MONEY-CURRENCY"),
        ("0.125 EUR", "MONEY-DECIMALS"),
        ("980.50 JPY", "MONEY-DECIMALS"),
        ("1,250 KWD", "MONEY-AMBIGUOUS"),
        ("9" * 16 + " EUR", "MONEY-LARGE"),
        (1250, "FIELD-TYPE"),
    ],
)
def test_what_is_no_amount_or_could_be_two_is_refused(raw: object, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        MONEY.clean(raw, "ransom")
    assert (caught.value.code, caught.value.path) == (code, "ransom")


@given(st.integers(0, 10**15 - 1), st.sampled_from(["EUR", "JPY", "USD", "CLF"]))
@settings(max_examples=60, deadline=None)
def test_amounts_grouped_in_thousands_are_the_same_amounts(whole: int, code: str) -> None:
    plain = MONEY.clean(f"{whole} {code}", "x")
    assert MONEY.clean(f"{code} {whole:_}".replace("_", " "), "x") == plain
    assert MONEY.clean(f"{code} {whole:,}", "x") == plain


def test_amounts_are_shown_as_the_reader_writes_them() -> None:
    assert MONEY.caption("1250000.50 EUR") == "1,250,000.50 EUR"
    assert MONEY.caption("1250000.50 EUR", "es") == "1.250.000,50 EUR"
    assert MONEY.caption("980 JPY") == "980 JPY"
    assert MONEY.caption("1.250 KWD") == "1.250 KWD"


def test_only_amounts_of_one_currency_are_alike() -> None:
    assert MONEY.compare("100.00 EUR", "50.00 EUR") == 0.5
    assert MONEY.compare("100.00 EUR", "100.00 USD") == 0.0
    assert MONEY.compare("0.00 EUR", "0.00 EUR") == 1.0


def test_every_currency_with_unusual_decimals_is_one() -> None:
    assert set(MINOR_UNITS) <= currencies()
