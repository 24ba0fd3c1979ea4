"""For whom a node seals: every active member and the secretariat, less those whom the owner excludes."""

import sqlite3
from collections.abc import Sequence

from allpoints.identity.directory import Directory
from allpoints.identity.keys import ReceptionPublic
from allpoints.ledger.entry import Entry
from allpoints.ledger.erasing import read_order
from allpoints.ledger.stub import Item
from allpoints.node import epochs, frames, membership
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.epochs import Epoch, Epochs
from allpoints.node.following import Following, Widening
from allpoints.node.outbox import Outbox, Seal

WIDEN_AT_ONCE = 20_000
"""Content keys in one widening entry: 48 bytes each, below the entry's limit."""

SCHEMA = (
    epochs.SCHEMA
    + """
CREATE TABLE IF NOT EXISTS office_own_entries (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, content_key BLOB NOT NULL, excluded TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS office_left (member TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
"""
)


class Audience:
    """Seals this node's entries, and gives whoever comes, or comes back, the keys of what it missed."""

    def __init__(self, engine: Engine, me: Credentials, following: Following, outbox: Outbox) -> None:
        self.engine = engine
        self.me = me
        self.following = following
        self.outbox = outbox
        self.epochs = Epochs(me, outbox)
        following.on_own = self._own

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    @property
    def directory(self) -> Directory:
        return self.following.directory

    def readers(self) -> dict[str, ReceptionPublic]:
        """Whom this node may seal for now, with their reception keys: itself always among them."""
        now = self.engine.clock.now()
        chosen = {self.me.name: self.me.reception.public}
        for name in (member.code for member in self.directory.members()):
            certificate = self.directory.certificate(name)
            # A newcomer whose clock is ahead of this one was admitted all the same, and is not widened twice.
            if certificate is not None and self.directory.is_active(
                name, max(now, certificate.not_before_ms)
            ):
                chosen[name] = certificate.reception_key
        chosen[self.me.secretariat.subject] = self.me.secretariat.reception_key
        return chosen

    def write(self, kind: str, body: bytes, excluded: Sequence[str] = ()) -> bytes:
        """Write one entry sealed for everybody but the excluded, who are not given its key later either."""
        epoch = self._settled()
        slots = [slot for name, slot in epoch.slots.items() if name not in excluded or name == self.me.name]
        written = self.outbox.write(kind, body, Seal(epoch.id, epoch.secret, slots))
        self.db.execute(
            "INSERT INTO office_own_entries (id, content_key, excluded) VALUES (?,?,?)",
            (written.id, written.content_key, ",".join(excluded)),
        )
        return written.id

    def _own(self, item: Item) -> None:
        if self.outbox.catch_up(item):
            self.epochs.forget()
        if isinstance(item, Entry):
            # Nobody is given the key of what is erased any more.
            erased = [(one.id,) for one in read_order(item)]
            self.db.executemany("DELETE FROM office_own_entries WHERE id=?", erased)

    def sealed_after(self, number: int, limit: int) -> list[tuple[int, bytes, bytes]]:
        """Own sealed entries in the order they were written: number, identifier, content key."""
        return self.db.execute(
            "SELECT number, id, content_key FROM office_own_entries WHERE number > ? ORDER BY number LIMIT ?",
            (number, limit),
        ).fetchall()

    def tick(self) -> None:
        """Give those who have come since this node last sealed something what they missed."""
        seated = self.epochs.seated()
        if not seated or self.outbox.limit(membership.WIDENED) is not None:
            return
        if self.readers().keys() - seated or seated & self._behind().keys():
            self._settled()

    def _settled(self) -> Epoch:
        """The epoch to seal in, once all who came have what they missed."""
        settled = self.epochs.settle(self.readers(), self.engine.clock.now())
        (last,) = self.db.execute("SELECT coalesce(max(number), 0) FROM office_own_entries").fetchone()
        missing = [(name, last) for name in settled.left]
        if last:
            missing += [(name, 0) for name in settled.joined]
        self.db.executemany("INSERT OR IGNORE INTO office_left VALUES (?,?)", missing)
        # A measure that still lets this node end a notice does not let it give keys of records: they follow later.
        if self.outbox.limit(membership.WIDENED) is None:
            for name, number in self._behind().items():
                if name in settled.epoch.slots:
                    self._widen(name, number, settled.epoch)
        return settled.epoch

    def _behind(self) -> dict[str, int]:
        """Who missed own entries of this node, and after which number."""
        return dict(self.db.execute("SELECT member, number FROM office_left ORDER BY member").fetchall())

    def _widen(self, name: str, number: int, epoch: Epoch) -> None:
        """Write the content keys of this node's own entries that ``name`` missed, sealed for it alone."""
        self.db.execute("DELETE FROM office_left WHERE member=?", (name,))
        keys = self._missed(name, number)
        for start in range(0, len(keys), WIDEN_AT_ONCE):
            body = frames.pack(Widening(keys[start : start + WIDEN_AT_ONCE]))
            # These keys are for this member alone: another one gets its own, without what excludes it.
            self.outbox.write(membership.WIDENED, body, Seal(epoch.id, epoch.secret, [epoch.slots[name]]))

    def _missed(self, name: str, number: int) -> list[tuple[bytes, bytes]]:
        """Identifier and content key of each own entry after a number that does not exclude ``name``, in order."""
        rows = self.db.execute(
            "SELECT id, content_key, excluded FROM office_own_entries WHERE number>? ORDER BY number",
            (number,),
        )
        return [(one, key) for one, key, excluded in rows if name not in excluded.split(",")]
