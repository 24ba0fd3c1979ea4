"""Dates exist in the calendar; a partial one says only what is known."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.dates import EARLIEST_YEAR, LATEST_YEAR, Day, PartialDate, alike

DAYS = st.dates(dt.date(EARLIEST_YEAR, 1, 1), dt.date(LATEST_YEAR, 12, 31))


@given(DAYS)
@settings(max_examples=60, deadline=None)
def test_every_day_of_the_calendar_is_accepted_in_all_its_parts(day: dt.date) -> None:
    text = day.isoformat()
    assert Day().clean(text, "x") == Day().clean(day, "x") == text
    for part in (text, text[:7], text[:4]):
        assert PartialDate().clean(f" {part} ", "x") == part


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2031-02-30", "DATE-CALENDAR"),
        ("2031-13", "DATE-CALENDAR"),
        ("2031-00-00", "DATE-CALENDAR"),
        ("1849", "DATE-YEAR"),
        ("2200", "DATE-YEAR"),
        ("31.03.2031", "DATE-FORM"),
        ("31", "DATE-FORM"),
        ("2031-3-1", "DATE-FORM"),
        ("2031-03-14T00:00", "DATE-FORM"),
        ("٢٠٣١", "DATE-FORM"),
    ],
)
def test_what_is_no_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        PartialDate().clean(text, "birth_date")
    assert (caught.value.code, caught.value.path) == (code, "birth_date")
    assert PartialDate().clean("2031-02-28", "birth_date")


def test_a_day_needs_all_its_parts_and_a_moment_is_no_day() -> None:
    for raw in ("2031", "2031-03"):
        with pytest.raises(Refusal):
            Day().clean(raw, "x")
    with pytest.raises(Refusal):
        Day().clean(dt.datetime(2031, 3, 14, tzinfo=dt.UTC), "x")
    assert Day().clean(dt.date(2031, 3, 14), "x") == "2031-03-14"


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ("1979-03-14", "1979-03-14", 1.0),
        ("1979", "1979-03-14", 0.8),
        ("1979-03", "1979-03-14", 0.8),
        ("1979-03-04", "1979-04-03", 0.7),
        ("1979-03-14", "1979-07-01", 0.4),
        ("1979-03-14", "1980-03-14", 0.2),
        ("1979", "1990", 0.0),
    ],
)
def test_how_alike_dates_are(one: str, other: str, score: float) -> None:
    assert alike(one, other) == alike(other, one) == score
