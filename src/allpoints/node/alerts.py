"""What a desk is told the moment it happens: hits, answers, messages, review work, clocks that ran out."""

import sqlite3
from collections.abc import Callable, Container, Mapping

import msgspec

from allpoints.identity.officers import Asker
from allpoints.ledger import audit

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    link TEXT NOT NULL, urgent INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS office_alert_heads (id INTEGER PRIMARY KEY, head TEXT NOT NULL);
"""
KEPT = 1_000
SHOWN = 20

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

    ``kind`` is hit, answer, overdue, trace, message, notice, review, record or system. Who states no purpose reads
    its ``title`` without what it is about: no person, number or subject.
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

    def __init__(
        self,
        db: sqlite3.Connection,
        after: Callable[[Callable[[], None]], None],
        purposes: Container[str],
    ) -> None:
        self.db = db
        self.purposes = purposes
        self._after = after
        self.watchers: set[Callable[[], None]] = set()
        self.quiet = False
        """While a rebuild folds old entries again, nobody is alerted of them."""

    def raise_(
        self, at_ms: int, kind: str, head: str, link: str, *, about: str = "", urgent: bool = False
    ) -> None:
        """Tell the desk.

        ``head`` says what happened, by whom and how it stands; persons, numbers and subjects stand in ``about``,
        which is shown only for a purpose.
        """
        if self.quiet:
            return
        title = f"{head}: {about}" if about else head
        last = self.db.execute(
            "INSERT INTO office_alerts (at_ms, kind, title, link, urgent) VALUES (?,?,?,?,?)",
            (at_ms, kind, title, link, int(urgent)),
        ).lastrowid
        self.db.execute("INSERT OR REPLACE INTO office_alert_heads VALUES (?,?)", (last, head))
        for table in ("office_alerts", "office_alert_heads"):
            self.db.execute(f"DELETE FROM {table} WHERE id <= ?", ((last or 0) - KEPT,))
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
        return self._disclosed(asker, "id > ? ORDER BY id LIMIT ?", (last_id, limit), at_ms)

    def told_last(self, asker: Asker, at_ms: int, limit: int = SHOWN) -> list[Alert]:
        """The newest that this officer may hear of, newest first; what is told is audited."""
        return self._disclosed(asker, "id > 0 ORDER BY id DESC LIMIT ?", (limit,), at_ms)

    def _disclosed(self, asker: Asker, which: str, given: tuple[int, ...], at_ms: int) -> list[Alert]:
        """Alerts as this asker may read them: by role at all, by purpose with what they are about."""
        closed = [kind for kind in ALERT_ROLES if not may_hear(kind, asker.roles)]
        # An alert from before heads were kept says its kind alone.
        title = "title" if asker.purpose in self.purposes else "coalesce(head, kind)"
        rows = self.db.execute(
            f"SELECT id, at_ms, kind, {title}, link, urgent FROM office_alerts LEFT JOIN office_alert_heads"
            f" USING (id) WHERE kind NOT IN ({','.join('?' * len(closed))}) AND {which}",
            (*closed, *given),
        )
        found = [_alert(row) for row in rows]
        if found:
            audit.record(self.db, "alert:listed", asker, at_ms, alerts=[one.id for one in found])
        return found

    def recent(self, limit: int = SHOWN) -> list[Alert]:
        """Newest first."""
        rows = self.db.execute(
            "SELECT id, at_ms, kind, title, link, urgent FROM office_alerts ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [_alert(row) for row in rows]


def _alert(row: tuple[int, int, str, str, str, int]) -> Alert:
    number, at_ms, kind, title, link, urgent = row
    return Alert(number, at_ms, kind, title, link, bool(urgent))
