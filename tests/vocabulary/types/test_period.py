"""Periods are compared by the years they share, and stay in order and in bounds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.period import EARLIEST_YEAR, LATEST_YEAR, Period, bounds, written
from allpoints.vocabulary.types.period_reading import Span

PERIOD = Period()
YEARS = st.integers(EARLIEST_YEAR, LATEST_YEAR)


@given(YEARS, YEARS, st.booleans())
@settings(max_examples=100, deadline=None)
def test_every_span_of_years_has_a_form_that_is_understood(one: int, other: int, about: bool) -> None:
    span = Span(min(one, other), max(one, other), about)
    assert PERIOD.clean(written(span), "x") == written(span)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("1700-1650", "PERIOD-ORDER"),
        ("2200", "PERIOD-YEAR"),
        ("1000001 BC", "PERIOD-FORM"),
        ("999999 millennium BC", "PERIOD-YEAR"),
        ("79", "PERIOD-FORM"),
        ("long ago", "PERIOD-FORM"),
        ("1650-1660-1670", "PERIOD-FORM"),
        (-5, "FIELD-TYPE"),
    ],
)
def test_what_is_no_period_is_refused(raw: object, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        PERIOD.clean(raw, "made")
    assert (caught.value.code, caught.value.path) == (code, "made")
    assert PERIOD.clean(1650, "made") == "1650"


def test_periods_are_alike_by_the_years_they_share() -> None:
    assert PERIOD.compare("1601/1700", "1650") == pytest.approx(0.505)
    assert PERIOD.compare("1650", "1601/1700") == pytest.approx(0.505)
    assert PERIOD.compare("1601/1700", "1651/1750") == 0.5
    assert PERIOD.compare("1601/1700", "1701/1800") == 0.0
    assert PERIOD.compare("1650~", "1655") > 0.5
    assert bounds("1650~") == (1640, 1660)
    assert bounds("no period") == (0, 0)


def test_a_text_that_is_no_period_is_shown_as_it_is() -> None:
    assert PERIOD.caption("no period") == "no period"
