"""What a desk is told the moment it happens: hits, answers, messages, review work, clocks that ran out.

An alert about a register with certified readers lies apart and is told to them alone; so does one about an officer. Numbers of alerts only grow; they
are drawn by lot above the instant, so that nobody can tell from a gap that somebody else was told something.
"""

import secrets
import sqlite3
from collections.abc import Callable, Mapping

import msgspec

from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.registers import visibility
from allpoints.vocabulary.register import Vocabulary

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    link TEXT NOT NULL, urgent INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS office_alert_heads (id INTEGER PRIMARY KEY, head TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS office_closed_alerts (
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    link TEXT NOT NULL, urgent INTEGER NOT NULL, head TEXT NOT NULL, register TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS office_closed_alerts_register ON office_closed_alerts(register, id);
"""
KEPT = 1_000
"""Alerts that are kept; of each closed register as many again."""
SHOWN = 20
WATCH = "watch/"
"""Before an officer's name: alerts of the insider watch lie apart, under it, and are not told to that officer."""
LOTS = 1_000
"""Numbers that one millisecond has for alerts."""
MOMENT_LIMIT_MS = 2**42
"""A moment beyond this, which somebody else may have written, counts for no number."""

BEHIND: Mapping[str, Act] = {
    "hit": Act.LOOK_AT_HITS,
    "answer": Act.LOOK_AT_HITS,
    "overdue": Act.LOOK_AT_HITS,
    "trace": Act.TRACE,
    "message": Act.WRITE_LETTERS,
    "notice": Act.LOOK_AT_NOTICES,
    "review": Act.LOOK_AT_CASES,
    "record": Act.READ,
    "officer": Act.ADMINISTER_OFFICERS,
    "anchor": Act.READ_AUDIT,
    "emergency": Act.REVIEW_EMERGENCY,
    "watch": Act.LOOK_AT_WATCH,
}
"""What is behind an alert of each kind: it names persons, so it goes to whom its page would open."""


class Alert(msgspec.Struct, frozen=True):
    """One line of the live feed.

    ``kind`` is hit, answer, overdue, trace, message, notice, review, record, officer, anchor, emergency, watch or
    system. Who states no purpose reads its ``title`` without what it is about: no person, number or subject.
    """

    id: int
    at_ms: int
    kind: str
    title: str
    link: str
    urgent: bool


def may_hear(vocabulary: Vocabulary, asker: Asker, kind: str) -> bool:
    """Whether an officer is told of alerts of this kind; the node's own concern everyone."""
    return kind not in BEHIND or policy.could(vocabulary, asker, BEHIND[kind])


class Alerts:
    """Writes alerts and wakes whoever watches the feed."""

    def __init__(
        self,
        db: sqlite3.Connection,
        after: Callable[[Callable[[], None]], None],
        vocabulary: Vocabulary,
    ) -> None:
        self.db = db
        self.vocabulary = vocabulary
        self._after = after
        self.watchers: set[Callable[[], None]] = set()
        self.quiet = False
        """While a rebuild folds old entries again, nobody is alerted of them."""

    def raise_(
        self,
        at_ms: int,
        kind: str,
        head: str,
        link: str,
        *,
        about: str = "",
        urgent: bool = False,
        closed: str = "",
    ) -> None:
        """Tell the desk.

        ``head`` says what happened, by whom and how it stands; persons, numbers and subjects stand in ``about``,
        which is shown only for a purpose. ``closed`` names the register with certified readers that it is about.
        """
        if self.quiet:
            return
        number = self._number(at_ms)
        alert = (number, at_ms, kind, f"{head}: {about}" if about else head, link, int(urgent))
        if closed:
            self.db.execute(
                "INSERT INTO office_closed_alerts VALUES (?,?,?,?,?,?,?,?)", (*alert, head, closed)
            )
        else:
            self.db.execute("INSERT INTO office_alerts VALUES (?,?,?,?,?,?)", alert)
            self.db.execute("INSERT OR REPLACE INTO office_alert_heads VALUES (?,?)", (number, head))
        self._let_go(closed)
        self._after(self._wake)

    def _number(self, at_ms: int) -> int:
        moment = at_ms * LOTS if 0 <= at_ms < MOMENT_LIMIT_MS else 0
        return max(self.newest(), moment) + 1 + secrets.randbelow(LOTS)

    def newest(self) -> int:
        """The number of the newest alert of all, whoever may hear of it: for going on from there, not for showing."""
        (number,) = self.db.execute(
            "SELECT max((SELECT coalesce(max(id), 0) FROM office_alerts),"
            " (SELECT coalesce(max(id), 0) FROM office_closed_alerts))"
        ).fetchone()
        return int(number)

    def _let_go(self, closed: str) -> None:
        """Forget the oldest; each closed register has its own share, so that the rest says nothing of it."""
        oldest = "(SELECT id FROM {} ORDER BY id DESC LIMIT 1 OFFSET ?)"
        for table in ("office_alert_heads", "office_alerts"):
            self.db.execute(f"DELETE FROM {table} WHERE id <= {oldest.format('office_alerts')}", (KEPT,))
        kept = oldest.format("office_closed_alerts WHERE register = ?")
        self.db.execute(
            f"DELETE FROM office_closed_alerts WHERE register = ? AND id <= {kept}", (closed, closed, KEPT)
        )

    def _wake(self) -> None:
        for watcher in list(self.watchers):
            watcher()

    def told(self, asker: Asker, last_id: int, at_ms: int, limit: int = 50) -> list[Alert]:
        """What this officer may hear of beyond ``last_id``, oldest first; what is told is audited."""
        return self._disclosed(asker, last_id, f"ORDER BY id LIMIT {int(limit)}", at_ms)

    def told_last(self, asker: Asker, at_ms: int, limit: int = SHOWN) -> list[Alert]:
        """The newest that this officer may hear of, newest first; what is told is audited."""
        return self._disclosed(asker, 0, f"ORDER BY id DESC LIMIT {int(limit)}", at_ms)

    def _disclosed(self, asker: Asker, beyond: int, order: str, at_ms: int) -> list[Alert]:
        """Alerts as this asker may read them: by role and certification at all, by purpose with what they are about."""
        deaf = [kind for kind in BEHIND if not may_hear(self.vocabulary, asker, kind)]
        known = visibility.known(self.vocabulary, asker)
        certified = [name for name in visibility.certifiable(self.vocabulary) if name in known]
        certified += self._watched_others(asker)
        whole = asker.purpose in self.vocabulary.purposes
        among = f"id > ? AND kind NOT IN ({','.join('?' * len(deaf))})"
        # An alert from before heads were kept says its kind alone.
        rows = self.db.execute(
            f"SELECT id, at_ms, kind, {'title' if whole else 'coalesce(head, kind)'}, link, urgent"
            f" FROM office_alerts LEFT JOIN office_alert_heads USING (id) WHERE {among} UNION ALL"
            f" SELECT id, at_ms, kind, {'title' if whole else 'head'}, link, urgent FROM office_closed_alerts"
            f" WHERE {among} AND register IN ({','.join('?' * len(certified))}) {order}",
            (beyond, *deaf, beyond, *deaf, *certified),
        )
        found = [_alert(row) for row in rows]
        if found:
            audit.record(self.db, "alert:listed", asker, at_ms, alerts=[one.id for one in found])
        return found

    def _watched_others(self, asker: Asker) -> list[str]:
        """Under which names alerts of the insider watch lie for who looks after it, but for the own one."""
        if not may_hear(self.vocabulary, asker, "watch"):
            return []
        rows = self.db.execute(
            "SELECT DISTINCT register FROM office_closed_alerts WHERE kind = 'watch' AND register <> ?",
            (f"{WATCH}{asker.officer}",),
        )
        return [name for (name,) in rows]

    def recent(self, limit: int = SHOWN) -> list[Alert]:
        """Newest first, without what is about closed registers."""
        rows = self.db.execute(
            "SELECT id, at_ms, kind, title, link, urgent FROM office_alerts ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [_alert(row) for row in rows]


def _alert(row: tuple[int, int, str, str, str, int]) -> Alert:
    number, at_ms, kind, title, link, urgent = row
    return Alert(number, at_ms, kind, title, link, bool(urgent))
