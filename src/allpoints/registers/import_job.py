"""An import as it stands: how far its file is read and what came of it, so that it goes on after any stop."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from allpoints.registers.entering import Carriage

FAULTS_LIMIT = 10_000
"""Faults kept of one import; the others are only counted."""

CHECKING = "checking"
RUNNING = "running"
CLEARING = "clearing"
"""The file of a whole register is entered; what it does not name is being withdrawn."""
STOPPED = "stopped"
DONE = "done"
FAILED = "failed"
GOING = (CHECKING, RUNNING, CLEARING)

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_imports (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, register TEXT NOT NULL, member TEXT NOT NULL,
    path TEXT NOT NULL, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, kind TEXT NOT NULL,
    keep_going INTEGER NOT NULL, dry_run INTEGER NOT NULL, state TEXT NOT NULL, checked INTEGER NOT NULL,
    offset_bytes INTEGER NOT NULL, line INTEGER NOT NULL, read INTEGER NOT NULL, accepted INTEGER NOT NULL,
    unchanged INTEGER NOT NULL, bad INTEGER NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,
    by_officer TEXT NOT NULL, carriage TEXT NOT NULL, fresh INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0, whole INTEGER NOT NULL DEFAULT 0, at_most_gone INTEGER NOT NULL DEFAULT -1,
    cleared TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS office_import_faults (
    number INTEGER NOT NULL, line INTEGER NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL,
    sentence TEXT NOT NULL, hint TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS office_import_faults_number ON office_import_faults(number);
CREATE TABLE IF NOT EXISTS office_import_refs (
    number INTEGER NOT NULL, record_id BLOB NOT NULL, line INTEGER NOT NULL,
    PRIMARY KEY (number, record_id)) WITHOUT ROWID;
"""


COLUMNS = (
    ("office_imports", "fresh", "INTEGER NOT NULL DEFAULT 0"),
    ("office_imports", "gone", "INTEGER NOT NULL DEFAULT 0"),
    ("office_imports", "whole", "INTEGER NOT NULL DEFAULT 0"),
    ("office_imports", "at_most_gone", "INTEGER NOT NULL DEFAULT -1"),
    ("office_imports", "cleared", "TEXT NOT NULL DEFAULT ''"),
)
"""Columns that the tables of an older node lack."""


class ImportJob(msgspec.Struct, frozen=True):
    """One import. ``checked`` is False while a first pass looks for bad rows and enters nothing.

    ``number`` is the node's own short name of it. ``line`` and ``offset_bytes`` are what has been read;
    ``accepted`` are acts (or, in the first pass, what would be acts), among them ``fresh`` records and ``gone`` ones;
    ``bad`` are rows, not faults. The file of a ``whole`` register withdraws what it does not name, but never more than
    ``at_most_gone`` records (-1: a tenth); ``cleared`` is the record up to which that has been done.
    """

    number: int
    id: str
    register: str
    member: str
    path: str
    sha256: str
    size_bytes: int
    kind: str
    keep_going: bool
    dry_run: bool
    state: str
    checked: bool
    offset_bytes: int
    line: int
    read: int
    accepted: int
    unchanged: int
    bad: int
    started_ms: int
    ended_ms: int
    by_officer: str
    carriage: Carriage
    fresh: int = 0
    gone: int = 0
    whole: bool = False
    at_most_gone: int = -1
    cleared: str = ""


class RowFault(NamedTuple):
    """Why one row is bad; ``field`` may be empty when it is the row as a whole."""

    line: int
    field: str
    code: str
    sentence: str
    hint: str


_FIELDS = ImportJob.__struct_fields__
_INSERT = f"INSERT INTO office_imports ({','.join(_FIELDS)}) VALUES ({','.join('?' * len(_FIELDS))})"
_CHANGING = (
    "state", "checked", "offset_bytes", "line", "read", "accepted", "unchanged", "bad", "ended_ms", "fresh", "gone",
    "cleared",
)  # fmt: skip
_UPDATE = f"UPDATE office_imports SET {', '.join(f'{name}=?' for name in _CHANGING)} WHERE number=?"


def add(db: sqlite3.Connection, job: ImportJob) -> ImportJob:
    """Keep a new import and give it its number; sqlite3.IntegrityError when the id is taken."""
    (number,) = db.execute("SELECT coalesce(max(number), 0) + 1 FROM office_imports").fetchone()
    job = msgspec.structs.replace(job, number=number)
    values = msgspec.structs.asdict(job)
    values["carriage"] = msgspec.json.encode(job.carriage).decode()
    db.execute(_INSERT, tuple(values.values()))
    return job


def save(db: sqlite3.Connection, job: ImportJob) -> None:
    db.execute(_UPDATE, (*(getattr(job, name) for name in _CHANGING), job.number))


def load(db: sqlite3.Connection, import_id: str) -> ImportJob | None:
    found = _select(db, "WHERE id=?", (import_id,))
    return found[0] if found else None


def newest(
    db: sqlite3.Connection, limit: int = 100, registers: Collection[str] | None = None
) -> list[ImportJob]:
    """The newest imports, or those of some registers; what else there is has no part in the list."""
    if registers is None:
        return _select(db, "ORDER BY number DESC LIMIT ?", (limit,))
    marks = ",".join("?" * len(registers))
    return _select(db, f"WHERE register IN ({marks}) ORDER BY number DESC LIMIT ?", (*registers, limit))


def going(db: sqlite3.Connection) -> list[ImportJob]:
    """Imports to go on with, the oldest first: also those that a stop of the node interrupted."""
    return _select(db, "WHERE state IN (?,?,?) ORDER BY number", GOING)


def _select(db: sqlite3.Connection, where: str, values: Sequence[object]) -> list[ImportJob]:
    jobs = []
    for row in db.execute(f"SELECT {','.join(_FIELDS)} FROM office_imports {where}", values):
        fields = dict(zip(_FIELDS, row, strict=True))
        fields["carriage"] = msgspec.json.decode(fields["carriage"])
        jobs.append(msgspec.convert(fields, ImportJob, strict=False))
    return jobs


def add_faults(db: sqlite3.Connection, job: ImportJob, faults: Sequence[RowFault]) -> None:
    """Keep faults up to the limit of one import."""
    if not faults:
        return
    (kept,) = db.execute("SELECT count(*) FROM office_import_faults WHERE number=?", (job.number,)).fetchone()
    room = max(0, FAULTS_LIMIT - kept)
    db.executemany(
        "INSERT INTO office_import_faults VALUES (?,?,?,?,?,?)",
        [(job.number, *fault) for fault in faults[:room]],
    )


def faults(db: sqlite3.Connection, job: ImportJob, limit: int = 100, after: int = 0) -> list[RowFault]:
    """Faults in the order of the file; ``after`` passes over that many."""
    rows = db.execute(
        "SELECT line, field, code, sentence, hint FROM office_import_faults WHERE number=?"
        " ORDER BY line, rowid LIMIT ? OFFSET ?",
        (job.number, limit, after),
    )
    return [RowFault(*row) for row in rows]


def seen_at(db: sqlite3.Connection, job: ImportJob, ids: Sequence[bytes]) -> dict[bytes, int]:
    """On which line of this import's file each of these records stood already."""
    marks = ",".join("?" * len(ids))
    rows = db.execute(
        f"SELECT record_id, line FROM office_import_refs WHERE number=? AND record_id IN ({marks})",
        (job.number, *ids),
    )
    return dict(rows.fetchall())


def mark_seen(db: sqlite3.Connection, job: ImportJob, seen: Iterable[tuple[bytes, int]]) -> None:
    db.executemany("INSERT INTO office_import_refs VALUES (?,?,?)", ((job.number, *one) for one in seen))


def tidy(db: sqlite3.Connection, limit: int = 5_000) -> int:
    """Forget up to ``limit`` marks of imports that have ended, and return how many were forgotten."""
    ended = db.execute(
        "SELECT number FROM office_imports AS job WHERE state IN (?,?)"
        " AND EXISTS (SELECT 1 FROM office_import_refs WHERE number=job.number) ORDER BY number LIMIT 1",
        (DONE, FAILED),
    ).fetchone()
    if ended is None:
        return 0
    return db.execute(
        "DELETE FROM office_import_refs WHERE (number, record_id) IN"
        " (SELECT number, record_id FROM office_import_refs WHERE number=? LIMIT ?)",
        (*ended, limit),
    ).rowcount
