"""How values in normal form are shown to a reader, in the page's language."""

from datetime import UTC, date, datetime

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from allpoints.ground.clock import DAY, HOUR, MINUTE, SECOND

DAY_PATTERN = "d MMMM y"
"""The month by its name: figures alone are read in two ways."""


def shown_date(text: str, language: str = "en") -> str:
    """A date of any precision: ``1979-03-14`` as 14 March 1979, ``1979-03`` as March 1979, ``1979`` as is.

    What is not such a date is shown as it stands.
    """
    try:
        match text.split("-"):
            case [year, month, day]:
                return format_date(date(int(year), int(month), int(day)), DAY_PATTERN, locale=language)
            case [year, month]:
                return format_skeleton("yMMMM", date(int(year), int(month), 1), locale=language)
            case _:
                return text
    except ValueError:
        return text


def shown_day(at_ms: int, language: str = "en") -> str:
    return format_date(_moment(at_ms).date(), DAY_PATTERN, locale=language)


def shown_time(at_ms: int, language: str = "en") -> str:
    """``14 March 2026, 10:22:05 UTC``."""
    moment = _moment(at_ms)
    return f"{format_date(moment.date(), DAY_PATTERN, locale=language)}, {moment:%H:%M:%S} UTC"


def shown_clock(at_ms: int) -> str:
    """``10:22:05``, for lists of one day."""
    return f"{_moment(at_ms):%H:%M:%S}"


def iso_time(at_ms: int) -> str:
    return f"{_moment(at_ms):%Y-%m-%dT%H:%M:%S}Z"


def shown_duration(span_ms: int) -> str:
    """The two largest units: ``3 min 12 s``, ``2 h 4 min``, ``14 s``, ``350 ms``; less than nothing is 0 ms."""
    span = max(span_ms, 0)
    if span < SECOND:
        return f"{span} ms"
    parts = ((span // DAY, "d"), (span % DAY // HOUR, "h"), (span % HOUR // MINUTE, "min"))
    units = (*parts, (span % MINUTE // SECOND, "s"))
    first = next(place for place, (count, _) in enumerate(units) if count)
    return " ".join(f"{count} {word}" for count, word in units[first : first + 2] if count)


def shown_elapsed(took_us: int) -> str:
    """A measured time in the unit that keeps its figures: ``38 µs``, ``0.41 ms``, ``12 ms``, ``1.2 s``."""
    if took_us < 100:
        return f"{took_us} µs"
    if took_us < 10_000:
        return f"{took_us / 1_000:.2f} ms"
    if took_us < 1_000_000:
        return f"{took_us // 1_000} ms"
    return f"{took_us / 1_000_000:.1f} s"


def shown_number(value: float, language: str = "en") -> str:
    return format_decimal(value, locale=language)


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / SECOND, UTC)
