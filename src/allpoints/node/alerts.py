"""What a desk is told the moment it happens: hits, answers, messages, review work, clocks that ran out."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence

import msgspec

from allpoints.identity.officers import Asker
from allpoints.ledger import audit

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    link TEXT NOT NULL, urgent INTEGER NOT NULL);
"""
KEPT = 1_000

ALERT_ROLES: Mapping[str, frozenset[str]] = {
    "hit": frozenset({"border", "desk", "command"}),
    "answer": frozenset({"border", "desk", "command"}),
    "overdue": frozenset({"border", "desk", "command"}),
    "trace": frozenset({"desk", "command"}),
    "message": frozenset({"desk", "reviewer", "command"}),
    "notice": frozenset({"desk", "reviewer", "command"}),
    "review": frozenset({"reviewer", "command"}),
    "record": frozenset({"desk", "command"}),
}
"""Who is told of which kind: an alert names persons, so it goes to whom its page would open."""


class Alert(msgspec.Struct, frozen=True):
    """One line of the live feed.

    ``kind`` is hit, answer, overdue, trace, message, notice, review, record or system.
    """

    id: int
    at_ms: int
    kind: str
    title: str
    link: str
    urgent: bool


def may_hear(kind: str, roles: frozenset[str]) -> bool:
    """Whether an officer with these roles is told of alerts of this kind; the node's own concern everyone."""
    return kind not in ALERT_ROLES or not ALERT_ROLES[kind].isdisjoint(roles)


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

    def told(self, asker: Asker, last_id: int, at_ms: int, limit: int = 50) -> list[Alert]:
        """What this officer may hear of beyond ``last_id``, oldest first; what is told is audited."""
        closed = [kind for kind in ALERT_ROLES if not may_hear(kind, asker.roles)]
        rows = self.db.execute(
            "SELECT id, at_ms, kind, title, link, urgent FROM office_alerts WHERE id > ?"
            f" AND kind NOT IN ({','.join('?' * len(closed))}) ORDER BY id LIMIT ?",
            (last_id, *closed, limit),
        )
        found = [_alert(row) for row in rows]
        self.disclose(asker, found, at_ms)
        return found

    def disclose(self, asker: Asker, shown: Sequence[Alert], at_ms: int) -> None:
        """Write down that an officer was shown these alerts, if there were any."""
        if shown:
            audit.record(self.db, "alert:listed", asker, at_ms, alerts=[one.id for one in shown])

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
