"""Numbers keep the forms and check digits of their standards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.sample.countries import countries
from allpoints.sample.numbers import (
    hull_number,
    imo_number,
    model_year_code,
    numbered,
    space,
    vin_check_digit,
)

PATTERNS = sorted({pattern for one in countries() for pattern in (one.passport, one.card, one.plate)})


@pytest.mark.vectors
@pytest.mark.parametrize("vin", ["1M8GDM9AXKP042788", "11111111111111111"])
def test_check_digits_of_vehicles_are_those_of_known_examples(vin: str) -> None:
    assert vin_check_digit(vin) == vin[8]


@pytest.mark.vectors
def test_the_check_digit_of_a_ship_is_that_of_the_known_example() -> None:
    assert imo_number(907472) == "9074729"


@given(st.integers(0, 999_999))
def test_an_imo_number_proves_itself(stem: int) -> None:
    number = imo_number(stem)
    weighed = sum(int(digit) * weight for digit, weight in zip(number, (7, 6, 5, 4, 3, 2), strict=False))
    assert len(number) == 7
    assert number[-1] == str(weighed)[-1]


@given(st.integers(1980, 2079))
def test_model_years_repeat_after_thirty_years(year: int) -> None:
    assert model_year_code(year) == model_year_code(year + 30)
    assert model_year_code(year) not in "IOQUZ0"


def test_known_model_years() -> None:
    assert [model_year_code(year) for year in (1980, 2000, 2001, 2010, 2026)] == ["A", "Y", "1", "A", "T"]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(st.data())
def test_a_pattern_is_counted_through_without_repetition(pattern: str, data: st.DataObject) -> None:
    one, other = (data.draw(st.integers(0, space(pattern) - 1)) for _ in range(2))
    assert (numbered(pattern, one) == numbered(pattern, other)) == (one == other)
    for sign, written in zip(pattern, numbered(pattern, one), strict=True):
        assert written.isdigit() if sign == "9" else written.isalpha() if sign == "L" else written == sign


def test_a_hull_number_says_when_the_boat_was_built() -> None:
    assert hull_number("XA", "SEL", 42, 2021, 3) == "XA-SEL00042C122"
