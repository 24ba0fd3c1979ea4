"""The epochs of this node's own audience tree: who sits where, and when all keys are made anew.

A seat's number is known to the owner alone, so it need not mean the same at two nodes or in two epochs. A new epoch begins
with a new month, when somebody who holds keys of this one may not read any more, and when somebody's reception key is
another one. Who only comes to it is given a free seat: nothing was ever sealed for a seat while it was empty.
"""

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from allpoints.ground.clock import day_of
from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import ReceptionPublic
from allpoints.node import membership
from allpoints.node.credentials import Credentials
from allpoints.node.outbox import Outbox
from allpoints.sealing import audience_tree, epoch

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_epoch (
    one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL, secret BLOB NOT NULL, month TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS office_seats (
    member TEXT PRIMARY KEY, slot INTEGER NOT NULL UNIQUE, key_id BLOB NOT NULL) WITHOUT ROWID;
"""

Readers = Mapping[str, ReceptionPublic]


class Epoch(NamedTuple):
    """One epoch as its owner knows it: its tree, and the slot of each member that holds keys of it."""

    id: bytes
    secret: bytes
    slots: Mapping[str, int]


class Settled(NamedTuple):
    """The epoch to seal in now, and who came to hold keys, or ceased to, since the last time."""

    epoch: Epoch
    joined: tuple[str, ...]
    left: tuple[str, ...]


class Epochs:
    """Opens epochs and gives their keys out, when something is to be sealed and not before."""

    def __init__(self, me: Credentials, outbox: Outbox) -> None:
        self.me = me
        self.outbox = outbox

    @property
    def db(self) -> sqlite3.Connection:
        return self.outbox.db

    def seated(self) -> set[str]:
        """Who holds keys of the present epoch; nobody before this node first sealed anything."""
        return {member for (member,) in self.db.execute("SELECT member FROM office_seats")}

    def forget(self) -> None:
        """Seal nothing more in this epoch: seats may have been given of which this node does not know."""
        self.db.execute("DELETE FROM office_epoch")

    def settle(self, readers: Readers, now_ms: int) -> Settled:
        """The epoch in which exactly these can be sealed for, written to the ledger as far as it is news."""
        if len(readers) > audience_tree.SLOTS:
            raise Refusal(
                "AUDIENCE-FULL", f"A node seals for at most {audience_tree.SLOTS} members.", status=503
            )
        month = f"{day_of(now_ms):%Y-%m}"
        row = self.db.execute("SELECT id, secret, month FROM office_epoch").fetchone()
        seats = self.db.execute("SELECT member, slot, key_id FROM office_seats").fetchall()
        slots = {member: slot for member, slot, _ in seats}
        joined = tuple(sorted(readers.keys() - slots.keys()))
        left = tuple(sorted(slots.keys() - readers.keys()))
        same_keys = all(name in readers and readers[name].key_id == key_id for name, _, key_id in seats)
        first_free = max(slots.values(), default=-1) + 1
        if row is None or row[2] != month or not same_keys or first_free + len(joined) > audience_tree.SLOTS:
            return Settled(self._open(readers, month), joined, left)
        identifier, secret, _ = row
        fresh = {name: first_free + place for place, name in enumerate(joined)}
        if fresh:
            self._seat(identifier, secret, fresh, readers)
        return Settled(Epoch(identifier, secret, slots | fresh), joined, left)

    def _open(self, readers: Readers, month: str) -> Epoch:
        identifier, secret = epoch.new_epoch()
        self.db.execute("INSERT OR REPLACE INTO office_epoch VALUES (1,?,?,?)", (identifier, secret, month))
        self.db.execute("DELETE FROM office_seats")
        slots = {name: slot for slot, name in enumerate(sorted(readers))}
        self._seat(identifier, secret, slots, readers)
        return Epoch(identifier, secret, slots)

    def _seat(self, identifier: bytes, secret: bytes, slots: Mapping[str, int], readers: Readers) -> None:
        self.db.executemany(
            "INSERT INTO office_seats VALUES (?,?,?)",
            [(name, slot, readers[name].key_id) for name, slot in slots.items()],
        )
        seats = {name: epoch.Seat(slot, readers[name]) for name, slot in slots.items()}
        self.outbox.write_clear(membership.EPOCH, epoch.seal_packets(self.me.name, identifier, secret, seats))
