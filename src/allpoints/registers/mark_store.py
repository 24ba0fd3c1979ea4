"""What records are found by beside their keys: facets, words of text, and values that may be known in part.

All of it is made from bodies when they are folded and goes when they go.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS state_facets (
    register INTEGER NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, row INTEGER NOT NULL,
    PRIMARY KEY (register, field, value, row)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS state_facets_row ON state_facets(row);
CREATE TABLE IF NOT EXISTS state_words (
    word TEXT NOT NULL, register INTEGER NOT NULL, row INTEGER NOT NULL,
    PRIMARY KEY (word, register, row)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS state_words_row ON state_words(row);
CREATE TABLE IF NOT EXISTS state_parts (
    kind TEXT NOT NULL, register INTEGER NOT NULL, value TEXT NOT NULL, row INTEGER NOT NULL,
    backwards TEXT NOT NULL, PRIMARY KEY (kind, register, value, row)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS state_parts_backwards ON state_parts(kind, register, backwards);
CREATE INDEX IF NOT EXISTS state_parts_row ON state_parts(row);
"""

NO_ROW = 2**62
"""Above every row."""

_TABLES = ("state_facets", "state_words", "state_parts")

LAST = "\U0010ffff"
"""Sorts after every text that begins the same."""


class Marks(NamedTuple):
    """What one record is found by: pairs of field and value, words, pairs of kind and value known in part."""

    facets: Sequence[tuple[str, str]]
    words: Sequence[str]
    parts: Sequence[tuple[str, str]]


NOTHING = Marks((), (), ())


class Marked(NamedTuple):
    """The marks of the record at a row, in a register of this code."""

    row: int
    register: int
    marks: Marks


def add(db: sqlite3.Connection, marked: Iterable[Marked]) -> None:
    """Keep marks; those the records had before are dropped first by ``drop``."""
    facets, words, parts = [], [], []
    for row, register, marks in marked:
        facets += [(register, field, value, row) for field, value in marks.facets]
        words += [(word, register, row) for word in marks.words]
        parts += [(kind, register, value, row, value[::-1]) for kind, value in marks.parts]
    # In the order of their tables, so that a batch touches each page once.
    db.executemany("INSERT OR IGNORE INTO state_facets VALUES (?,?,?,?)", sorted(facets))
    db.executemany("INSERT OR IGNORE INTO state_words VALUES (?,?,?)", sorted(words))
    db.executemany("INSERT OR IGNORE INTO state_parts VALUES (?,?,?,?,?)", sorted(parts))


def drop(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Forget the marks of the records at these rows."""
    rows = [(number,) for number in numbers]
    for table in _TABLES:
        db.executemany(f"DELETE FROM {table} WHERE row=?", rows)


def rows_with_words(
    db: sqlite3.Connection, words: Sequence[str], registers: Sequence[int], limit: int
) -> list[int]:
    """Rows of these registers whose text has every one of ``words``, newest first."""
    first, *others = words
    marks = ",".join("?" * len(registers))
    select = f"SELECT row FROM state_words AS one WHERE word=? AND register IN ({marks})"
    values: list[str | int] = [first, *registers]
    for word in others:
        select += (
            " AND EXISTS (SELECT 1 FROM state_words WHERE word=? AND register=one.register AND row=one.row)"
        )
        values.append(word)
    return [row for (row,) in db.execute(f"{select} ORDER BY row DESC LIMIT ?", (*values, limit))]


class Wanted(NamedTuple):
    """One facet that records must have: the value itself, or for a folder also everything below it."""

    field: str
    value: str
    folder: bool


def _condition(wanted: Wanted) -> tuple[str, list[str]]:
    if wanted.folder:
        # Folders end with a slash, and "0" follows "/" wherever texts are sorted by code point.
        return "field=? AND value>=? AND value<?", [wanted.field, wanted.value, f"{wanted.value[:-1]}0"]
    return "field=? AND value=?", [wanted.field, wanted.value]


def _selecting(register: int, wanted: Sequence[Wanted]) -> tuple[str, list[str | int]]:
    """A condition on ``one.row`` that every wanted facet is there."""
    conditions, values = [], list[str | int]()
    for one in wanted:
        condition, its = _condition(one)
        conditions.append(
            f"EXISTS (SELECT 1 FROM state_facets WHERE register=? AND {condition} AND row=one.row)"
        )
        values += [register, *its]
    return " AND ".join(conditions), values


def rows_with_facets(
    db: sqlite3.Connection, register: int, wanted: Sequence[Wanted], limit: int, before: int = NO_ROW
) -> list[int]:
    """Rows of a register, below ``before``, that have every wanted facet, newest first."""
    first, *others = wanted
    condition, values = _condition(first)
    select = f"SELECT DISTINCT row FROM state_facets AS one WHERE register=? AND {condition} AND row<?"
    given: list[str | int] = [register, *values, before]
    if others:
        more, its = _selecting(register, others)
        select += f" AND {more}"
        given += its
    return [row for (row,) in db.execute(f"{select} ORDER BY row DESC LIMIT ?", (*given, limit))]


def having(db: sqlite3.Connection, register: int, wanted: Sequence[Wanted], rows: Sequence[int]) -> set[int]:
    """Those of ``rows`` that have every wanted facet."""
    kept = set(rows)
    for one in wanted:
        condition, values = _condition(one)
        kept &= {
            row
            for row in kept
            if db.execute(
                f"SELECT 1 FROM state_facets WHERE register=? AND {condition} AND row=?",
                (register, *values, row),
            ).fetchone()
        }
    return kept


def counts(
    db: sqlite3.Connection, register: int, field: str, wanted: Sequence[Wanted], limit: int
) -> list[tuple[str, int]]:
    """How many records of a register have each value of a field, among those with every wanted facet, most first."""
    select = "SELECT value, count(*) FROM state_facets AS one WHERE register=? AND field=?"
    given: list[str | int] = [register, field]
    if wanted:
        more, its = _selecting(register, wanted)
        select += f" AND {more}"
        given += its
    rows = db.execute(f"{select} GROUP BY value ORDER BY 2 DESC, 1 LIMIT ?", (*given, limit))
    return [(value, count) for value, count in rows]


def rows_like(
    db: sqlite3.Connection, kind: str, pattern: str, registers: Sequence[int], limit: int
) -> list[int]:
    """Rows of these registers with a value of this kind that fits a pattern of ``?`` and ``*``, newest first.

    The pattern's beginning or its end is walked in the index; the caller sees to it that one of them is known.
    """
    glob = pattern.replace("[", "[[]")
    begins, ends = known_ends(pattern)
    if len(begins) >= len(ends):
        walked, column = begins, "value"
    else:
        walked, column = ends[::-1], "backwards"
    marks = ",".join("?" * len(registers))
    rows = db.execute(
        f"SELECT DISTINCT row FROM state_parts WHERE kind=? AND register IN ({marks}) AND {column}>=?"
        f" AND {column}<? AND value GLOB ? ORDER BY row DESC LIMIT ?",
        (kind, *registers, walked, walked + LAST, glob, limit),
    )
    return [row for (row,) in rows]


def known_ends(pattern: str) -> tuple[str, str]:
    """What is known of a pattern's beginning and of its end."""
    places = [at for at, letter in enumerate(pattern) if letter in "?*"]
    return (pattern[: places[0]], pattern[places[-1] + 1 :]) if places else (pattern, pattern)
