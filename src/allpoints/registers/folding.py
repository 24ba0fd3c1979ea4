"""From a batch in a ledger entry to records: every act checked as if its author were hostile, the good ones applied.

What a batch does depends on the ledger alone, never on the reader's clock, so that all readers come to hold the
same. An act that may not be is refused by itself and counted; the others of its batch stand.
"""

import sqlite3
from collections import Counter
from typing import Any, NamedTuple

import msgspec

from allpoints.ground.clock import day_of
from allpoints.ground.refusal import Fault, Refusal
from allpoints.registers import attaching, blocks, exclusion_store, file_folding, retention, store, terms
from allpoints.registers.record import (
    DECLARATION,
    MOMENT_LIMIT_MS,
    PUT,
    REF_LIMIT,
    Batch,
    RecordOp,
    content_of,
    record_id,
    ref_of,
)
from allpoints.registers.store import Held, Past, Row
from allpoints.registers.terms import NONE, Place, Terms
from allpoints.vocabulary.identifying import Key
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.base import plain_text

FAULTS_KEPT_LIMIT = 20
"""Refused acts that a report describes; all are counted."""

_decode_raw = msgspec.msgpack.Decoder(dict[str, Any]).decode


class Published(NamedTuple):
    """Where a batch comes from: its author's member, its entry's place in the ledger, its moment, the secretariat."""

    owner: str
    seq: int
    at_ms: int
    secretariat: str


class Applied(NamedTuple):
    """A record that a batch changed, for the check index: the keys under which it is now found.

    ``gone`` has no keys: every earlier posting of the record is to be discarded. So are those of lower versions
    when it is not gone.
    """

    record_id: bytes
    row: int
    register_code: int
    version: int
    owner: str
    published_ms: int
    keys: list[Key]
    effect: str
    gone: bool


class FoldReport(msgspec.Struct, frozen=True):
    """What became of a batch: records changed, acts already known, acts refused by code."""

    applied: list[Applied]
    known: int
    refused: dict[str, int]
    faults: tuple[Fault, ...]


class _Change(NamedTuple):
    """A record as the batch leaves it, with what it is found by."""

    row: Row
    terms: Terms


def apply_batch(
    db: sqlite3.Connection, vocabulary: Vocabulary, batch: Batch, published: Published
) -> FoldReport:
    """Fold one batch into the state; bad acts are refused one by one and reported, never raised.

    A version at or below the one held is not applied: it is known already when it says the same, in conflict
    when it does not, and merely late when it is older. A batch in a register, or in a newer declaration of it,
    that this node does not know is refused as a whole.
    """
    weighing = _Weighing(vocabulary, batch, published)
    try:
        register = _understood(vocabulary, batch, published)
    except Refusal as refusal:
        for position in range(len(batch.ops)):
            weighing.refuse(position, refusal)
        return weighing.report([])
    identities = [record_id(register.name, published.owner, op.ref) for op in batch.ops]
    weighing.standing = store.held(db, identities)
    weighing.blocked = blocks.blocked(db, identities)
    floors = exclusion_store.floors(db, identities)
    weighing.next_row = store.next_row(db)
    for position, (identity, op) in enumerate(zip(identities, batch.ops, strict=True)):
        if op.version < floors.get(identity, 0):
            continue  # its owner has shut this member out since
        try:
            weighing.take(register, identity, op)
        except Refusal as refusal:
            weighing.refuse(position, refusal)
    changes = list(weighing.changes.values())
    _write(db, changes, weighing.past, weighing.held_rows)
    file_folding.attach(
        db, register, [(change.row.row, change.row.owner, change.row.body) for change in changes]
    )
    return weighing.report([applied(register, change.row, change.terms) for change in changes])


def _understood(vocabulary: Vocabulary, batch: Batch, published: Published) -> Register:
    if not 0 <= published.at_ms <= MOMENT_LIMIT_MS:
        raise Refusal(
            "MOMENT-OUT-OF-RANGE", "The entry gives a moment that no record can have.", path="created_ms"
        )
    register = vocabulary.registers.get(batch.register)
    if register is None:
        raise Refusal("UNKNOWN-REGISTER", f"There is no register {batch.register!r} here.", path="register")
    if batch.declaration > DECLARATION:
        raise Refusal(
            "NEWER-DECLARATION",
            f"The records follow declaration {batch.declaration}; this node knows {DECLARATION}.",
            path="declaration",
            hint="Upgrade this node, then rebuild.",
        )
    register.may_take_part(published.owner, published.secretariat)
    return register


class _Weighing:
    """One batch being weighed, act by act; nothing is written until all have been."""

    def __init__(self, vocabulary: Vocabulary, batch: Batch, published: Published) -> None:
        self.standing: dict[bytes, Held] = {}
        self.blocked: set[bytes] = set()
        self.next_row = 1
        self.changes: dict[bytes, _Change] = {}
        self.past: list[Past] = []
        self.held_rows: list[int] = []
        self._purposes = vocabulary.purposes
        self._handling = vocabulary.handling
        self._excluded = batch.excluded
        self._published = published
        self._known = 0
        self._refused: Counter[str] = Counter()
        self._faults: list[Fault] = []

    def take(self, register: Register, identity: bytes, op: RecordOp) -> None:
        """Weigh one act against what is held, the acts before it included; raises Refusal if it may not be."""
        content = content_of(op, self._excluded)
        held = self.standing.get(identity)
        if held is not None and op.version <= held.version:
            if op.version == held.version and content != held.content and held.status != store.EXPIRED:
                raise Refusal(
                    "VERSION-CONFLICT",
                    f"Version {op.version} of this record is held with another content.",
                    path="version",
                    status=409,
                )
            self._known += 1
            if op.version < held.version:
                self._note_late(register, identity, op, held)
            return
        body = self._weigh(register, op)
        number = self._number(held)
        row = self._row(register, identity, op, number, body)._replace(content=content)
        found = terms.terms_of(register, body) if body is not None and row.status == store.VALID else NONE
        self.changes[identity] = _Change(row, found)
        self.standing[identity] = Held(
            identity, number, op.version, row.status, content, row.since_ms, row.excluded
        )
        self.past.append(_past(op, row))

    def _note_late(self, register: Register, identity: bytes, op: RecordOp, held: Held) -> None:
        """An act that was overtaken by a later one changes nothing but the history: a newcomer's is like all others'."""
        row = self._row(register, identity, op, held.row, self._weigh(register, op))
        self.past.append(_past(op, row))

    def refuse(self, position: int, refusal: Refusal) -> None:
        self._refused[refusal.code] += 1
        if len(self._faults) < FAULTS_KEPT_LIMIT:
            where = f"ops[{position}].{refusal.path}" if refusal.path else f"ops[{position}]"
            self._faults.append(msgspec.structs.replace(refusal.fault(), path=where))

    def report(self, applied: list[Applied]) -> FoldReport:
        return FoldReport(applied, self._known, dict(self._refused), tuple(self._faults))

    def _weigh(self, register: Register, op: RecordOp) -> msgspec.Struct | None:
        """The body of what is put, None when the record ends; raises Refusal if it may not be."""
        if op.op != PUT:
            _check_end(op)
            return None
        if op.purpose not in self._purposes:
            raise Refusal("UNKNOWN-PURPOSE", f"There is no purpose {op.purpose!r}.", path="purpose")
        if op.handling not in self._handling:
            raise Refusal("UNKNOWN-HANDLING", f"There is no handling code {op.handling!r}.", path="handling")
        body = _body(register, op)
        published = self._published
        register.may_write(published.owner, body, published.secretariat)
        register.check_entry(body, op.handling, day_of(published.at_ms))
        attaching.files_of(register, body)
        if retention.is_achieved(register, body):
            raise Refusal(
                "PURPOSE-ACHIEVED",
                "A record whose status says that its purpose is achieved is withdrawn, not kept.",
                path=register.status,
            )
        return body

    def _number(self, held: Held | None) -> int:
        if held is not None:
            self.held_rows.append(held.row)
            return held.row
        self.next_row += 1
        return self.next_row - 1

    def _row(
        self, register: Register, identity: bytes, op: RecordOp, number: int, body: msgspec.Struct | None
    ) -> Row:
        published = self._published
        # The author's word on when retention began, but never later than its entry.
        since_ms = min(op.since_ms or published.at_ms, published.at_ms)
        live = store.BLOCKED if identity in self.blocked else store.VALID
        return Row(
            number,
            identity,
            register.code,
            published.owner,
            op.ref,
            op.version,
            store.WITHDRAWN if body is None else live,
            published.seq,
            published.at_ms,
            since_ms,
            retention.ends_ms(register, body, since_ms) if body is not None else 0,
            op.purpose,
            op.handling,
            op.reason,
            " ".join(self._excluded),
            b"",
            op.body if body is not None else None,
        )


def _past(op: RecordOp, row: Row) -> Past:
    return Past(row.row, op.version, row.seq, row.published_ms, op.op, op.reason, op.by_role, row.expires_ms)


def _check_end(op: RecordOp) -> None:
    if op.body:
        raise Refusal("WITHDRAWAL-WITH-BODY", "A withdrawal carries no record.", path="body")
    if not op.reason.strip():
        raise Refusal("NO-REASON", "A record is withdrawn for a stated reason.", path="reason")
    if plain_text(op.ref, "ref", REF_LIMIT) != op.ref:
        raise Refusal("REF-SHAPE", "The reference is not in the form that cleaning gives it.", path="ref")


def _body(register: Register, op: RecordOp) -> msgspec.Struct:
    # Cleaning once more and comparing the bytes is what makes the normal form certain: a decoder only knows types,
    # and a hostile author could give a number that no check would ever find. It is also faster than decoding strictly.
    try:
        body = register.clean(_decode_raw(op.body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(
            "BODY-UNREADABLE", f"This is no record of {register.name}: {error}.", path="body"
        ) from None
    if register.encode(body) != op.body:
        raise Refusal("BODY-NOT-CLEAN", "The record is not in the form that cleaning gives it.", path="body")
    if ref_of(body) != op.ref:
        raise Refusal("REF-MISMATCH", "The act and the record name different references.", path="ref")
    return body


def _write(db: sqlite3.Connection, changes: list[_Change], past: list[Past], held_rows: list[int]) -> None:
    store.put_rows(db, [change.row for change in changes])
    store.add_history(db, past)
    terms.drop(db, held_rows)
    terms.write(db, [(Place(change.row.register, change.row.row), change.terms) for change in changes])


def applied(register: Register, row: Row, found: Terms) -> Applied:
    """What the check index is told of a record as it stands now."""
    return Applied(
        row.record_id,
        row.row,
        row.register,
        row.version,
        row.owner,
        row.published_ms,
        found.keys,
        register.effect,
        row.status != store.VALID,
    )
