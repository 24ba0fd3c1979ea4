"""One whole record, with its history."""

import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.registers import store
from allpoints.registers.store import Past
from allpoints.vocabulary.register import Register, Vocabulary


class ReadRecord(msgspec.Struct, frozen=True):
    """One whole record; ``body`` and ``described`` are empty once it is withdrawn or expired."""

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
    history: list[Past]


def read(db: sqlite3.Connection, vocabulary: Vocabulary, record_id: bytes, now_ms: int) -> ReadRecord:
    """One record with its history; raises Refusal UNKNOWN-RECORD (404)."""
    rows = store.rows_of(db, [record_id])
    register = register_of(vocabulary, rows[0].register) if rows else None
    if register is None:
        raise Refusal("UNKNOWN-RECORD", "There is no such record here.", path="record", status=404)
    row = rows[0]
    past = row.status == store.VALID and row.expires_ms <= now_ms
    body = register.decode(row.body) if row.body is not None and not past else None
    return ReadRecord(
        row.record_id,
        register.name,
        row.owner,
        row.ref,
        row.version,
        store.EXPIRED if past else row.status,
        row.published_ms,
        row.expires_ms,
        row.purpose,
        row.handling,
        register.caption(body) if body is not None else "",
        body,
        register.describe(body) if body is not None else [],
        store.history(db, row.row),
    )


def register_of(vocabulary: Vocabulary, code: int) -> Register | None:
    """The register with this code, if this node knows it."""
    return vocabulary.registers.get(vocabulary.register_names().get(code, ""))
