"""What a bureau told its post of the hits that the post's checks raised."""

import sqlite3

from allpoints.ground.clock import Clock
from allpoints.node import frames
from allpoints.node.alerts import Alerts

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_post_outcomes (
    hit_id TEXT PRIMARY KEY, check_id TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL) WITHOUT ROWID;
"""


class PostOutcomes:
    """The outcomes that a post keeps."""

    def __init__(self, db: sqlite3.Connection, alerts: Alerts, clock: Clock) -> None:
        self.db = db
        self._alerts = alerts
        self._clock = clock

    def take(self, frame: frames.Outcome) -> None:
        """Keep what the bureau said of a hit, unless it was decided before."""
        held = self.db.execute(
            "SELECT state FROM office_post_outcomes WHERE hit_id=?", (frame.hit,)
        ).fetchone()
        if held is not None and held[0] in {frame.state, "confirmed", "refuted"}:
            return
        self.db.execute(
            "INSERT OR REPLACE INTO office_post_outcomes VALUES (?,?,?,?,?)",
            (frame.hit, frame.check, frame.state, frame.reason, frame.at_ms),
        )
        about = frame.reason or "owner told"
        self._alerts.raise_(self._clock.now(), "answer", f"Hit {frame.state}", "/en/border", about=about)

    def of(self, check: str) -> tuple[str, str] | None:
        """State and reason of the hit of a check, as far as the bureau has told."""
        told: tuple[str, str] | None = self.db.execute(
            "SELECT state, reason FROM office_post_outcomes WHERE check_id=? ORDER BY at_ms DESC", (check,)
        ).fetchone()
        return told
