"""One whole record, with its history."""

import sqlite3
from typing import NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.registers import blocks, history, retention, store
from allpoints.registers.history import Event
from allpoints.registers.store import Row
from allpoints.vocabulary.register import Register, Vocabulary


class Reader(NamedTuple):
    """Who reads and when: the member, the secretariat of its network, the moment."""

    member: str
    secretariat: str
    now_ms: int


class ReadRecord(msgspec.Struct, frozen=True):
    """One whole record; ``body`` and ``described`` are empty once it is withdrawn or expired.

    While it is blocked only its owner and the secretariat read the body, and ``blocked`` is the reason.
    ``expires_ms`` is 0 for what is kept without end.
    """

    record_id: bytes
    register: str
    owner: str
    ref: str
    version: int
    status: str
    published_ms: int
    expires_ms: int
    purpose: str
    handling: str
    caption: str
    body: msgspec.Struct | None
    described: list[tuple[str, str]]
    history: list[Event]
    blocked: str = ""


def read(db: sqlite3.Connection, vocabulary: Vocabulary, record_id: bytes, reader: Reader) -> ReadRecord:
    """One record with its history; raises Refusal UNKNOWN-RECORD (404)."""
    rows = store.rows_of(db, [record_id])
    register = register_of(vocabulary, rows[0].register) if rows else None
    if register is None:
        raise Refusal("UNKNOWN-RECORD", "There is no such record here.", path="record", status=404)
    row = rows[0]
    status = status_at(row, reader.now_ms)
    shown = row.body is not None and may_see(row, reader)
    body = register.decode(row.body) if shown and row.body is not None else None
    block = blocks.latest(db, record_id) if status == store.BLOCKED else None
    return ReadRecord(
        row.record_id,
        register.name,
        row.owner,
        row.ref,
        row.version,
        status,
        row.published_ms,
        retention.shown_end(row.expires_ms),
        row.purpose,
        row.handling,
        register.caption(body) if body is not None else "",
        body,
        register.describe(body) if body is not None else [],
        history.events(db, row, reader.secretariat, reader.now_ms),
        block.reason if block is not None else "",
    )


def status_at(row: Row, now_ms: int) -> str:
    """The status of a record, also when its retention ran out a moment ago and it was not erased yet."""
    return store.EXPIRED if row.status in store.LIVE and row.expires_ms <= now_ms else row.status


def may_see(row: Row, reader: Reader) -> bool:
    """Whether the body is shown: of a valid record to everyone here, of a blocked one to those who examine it."""
    status = status_at(row, reader.now_ms)
    return status == store.VALID or (
        status == store.BLOCKED and reader.member in {row.owner, reader.secretariat}
    )


def register_of(vocabulary: Vocabulary, code: int) -> Register | None:
    """The register with this code, if this node knows it."""
    return vocabulary.registers.get(vocabulary.register_names().get(code, ""))
