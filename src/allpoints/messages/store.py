"""A node's correspondence: letters in and out, receipts, and the chain of envelopes with each peer.

What a letter says is kept sealed under the node's storage key; who wrote to whom and when is not.
"""

import sqlite3
from typing import NamedTuple

import msgspec

from allpoints.messages.letter import Letter, LetterView, Receipt
from allpoints.sealing.at_rest import open_at_rest, seal_at_rest

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_letters (
    reference TEXT PRIMARY KEY, folder TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
    priority TEXT NOT NULL, handling TEXT NOT NULL, purpose TEXT NOT NULL, at_ms INTEGER NOT NULL,
    read_ms INTEGER NOT NULL DEFAULT 0, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_letters_folder ON office_letters(folder, at_ms);
CREATE TABLE IF NOT EXISTS office_receipts (
    reference TEXT NOT NULL, kind TEXT NOT NULL, by_name TEXT NOT NULL, role TEXT NOT NULL,
    at_ms INTEGER NOT NULL, reason TEXT NOT NULL, receipt BLOB NOT NULL,
    PRIMARY KEY (reference, kind, by_name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_pairs (
    peer TEXT PRIMARY KEY, sent INTEGER NOT NULL DEFAULT 0, sent_hash BLOB NOT NULL,
    got INTEGER NOT NULL DEFAULT 0, got_hash BLOB NOT NULL, gaps INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_missing (
    peer TEXT NOT NULL, number INTEGER NOT NULL, since_ms INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (peer, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_unopened (
    hash BLOB PRIMARY KEY, sender TEXT NOT NULL, at_ms INTEGER NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_unopened_sender ON office_unopened(sender, at_ms);
CREATE TABLE IF NOT EXISTS office_envelopes_seen (id BLOB PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
"""

START = bytes(32)
MISSING_LIMIT = 1_000
"""Numbers of one peer that are remembered as missing; a peer that jumps further is told of the newest."""


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


def got(db: sqlite3.Connection, peer: str, number: int, previous: bytes, digest: bytes, now_ms: int) -> bool:
    """Follow the peer's chain; False when an envelope before this one is missing or came late.

    A gap is remembered, not refused: what a hub held back must not also hold back what it let through.
    """
    before = pair(db, peer)
    whole = number == before.got + 1 and previous == before.got_hash
    db.execute("DELETE FROM office_missing WHERE peer=? AND number=?", (peer, number))
    if number > before.got:
        after = before._replace(got=number, got_hash=digest, gaps=before.gaps + (0 if whole else 1))
        _keep_pair(db, peer, after)
        first = max(before.got + 1, number - MISSING_LIMIT)
        db.executemany(
            "INSERT INTO office_missing (peer, number, since_ms) VALUES (?,?,?)",
            [(peer, one, now_ms) for one in range(first, number)],
        )
        db.execute("DELETE FROM office_missing WHERE peer=? AND number < ?", (peer, number - MISSING_LIMIT))
    return whole


def missing(db: sqlite3.Connection, peer: str) -> list[int]:
    """The numbers of the peer's envelopes that never came, though later ones did."""
    rows = db.execute("SELECT number FROM office_missing WHERE peer=? ORDER BY number", (peer,))
    return [number for (number,) in rows]


def to_be_told(db: sqlite3.Connection, before_ms: int) -> dict[str, list[int]]:
    """Numbers that are missing since before ``before_ms``, by peer, each given once."""
    rows = db.execute(
        "UPDATE office_missing SET told=1 WHERE told=0 AND since_ms <= ? RETURNING peer, number", (before_ms,)
    ).fetchall()
    found: dict[str, list[int]] = {}
    for peer, number in sorted(rows):
        found.setdefault(peer, []).append(number)
    return found


def forget_missing(db: sqlite3.Connection, before_ms: int) -> None:
    """Forget what can come no more."""
    db.execute("DELETE FROM office_missing WHERE since_ms < ?", (before_ms,))
    db.execute("DELETE FROM office_unopened WHERE at_ms < ?", (before_ms,))


def could_not_open(
    db: sqlite3.Connection, digest: bytes, sender: str, reason: str, now_ms: int, limit: int, since_ms: int
) -> bool:
    """Note an envelope that was not opened; whether its sender is to be told: once for each, and not too often."""
    (told,) = db.execute(
        "SELECT count(*) FROM office_unopened WHERE sender=? AND at_ms > ?", (sender, since_ms)
    ).fetchone()
    if told >= limit:
        return False
    return bool(
        db.execute(
            "INSERT OR IGNORE INTO office_unopened VALUES (?,?,?,?)", (digest, sender, now_ms, reason)
        ).rowcount
    )


def first_time(db: sqlite3.Connection, envelope_id: bytes, expires_ms: int) -> bool:
    """Whether this envelope was never opened here before (replays and doubled deliveries were)."""
    return bool(
        db.execute(
            "INSERT OR IGNORE INTO office_envelopes_seen VALUES (?,?)", (envelope_id, expires_ms)
        ).rowcount
    )


def was_here(db: sqlite3.Connection, envelope_id: bytes) -> bool:
    """Whether ``first_time`` was asked of it before."""
    return db.execute("SELECT 1 FROM office_envelopes_seen WHERE id=?", (envelope_id,)).fetchone() is not None


def forget_envelopes(db: sqlite3.Connection, before_ms: int) -> None:
    db.execute("DELETE FROM office_envelopes_seen WHERE expires_ms < ?", (before_ms,))


def add_letter(db: sqlite3.Connection, key: bytes, view: LetterView) -> None:
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
            seal_at_rest(key, _place(view.reference), msgspec.msgpack.encode(view.letter)),
        ),
    )


def add_receipt(db: sqlite3.Connection, reference: str, receipt: Receipt, signed: bytes) -> bool:
    return bool(
        db.execute(
            "INSERT OR IGNORE INTO office_receipts VALUES (?,?,?,?,?,?,?)",
            (reference, receipt.kind, receipt.by, receipt.role, receipt.at_ms, receipt.reason, signed),
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


def _view(db: sqlite3.Connection, key: bytes, row: _Row) -> LetterView:
    reference, folder, sender, recipients, body, priority, handling, purpose, at_ms, read_ms = row
    receipts = db.execute(
        "SELECT kind, by_name, role, at_ms, reason FROM office_receipts WHERE reference=? ORDER BY at_ms, kind",
        (reference,),
    )
    return LetterView(
        reference,
        folder,
        sender,
        tuple(recipients.split(",")),
        msgspec.msgpack.decode(open_at_rest(key, _place(reference), body), type=Letter),
        priority,
        handling,
        purpose,
        at_ms,
        read_ms,
        tuple(Receipt(*one) for one in receipts),
    )


def read_letter(db: sqlite3.Connection, key: bytes, reference: str) -> LetterView | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM office_letters WHERE reference=?", (reference,)).fetchone()
    return _view(db, key, row) if row else None


def list_letters(db: sqlite3.Connection, key: bytes, folder: str, limit: int = 100) -> list[LetterView]:
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM office_letters WHERE folder=? ORDER BY at_ms DESC, reference LIMIT ?",
        (folder, limit),
    ).fetchall()
    return [_view(db, key, row) for row in rows]


def unread(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT count(*) FROM office_letters WHERE folder='inbox' AND read_ms=0").fetchone()
    return int(row[0])


def _place(reference: str) -> bytes:
    return b"office_letters/" + reference.encode()
