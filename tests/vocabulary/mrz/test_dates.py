import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.vocabulary.mrz.dates import birth_date, expiry_date, six_digits

TODAY = dt.date(2026, 5, 1)
PARTIAL = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)).flatmap(
    lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])
)


@pytest.mark.parametrize(
    ("six", "text"),
    [
        ("260501", "2026-05-01"),
        ("260502", "1926-05-02"),
        ("2605<<", "2026-05"),
        ("2606<<", "1926-06"),
        ("26<<<<", "2026"),
        ("27<<<<", "1927"),
        ("000229", "2000-02-29"),
        ("<<<<<<", ""),
    ],
)
def test_a_birth_is_the_latest_that_is_not_in_the_future(six: str, text: str) -> None:
    assert birth_date(six, TODAY) == (text, "")


@pytest.mark.parametrize(
    ("six", "text"),
    [
        ("260501", "2026-05-01"),
        ("750101", "2075-01-01"),
        ("760101", "1976-01-01"),
        ("77<<<<", "1977"),
        ("<<<<<<", ""),
    ],
)
def test_an_expiry_is_within_fifty_years_and_exactly_fifty_counts_as_past(six: str, text: str) -> None:
    assert expiry_date(six, TODAY) == (text, "")


@pytest.mark.parametrize(
    ("six", "text", "complaint"),
    [
        ("741301", "", "is not in the calendar"),
        ("740231", "", "is not in the calendar"),
        ("010229", "", "is not in the calendar"),
        ("74<<12", "1974", "has a day but no month: only the year counts"),
        ("740012", "1974", "has a day but no month: only the year counts"),
        ("740000", "1974", "writes 00 for an unknown part, where the standard has <<"),
        ("740800", "1974-08", "writes 00 for an unknown part, where the standard has <<"),
        ("<<0812", "", "has no year"),
        ("7<0812", "", "holds a character that cannot stand in a date"),
        ("74O812", "", "holds a character that cannot stand in a date"),
    ],
)
def test_an_irregular_date_is_read_as_far_as_it_is_certain_and_complained_about(
    six: str, text: str, complaint: str
) -> None:
    assert birth_date(six, TODAY) == (text, complaint)
    assert expiry_date(six, TODAY) == (text.replace("19", "20"), complaint)


@given(PARTIAL, st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)))
@settings(max_examples=60, deadline=None)
def test_a_birth_of_the_last_hundred_years_comes_back_as_written(text: str, today: dt.date) -> None:
    read = birth_date(six_digits(text), today)
    now = today.isoformat()[: len(text)]
    if f"{today.year - 100:04d}{now[4:]}" < text <= now:
        assert read == (text, "")
    elif not read.complaint:
        assert read.text <= now


@given(PARTIAL, st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)))
@settings(max_examples=60, deadline=None)
def test_an_expiry_within_fifty_years_comes_back_as_written(text: str, today: dt.date) -> None:
    if -50 <= int(text[:4]) - today.year < 50:
        assert expiry_date(six_digits(text), today) == (text, "")


@given(st.text("0123456789<AO", min_size=6, max_size=6), st.dates())
@settings(max_examples=60, deadline=None)
def test_any_six_characters_on_any_day_give_a_date_or_a_complaint(six: str, today: dt.date) -> None:
    for read in (birth_date(six, today), expiry_date(six, today)):
        assert read.text or read.complaint or six == "<<<<<<"


@pytest.mark.parametrize(
    "text", ["1974-13", "1974-02-30", "74", "1974-1-1", "19740812", "1974-W01-1", "１９７４", "197a"]
)
def test_what_is_no_iso_date_is_no_six_characters(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - datetime words the message
        six_digits(text)
    assert six_digits("1974-08-12") == "740812"
