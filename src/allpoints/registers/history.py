"""What happened to a record, told from the ledger: who did what, when, in which role and why; also after its end.

Its expiry stands in no entry: it is when a retention ran out that nothing had renewed in time, and every reader
works out the same.
"""

import itertools
import sqlite3
from collections.abc import Iterator

import msgspec

from allpoints.registers import blocks, store
from allpoints.registers.blocks import Block
from allpoints.registers.record import PUT
from allpoints.registers.store import Past, Row

EXPIRE, BLOCK, UNBLOCK = "expire", "block", "unblock"


class Event(msgspec.Struct, frozen=True):
    """One thing that happened: ``op`` is put, withdraw, achieve, expire, block or unblock.

    ``member`` did it, nobody when the retention ran out. ``version`` is 0 where the record itself did not change.
    """

    at_ms: int
    op: str
    version: int
    seq: int
    member: str
    by_role: str
    reason: str


def events(db: sqlite3.Connection, row: Row, secretariat: str, now_ms: int) -> list[Event]:
    """The newest things that happened to a record, oldest first, in the ledger's order."""
    past = store.history(db, row.row)
    ledger = [_act(one, row.owner) for one in past]
    ledger += [_word(one, secretariat) for one in blocks.of_record(db, row.record_id)]
    ledger.sort(key=lambda event: event.seq)
    return list(_with_ends(ledger, _ends(past, now_ms)))


def _act(one: Past, owner: str) -> Event:
    return Event(one.at_ms, one.op, one.version, one.seq, owner, one.by_role, one.reason)


def _word(one: Block, secretariat: str) -> Event:
    op = BLOCK if one.blocked else UNBLOCK
    return Event(one.at_ms, op, 0, one.seq, secretariat, one.by_role, one.reason)


def _ends(past: list[Past], now_ms: int) -> dict[int, Event]:
    """Where the retention of a version ran out, by the version."""
    return {
        one.version: Event(one.expires_ms, EXPIRE, one.version, one.seq, "", "", "")
        for one, following in itertools.zip_longest(past, past[1:])
        if lapsed(one, following, now_ms)
    }


def _with_ends(ledger: list[Event], ends: dict[int, Event]) -> Iterator[Event]:
    """The ledger's events with each end in its place: after what the ledger says until then."""
    waiting: Event | None = None
    for event in ledger:
        if waiting is not None and event.at_ms >= waiting.at_ms:
            yield waiting
            waiting = None
        yield event
        waiting = ends.get(event.version, waiting)
    if waiting is not None:
        yield waiting


def lapsed(one: Past, following: Past | None, now_ms: int) -> bool:
    """Whether what was put ran out before the next act on it, or before now."""
    return one.op == PUT and one.expires_ms <= (following.at_ms if following is not None else now_ms)


def lived_on(db: sqlite3.Connection, row: int, seq: int, now_ms: int) -> bool:
    """Whether a record has neither been ended nor run out since this place in the ledger."""
    past = store.history(db, row)
    return not any(
        one.seq > seq if one.op != PUT else _ran_out_after(one, following, seq, now_ms)
        for one, following in itertools.zip_longest(past, past[1:])
    )


def _ran_out_after(one: Past, following: Past | None, seq: int, now_ms: int) -> bool:
    return lapsed(one, following, now_ms) and (following is None or following.seq > seq)
