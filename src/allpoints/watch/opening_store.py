"""Questions about openings in their tables: those this node asked, with their answers, and those it was asked."""

import sqlite3
from typing import NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_openings_asked (
    id BLOB PRIMARY KEY, member TEXT NOT NULL, question BLOB NOT NULL, asked_by TEXT NOT NULL, asked_ms INTEGER NOT NULL,
    generation INTEGER NOT NULL, size INTEGER NOT NULL, heard_ms INTEGER NOT NULL, answer BLOB NOT NULL,
    signature BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_openings_told (
    id BLOB PRIMARY KEY, member TEXT NOT NULL, question BLOB NOT NULL, came_ms INTEGER NOT NULL,
    answered INTEGER NOT NULL) WITHOUT ROWID;
"""
"""``generation`` and ``size``: the head of the other's log that stood in the ledger when it was asked."""


class AskedRow(NamedTuple):
    id: bytes
    member: str
    question: bytes
    asked_by: str
    asked_ms: int
    generation: int
    size: int
    heard_ms: int = 0
    answer: bytes = b""
    signature: bytes = b""


class ToldRow(NamedTuple):
    id: bytes
    member: str
    question: bytes
    came_ms: int
    answered: int = 0


def put_asked(db: sqlite3.Connection, row: AskedRow) -> None:
    db.execute("INSERT INTO office_openings_asked VALUES (?,?,?,?,?,?,?,?,?,?)", row)


def asked(db: sqlite3.Connection, question: bytes) -> AskedRow | None:
    row = db.execute("SELECT * FROM office_openings_asked WHERE id=?", (question,)).fetchone()
    return AskedRow(*row) if row else None


def asked_since(db: sqlite3.Connection, member: str, at_ms: int) -> int:
    """How often this node has asked a member since an instant."""
    found = db.execute(
        "SELECT count(*) FROM office_openings_asked WHERE member=? AND asked_ms>?", (member, at_ms)
    )
    return int(found.fetchone()[0])


def all_asked(db: sqlite3.Connection, limit: int) -> list[AskedRow]:
    """Newest first."""
    rows = db.execute("SELECT * FROM office_openings_asked ORDER BY asked_ms DESC, id LIMIT ?", (limit,))
    return [AskedRow(*row) for row in rows]


def unsettled(db: sqlite3.Connection) -> list[AskedRow]:
    """Questions whose answer came, and whose head has not been looked for in the ledger."""
    rows = db.execute("SELECT * FROM office_openings_asked WHERE heard_ms = 0 AND answer <> x'' LIMIT 100")
    return [AskedRow(*row) for row in rows]


def hear(db: sqlite3.Connection, question: bytes, answer: bytes, signature: bytes, at_ms: int) -> None:
    db.execute(
        "UPDATE office_openings_asked SET answer=?, signature=?, heard_ms=? WHERE id=?",
        (answer, signature, at_ms, question),
    )


def put_told(db: sqlite3.Connection, row: ToldRow) -> bool:
    """Keep a question that came; False for one that was here before."""
    return bool(db.execute("INSERT OR IGNORE INTO office_openings_told VALUES (?,?,?,?,?)", row).rowcount)


def came_since(db: sqlite3.Connection, member: str, at_ms: int) -> int:
    """How often a member has asked this node since an instant."""
    found = db.execute(
        "SELECT count(*) FROM office_openings_told WHERE member=? AND came_ms>?", (member, at_ms)
    )
    return int(found.fetchone()[0])


def waiting(db: sqlite3.Connection) -> ToldRow | None:
    """The question that has waited longest for its answer."""
    row = db.execute(
        "SELECT * FROM office_openings_told WHERE answered=0 ORDER BY came_ms, id LIMIT 1"
    ).fetchone()
    return ToldRow(*row) if row else None


def answered(db: sqlite3.Connection, question: bytes) -> None:
    db.execute("UPDATE office_openings_told SET answered=1 WHERE id=?", (question,))
