"""The end of a record's retention: its owner is asked half a year before; at the end it is erased and the index told."""

import sqlite3
from collections.abc import Collection, Iterator
from typing import NamedTuple

from allpoints.registers import retention, store

EXPIRING_LIMIT = 1_000
"""Records expired or looked at in one go, so that no tick holds the engine for long."""


class Expired(NamedTuple):
    """A record whose retention ends: every posting of it up to ``version`` is to be discarded once it has."""

    record_id: bytes
    row: int
    register_code: int
    version: int
    owner: str
    ref: str
    expires_ms: int


class Place(NamedTuple):
    """How far a walk over an owner's records, by their ends, has come."""

    expires_ms: int = -1
    row: int = -1


BEGINNING = Place()


def owners(db: sqlite3.Connection) -> Iterator[str]:
    """Everyone who has live records here, by one look at the index for each."""
    owner = ""
    while True:
        row = db.execute(
            "SELECT min(owner) FROM state_records WHERE body IS NOT NULL AND owner > ?", (owner,)
        ).fetchone()
        if row[0] is None:
            return
        owner = row[0]
        yield owner


def ending(
    db: sqlite3.Connection,
    owner: str,
    until_ms: int,
    after: Place = BEGINNING,
    *,
    limit: int = EXPIRING_LIMIT,
    registers: Collection[int] | None = None,
) -> list[Expired]:
    """Live records of ``owner`` whose retention ends by ``until_ms``, the earliest first, beyond ``after``.

    Those of all registers, or of those with these codes.
    """
    codes = sorted(registers or ())
    among = "" if registers is None else f" AND register IN ({','.join('?' * len(codes))})"
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM state_records WHERE body IS NOT NULL AND owner=? AND expires_ms <= ?"
        f" AND (expires_ms, row) > (?,?){among} ORDER BY expires_ms, row LIMIT ?",
        (owner, until_ms, *after, *codes, limit),
    )
    return [Expired(*row) for row in rows]


def due(db: sqlite3.Connection, now_ms: int, limit: int = EXPIRING_LIMIT) -> list[Expired]:
    """Live records past their retention, owner by owner, each one's longest overdue first; changes nothing."""
    found: list[Expired] = []
    for owner in owners(db):
        found += ending(db, owner, now_ms, limit=limit - len(found))
        if len(found) >= limit:
            break
    return found


def expire(db: sqlite3.Connection, now_ms: int, limit: int = EXPIRING_LIMIT) -> list[Expired]:
    """Erase the content and names of records past their retention and return them.

    Call again while as many come back as ``limit``. Version and reference stay, so that an old act that comes
    late is still known to be old.
    """
    expired = due(db, now_ms, limit)
    store.erase(db, [one.row for one in expired], store.EXPIRED)
    db.executemany("DELETE FROM office_record_asks WHERE record_id=?", ((one.record_id,) for one in expired))
    return expired


def ask(
    db: sqlite3.Connection, owner: str, now_ms: int, after: Place, limit: int = EXPIRING_LIMIT
) -> Place | None:
    """Mark the next records about whose end ``owner`` was not asked yet; None when the walk has come to its end.

    A record is asked about once for each end that it has: a renewal gives it another.
    """
    part = ending(db, owner, now_ms + retention.NOTICE_MS, after, limit=limit)
    asked = dict(
        store.by_ids(
            db, "SELECT record_id, expires_ms FROM office_record_asks", [one.record_id for one in part]
        )
    )
    fresh = [one for one in part if asked.get(one.record_id) != one.expires_ms]
    db.executemany(
        "INSERT OR REPLACE INTO office_record_asks VALUES (?,?,?,0)",
        [(one.record_id, one.register_code, one.expires_ms) for one in fresh],
    )
    return Place(part[-1].expires_ms, part[-1].row) if len(part) >= limit else None


class Asking(NamedTuple):
    """What an owner is asked of one register: so many records of it end, the first of them then."""

    register_code: int
    records: int
    first_ms: int


def to_tell(db: sqlite3.Connection) -> list[Asking]:
    """What was marked and not told yet, by register; it is told now."""
    rows = db.execute(
        "SELECT register, count(*), min(expires_ms) FROM office_record_asks WHERE told=0 GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if rows:
        db.execute("UPDATE office_record_asks SET told=1 WHERE told=0")
    return [Asking(*row) for row in rows]


_COLUMNS = "record_id, row, register, version, owner, ref, expires_ms"
