"""What an owner gives of its earlier entries to a member that comes, or comes back, when some of it is kept from it.

Entries hold up to a thousand records under one key. Of one that also says what this member has been shut out of, it is
given no key but the body without that, which its owner signs again in the entry that gives it.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry, bound
from allpoints.ledger.stub import read
from allpoints.node import membership
from allpoints.node.outbox import Outbox
from allpoints.registers import blocks, exclusion_store, file_store, link
from allpoints.registers.file_part import decode_bundle, encode_bundle
from allpoints.registers.record import decode_batch, encode_batch, record_id
from allpoints.sealing import wrapping


class Missed(NamedTuple):
    """An own entry that a member missed: its number, its identifier, its content key."""

    number: int
    entry_id: bytes
    content_key: bytes


class Given(NamedTuple):
    """Content keys of entries, and bodies of entries without what is kept back; both by the entry's identifier.

    ``waits`` is the number of an entry that nobody can look into at the moment, and from which on nothing is given.
    """

    keys: list[tuple[bytes, bytes]]
    rests: list[tuple[bytes, bytes]]
    waits: int | None


def given(db: sqlite3.Connection, outbox: Outbox, member: str, missed: Sequence[Missed]) -> Given:
    """What a member is given of the own entries that it missed."""
    floors = exclusion_store.kept_from(db, member)
    about = _about_records(db, outbox.me.name, member)
    result = Given([], [], None)
    for number, entry_id, key in missed:
        if entry_id in about:
            continue
        data = (outbox.entry(entry_id) or ledger_store.bytes_of(db, entry_id)) if floors else None
        if floors and data is None:
            # The relay has it and has not sent it back yet.
            return result._replace(waits=number)
        item = read(data) if data is not None else None
        if not isinstance(item, Entry) or item.header.kind not in {membership.RECORDS, membership.FILE_PART}:
            result.keys.append((entry_id, key))
            continue
        whole = wrapping.open_body(key, item.sealed, bound(item.header_bytes, item.audience_bytes))
        if item.header.kind == membership.RECORDS:
            rest = _records(whole, outbox.me.name, floors)
        else:
            rest = _parts(db, whole, member)
        if rest == whole:
            result.keys.append((entry_id, key))
        elif rest:
            result.rests.append((entry_id, rest))
    return result


def _records(whole: bytes, owner: str, floors: dict[bytes, int]) -> bytes:
    batch = decode_batch(whole)
    ops = tuple(
        op for op in batch.ops if op.version >= floors.get(record_id(batch.register, owner, op.ref), 0)
    )
    if len(ops) == len(batch.ops):
        return whole
    return encode_batch(msgspec.structs.replace(batch, ops=ops)) if ops else b""


def _parts(db: sqlite3.Connection, whole: bytes, member: str) -> bytes:
    """Parts of the files that a record refers to which the member may read."""
    parts = decode_bundle(whole)
    shown = {
        sha256 for sha256 in {part.sha256 for part in parts} if file_store.is_sealed_for(db, sha256, member)
    }
    kept = tuple(part for part in parts if part.sha256 in shown)
    if len(kept) == len(parts):
        return whole
    return encode_bundle(kept) if kept else b""


def _about_records(db: sqlite3.Connection, author: str, member: str) -> set[bytes]:
    """Own entries about records, of whatever owner, that the member may not read any more: links and blocks."""
    places = link.places_kept_from(db, member) | blocks.places_kept_from(db, member)
    return {one for seq in places if (one := ledger_store.id_at(db, seq, author)) is not None}
