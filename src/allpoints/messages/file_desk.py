"""The relay's side of files: sealed chunks come in order from their sender, and wait until each recipient has them.

The relay knows a file by its identifier, who sent it to whom, how large it is and when it ends; it has no key.
"""

import sqlite3
from collections.abc import Container, Sequence
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.sealing.chunks import (
    CHUNK_OVERHEAD_BYTES,
    FILE_ID_BYTES,
    FILE_LIMIT_BYTES,
    SEALED_CHUNK_BYTES,
    sealed_size,
)
from allpoints.sealing.header import LIFETIME_LIMIT_MS, RECIPIENTS_LIMIT

SENDER_LIMIT_BYTES = 32 * 1024 * 1024 * 1024
"""What may wait at the relay of one sender's files."""
SENDER_LIMIT_FILES = 1_000
REMINDERS = 100
"""Files after which a recipient is asked at one new line."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS relay_files (
    id BLOB PRIMARY KEY, sender TEXT NOT NULL, size INTEGER NOT NULL, have INTEGER NOT NULL DEFAULT 0,
    expires_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS relay_files_sender ON relay_files(sender);
CREATE TABLE IF NOT EXISTS relay_files_for (
    id BLOB NOT NULL, recipient TEXT NOT NULL, took INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id, recipient)) WITHOUT ROWID;
"""


class Waiting(NamedTuple):
    """A file at the relay: ``size`` is that of its sealed chunks, ``have`` how many of them are here."""

    id: bytes
    sender: str
    size: int
    have: int
    expires_ms: int

    @property
    def chunks(self) -> int:
        return -(-self.size // SEALED_CHUNK_BYTES)

    def length(self, position: int) -> int:
        """How long the sealed chunk at a position is."""
        return min(SEALED_CHUNK_BYTES, self.size - position * SEALED_CHUNK_BYTES)


def find(db: sqlite3.Connection, file_id: bytes) -> Waiting | None:
    row = db.execute(
        "SELECT id, sender, size, have, expires_ms FROM relay_files WHERE id=?", (file_id,)
    ).fetchone()
    return Waiting(*row) if row else None


def offer(
    db: sqlite3.Connection, new: Waiting, recipients: Sequence[str], known: Container[str], now_ms: int
) -> Waiting:
    """Make room for a file; the same offer again changes nothing. Refuses what is too large, too much, ended, not one's own."""
    held = find(db, new.id)
    if held is not None:
        if held._replace(have=0) != new._replace(have=0):
            raise Refusal("FILE-ID-REUSED", "This file's identifier was used for another.", status=409)
        return held
    _check(new, recipients, known, now_ms)
    row = db.execute("SELECT count(*), coalesce(sum(size), 0) FROM relay_files WHERE sender=?", (new.sender,))
    count, total = row.fetchone()
    if count >= SENDER_LIMIT_FILES or total + new.size > SENDER_LIMIT_BYTES:
        raise Refusal(
            "FILES-FULL",
            f"Too many files of {new.sender} wait at the relay.",
            hint="They leave as their recipients take them; the file stays here and is tried again.",
            status=429,
        )
    db.execute("INSERT INTO relay_files VALUES (?,?,?,0,?)", (new.id, new.sender, new.size, new.expires_ms))
    db.executemany(
        "INSERT INTO relay_files_for (id, recipient) VALUES (?,?)", [(new.id, one) for one in recipients]
    )
    return new._replace(have=0)


def _check(new: Waiting, recipients: Sequence[str], known: Container[str], now_ms: int) -> None:
    if len(new.id) != FILE_ID_BYTES:
        raise Refusal("FILE-OFFER", "This is no identifier of a file.", path="id", status=400)
    if not CHUNK_OVERHEAD_BYTES < new.size <= sealed_size(FILE_LIMIT_BYTES):
        raise Refusal(
            "FILE-TOO-LARGE", f"A file has at most {FILE_LIMIT_BYTES:,} bytes.", path="size", status=413
        )
    if not now_ms < new.expires_ms <= now_ms + LIFETIME_LIMIT_MS:
        raise Refusal("FILE-ENDED", "This file ends before it could be taken, or waits too long.", status=409)
    if not 0 < len(set(recipients)) == len(recipients) <= RECIPIENTS_LIMIT:
        raise Refusal("FILE-OFFER", "A file has recipients, each once.", path="recipients", status=400)
    for name in recipients:
        if name not in known:
            raise Refusal("MAIL-UNKNOWN-RECIPIENT", f"There is no {name} in this network.", path="recipients")


def came(db: sqlite3.Connection, file_id: bytes, position: int) -> None:
    """The chunk at this position is on the disk."""
    db.execute("UPDATE relay_files SET have=? WHERE id=? AND have=?", (position + 1, file_id, position))


def for_recipient(db: sqlite3.Connection, file_id: bytes, recipient: str) -> Waiting:
    """A file for whoever asks; ``FILE-NOT-THERE`` when there is none, or none for this one: the two look alike."""
    found = db.execute(
        "SELECT 1 FROM relay_files_for WHERE id=? AND recipient=? AND took=0", (file_id, recipient)
    ).fetchone()
    held = find(db, file_id)
    if found is None or held is None:
        raise Refusal("FILE-NOT-THERE", "The relay holds no such file for you.", status=404)
    return held


def took(db: sqlite3.Connection, file_id: bytes, recipient: str) -> bool:
    """A recipient has it whole; True when nobody waits for it any more and its chunks can go.

    The row stays until the file ends, so that the same offer does not bring it again.
    """
    db.execute("UPDATE relay_files_for SET took=1 WHERE id=? AND recipient=?", (file_id, recipient))
    return not waited_for(db, file_id) and find(db, file_id) is not None


def whole_for(db: sqlite3.Connection, recipient: str) -> list[Waiting]:
    """Files that are whole here and that this recipient did not say it has."""
    rows = db.execute(
        "SELECT f.id, f.sender, f.size, f.have, f.expires_ms FROM relay_files AS f JOIN relay_files_for USING (id)"
        " WHERE recipient=? AND took=0 ORDER BY f.expires_ms, f.id LIMIT ?",
        (recipient, REMINDERS),
    )
    return [held for held in (Waiting(*row) for row in rows) if held.have == held.chunks]


def waited_for(db: sqlite3.Connection, file_id: bytes) -> bool:
    """Whether a recipient does not have this file yet."""
    left = "SELECT 1 FROM relay_files_for WHERE id=? AND took=0"
    return db.execute(left, (file_id,)).fetchone() is not None


def sweep(db: sqlite3.Connection, now_ms: int) -> list[bytes]:
    """Forget what ended; gives the files whose chunks can go."""
    gone = db.execute("DELETE FROM relay_files WHERE expires_ms <= ? RETURNING id", (now_ms,)).fetchall()
    db.executemany("DELETE FROM relay_files_for WHERE id=?", gone)
    return [bytes(one) for (one,) in gone]
