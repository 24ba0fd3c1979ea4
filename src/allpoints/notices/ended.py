"""Whether a published notice is over for good, so that the secretariat may have its bytes erased.

The entry that withdrew or cancelled it stays: whoever comes later must not take the notice for one in force.
"""

import sqlite3
from collections.abc import Callable

from allpoints.notices import store
from allpoints.notices.notice import Published
from allpoints.notices.state import NoticeState

ENDS = frozenset({NoticeState.WITHDRAWN, NoticeState.CANCELLED})


def published_is_over(
    db: sqlite3.Connection, published: Published, until_ms: int, written_ms: Callable[[int], int]
) -> bool:
    """Whether a version of a notice, and all that followed it, ended by ``until_ms``.

    ``written_ms`` gives when the entry at a place of the ledger was written. A version that another one replaced is kept as
    long as the notice itself: it says since when that stands.
    """
    row = store.notice(db, published.notice_id)
    if row is None or published.version > row.version:
        return False
    if row.state in ENDS:
        return written_ms(row.seq) <= until_ms
    return row.state is NoticeState.EXPIRED and row.expires_ms <= until_ms


def forget_publication(db: sqlite3.Connection, published: Published) -> None:
    """Keep that this version was published, and nothing of what it said."""
    db.execute(
        "UPDATE office_published SET published=x'' WHERE notice_id=? AND version=?",
        (published.notice_id, published.version),
    )
