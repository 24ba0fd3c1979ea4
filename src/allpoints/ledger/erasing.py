"""Erasing entries on their owner's order, while the tree, the chains and all proofs stay whole.

An order is a clear entry that names earlier entries of its own author, each by id and commitment. Whoever applies it
keeps the stub and overwrites the bytes; it stays in the ledger for good. Whoever follows later is sent the stub and
believes that the owner wanted it only when the order arrives: until then the place is *unordered*, and a node with an
unordered place does not call itself complete.

Only sealed entries can be erased. Clear ones say who belongs to the network: without them nothing could be verified.
"""

import sqlite3
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.ledger import store
from allpoints.ledger.entry import Entry
from allpoints.ledger.facts import HASH_BYTES, ID_BYTES, SEALED
from allpoints.ledger.stub import Stub, read, stub_of
from allpoints.sealing import cbor

ERASED = "entries.erased"
ORDER_LIMIT = 1_000
"""Entries that one order names."""
BODY_LIMIT_BYTES = ORDER_LIMIT * 64 + 16

Find = Callable[[bytes], Stub | None]
"""``find(id)``: the facts of the earlier entry with this id, or None."""


class Named(NamedTuple):
    """An entry that an order names."""

    id: bytes
    commitment: bytes


def order_body(named: Sequence[Named]) -> bytes:
    """The body of an order, sorted by id."""
    return cbor.encode([[one.id, one.commitment] for one in sorted(named)])


def read_order(entry: Entry) -> tuple[Named, ...]:
    """What an order names; empty for an entry of another kind. Raises Refusal ERASE-FORMAT."""
    if entry.header.kind != ERASED:
        return ()
    pairs = cbor.decode(entry.sealed, BODY_LIMIT_BYTES)
    if type(pairs) is not list or not 1 <= len(pairs) <= ORDER_LIMIT:
        raise _unreadable(f"An order is clear and names 1 to {ORDER_LIMIT} entries.")
    for pair in pairs:
        if type(pair) is not list or [type(part) for part in pair] != [bytes, bytes]:
            raise _unreadable("An order names each entry by id and commitment.")
        if (len(pair[0]), len(pair[1])) != (ID_BYTES, HASH_BYTES):
            raise _unreadable("An id or a commitment does not have its one length.")
    named = tuple(Named(*pair) for pair in pairs)
    if any(left.id >= right.id for left, right in pairwise(named)):
        raise _unreadable("An order is sorted by id, and names nothing twice.")
    return named


def check_order(entry: Entry, find: Find) -> tuple[Named, ...]:
    """What an order names, all of it earlier sealed entries of its own author; empty for another kind.

    Raises Refusal ERASE-FORMAT, ERASE-UNKNOWN, ERASE-NOT-YOURS or ERASE-CLEAR.
    """
    named = read_order(entry)
    for place, one in enumerate(named):
        path = f"order[{place}]"
        stub = find(one.id)
        if stub is None or stub.commitment != one.commitment:
            raise Refusal("ERASE-UNKNOWN", "No earlier entry is the one that this order names.", path=path)
        if stub.author != entry.header.author:
            raise Refusal(
                "ERASE-NOT-YOURS", "An author erases only entries of its own.", path=path, status=403
            )
        if stub.sealing != SEALED:
            raise Refusal(
                "ERASE-CLEAR", "A clear entry stays: others cannot be verified without it.", path=path
            )
    return named


def held(db: sqlite3.Connection, entry_id: bytes) -> Stub | None:
    """The facts of an entry that is held, erased or not."""
    data = store.bytes_of(db, entry_id)
    return None if data is None else stub_of(read(data))


def carry_out(db: sqlite3.Connection, named: Sequence[Named]) -> None:
    """Overwrite the bytes of what a checked order names; what is erased already stays so."""
    for one in named:
        stub = held(db, one.id)
        if stub is not None:
            store.erase(db, stub)


def _unreadable(sentence: str) -> Refusal:
    return Refusal("ERASE-FORMAT", sentence, path="order", status=400)
