"""The machine's clock, in the one unit that everything counts in."""

import time

from allpoints.ground.clock import DAY, HOUR, MINUTE, SECOND, SystemClock


def test_the_units_of_time_are_whole_milliseconds() -> None:
    assert (SECOND, MINUTE, HOUR, DAY) == (1_000, 60_000, 3_600_000, 86_400_000)


def test_the_machines_clock_tells_whole_milliseconds_of_now() -> None:
    before = time.time_ns() // 1_000_000
    now = SystemClock().now()
    assert isinstance(now, int)
    assert before <= now <= time.time_ns() // 1_000_000
