"""After a recovery: what waited under the key from before is signed anew, and who lost its keys gets all keys again.

Entries that were never handed in stand in a chain that the ledger does not go on with: the key that signed them counts no
more, and whoever had it may have written others in their place. So they are opened here and written again, in order.
"""

import sqlite3

from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry, bound, parse
from allpoints.ledger.erasing import ERASED
from allpoints.node import member_keys, membership
from allpoints.node.alerts import Alerts
from allpoints.node.audience import Audience
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox
from allpoints.node.recoveries import LINK
from allpoints.registers import exclusion_store
from allpoints.sealing import wrapping

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_returned (
    recovery BLOB PRIMARY KEY, done INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
"""

AGAIN = frozenset({ERASED, membership.WITNESS_ANNOUNCED})
"""Clear entries that say the same under another key; the others are made anew when they are due."""


class Returning:
    """A node's own return, and that of others."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        following: Following,
        outbox: Outbox,
        audience: Audience,
        alerts: Alerts,
    ) -> None:
        self.engine = engine
        self.me = me
        self.following = following
        self.outbox = outbox
        self.audience = audience
        self.alerts = alerts
        self._held_back = outbox.holds_back
        outbox.holds_back = self._holds_back
        following.on_decided.append(self._decided)

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def _decided(self, kind: str, member: str) -> None:
        found = self.following.directory.member(member)
        if kind != member_keys.RECOVERED or found is None:
            return
        recovery = found.recoveries[-1].recovery.id
        # Once: when the ledger is folded anew, this is long past.
        first = self.db.execute("INSERT OR IGNORE INTO office_returned (recovery) VALUES (?)", (recovery,))
        if not first.rowcount:
            return
        if member != self.me.name:
            self.audience.give_all_again(member)
            self.db.execute("UPDATE office_returned SET done=1 WHERE recovery=?", (recovery,))

    def _returns(self) -> bool:
        return self.db.execute("SELECT 1 FROM office_returned WHERE done=0").fetchone() is not None

    def _holds_back(self) -> bool:
        """Entries wait until the ledger knows the key that this node has, and until they were signed by it."""
        if self._held_back() or self._returns():
            return True
        latest = self.following.directory.latest(self.me.name)
        if latest is None or latest.verify_key == self.me.signing.public or self.me.is_secretariat:
            return False
        mine = (self.me.certificate.hash,)
        return self.db.execute("SELECT 1 FROM office_rotations WHERE certificate=?", mine).fetchone() is None

    def tick(self) -> None:
        """Write again what waited, once this node may write: the old key wrote nothing after the recovery."""
        if not self._returns() or self.outbox.limit(membership.RECORDS) is not None:
            return
        if self.following.directory.verify_key(self.me.name) != self.me.signing.public:
            # Told of the recovery while it still has the key from before: its administrator starts it with the new one.
            return
        waited = [parse(data) for data in self.outbox.withdraw_all()]
        self.outbox.go_on_after(ledger_store.head(self.db, self.me.name))
        self.audience.epochs.forget()
        self.db.execute("DELETE FROM office_anchored")
        written = sum(self._again(entry) for entry in waited if not self._stands(entry))
        self.db.execute("UPDATE office_returned SET done=1")
        head = f"{self.me.name} signs with its new key; {written} entries that waited were signed anew"
        self.alerts.raise_(self.engine.clock.now(), "system", head, LINK, urgent=True)

    def _stands(self, entry: Entry) -> bool:
        return ledger_store.place(self.db, entry.header.id) is not None

    def _again(self, entry: Entry) -> bool:
        kind = entry.header.kind
        if kind in AGAIN:
            self.outbox.write_clear(kind, entry.sealed)
        elif kind == membership.WIDENED:
            self.audience.widen_again(entry.header.id)
        elif (kept := self.audience.own(entry.header.id)) is not None:
            content_key, excluded, readers = kept
            body = wrapping.open_body(
                content_key, entry.sealed, bound(entry.header_bytes, entry.audience_bytes)
            )
            self.audience.give_no_more([entry.header.id])
            if readers:
                commitment = self.audience.write_to(kind, body, readers)
                exclusion_store.renamed(self.db, entry.commitment, commitment)
            else:
                self.audience.write(kind, body, excluded)
        else:
            return False
        return True
