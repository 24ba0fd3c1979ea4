"""Alerts of the insider watch and whom it protects, in tables that a hash in the audit log binds."""

import hashlib
import os
import sqlite3
from typing import NamedTuple

import msgspec

from allpoints.watch.rules import Finding

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_watch_alerts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, raised_ms INTEGER NOT NULL, rule TEXT NOT NULL, officer TEXT NOT NULL,
    post TEXT NOT NULL, at_ms INTEGER NOT NULL, line INTEGER NOT NULL, sentence TEXT NOT NULL, key BLOB NOT NULL,
    state TEXT NOT NULL, settled_ms INTEGER NOT NULL, settled_by TEXT NOT NULL, reason TEXT NOT NULL,
    UNIQUE (rule, officer, post, key));
CREATE TABLE IF NOT EXISTS office_watch_chosen (
    number INTEGER PRIMARY KEY AUTOINCREMENT, token BLOB NOT NULL, officer TEXT NOT NULL, label TEXT NOT NULL,
    chosen_by TEXT NOT NULL, chosen_ms INTEGER NOT NULL, UNIQUE (token, officer));
CREATE TABLE IF NOT EXISTS office_watch_place (
    one INTEGER PRIMARY KEY CHECK (one = 1), line INTEGER NOT NULL, bound INTEGER NOT NULL, salt BLOB NOT NULL);
"""
"""``office_watch_place``: the line up to which was looked, and the audit line that binds the tables, with its salt."""

OPEN, DISMISSED, ESCALATED = "open", "dismissed", "escalated"
KEPT = 2_000
"""Alerts that are kept; beyond it the oldest dismissed ones go."""
SALT_BYTES = 16

_ALERT = (
    "number, raised_ms, rule, officer, post, at_ms, line, sentence, state, settled_ms, settled_by, reason"
)
_encode = msgspec.msgpack.Encoder().encode


class WatchAlert(msgspec.Struct, frozen=True):
    """Something odd about how an officer asks. ``line`` is the audit line by which it showed, written at ``at_ms``.

    ``state`` is open, dismissed or escalated; whoever settled it said why.
    """

    number: int
    raised_ms: int
    rule: str
    officer: str
    post: str
    at_ms: int
    line: int
    sentence: str
    state: str
    settled_ms: int
    settled_by: str
    reason: str


class Chosen(msgspec.Struct, frozen=True):
    """Somebody about whom no question goes unseen; with an ``officer``, this one's own name or paper."""

    number: int
    label: str
    officer: str
    chosen_by: str
    chosen_ms: int


class Place(NamedTuple):
    """Up to which line was looked, and which line binds the tables with which salt."""

    line: int
    bound: int
    salt: bytes


def raise_(db: sqlite3.Connection, finding: Finding, key: bytes, now_ms: int) -> int:
    """Keep a finding as an alert and return its number; 0 when it is there already."""
    row = (now_ms, finding.rule, finding.officer, finding.post, finding.at_ms, finding.line, finding.sentence)
    written = db.execute(
        "INSERT OR IGNORE INTO office_watch_alerts (raised_ms, rule, officer, post, at_ms, line, sentence, key, state,"
        " settled_ms, settled_by, reason) VALUES (?,?,?,?,?,?,?,?,?,0,'','')",
        (*row, key, OPEN),
    )
    if not written.rowcount:
        return 0
    db.execute(
        "DELETE FROM office_watch_alerts WHERE number IN (SELECT number FROM office_watch_alerts WHERE state = ?"
        " ORDER BY number LIMIT max(0, (SELECT count(*) FROM office_watch_alerts) - ?))",
        (DISMISSED, KEPT),
    )
    return written.lastrowid or 0


def alerts(db: sqlite3.Connection, limit: int) -> list[WatchAlert]:
    """The newest, those that wait first."""
    rows = db.execute(
        f"SELECT {_ALERT} FROM office_watch_alerts ORDER BY state <> ?, number DESC LIMIT ?", (OPEN, limit)
    )
    return [WatchAlert(*row) for row in rows]


def alert(db: sqlite3.Connection, number: int) -> WatchAlert | None:
    row = db.execute(f"SELECT {_ALERT} FROM office_watch_alerts WHERE number = ?", (number,)).fetchone()
    return WatchAlert(*row) if row else None


def settle(db: sqlite3.Connection, number: int, state: str, by: str, reason: str, now_ms: int) -> None:
    db.execute(
        "UPDATE office_watch_alerts SET state=?, settled_ms=?, settled_by=?, reason=? WHERE number=?",
        (state, now_ms, by, reason, number),
    )


def choose(db: sqlite3.Connection, token: bytes, officer: str, label: str, by: str, now_ms: int) -> bool:
    """Protect a subject, or say that it is an officer's own; False when it is so already."""
    row = (token, officer, label, by, now_ms)
    written = db.execute(
        "INSERT OR IGNORE INTO office_watch_chosen (token, officer, label, chosen_by, chosen_ms) VALUES (?,?,?,?,?)",
        row,
    )
    return bool(written.rowcount)


def forget(db: sqlite3.Connection, number: int) -> None:
    db.execute("DELETE FROM office_watch_chosen WHERE number = ?", (number,))


def chosen(db: sqlite3.Connection) -> list[Chosen]:
    rows = db.execute(
        "SELECT number, label, officer, chosen_by, chosen_ms FROM office_watch_chosen ORDER BY number"
    )
    return [Chosen(*row) for row in rows]


def tokens(db: sqlite3.Connection) -> dict[bytes, frozenset[str]]:
    """For each token the officers whose own it is, or "" for everybody."""
    found: dict[bytes, frozenset[str]] = {}
    for token, officer in db.execute("SELECT token, officer FROM office_watch_chosen"):
        found[token] = found.get(token, frozenset()) | {officer}
    return found


def place(db: sqlite3.Connection) -> Place | None:
    """None before the first look."""
    row = db.execute("SELECT line, bound, salt FROM office_watch_place").fetchone()
    return Place(*row) if row else None


def set_place(db: sqlite3.Connection, at: Place) -> None:
    db.execute("INSERT OR REPLACE INTO office_watch_place VALUES (1,?,?,?)", at)


def new_salt() -> bytes:
    return os.urandom(SALT_BYTES)


def standing(db: sqlite3.Connection, salt: bytes) -> str:
    """SHA-256, in hexadecimal, over a salt and everything that the tables hold: 32 bytes that say nothing by themselves."""
    rows = [
        db.execute(f"SELECT * FROM office_watch_{name} ORDER BY number").fetchall()
        for name in ("alerts", "chosen")
    ]
    return hashlib.sha256(salt + _encode(rows)).hexdigest()
