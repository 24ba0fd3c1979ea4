"""What ends by time: five years without renewal, and the word to the owner half a year before."""

import sqlite3

import msgspec

from allpoints.ground.clock import DAY
from allpoints.notices import store
from allpoints.notices.folding import Ended
from allpoints.notices.state import NoticeState
from allpoints.notices.store import NoticeRow

WARNING_MS = 183 * DAY
"""Six months ahead the owner is asked whether the need persists (domain reference 1.7)."""

ERASE_AFTER_MS = 2 * DAY
"""An expired notice is hidden at once; its text goes later than clocks differ, or an update published in time but
folded late would find its earlier versions on some nodes and not on others."""

BATCH_LIMIT = 1_000
_RUNNING = "state IN ('published', 'updated', 'suspended')"


def expire(db: sqlite3.Connection, now_ms: int) -> list[Ended]:
    """End every notice whose time is over, at most BATCH_LIMIT in one call, the longest over first."""
    ended = []
    for row in store.notices(
        db,
        f"WHERE {_RUNNING} AND expires_ms<=? ORDER BY expires_ms, notice_id LIMIT ?",
        (now_ms, BATCH_LIMIT),
    ):
        store.keep_notice(db, msgspec.structs.replace(row, state=NoticeState.EXPIRED))
        ended.append(Ended(row.notice_id, row.record_id, row.owner, row.version, NoticeState.EXPIRED))
    over = (now_ms - ERASE_AFTER_MS, BATCH_LIMIT)
    for row in store.notices(db, "WHERE state='expired' AND body<>x'' AND expires_ms<=? LIMIT ?", over):
        store.erase_person(db, row.notice_id)
    return ended


def ending_soon(db: sqlite3.Connection, owner: str, now_ms: int) -> list[NoticeRow]:
    """The owner's notices that end within six months, the next to end first."""
    return store.notices(
        db,
        f"WHERE {_RUNNING} AND owner=? AND expires_ms>? AND expires_ms<=? ORDER BY expires_ms, notice_id LIMIT ?",
        (owner, now_ms, now_ms + WARNING_MS, BATCH_LIMIT),
    )


def next_end_ms(db: sqlite3.Connection) -> int | None:
    """When the next notice ends; None when none is running."""
    row = db.execute(f"SELECT min(expires_ms) FROM state_notices WHERE {_RUNNING}").fetchone()
    return None if row[0] is None else int(row[0])
