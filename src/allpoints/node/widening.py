"""What an owner gives a member that comes, or comes back, of entries that it missed."""

import sqlite3
from typing import NamedTuple

import msgspec

from allpoints.ledger import store
from allpoints.ledger.entry import Entry
from allpoints.ledger.stub import read


class Older(NamedTuple):
    """An entry from before a member came, with the key of its body, or else with what it is given of that body."""

    seq: int
    entry: Entry
    content_key: bytes
    rest: bytes


class Widening(msgspec.Struct, frozen=True, omit_defaults=True):
    """Content keys of entries; and of one that also says what is kept from this member, the body without that.

    Both by the identifier of the entry.
    """

    keys: list[tuple[bytes, bytes]]
    rests: list[tuple[bytes, bytes]] = []

    def older(self, db: sqlite3.Connection) -> list[Older]:
        """The entries that are held and were not erased, in the ledger's order."""
        given = {entry_id: (key, b"") for entry_id, key in self.keys}
        given |= {entry_id: (b"", rest) for entry_id, rest in self.rests}
        found = []
        for entry_id, (key, rest) in given.items():
            place = store.place(db, entry_id)
            if place is None:
                continue
            item = read(store.encoded(db, place[0], place[0])[0])
            if isinstance(item, Entry):
                found.append(Older(place[0], item, key, rest))
        return sorted(found, key=lambda older: older.seq)
