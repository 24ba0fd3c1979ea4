"""Reading an audit log by what its lines say: filters, and samples that can be drawn again."""

import hashlib
import heapq
import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger.audit_line import Line

LOOKED_AT = 100_000
"""Lines that one page of a filtered list looks through; what lies before them is reached by the next page."""
DRAWN_FROM_LIMIT = 500_000
SAMPLE_LIMIT = 500
SEED_LIMIT_CHARACTERS = 64

_CONDITIONS = {
    "officer": "officer = ?",
    "event": "event = ?",
    "purpose": "purpose = ?",
    "case": "case_ref = ?",
    "register": "detail ->> '$.register' = ?",
    "since_ms": "at_ms >= ?",
    "until_ms": "at_ms < ?",
}


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which lines are wanted; what is empty is not asked for. ``until_ms`` itself is outside."""

    officer: str = ""
    event: str = ""
    purpose: str = ""
    case: str = ""
    register: str = ""
    since_ms: int = 0
    until_ms: int = 0

    def stated(self) -> dict[str, str | int]:
        """What is asked for, without the rest."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}

    def where(self) -> tuple[str, list[str | int]]:
        """The filter as SQL."""
        stated = self.stated()
        return "".join(f" AND {_CONDITIONS[name]}" for name in stated), list(stated.values())


class Page(msgspec.Struct, frozen=True):
    """Lines, newest first, and the number before which the next page begins; 0 when there is none."""

    lines: list[Line]
    before: int


class Sample(msgspec.Struct, frozen=True):
    """Lines that were drawn by ``seed`` among ``among`` lines up to number ``size``."""

    seed: str
    size: int
    among: int
    lines: list[Line]


def page(db: sqlite3.Connection, wanted: Filter, before: int, limit: int) -> Page:
    """The newest lines before a number that answer the filter."""
    where, values = wanted.where()
    start = before or _last(db) + 1
    floor = max(1, start - LOOKED_AT)
    rows = db.execute(
        f"SELECT * FROM office_audit WHERE number < ? AND number >= ?{where} ORDER BY number DESC LIMIT ?",
        (start, floor, *values, limit),
    ).fetchall()
    found = [Line(*row) for row in rows]
    if len(found) == limit:
        return Page(found, found[-1].number if found[-1].number > 1 else 0)
    return Page(found, floor if floor > 1 else 0)


def after(db: sqlite3.Connection, wanted: Filter, number: int, size: int, limit: int) -> list[Line]:
    """The lines from the one after ``number`` up to ``size`` that answer the filter, oldest first."""
    where, values = wanted.where()
    rows = db.execute(
        f"SELECT * FROM office_audit WHERE number > ? AND number <= ?{where} ORDER BY number LIMIT ?",
        (number, size, *values, limit),
    )
    return [Line(*row) for row in rows]


def last_before(db: sqlite3.Connection, at_ms: int, last: int) -> int:
    """The last line up to ``last`` that was written before an instant, by halving: lines come nearly in time's order."""
    low, high = 0, last
    while low < high:
        middle = (low + high + 1) // 2
        row = db.execute(
            "SELECT at_ms FROM office_audit WHERE number >= ? ORDER BY number LIMIT 1", (middle,)
        ).fetchone()
        low, high = (middle, high) if row is not None and row[0] < at_ms else (low, middle - 1)
    return low


def draw(db: sqlite3.Connection, wanted: Filter, seed: str, size: int, count: int) -> Sample:
    """Draw ``count`` lines: those whose SHA-256 of seed and number, as texts with a colon between, are the smallest.

    Whoever knows seed, filter and size draws the same lines again, and nobody can choose them beforehand.
    """
    if not 1 <= count <= SAMPLE_LIMIT or not 1 <= len(seed) <= SEED_LIMIT_CHARACTERS:
        raise Refusal("SAMPLE-SIZE", f"A sample has 1 to {SAMPLE_LIMIT} lines, and a seed.", path="count")
    where, values = wanted.where()
    numbers = [
        number
        for (number,) in db.execute(
            f"SELECT number FROM office_audit WHERE number <= ?{where} LIMIT ?",
            (size, *values, DRAWN_FROM_LIMIT + 1),
        )
    ]
    if len(numbers) > DRAWN_FROM_LIMIT:
        raise Refusal(
            "SAMPLE-TOO-WIDE",
            f"A sample is drawn from at most {DRAWN_FROM_LIMIT} lines.",
            path="since_ms",
            hint="Narrow the period.",
        )
    drawn = sorted(heapq.nsmallest(count, numbers, key=lambda number: lot(seed, number)))
    lines = [_line(db, number) for number in drawn]
    return Sample(seed, size, len(numbers), lines)


def lot(seed: str, number: int) -> bytes:
    """By which lines are drawn."""
    return hashlib.sha256(f"{seed}:{number}".encode()).digest()


def _line(db: sqlite3.Connection, number: int) -> Line:
    return Line(*db.execute("SELECT * FROM office_audit WHERE number = ?", (number,)).fetchone())


def _last(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(number), 0) FROM office_audit").fetchone()[0])
