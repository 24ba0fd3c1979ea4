"""A node's own reception keys: made daily, with one-time keys; which are there, which were used, when they go.

The rows say where each seed lies in the key file. A used key stays as a row without a seed, so that a second message to it
is told from one to a key that was never here.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

ONE_TIME_KEYS = 64
"""One-time keys of a day's bundle; when they are given out, messages are sealed to the daily key."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_reception_keys (
    place INTEGER PRIMARY KEY AUTOINCREMENT, key_id BLOB NOT NULL UNIQUE, one_time INTEGER NOT NULL,
    kept_ms INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS office_reception (
    one INTEGER PRIMARY KEY CHECK (one = 1), from_ms INTEGER NOT NULL, signed_by BLOB NOT NULL,
    bundle BLOB NOT NULL, one_time BLOB NOT NULL, published INTEGER NOT NULL DEFAULT 0);
"""


class OwnKey(NamedTuple):
    """Where a private half lies, and whether it is for one message only."""

    place: int
    one_time: int
    used: int


class Published(NamedTuple):
    """The newest bundle of this node; ``one_time`` are the public keys as they go to the relay."""

    from_ms: int
    signed_by: bytes
    bundle: bytes
    one_time: tuple[bytes, ...]
    published: int


def add(db: sqlite3.Connection, key_id: bytes, *, one_time: bool, kept_ms: int) -> int:
    """A new key's place in the key file."""
    place = db.execute(
        "INSERT INTO office_reception_keys (key_id, one_time, kept_ms) VALUES (?,?,?)",
        (key_id, int(one_time), kept_ms),
    ).lastrowid
    return int(place or 0)


def find(db: sqlite3.Connection, key_id: bytes) -> OwnKey | None:
    row = db.execute(
        "SELECT place, one_time, used FROM office_reception_keys WHERE key_id=?", (key_id,)
    ).fetchone()
    return OwnKey(*row) if row else None


def use(db: sqlite3.Connection, key_id: bytes) -> int | None:
    """Mark a one-time key as used and give its place, to be erased; None for a daily key."""
    row = db.execute(
        "UPDATE office_reception_keys SET used=1 WHERE key_id=? AND one_time=1 AND used=0 RETURNING place",
        (key_id,),
    ).fetchone()
    return int(row[0]) if row else None


def end(db: sqlite3.Connection, now_ms: int) -> list[int]:
    """Forget the keys whose time is over; gives their places, to be erased."""
    return [
        int(place)
        for (place,) in db.execute(
            "DELETE FROM office_reception_keys WHERE kept_ms <= ? RETURNING place", (now_ms,)
        ).fetchall()
    ]


def live(db: sqlite3.Connection) -> list[int]:
    """The places whose seeds are still of use."""
    return [int(place) for (place,) in db.execute("SELECT place FROM office_reception_keys WHERE used=0")]


def publish(
    db: sqlite3.Connection, from_ms: int, signed_by: bytes, bundle: bytes, one_time: Sequence[bytes]
) -> None:
    db.execute(
        "INSERT OR REPLACE INTO office_reception VALUES (1,?,?,?,?,0)",
        (from_ms, signed_by, bundle, msgspec.msgpack.encode(tuple(one_time))),
    )


def published(db: sqlite3.Connection) -> Published | None:
    row = db.execute(
        "SELECT from_ms, signed_by, bundle, one_time, published FROM office_reception"
    ).fetchone()
    if row is None:
        return None
    one_time = msgspec.msgpack.decode(row[3], type=tuple[bytes, ...])
    return Published(row[0], row[1], row[2], one_time, row[4])


def relay_has(db: sqlite3.Connection, from_ms: int) -> None:
    """The relay holds this bundle: its one-time keys are no longer needed here."""
    db.execute(
        "UPDATE office_reception SET published=1, one_time=? WHERE from_ms=?",
        (msgspec.msgpack.encode(()), from_ms),
    )
