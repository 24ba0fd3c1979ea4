"""Time, as an interface: whole milliseconds since 1970-01-01 UTC."""

import datetime as dt
import time
from typing import Annotated, Protocol

import msgspec

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = dt.date(1970, 1, 1).toordinal()

LATEST_MS = 253_402_300_799_999
"""The end of the year 9999: no calendar and no table here goes further."""

Instant = Annotated[int, msgspec.Meta(ge=0, le=LATEST_MS)]
"""A time that comes from outside."""


def day_of(at_ms: int) -> dt.date:
    """The day in UTC on which an instant falls."""
    return dt.date.fromordinal(_EPOCH + at_ms // DAY)


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """The machine's clock that never goes back, the same for all its processes; it says nothing about the day."""
    return time.monotonic_ns() // 1_000_000
