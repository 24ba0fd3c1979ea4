"""A node's correspondence: letters in and out, receipts, and the chain of envelopes with each peer."""

import sqlite3
from typing import NamedTuple

import msgspec

from allpoints.messages.letter import Letter, LetterView, Receipt

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_letters (
    reference TEXT PRIMARY KEY, folder TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
    priority TEXT NOT NULL, handling TEXT NOT NULL, purpose TEXT NOT NULL, at_ms INTEGER NOT NULL,
    read_ms INTEGER NOT NULL DEFAULT 0, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_letters_folder ON office_letters(folder, at_ms);
CREATE TABLE IF NOT EXISTS office_receipts (
    reference TEXT NOT NULL, kind TEXT NOT NULL, by_name TEXT NOT NULL, role TEXT NOT NULL,
    at_ms INTEGER NOT NULL, receipt BLOB NOT NULL, PRIMARY KEY (reference, kind, by_name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_pairs (
    peer TEXT PRIMARY KEY, sent INTEGER NOT NULL DEFAULT 0, sent_hash BLOB NOT NULL,
    got INTEGER NOT NULL DEFAULT 0, got_hash BLOB NOT NULL, gaps INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_envelopes_seen (id BLOB PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
"""

START = bytes(32)


class Pair(NamedTuple):
    """Where the two chains of envelopes with a peer stand: counts and hashes, sent and got."""

    sent: int
    sent_hash: bytes
    got: int
    got_hash: bytes
    gaps: int


def pair(db: sqlite3.Connection, peer: str) -> Pair:
    row = db.execute(
        "SELECT sent, sent_hash, got, got_hash, gaps FROM office_pairs WHERE peer=?", (peer,)
    ).fetchone()
    return Pair(*row) if row else Pair(0, START, 0, START, 0)


def _keep_pair(db: sqlite3.Connection, peer: str, now: Pair) -> None:
    db.execute("INSERT OR REPLACE INTO office_pairs VALUES (?,?,?,?,?,?)", (peer, *now))


def sent(db: sqlite3.Connection, peer: str, number: int, digest: bytes) -> None:
    _keep_pair(db, peer, pair(db, peer)._replace(sent=number, sent_hash=digest))


def got(db: sqlite3.Connection, peer: str, number: int, previous: bytes, digest: bytes) -> bool:
    """Follow the peer's chain; False when an envelope before this one is missing or came late.

    A gap is counted, not refused: what a hub held back must not also hold back what it let through.
    """
    before = pair(db, peer)
    whole = number == before.got + 1 and previous == before.got_hash
    if number > before.got:
        after = before._replace(got=number, got_hash=digest, gaps=before.gaps + (0 if whole else 1))
        _keep_pair(db, peer, after)
    return whole


def first_time(db: sqlite3.Connection, envelope_id: bytes, expires_ms: int) -> bool:
    """Whether this envelope was never opened here before (replays and doubled deliveries were)."""
    return bool(
        db.execute(
            "INSERT OR IGNORE INTO office_envelopes_seen VALUES (?,?)", (envelope_id, expires_ms)
        ).rowcount
    )


def forget_envelopes(db: sqlite3.Connection, before_ms: int) -> None:
    db.execute("DELETE FROM office_envelopes_seen WHERE expires_ms < ?", (before_ms,))


def add_letter(db: sqlite3.Connection, view: LetterView) -> None:
    db.execute(
        "INSERT OR IGNORE INTO office_letters VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            view.reference,
            view.folder,
            view.sender,
            ",".join(view.to),
            view.priority,
            view.handling,
            view.purpose,
            view.at_ms,
            view.read_ms,
            msgspec.msgpack.encode(view.letter),
        ),
    )


def add_receipt(db: sqlite3.Connection, reference: str, receipt: Receipt, signed: bytes) -> bool:
    return bool(
        db.execute(
            "INSERT OR IGNORE INTO office_receipts VALUES (?,?,?,?,?,?)",
            (reference, receipt.kind, receipt.by, receipt.role, receipt.at_ms, signed),
        ).rowcount
    )


def mark_read(db: sqlite3.Connection, reference: str, at_ms: int) -> bool:
    """True the first time a letter in the inbox is opened."""
    return bool(
        db.execute(
            "UPDATE office_letters SET read_ms=? WHERE reference=? AND folder='inbox' AND read_ms=0",
            (at_ms, reference),
        ).rowcount
    )


_COLUMNS = "reference, folder, sender, recipients, body, priority, handling, purpose, at_ms, read_ms"


_Row = tuple[str, str, str, str, bytes, str, str, str, int, int]


def _view(db: sqlite3.Connection, row: _Row) -> LetterView:
    reference, folder, sender, recipients, body, priority, handling, purpose, at_ms, read_ms = row
    receipts = db.execute(
        "SELECT kind, by_name, role, at_ms FROM office_receipts WHERE reference=? ORDER BY at_ms, kind",
        (reference,),
    )
    return LetterView(
        reference,
        folder,
        sender,
        tuple(recipients.split(",")),
        msgspec.msgpack.decode(body, type=Letter),
        priority,
        handling,
        purpose,
        at_ms,
        read_ms,
        tuple(Receipt(*one) for one in receipts),
    )


def read_letter(db: sqlite3.Connection, reference: str) -> LetterView | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM office_letters WHERE reference=?", (reference,)).fetchone()
    return _view(db, row) if row else None


def list_letters(db: sqlite3.Connection, folder: str, limit: int = 100) -> list[LetterView]:
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM office_letters WHERE folder=? ORDER BY at_ms DESC, reference LIMIT ?",
        (folder, limit),
    ).fetchall()
    return [_view(db, row) for row in rows]


def unread(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT count(*) FROM office_letters WHERE folder='inbox' AND read_ms=0").fetchone()
    return int(row[0])
