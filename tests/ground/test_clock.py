"""The machine's clock, in the one unit that everything counts in."""

import datetime as dt
import time

from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.clock import DAY, HOUR, LATEST_MS, MINUTE, SECOND, SystemClock, day_of


def test_the_units_of_time_are_whole_milliseconds() -> None:
    assert (SECOND, MINUTE, HOUR, DAY) == (1_000, 60_000, 3_600_000, 86_400_000)


def test_the_machines_clock_tells_whole_milliseconds_of_now() -> None:
    before = time.time_ns() // 1_000_000
    now = SystemClock().now()
    assert isinstance(now, int)
    assert before <= now <= time.time_ns() // 1_000_000


@given(st.integers(0, LATEST_MS))
def test_an_instant_falls_on_the_day_that_the_calendar_says(at_ms: int) -> None:
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=at_ms)
    assert day_of(at_ms) == moment.date()
