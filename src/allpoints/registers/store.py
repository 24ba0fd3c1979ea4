"""The tables of records: rows in, rows out, many at a time.

``state_*`` is a fold of the ledger and may be dropped. ``office_own_records`` is what this member signed itself,
``office_record_asks`` for which of its records it was asked whether they must be kept.
"""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from allpoints.registers import exclusion_store, file_folding, file_store, mark_store

VALID = "valid"
WITHDRAWN = "withdrawn"
EXPIRED = "expired"
BLOCKED = "blocked"
"""Under examination by the secretariat: kept, and found by nothing."""

LIVE = frozenset({VALID, BLOCKED})
"""Statuses of records whose body is held."""

IDS_LIMIT = 1_000
"""Identifiers in one statement."""

BEARERS_COUNTED_LIMIT = 10_000
"""How far the records with a word in their names are counted to find the rarest word."""

SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS state_records (
    row INTEGER PRIMARY KEY, record_id BLOB NOT NULL UNIQUE, register INTEGER NOT NULL, owner TEXT NOT NULL,
    ref TEXT NOT NULL, version INTEGER NOT NULL, status TEXT NOT NULL, seq INTEGER NOT NULL,
    published_ms INTEGER NOT NULL, since_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, purpose TEXT NOT NULL,
    handling TEXT NOT NULL, reason TEXT NOT NULL, excluded TEXT NOT NULL, content BLOB NOT NULL, body BLOB);
CREATE INDEX IF NOT EXISTS state_records_newest ON state_records(register, status);
CREATE INDEX IF NOT EXISTS state_records_ref ON state_records(ref);
CREATE INDEX IF NOT EXISTS state_records_expiry ON state_records(owner, expires_ms) WHERE body IS NOT NULL;
CREATE INDEX IF NOT EXISTS state_records_blocked ON state_records(row) WHERE status = 'blocked';
CREATE TABLE IF NOT EXISTS state_names (
    form TEXT NOT NULL, register INTEGER NOT NULL, row INTEGER NOT NULL,
    PRIMARY KEY (form, register, row)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS state_names_row ON state_names(row);
CREATE TABLE IF NOT EXISTS state_record_history (
    row INTEGER NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    op TEXT NOT NULL, reason TEXT NOT NULL, by_role TEXT NOT NULL, expires_ms INTEGER NOT NULL,
    PRIMARY KEY (row, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state_record_blocks (
    record_id BLOB NOT NULL, seq INTEGER NOT NULL, blocked INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    reason TEXT NOT NULL, by_role TEXT NOT NULL, excluded TEXT NOT NULL,
    PRIMARY KEY (record_id, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_own_records (
    record_id BLOB PRIMARY KEY, register INTEGER NOT NULL, ref TEXT NOT NULL, version INTEGER NOT NULL,
    content BLOB NOT NULL, withdrawn INTEGER NOT NULL, excluded TEXT NOT NULL,
    since_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_record_asks (
    record_id BLOB PRIMARY KEY, register INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
    told INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_record_asks_told ON office_record_asks(register) WHERE told = 0;
"""
    + mark_store.SCHEMA
    + exclusion_store.SCHEMA
    + file_store.SCHEMA
)

COLUMNS = (("office_own_records", "since_ms", "INTEGER NOT NULL DEFAULT 0"),)
"""Columns that the tables of an older node lack."""


class Row(NamedTuple):
    """One record as it stands; ``body`` is None when it is withdrawn or expired. ``content`` is 16 bytes.

    Retention began at ``since_ms``; ``excluded`` is a list of members joined by spaces.
    """

    row: int
    record_id: bytes
    register: int
    owner: str
    ref: str
    version: int
    status: str
    seq: int
    published_ms: int
    since_ms: int
    expires_ms: int
    purpose: str
    handling: str
    reason: str
    excluded: str
    content: bytes
    body: bytes | None


class Held(NamedTuple):
    """As much of a record as an act on it has to be measured against."""

    record_id: bytes
    row: int
    version: int
    status: str
    content: bytes
    since_ms: int
    excluded: str


class Past(NamedTuple):
    """One act in a record's history, by the record's row: rows grow, so that history is written at its end.

    ``expires_ms`` is when what was put ends by itself; 0 for an act that ends it.
    """

    row: int
    version: int
    seq: int
    at_ms: int
    op: str
    reason: str
    by_role: str
    expires_ms: int = 0


class Own(NamedTuple):
    """What this member last signed of a record; ``excluded`` is a list of members joined by spaces.

    ``since_ms`` is 0 when retention begins with the act itself.
    """

    record_id: bytes
    register: int
    ref: str
    version: int
    content: bytes
    withdrawn: int
    excluded: str
    since_ms: int = 0


def held(db: sqlite3.Connection, ids: Sequence[bytes]) -> dict[bytes, Held]:
    """Those of ``ids`` that are known here, whatever their status."""
    rows = by_ids(db, f"SELECT {', '.join(Held._fields)} FROM state_records", ids)
    return {row[0]: Held(*row) for row in rows}


def rows_of(db: sqlite3.Connection, ids: Sequence[bytes]) -> list[Row]:
    """The records of ``ids`` that are known here, in the order of their rows."""
    return sorted(Row(*row) for row in by_ids(db, f"SELECT {COLUMNS_OF_ROW} FROM state_records", ids))


def register_of(db: sqlite3.Connection, record_id: bytes) -> int | None:
    """The code of the register that a record is in, if it is known here."""
    row = db.execute("SELECT register FROM state_records WHERE record_id=?", (record_id,)).fetchone()
    return row[0] if row else None


def rows_at(db: sqlite3.Connection, numbers: Sequence[int]) -> list[Row]:
    """The records at these row numbers, in that order of rows."""
    found = []
    for start in range(0, len(numbers), IDS_LIMIT):
        part = numbers[start : start + IDS_LIMIT]
        marks = ",".join("?" * len(part))
        found += db.execute(
            f"SELECT {COLUMNS_OF_ROW} FROM state_records WHERE row IN ({marks}) ORDER BY row", part
        ).fetchall()
    return [Row(*row) for row in found]


def rows_by_ref(db: sqlite3.Connection, ref: str, registers: Collection[int], limit: int) -> list[Row]:
    """Valid records of these registers with this reference, of whatever owner."""
    among, codes = _among(registers)
    rows = db.execute(
        f"SELECT {COLUMNS_OF_ROW} FROM state_records WHERE ref=? AND status=? AND {among} ORDER BY record_id LIMIT ?",
        (ref, VALID, *codes, limit),
    )
    return [Row(*row) for row in rows]


def rows_owned(db: sqlite3.Connection, register: int, owner: str, after: int, limit: int) -> list[Row]:
    """Records of an owner in a register that are there, blocked ones too, whose rows are above ``after``, by row."""
    rows = db.execute(
        f"SELECT {COLUMNS_OF_ROW} FROM state_records"
        " WHERE register=? AND owner=? AND status IN (?,?) AND row>? ORDER BY row LIMIT ?",
        (register, owner, VALID, BLOCKED, after, limit),
    )
    return [Row(*row) for row in rows]


def next_row(db: sqlite3.Connection) -> int:
    """The first row number above all that were ever in use, those of records that were deleted on their owner's order too."""
    (last,) = db.execute("SELECT max(row) FROM state_records").fetchone()
    return max(last or 0, exclusion_store.last_row(db)) + 1


def put_rows(db: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Write records: new ones, and newer versions over what is held under the same row."""
    db.executemany(_PUT, rows)


def set_status(db: sqlite3.Connection, number: int, status: str) -> None:
    db.execute("UPDATE state_records SET status=? WHERE row=?", (status, number))


def add_history(db: sqlite3.Connection, past: Iterable[Past]) -> None:
    """Keep acts that are not in the history yet."""
    db.executemany("INSERT OR IGNORE INTO state_record_history VALUES (?,?,?,?,?,?,?,?)", past)


def history(db: sqlite3.Connection, row: int, limit: int = 200) -> list[Past]:
    """The newest acts on the record at a row, oldest first."""
    rows = db.execute(
        "SELECT * FROM state_record_history WHERE row=? ORDER BY version DESC LIMIT ?", (row, limit)
    ).fetchall()
    return [Past(*past) for past in reversed(rows)]


def drop_names(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    db.executemany("DELETE FROM state_names WHERE row=?", ((number,) for number in numbers))


def add_names(db: sqlite3.Connection, names: Iterable[tuple[str, int, int]]) -> None:
    """Each is a word of a folded name, the register's code and the row."""
    db.executemany("INSERT OR IGNORE INTO state_names VALUES (?,?,?)", names)


def rows_named(
    db: sqlite3.Connection, words: Sequence[str], registers: Collection[int], limit: int
) -> list[int]:
    """Rows of these registers whose names have all these words, in one name or in several.

    The rarest word is walked and the others are looked up beside it, so a common one costs nothing. Names in other
    registers have no part in the answer, nor in how long it takes.
    """
    among, codes = _among(registers)
    walked = min(words, key=lambda word: _bearers(db, word, registers))
    select = f"SELECT DISTINCT row FROM state_names AS one WHERE form=? AND {among}"
    values: list[str | int] = [walked, *codes]
    for word in words:
        if word != walked:
            select += " AND EXISTS (SELECT 1 FROM state_names WHERE form=? AND register=one.register AND row=one.row)"
            values.append(word)
    rows = db.execute(f"{select} ORDER BY row DESC LIMIT ?", (*values, limit))
    return [row for (row,) in rows]


def _bearers(db: sqlite3.Connection, word: str, registers: Collection[int]) -> int:
    among, codes = _among(registers)
    counted = f"SELECT count(*) FROM (SELECT 1 FROM state_names WHERE form=? AND {among} LIMIT ?)"
    (count,) = db.execute(counted, (word, *codes, BEARERS_COUNTED_LIMIT)).fetchone()
    return int(count)


def _among(registers: Collection[int]) -> tuple[str, list[int]]:
    """A condition that a row is of one of these registers, with its values."""
    codes = sorted(registers)
    return f"register IN ({','.join('?' * len(codes))})", codes


def erase(db: sqlite3.Connection, numbers: Sequence[int], status: str) -> None:
    """Take body, names, marks and files from records, and the hash by which a body could be guessed; set a status."""
    db.executemany(
        "UPDATE state_records SET status=?, body=NULL, content=x'' WHERE row=?",
        [(status, number) for number in numbers],
    )
    drop_names(db, numbers)
    mark_store.drop(db, numbers)
    file_folding.unrefer(db, numbers)


def own(db: sqlite3.Connection, ids: Sequence[bytes]) -> dict[bytes, Own]:
    """What this member remembers to have signed of ``ids``."""
    rows = by_ids(db, f"SELECT {', '.join(Own._fields)} FROM office_own_records", ids)
    return {row[0]: Own(*row) for row in rows}


def remember(db: sqlite3.Connection, signed: Iterable[Own]) -> None:
    db.executemany("INSERT OR REPLACE INTO office_own_records VALUES (?,?,?,?,?,?,?,?)", signed)


def counts(db: sqlite3.Connection) -> dict[tuple[int, str], int]:
    """How many records there are by register code and status."""
    rows = db.execute("SELECT register, status, count(*) FROM state_records GROUP BY 1, 2")
    return {(register, status): count for register, status, count in rows}


COLUMNS_OF_ROW = ", ".join(Row._fields)
_KEPT = {"row", "record_id", "register", "owner", "ref"}
_PUT = (
    f"INSERT INTO state_records ({COLUMNS_OF_ROW}) VALUES ({','.join('?' * len(Row._fields))})"
    " ON CONFLICT(row) DO UPDATE SET "
    + ", ".join(f"{name}=excluded.{name}" for name in Row._fields if name not in _KEPT)
)


def by_ids(db: sqlite3.Connection, select: str, ids: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """The rows of ``select`` whose ``record_id`` is among ``ids``, in parts that one statement can hold."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(ids), IDS_LIMIT):
        part = ids[start : start + IDS_LIMIT]
        marks = ",".join("?" * len(part))
        rows += db.execute(f"{select} WHERE record_id IN ({marks})", part).fetchall()
    return rows
