"""How old a node's view of the network is, also after it was off, and what may no longer be done on an old one."""

import sqlite3

from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ground.refusal import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_view (one INTEGER PRIMARY KEY CHECK (one = 1), complete_ms INTEGER NOT NULL);
"""


def keep(db: sqlite3.Connection, now_ms: int, kept_ms: int, *, whole: bool) -> int:
    """Keep when everything was known, to the minute; gives when it was kept last."""
    if not whole or 0 <= now_ms - kept_ms < MINUTE:
        return kept_ms
    db.execute("INSERT OR REPLACE INTO office_view VALUES (1,?)", (now_ms,))
    return now_ms


def kept(db: sqlite3.Connection) -> int:
    """When everything was known, as far as it was kept; 0 if never."""
    row = db.execute("SELECT complete_ms FROM office_view").fetchone()
    return int(row[0]) if row else 0


def require(complete_ms: int, now_ms: int, limit_ms: int) -> None:
    """Refuse an act on a view that is older than ``limit_ms`` (VIEW-TOO-OLD).

    Whoever keeps the newest entries from a node must not have it go on trusting whom others no longer trust. A node
    that never followed has no view that could be old.
    """
    age_ms = now_ms - complete_ms
    if complete_ms and age_ms > limit_ms:
        raise Refusal(
            "VIEW-TOO-OLD",
            f"This node has not known the whole ledger for {age_ms // HOUR} hours: it answers, and publishes nothing.",
            hint="Bring the line to the relay up again.",
            status=503,
        )
