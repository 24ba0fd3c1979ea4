"""Counting openings in an audit log, a piece at a time, so that nothing waits for it."""

import sqlite3
from collections.abc import Callable

from allpoints.ground.clock import DAY
from allpoints.ledger import audit_reading
from allpoints.ledger.audit_line import Line
from allpoints.watch.opening import Question, Tally

PIECE_LINES = 5_000


class Counting:
    """One question being answered: the lines of its days, among the first ``size`` of the log."""

    def __init__(
        self, db: sqlite3.Connection, question: Question, size: int, is_theirs: Callable[[bytes], bool]
    ) -> None:
        self.db = db
        self.id = question.id
        self.tally = Tally(question, is_theirs)
        # A clock that was set may have put lines beside their day: a day more at either end is looked through.
        self._at = audit_reading.last_before(db, (question.since - 1) * DAY, size)
        self._last = audit_reading.last_before(db, (question.until + 1) * DAY, size)

    def step(self) -> bool:
        """Count the next lines; True at the end."""
        rows = self.db.execute(
            "SELECT * FROM office_audit WHERE number > ? AND number <= ? ORDER BY number LIMIT ?",
            (self._at, self._last, PIECE_LINES),
        ).fetchall()
        self.tally.take(Line(*row) for row in rows)
        self._at += len(rows)
        return len(rows) < PIECE_LINES
