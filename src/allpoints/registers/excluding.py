"""Shutting a member out of a record that it could read: what its owner says, and what whoever is shut out deletes.

What an order does depends on the ledger alone, and is the same whether it comes before or after what it is about.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from allpoints.registers import blocks, exclusion_store, link, store
from allpoints.registers.exclusion import ORDER_LIMIT, Named, ShutOut
from allpoints.registers.exclusion_store import Ordered
from allpoints.registers.record import record_id


class Deleted(NamedTuple):
    """A record that was deleted, with its last version here, for the check index."""

    record_id: bytes
    version: int


def orders(told: Sequence[ShutOut]) -> Iterator[tuple[tuple[str, ...], list[ShutOut]]]:
    """Who is told of which records, in one order each: an order is for all its members alike."""
    members: dict[tuple[bytes, int], list[str]] = {}
    for one in told:
        members.setdefault((one.record_id, one.below), []).append(one.member)
    grouped: dict[tuple[str, ...], list[ShutOut]] = {}
    for one in told:
        grouped.setdefault(tuple(members[one.record_id, one.below]), []).append(one)
    for names, group in grouped.items():
        step = ORDER_LIMIT * len(names)
        yield from ((names, group[start : start + step]) for start in range(0, len(group), step))


class Done(NamedTuple):
    """What an order has done here: records deleted, and links to them that were forgotten."""

    deleted: list[Deleted]
    links: list[bytes]


def obey(
    db: sqlite3.Connection, named: Sequence[Named], owner: str, seq: int, *, own_words: bool = False
) -> Done:
    """Delete what an owner's order, at a place in the ledger, names.

    Nothing is left of a record but that it is not taken again: no status, no reference, no history, no count. With
    ``own_words`` it is this node itself that said why a record was blocked, and goes on knowing.
    """
    floors = {record_id(one.register, owner, one.ref): one.below for one in named}
    rows = {row.record_id: row for row in store.rows_of(db, list(floors))}
    done = Done([], [])
    for identity, below in floors.items():
        row = rows.get(identity)
        number = row.row if row is not None else 0
        exclusion_store.keep_order(db, Ordered(identity, below, number, seq))
        done.links.extend(link.forget(db, identity, seq))
        if not own_words:
            blocks.forget_words(db, identity, seq)
        if row is not None and row.version < below:
            store.erase(db, [number], store.WITHDRAWN)
            exclusion_store.forget_row(db, number)
            done.deleted.append(Deleted(identity, row.version))
        elif row is not None:
            exclusion_store.forget_row(db, number, below)
    return done
