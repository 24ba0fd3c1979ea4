"""For whom a node seals: every active member and the secretariat, less those whom the owner excludes."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from allpoints.identity.directory import Directory
from allpoints.identity.keys import ReceptionPublic
from allpoints.ledger.entry import Entry
from allpoints.ledger.erasing import read_order
from allpoints.ledger.stub import Item
from allpoints.node import epochs, frames, hiding, membership
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.epochs import Epoch, Epochs
from allpoints.node.following import Following
from allpoints.node.hiding import Missed
from allpoints.node.outbox import Outbox, Seal, Written
from allpoints.node.widening import Widening

WIDEN_AT_ONCE = 20_000
"""Content keys in one widening entry: 48 bytes each, below the entry's limit."""

RESTS_LIMIT_BYTES = 3_400_000
"""Rests of entries in one widening entry: one that alone is larger has one of its own, as large as the entry was."""

ALL = 2**62
"""Every entry so far."""

SCHEMA = (
    epochs.SCHEMA
    + """
CREATE TABLE IF NOT EXISTS office_own_entries (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, content_key BLOB NOT NULL, excluded TEXT NOT NULL,
    readers TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS office_own_widenings (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, content_key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS office_left (member TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_widened (
    id BLOB PRIMARY KEY, member TEXT NOT NULL, number INTEGER NOT NULL) WITHOUT ROWID;
"""
)


class Origin(NamedTuple):
    """The number of an own entry, and the members that it left out."""

    number: int
    excluded: frozenset[str]

    def was_given_to(self, member: str, reached: int) -> bool:
        """Whether a member that was reached so far (0: not at all) was given the key of it."""
        return 0 < reached >= self.number and member not in self.excluded


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
            if certificate is not None and self.directory.may_act(name, now):
                chosen[name] = certificate.reception_key
        centre = self.directory.certificate(self.me.secretariat.subject)
        if centre is not None:
            chosen[centre.subject] = centre.reception_key
        return chosen

    def write(self, kind: str, body: bytes, excluded: Sequence[str] = ()) -> bytes:
        """Write one entry sealed for everybody but the excluded, who are not given its key later either."""
        epoch = self._settled()
        slots = [slot for name, slot in epoch.slots.items() if name not in excluded or name == self.me.name]
        written = self.outbox.write(kind, body, Seal(epoch.id, epoch.secret, slots))
        self._remember(written, excluded=excluded)
        return written.id

    def write_to(self, kind: str, body: bytes, readers: Collection[str]) -> bytes:
        """Write one entry sealed for these members alone, and give its commitment.

        Who of them has no seat at present is given its key with what else it missed, once it has one.
        """
        epoch = self._settled()
        slots = [slot for name, slot in epoch.slots.items() if name in readers]
        written = self.outbox.write(kind, body, Seal(epoch.id, epoch.secret, slots))
        self._remember(written, readers=sorted(readers))
        return written.commitment

    def _remember(
        self, written: Written, *, excluded: Sequence[str] = (), readers: Sequence[str] = ()
    ) -> None:
        self.db.execute(
            "INSERT INTO office_own_entries (id, content_key, excluded, readers) VALUES (?,?,?,?)",
            (written.id, written.content_key, ",".join(excluded), ",".join(readers)),
        )

    def reached(self) -> dict[str, int]:
        """Up to which of this node's own entries each member was given keys; who is not named was given none yet.

        Who came since this node last sealed something is given what it may have before the next entry, and no more.
        """
        return dict.fromkeys(self.epochs.seated(), ALL) | self._behind()

    def origin(self, entry_id: bytes) -> Origin:
        """When an own entry was written and whom it left out; one that was erased since counts as the first, for all."""
        row = self.db.execute(
            "SELECT number, excluded FROM office_own_entries WHERE id=?", (entry_id,)
        ).fetchone()
        return Origin(row[0], frozenset(row[1].split(","))) if row is not None else Origin(0, frozenset())

    def _own(self, item: Item) -> None:
        if self.outbox.catch_up(item):
            self.epochs.forget()
        if isinstance(item, Entry):
            self.db.execute("DELETE FROM office_widened WHERE id=?", (item.header.id,))
            erased = [one.id for one in read_order(item)]
            self.give_no_more(erased)
            self.db.executemany("DELETE FROM office_own_widenings WHERE id=?", [(one,) for one in erased])

    def give_all_again(self, member: str) -> None:
        """Give a member that lost its keys those of everything that it may read, in its next epoch."""
        if self.db.execute("SELECT 1 FROM office_own_entries").fetchone() is not None:
            self.db.execute("INSERT OR REPLACE INTO office_left VALUES (?,0)", (member,))

    def widen_again(self, entry_id: bytes) -> None:
        """What a widening that was never handed in gave to its member is given again."""
        row = self.db.execute("SELECT member, number FROM office_widened WHERE id=?", (entry_id,)).fetchone()
        if row is not None:
            self.db.execute("DELETE FROM office_widened WHERE id=?", (entry_id,))
            self.db.execute("INSERT OR IGNORE INTO office_left VALUES (?,?)", row)

    def own(self, entry_id: bytes) -> tuple[bytes, list[str], list[str]] | None:
        """The content key of an own sealed entry, whom it excludes, and for whom alone it is, if it is for some alone."""
        row = self.db.execute(
            "SELECT content_key, excluded, readers FROM office_own_entries WHERE id=?", (entry_id,)
        ).fetchone()
        return (row[0], *(one.split(",") if one else [] for one in row[1:])) if row else None

    def sealed_after(self, number: int, limit: int) -> list[tuple[int, bytes, bytes]]:
        """Own sealed entries in the order they were written: number, identifier, content key."""
        return self.db.execute(
            "SELECT number, id, content_key FROM office_own_entries WHERE number > ? ORDER BY number LIMIT ?",
            (number, limit),
        ).fetchall()

    def widenings_after(self, number: int, limit: int) -> list[tuple[int, bytes, bytes]]:
        """The same of the entries by which this node gave others the keys of what they missed."""
        return self.db.execute(
            "SELECT number, id, content_key FROM office_own_widenings WHERE number > ? ORDER BY number LIMIT ?",
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
        """Write what ``name`` missed of this node's own entries, sealed for it alone: another one is given its own."""
        self.db.execute("DELETE FROM office_left WHERE member=?", (name,))
        given = hiding.given(self.db, self.outbox, name, self._missed(name, number))
        if given.waits is not None:
            self.db.execute("INSERT INTO office_left VALUES (?,?)", (name, given.waits - 1))
        for start in range(0, len(given.keys), WIDEN_AT_ONCE):
            self._write_widening(Widening(given.keys[start : start + WIDEN_AT_ONCE]), epoch, name, number)
        rests = given.rests
        while rests:
            count = frames.sized([len(rest) for _, rest in rests], RESTS_LIMIT_BYTES)
            self._write_widening(Widening([], rests[:count]), epoch, name, number)
            rests = rests[count:]

    def _write_widening(self, body: Widening, epoch: Epoch, name: str, number: int) -> None:
        seal = Seal(epoch.id, epoch.secret, [epoch.slots[name]])
        written = self.outbox.write(membership.WIDENED, frames.pack(body), seal)
        self.db.execute("INSERT INTO office_widened VALUES (?,?,?)", (written.id, name, number))
        self.db.execute(
            "INSERT INTO office_own_widenings (id, content_key) VALUES (?,?)",
            (written.id, written.content_key),
        )

    def _missed(self, name: str, number: int) -> list[Missed]:
        """Each own entry after a number that was for ``name`` too, in order."""
        rows = self.db.execute(
            "SELECT number, id, content_key, excluded, readers FROM office_own_entries WHERE number>?"
            " ORDER BY number",
            (number,),
        )
        return [
            Missed(*row[:3])
            for *row, excluded, readers in rows
            if name not in excluded.split(",") and (not readers or name in readers.split(","))
        ]

    def give_no_more(self, entries: Iterable[bytes]) -> None:
        """Nobody who comes later is given the keys of these own entries."""
        self.db.executemany("DELETE FROM office_own_entries WHERE id=?", ((one,) for one in entries))
