"""What the secretariat says of a record under examination: that it is blocked, or is so no longer."""

import sqlite3
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal
from allpoints.registers import store
from allpoints.registers.record import EXCLUDED_LIMIT, REASON_LIMIT, TERM_LIMIT, Member

HISTORY_LIMIT = 200
"""Blocks and unblocks of one record that are shown, the newest."""


class Blocking(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The body of a ``record.blocked`` or ``record.unblocked`` entry.

    ``excluded`` names the members that may not read the record, and so do not read this either.
    """

    record: Annotated[bytes, Meta(min_length=16, max_length=16)]
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_LIMIT)]
    by_role: Annotated[str, Meta(max_length=TERM_LIMIT)] = ""
    excluded: Annotated[tuple[Member, ...], Meta(max_length=EXCLUDED_LIMIT)] = ()


class Block(NamedTuple):
    """One block, or the end of one, as the ledger has it; ``excluded`` is joined by spaces."""

    record_id: bytes
    seq: int
    blocked: int
    at_ms: int
    reason: str
    by_role: str
    excluded: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Blocking).decode


def encode_blocking(said: Blocking) -> bytes:
    return _encode(said)


def decode_blocking(data: bytes) -> Blocking:
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("BLOCK-SHAPE", f"This is no word on a record: {error}.", status=400) from None


def keep(db: sqlite3.Connection, block: Block) -> None:
    db.execute("INSERT OR REPLACE INTO state_record_blocks VALUES (?,?,?,?,?,?,?)", block)


def forget_words(db: sqlite3.Connection, record_id: bytes, before_seq: int) -> None:
    """Forget why a record was blocked, and by whom, before a place in the ledger; that it is blocked holds on."""
    db.execute(
        "UPDATE state_record_blocks SET reason='', by_role='' WHERE record_id=? AND seq<?",
        (record_id, before_seq),
    )


def places_kept_from(db: sqlite3.Connection, member: str) -> set[int]:
    """Where in the ledger stand words on records that a member may not read."""
    rows = db.execute(
        "SELECT block.seq FROM state_record_blocks AS block JOIN state_records AS record USING (record_id)"
        " WHERE instr(' ' || record.excluded || ' ', ?)",
        (f" {member} ",),
    )
    return {seq for (seq,) in rows}


def latest(db: sqlite3.Connection, record_id: bytes) -> Block | None:
    """What the ledger says last of a record; its order decides, not the order in which entries arrived here."""
    row = db.execute(
        "SELECT * FROM state_record_blocks WHERE record_id=? ORDER BY seq DESC LIMIT 1", (record_id,)
    ).fetchone()
    return Block(*row) if row else None


def blocked(db: sqlite3.Connection, ids: Sequence[bytes]) -> set[bytes]:
    """Those of ``ids`` that are under examination, also when the record itself has not come yet."""
    if db.execute("SELECT 1 FROM state_record_blocks LIMIT 1").fetchone() is None:
        return set()
    rows = store.by_ids(db, "SELECT record_id, seq, blocked FROM state_record_blocks", ids)
    last = {record_id: is_blocked for record_id, _, is_blocked in sorted(rows)}
    return {record_id for record_id, is_blocked in last.items() if is_blocked}


def of_record(db: sqlite3.Connection, record_id: bytes) -> list[Block]:
    """The newest words on a record, oldest first."""
    rows = db.execute(
        "SELECT * FROM state_record_blocks WHERE record_id=? ORDER BY seq DESC LIMIT ?",
        (record_id, HISTORY_LIMIT),
    ).fetchall()
    return [Block(*row) for row in reversed(rows)]
