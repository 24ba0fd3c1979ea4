"""What a desk is told the moment it happens: hits, answers, messages, review work, clocks that ran out."""

import sqlite3
from collections.abc import Callable

import msgspec

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    link TEXT NOT NULL, urgent INTEGER NOT NULL);
"""
KEPT = 1_000


class Alert(msgspec.Struct, frozen=True):
    """One line of the live feed; ``kind`` is hit, answer, overdue, message, notice, review or system."""

    id: int
    at_ms: int
    kind: str
    title: str
    link: str
    urgent: bool


class Alerts:
    """Writes alerts and wakes whoever watches the feed."""

    def __init__(self, db: sqlite3.Connection, after: Callable[[Callable[[], None]], None]) -> None:
        self.db = db
        self._after = after
        self.watchers: set[Callable[[], None]] = set()
        self.quiet = False
        """While a rebuild folds old entries again, nobody is alerted of them."""

    def raise_(self, at_ms: int, kind: str, title: str, link: str, *, urgent: bool = False) -> None:
        if self.quiet:
            return
        last = self.db.execute(
            "INSERT INTO office_alerts (at_ms, kind, title, link, urgent) VALUES (?,?,?,?,?)",
            (at_ms, kind, title, link, int(urgent)),
        ).lastrowid
        self.db.execute("DELETE FROM office_alerts WHERE id <= ?", ((last or 0) - KEPT,))
        self._after(self._wake)

    def _wake(self) -> None:
        for watcher in list(self.watchers):
            watcher()

    def since(self, last_id: int, limit: int = 50) -> list[Alert]:
        """Oldest first, beyond ``last_id``."""
        rows = self.db.execute(
            "SELECT id, at_ms, kind, title, link, urgent FROM office_alerts WHERE id > ? ORDER BY id LIMIT ?",
            (last_id, limit),
        )
        return [_alert(row) for row in rows]

    def recent(self, limit: int = 20) -> list[Alert]:
        """Newest first."""
        rows = self.db.execute(
            "SELECT id, at_ms, kind, title, link, urgent FROM office_alerts ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [_alert(row) for row in rows]


def _alert(row: tuple[int, int, str, str, str, int]) -> Alert:
    number, at_ms, kind, title, link, urgent = row
    return Alert(number, at_ms, kind, title, link, bool(urgent))
