"""The end of a record's retention: found by the clock, erased, and told to the index."""

import sqlite3
from typing import NamedTuple

from allpoints.registers import store

EXPIRING_LIMIT = 1_000
"""Records expired in one go, so that no tick holds the engine for long."""


class Expired(NamedTuple):
    """A record whose retention ended: every posting of it up to ``version`` is to be discarded."""

    record_id: bytes
    row: int
    register_code: int
    version: int
    owner: str
    ref: str


def due(db: sqlite3.Connection, now_ms: int, limit: int = EXPIRING_LIMIT) -> list[Expired]:
    """Valid records past their retention, the longest overdue first; changes nothing."""
    rows = db.execute(
        "SELECT record_id, row, register, version, owner, ref FROM state_records"
        " WHERE status = 'valid' AND expires_ms <= ? ORDER BY expires_ms, row LIMIT ?",
        (now_ms, limit),
    )
    return [Expired(*row) for row in rows]


def due_of(db: sqlite3.Connection, owner: str, until_ms: int, limit: int = EXPIRING_LIMIT) -> list[Expired]:
    """What ``owner`` should look at because its retention ends before ``until_ms``."""
    rows = db.execute(
        "SELECT record_id, row, register, version, owner, ref FROM state_records"
        " WHERE status = 'valid' AND expires_ms <= ? AND owner = ? ORDER BY expires_ms, row LIMIT ?",
        (until_ms, owner, limit),
    )
    return [Expired(*row) for row in rows]


def expire(db: sqlite3.Connection, now_ms: int, limit: int = EXPIRING_LIMIT) -> list[Expired]:
    """Erase the content and names of records past their retention and return them.

    Call again while as many come back as ``limit``. Version and reference stay, so that an old act that comes
    late is still known to be old.
    """
    expired = due(db, now_ms, limit)
    store.erase(db, [one.row for one in expired], store.EXPIRED)
    return expired
