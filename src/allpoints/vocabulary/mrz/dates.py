"""Six-digit dates: the century a two-digit year belongs to, and dates of which only a part is known.

The reference day is always an argument, so that the same zone read twice gives the same dates. A birth is
never in the future: of the possible years the latest that is not is taken, so that a bearer of a hundred
years or more reads as a hundred years younger. An expiry is within fifty years of the reference day; a
year exactly fifty away is taken as past.
"""

import datetime as dt
import re
from typing import NamedTuple


class ReadDate(NamedTuple):
    """ISO text as far as known (``1974-08-12``, ``1974-08``, ``1974``, empty), and what is wrong, if anything."""

    text: str
    complaint: str


class _Parts(NamedTuple):
    """Year within its century (-1 unknown), month and day (0 unknown)."""

    year: int
    month: int
    day: int
    complaint: str = ""


_NOTHING = ReadDate("", "")
_ISO = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_KNOWN = {4: 2, 7: 4, 10: 6}
"""How many of the six characters an ISO text of this length gives."""


def birth_date(six: str, today: dt.date) -> ReadDate:
    parts = _parts(six)
    if parts.year < 0:
        return ReadDate("", parts.complaint) if parts.complaint else _NOTHING
    year = today.year - (today.year - parts.year) % 100
    month, day = parts.month, parts.day
    if (year, month, day) > (today.year, today.month if month else 0, today.day if day else 0):
        year -= 100
    return _written(year, parts)


def expiry_date(six: str, today: dt.date) -> ReadDate:
    parts = _parts(six)
    if parts.year < 0:
        return ReadDate("", parts.complaint) if parts.complaint else _NOTHING
    return _written(today.year - 50 + (parts.year - today.year + 50) % 100, parts)


def six_digits(text: str) -> str:
    """The six characters for an ISO date as far as known; raises ValueError if it is none."""
    if not text:
        return "<" * 6
    known = _KNOWN.get(len(text))
    if known is None or not _ISO.fullmatch(text):
        raise ValueError(text)
    whole = dt.date.fromisoformat(f"{text}-01-01"[:10])
    return f"{whole.year % 100:02d}{whole.month:02d}{whole.day:02d}"[:known].ljust(6, "<")


def _parts(six: str) -> _Parts:
    if six.isdecimal():
        year, month, day = int(six[:2]), int(six[2:4]), int(six[4:])
        if month and day:
            return _Parts(year, month, day)
        if month or not day:
            return _Parts(year, month, 0, "writes 00 for an unknown part, where the standard has <<")
        return _Parts(year, 0, 0, "has a day but no month: only the year counts")
    return _partial(six)


def _partial(six: str) -> _Parts:
    pieces = (six[:2], six[2:4], six[4:])
    if not all(piece == "<<" or piece.isdecimal() for piece in pieces):
        return _Parts(-1, 0, 0, "holds a character that cannot stand in a date")
    year, month, day = (0 if piece == "<<" else int(piece) for piece in pieces)
    if pieces[0] == "<<":
        return _Parts(-1, 0, 0, "has no year" if month or day else "")
    if day and not month:
        return _Parts(year, 0, 0, "has a day but no month: only the year counts")
    return _Parts(year, month, day)


def _written(year: int, parts: _Parts) -> ReadDate:
    _, month, day, complaint = parts
    try:
        whole = dt.date(year, month or 1, day or 1).isoformat()
    except ValueError:
        return ReadDate("", "is not in the calendar")
    return ReadDate(whole if day else whole[:7] if month else whole[:4], complaint)
