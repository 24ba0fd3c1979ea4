"""What a member says of its own records: only what changed, each act with the next version."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from allpoints.ground.clock import day_of
from allpoints.ground.refusal import Refusal
from allpoints.registers import attaching, file_sealing, store
from allpoints.registers.record import (
    BODY_BYTES_LIMIT,
    EXCLUDED_LIMIT,
    REASON_LIMIT,
    REF_LIMIT,
    TERM_LIMIT,
    VERSION_LIMIT,
    RecordOp,
    content_of,
    record_id,
    ref_of,
)
from allpoints.registers.store import Held, Own
from allpoints.vocabulary.register import Register, Vocabulary


class Carriage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a record carries beside its fields: why it is held, how it is handled, who may not read it."""

    purpose: Annotated[str, Meta(min_length=1, max_length=TERM_LIMIT)]
    handling: Annotated[str, Meta(min_length=1, max_length=TERM_LIMIT)]
    excluded: Annotated[tuple[str, ...], Meta(max_length=EXCLUDED_LIMIT)] = ()
    by_role: Annotated[str, Meta(max_length=TERM_LIMIT)] = ""
    reason: Annotated[str, Meta(max_length=REASON_LIMIT)] = ""
    """A stated reason renews a record that is otherwise unchanged: its retention begins anew."""


class Writer(NamedTuple):
    """Who writes and when: the member, the secretariat of its network, the moment."""

    member: str
    secretariat: str
    now_ms: int


class Cleaned(NamedTuple):
    """A record's fields, cleaned, in the bytes that travel, and how large the files are that travel before it."""

    record_id: bytes
    ref: str
    body: bytes
    file_bytes: int = 0


class Planned(NamedTuple):
    """What entering some records comes to: acts, what to remember of them, how many say nothing new, what may not be.

    ``refused`` pairs the position in what was given with why.
    """

    ops: list[RecordOp]
    own: list[Own]
    unchanged: int
    refused: list[tuple[int, Refusal]]


class _Standing(NamedTuple):
    version: int
    content: bytes
    gone: bool
    excluded: tuple[str, ...] | None


_NEW = _Standing(0, b"", gone=False, excluded=None)


def check_carriage(vocabulary: Vocabulary, member: str, carriage: Carriage) -> None:
    """Refuse a purpose, a handling code or a country that the vocabulary does not know, or excluding oneself."""
    if carriage.purpose not in vocabulary.purposes:
        raise Refusal("UNKNOWN-PURPOSE", f"There is no purpose {carriage.purpose!r}.", path="purpose")
    if carriage.handling not in vocabulary.handling:
        raise Refusal(
            "UNKNOWN-HANDLING", f"There is no handling code {carriage.handling!r}.", path="handling"
        )
    for position, country in enumerate(carriage.excluded):
        path = f"excluded[{position}]"
        if country not in vocabulary.countries:
            raise Refusal("UNKNOWN-COUNTRY", f"There is no country {country!r}.", path=path)
        if country == member:
            raise Refusal("EXCLUDES-OWNER", "The owner of a record cannot be excluded from it.", path=path)


def clean(register: Register, writer: Writer, raw: Mapping[str, object], handling: str) -> Cleaned:
    """Clean one record's fields and make sure that ``writer`` may write it under that handling code; raises Refusal."""
    body = register.clean(raw)
    register.may_write(writer.member, body, writer.secretariat)
    register.check_entry(body, handling, day_of(writer.now_ms))
    files = attaching.files_of(register, body)
    ref = ref_of(body)
    encoded = register.encode(body)
    if len(encoded) > BODY_BYTES_LIMIT:
        raise Refusal("RECORD-TOO-LARGE", f"A record has at most {BODY_BYTES_LIMIT} bytes.", status=413)
    identity = record_id(register.name, writer.member, ref)
    return Cleaned(identity, ref, encoded, sum(file.size for file in files))


def prepare_put(
    db: sqlite3.Connection, register: Register, writer: Writer, raw: Mapping[str, object], carriage: Carriage
) -> RecordOp | None:
    """The act that enters or changes a record, remembered as signed; None when nothing would change.

    The caller has checked the carriage and seals the act in the same transaction.
    """
    cleaned = clean(register, writer, raw, carriage.handling)
    planned = plan(db, register, writer.member, [cleaned], carriage)
    for _, refusal in planned.refused:
        raise refusal
    store.remember(db, planned.own)
    return planned.ops[0] if planned.ops else None


def prepare_withdraw(
    db: sqlite3.Connection, register: Register, member: str, ref: str, reason: str
) -> RecordOp | None:
    """The act that withdraws a record, remembered as signed; None when it is withdrawn already.

    Seal it for ``excluded_of`` as before, so that exactly those who hold the record learn of it. Raises Refusal
    NO-REASON, UNKNOWN-RECORD.
    """
    if not reason.strip():
        raise Refusal("NO-REASON", "A record is withdrawn for a stated reason.", path="reason")
    if len(reason) > REASON_LIMIT:
        raise Refusal("REASON-TOO-LONG", f"A reason has at most {REASON_LIMIT} characters.", path="reason")
    identity = record_id(register.name, member, ref)
    standing = _standing(db, [identity]).get(identity)
    if standing is None or len(ref) > REF_LIMIT:
        raise Refusal("UNKNOWN-RECORD", f"This member has entered no record {ref!r}.", path="ref", status=404)
    if standing.gone:
        return None
    op = RecordOp("withdraw", ref, _next(standing.version), reason=reason)
    store.remember(db, [_own(identity, register, op, standing.excluded or ())])
    return op


def excluded_of(db: sqlite3.Connection, register: Register, member: str, ref: str) -> tuple[str, ...]:
    """The members that were left out when this member last signed the record."""
    identity = record_id(register.name, member, ref)
    signed = store.own(db, [identity]).get(identity)
    return tuple(signed.excluded.split()) if signed else ()


def plan(
    db: sqlite3.Connection,
    register: Register,
    member: str,
    records: Sequence[Cleaned],
    carriage: Carriage,
) -> Planned:
    """Compare records with what was signed before and make the acts for those that changed; writes nothing."""
    standing = _standing(db, [record.record_id for record in records])
    excluded = tuple(sorted(set(carriage.excluded)))
    planned = Planned([], [], 0, [])
    unchanged = 0
    for position, (identity, ref, body, _) in enumerate(records):
        before = standing.get(identity, _NEW)
        op = RecordOp(
            "put",
            ref,
            before.version + 1,
            body,
            carriage.purpose,
            carriage.handling,
            carriage.reason,
            carriage.by_role,
        )
        content = content_of(op, excluded)
        if content == before.content and not before.gone and not carriage.reason:
            unchanged += 1
            continue
        try:
            _may_follow(before, excluded)
            file_sealing.check_at_hand(db, member, file_sealing.files_of(register, op), excluded)
        except Refusal as refusal:
            planned.refused.append((position, refusal))
            continue
        planned.ops.append(op)
        planned.own.append(Own(identity, register.code, ref, op.version, content, 0, " ".join(excluded)))
        standing[identity] = _Standing(op.version, content, gone=False, excluded=excluded)
    return planned._replace(unchanged=unchanged)


def _may_follow(before: _Standing, excluded: tuple[str, ...]) -> None:
    _next(before.version)
    if before.gone or before.excluded is None:
        return
    shut_out = sorted(set(excluded) - set(before.excluded))
    if shut_out:
        # The next version would never reach them, and they would go on showing the one before it.
        raise Refusal(
            "EXCLUDES-READER",
            f"{', '.join(shut_out)} can read this record already.",
            path="excluded",
            hint="Withdraw the record, then enter it again without them.",
            status=409,
        )


def _next(version: int) -> int:
    if version >= VERSION_LIMIT:
        raise Refusal("VERSIONS-SPENT", "This record has been changed too often.", path="ref", status=409)
    return version + 1


def _own(identity: bytes, register: Register, op: RecordOp, excluded: Sequence[str]) -> Own:
    content = content_of(op, excluded)
    withdrawn = int(op.op == "withdraw")
    return Own(identity, register.code, op.ref, op.version, content, withdrawn, " ".join(excluded))


def _standing(db: sqlite3.Connection, ids: Sequence[bytes]) -> dict[bytes, _Standing]:
    """What was signed last: by this node's memory, or by the ledger when that knows of a later act.

    The ledger knows more when a node was set up anew, or from an older copy, with its member's keys.
    """
    signed, folded = store.own(db, ids), store.held(db, ids)
    return {
        identity: _latest(signed.get(identity), folded.get(identity))
        for identity in signed.keys() | folded.keys()
    }


def _latest(signed: Own | None, folded: Held | None) -> _Standing:
    if signed is not None and (folded is None or folded.version <= signed.version):
        return _Standing(
            signed.version, signed.content, bool(signed.withdrawn), tuple(signed.excluded.split())
        )
    if folded is None:
        return _NEW
    return _Standing(folded.version, folded.content, folded.status == store.WITHDRAWN, None)
