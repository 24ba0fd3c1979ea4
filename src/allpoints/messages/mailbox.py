"""The relay's side: sealed envelopes wait here, in order, until their recipient has them on its disk."""

import sqlite3
from collections.abc import Container
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.sealing.envelope import ENVELOPE_LIMIT_BYTES, envelope_hash, open_header

WAITING_LIMIT = 100_000
"""Envelopes that may wait for one recipient; beyond it senders are told to wait, and keep their copies."""
FETCH_LIMIT_BYTES = 4 * 1024 * 1024

SCHEMA = """
CREATE TABLE IF NOT EXISTS relay_mail (
    number INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL, expires_ms INTEGER NOT NULL,
    envelope BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS relay_mail_for (
    recipient TEXT NOT NULL, number INTEGER NOT NULL REFERENCES relay_mail(number),
    PRIMARY KEY (recipient, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relay_mail_seen (
    id BLOB PRIMARY KEY, hash BLOB NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
"""


class Deposited(NamedTuple):
    hash: bytes
    recipients: tuple[str, ...]
    again: bool


def deposit(
    db: sqlite3.Connection, envelope: bytes, depositor: str, known: Container[str], now_ms: int
) -> Deposited:
    """Take an envelope into the mailbox; the same bytes a second time change nothing.

    Refuses one that is too large, not the depositor's own, expired, for unknown recipients, or an identifier
    used again for other bytes.
    """
    if len(envelope) > ENVELOPE_LIMIT_BYTES:
        raise Refusal("MAIL-TOO-LARGE", f"A message is at most {ENVELOPE_LIMIT_BYTES} bytes.", status=413)
    header = open_header(envelope)
    if header.sender != depositor:
        raise Refusal("MAIL-NOT-YOURS", "A message is handed in by its own sender.", status=403)
    taken = envelope_hash(envelope)
    seen = db.execute("SELECT hash FROM relay_mail_seen WHERE id=?", (header.id,)).fetchone()
    if seen is not None:
        if seen[0] != taken:
            raise Refusal("MAIL-ID-REUSED", "This message's identifier was used for another.", status=409)
        return Deposited(taken, header.recipients, again=True)
    if header.expires_ms <= now_ms:
        raise Refusal("MAIL-EXPIRED", "This message expired before it was handed in.", status=409)
    _check_recipients(db, header.recipients, known)
    number = db.execute(
        "INSERT INTO relay_mail (hash, expires_ms, envelope) VALUES (?,?,?)",
        (taken, header.expires_ms, envelope),
    ).lastrowid
    db.executemany("INSERT INTO relay_mail_for VALUES (?,?)", [(name, number) for name in header.recipients])
    db.execute("INSERT INTO relay_mail_seen VALUES (?,?,?)", (header.id, taken, header.expires_ms))
    return Deposited(taken, header.recipients, again=False)


def _check_recipients(db: sqlite3.Connection, recipients: tuple[str, ...], known: Container[str]) -> None:
    for name in recipients:
        if name not in known:
            raise Refusal("MAIL-UNKNOWN-RECIPIENT", f"There is no {name} in this network.", path="recipients")
        waiting = db.execute("SELECT count(*) FROM relay_mail_for WHERE recipient=?", (name,)).fetchone()[0]
        if waiting >= WAITING_LIMIT:
            raise Refusal(
                "MAILBOX-FULL",
                f"The mailbox of {name} is full.",
                hint="The message stays with its sender and is tried again.",
                status=429,
            )


def waiting(db: sqlite3.Connection, recipient: str, after: int) -> list[tuple[int, bytes]]:
    """What waits for ``recipient`` beyond ``after``, oldest first, up to one frame's worth."""
    size = 0
    taken: list[tuple[int, bytes]] = []
    rows = db.execute(
        "SELECT m.number, m.envelope FROM relay_mail_for f JOIN relay_mail m USING (number)"
        " WHERE f.recipient=? AND f.number > ? ORDER BY f.number LIMIT 256",
        (recipient, after),
    )
    for number, envelope in rows:
        size += len(envelope)
        if taken and size > FETCH_LIMIT_BYTES:
            break
        taken.append((number, envelope))
    return taken


def took(db: sqlite3.Connection, recipient: str, numbers: list[int]) -> None:
    """The recipient has these on its disk; an envelope nobody waits for any more is erased."""
    db.executemany(
        "DELETE FROM relay_mail_for WHERE recipient=? AND number=?", [(recipient, one) for one in numbers]
    )
    db.executemany(
        "DELETE FROM relay_mail WHERE number=?1 AND NOT EXISTS"
        " (SELECT 1 FROM relay_mail_for WHERE number=?1)",
        [(one,) for one in numbers],
    )


def sweep(db: sqlite3.Connection, now_ms: int) -> int:
    """Erase what expired unread, and identifiers kept only against replays."""
    gone = db.execute("SELECT number FROM relay_mail WHERE expires_ms <= ?", (now_ms,)).fetchall()
    db.executemany("DELETE FROM relay_mail_for WHERE number=?", gone)
    db.executemany("DELETE FROM relay_mail WHERE number=?", gone)
    db.execute("DELETE FROM relay_mail_seen WHERE expires_ms <= ?", (now_ms,))
    return len(gone)
