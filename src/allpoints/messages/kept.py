"""The sender's copies: a message stays here, sealed under the storage key, until each of its recipients has it.

From its copy a message is sealed again, once for each recipient, when that one cannot open it or says that it is missing;
and from it a message is sealed that had to wait for its recipient's keys.
"""

import sqlite3
from typing import NamedTuple

import msgspec

from allpoints.ground.clock import DAY
from allpoints.sealing.at_rest import open_at_rest, seal_at_rest

NAMED_MS = 400 * DAY
"""How long a later sealing of a message is known by its first name: a receipt that it was read may come late."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_kept (
    message BLOB PRIMARY KEY, expires_ms INTEGER NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_kept_for (
    message BLOB NOT NULL, recipient TEXT NOT NULL, hash BLOB NOT NULL, sequence INTEGER NOT NULL,
    key_id BLOB NOT NULL, again INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (message, recipient)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_kept_for_hash ON office_kept_for(hash);
CREATE INDEX IF NOT EXISTS office_kept_for_recipient ON office_kept_for(recipient, sequence);
CREATE TABLE IF NOT EXISTS office_sealed_as (
    hash BLOB PRIMARY KEY, message BLOB NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
"""

HELD = b""
"""The hash of a copy that was not sealed yet."""


class Words(msgspec.Struct, frozen=True):
    """A message before it is sealed, as it is kept."""

    kind: str
    body: bytes
    priority: int
    purpose: str
    handling: str
    reply_to: bytes


class KeptFor(NamedTuple):
    """One recipient of a kept message: the envelope that went to it, its number, the key it was sealed to."""

    message: bytes
    recipient: str
    hash: bytes
    sequence: int
    key_id: bytes
    again: int


def keep(db: sqlite3.Connection, key: bytes, message: bytes, words: Words, expires_ms: int) -> None:
    content = seal_at_rest(key, _place(message), msgspec.msgpack.encode(words))
    db.execute("INSERT INTO office_kept VALUES (?,?,?)", (message, expires_ms, content))


def words(db: sqlite3.Connection, key: bytes, message: bytes) -> Words | None:
    row = db.execute("SELECT content FROM office_kept WHERE message=?", (message,)).fetchone()
    if row is None:
        return None
    return msgspec.msgpack.decode(open_at_rest(key, _place(message), row[0]), type=Words)


def note(db: sqlite3.Connection, one: KeptFor) -> None:
    db.execute("INSERT OR REPLACE INTO office_kept_for VALUES (?,?,?,?,?,?)", one)


def by_hash(db: sqlite3.Connection, digest: bytes, recipient: str) -> KeptFor | None:
    row = db.execute(
        "SELECT * FROM office_kept_for WHERE hash=? AND recipient=?", (digest, recipient)
    ).fetchone()
    return KeptFor(*row) if row else None


def by_number(db: sqlite3.Connection, recipient: str, sequence: int) -> KeptFor | None:
    row = db.execute(
        "SELECT * FROM office_kept_for WHERE recipient=? AND sequence=? AND hash<>?",
        (recipient, sequence, HELD),
    ).fetchone()
    return KeptFor(*row) if row else None


def held_for(db: sqlite3.Connection, recipient: str, limit: int) -> list[KeptFor]:
    """Messages that wait for the keys of a recipient, in the order in which they were written."""
    rows = db.execute(
        "SELECT f.* FROM office_kept_for f JOIN office_kept k USING (message)"
        " WHERE f.recipient=? AND f.hash=? ORDER BY k.expires_ms, f.message LIMIT ?",
        (recipient, HELD, limit),
    )
    return [KeptFor(*row) for row in rows]


def waiting(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """For whom messages wait, and how many."""
    return db.execute(
        "SELECT recipient, count(*) FROM office_kept_for WHERE hash=? GROUP BY recipient ORDER BY recipient",
        (HELD,),
    ).fetchall()


def arrived(db: sqlite3.Connection, message: bytes, recipient: str) -> None:
    """The recipient has it: its copy is let go, and the words with the last one."""
    db.execute("DELETE FROM office_kept_for WHERE message=? AND recipient=?", (message, recipient))
    db.execute(
        "DELETE FROM office_kept WHERE message=?1"
        " AND NOT EXISTS (SELECT 1 FROM office_kept_for WHERE message=?1)",
        (message,),
    )


def name(db: sqlite3.Connection, digest: bytes, message: bytes, now_ms: int) -> None:
    """A sealing is another one of this message."""
    db.execute("INSERT OR IGNORE INTO office_sealed_as VALUES (?,?,?)", (digest, message, now_ms + NAMED_MS))


def message_of(db: sqlite3.Connection, digest: bytes) -> bytes:
    """The message of which an envelope is a sealing: the first one's hash, or the envelope's own."""
    row = db.execute("SELECT message FROM office_sealed_as WHERE hash=?", (digest,)).fetchone()
    return bytes(row[0]) if row else digest


def sweep(db: sqlite3.Connection, now_ms: int) -> None:
    """Let go what nobody can be given any more."""
    gone = db.execute("DELETE FROM office_kept WHERE expires_ms <= ? RETURNING message", (now_ms,)).fetchall()
    db.executemany("DELETE FROM office_kept_for WHERE message=?", gone)
    db.execute("DELETE FROM office_sealed_as WHERE expires_ms <= ?", (now_ms,))


def _place(message: bytes) -> bytes:
    return b"office_kept/" + message
