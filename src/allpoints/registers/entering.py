"""What a member says of its own records: only what changed, each act with the next version."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from allpoints.ground.clock import day_of
from allpoints.ground.refusal import Refusal
from allpoints.registers import attaching, exclusion_store, file_sealing, retention, store
from allpoints.registers.exclusion import ShutOut
from allpoints.registers.record import (
    ACHIEVE,
    BODY_BYTES_LIMIT,
    EXCLUDED_LIMIT,
    PUT,
    REASON_LIMIT,
    REF_FIELD,
    REF_LIMIT,
    TERM_LIMIT,
    WITHDRAW,
    RecordOp,
    content_of,
    record_id,
    ref_of,
)
from allpoints.registers.standing import NEW, Standing, next_version, own_of, standing_of
from allpoints.registers.store import Own
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.base import plain_text

REASON_COLUMN = "@reason"
"""Beside a record's own fields in a file: why it is gone. No field can have such a name."""

GONE_REASON = "No longer in the national file."


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
    """A record's fields, cleaned, in the bytes that travel, and how large the files are that travel before it.

    ``achieved`` says that its status ends it, ``gone`` that it is withdrawn: then ``body`` is empty, for nothing of it
    travels.
    """

    record_id: bytes
    ref: str
    body: bytes
    file_bytes: int = 0
    achieved: str = ""
    gone: str = ""


class Planned(NamedTuple):
    """What entering some records comes to: acts, what to remember of them, how many say nothing new, what may not be.

    ``shut_out`` are members that could read a record until now. ``refused`` pairs the position in what was given with why.
    """

    ops: list[RecordOp]
    own: list[Own]
    shut_out: list[ShutOut]
    unchanged: int
    refused: list[tuple[int, Refusal]]


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
    if retention.is_achieved(register, body):
        return Cleaned(
            record_id(register.name, writer.member, ref), ref, b"", achieved=_achieved(register, body)
        )
    encoded = register.encode(body)
    if len(encoded) > BODY_BYTES_LIMIT:
        raise Refusal("RECORD-TOO-LARGE", f"A record has at most {BODY_BYTES_LIMIT} bytes.", status=413)
    identity = record_id(register.name, writer.member, ref)
    return Cleaned(identity, ref, encoded, sum(file.size for file in files))


def gone(register: Register, writer: Writer, raw: Mapping[str, object]) -> Cleaned:
    """The end of a record that a national file no longer has, by its reference alone; raises Refusal."""
    ref = plain_text(raw.get(REF_FIELD, ""), REF_FIELD, REF_LIMIT)
    if not ref:
        raise Refusal("FIELD-REQUIRED", "A row of a record that is gone names it.", path=REF_FIELD)
    reason = plain_text(raw.get(REASON_COLUMN, ""), REASON_COLUMN, REASON_LIMIT) or GONE_REASON
    return Cleaned(record_id(register.name, writer.member, ref), ref, b"", gone=reason)


def _achieved(register: Register, body: msgspec.Struct) -> str:
    return f"Purpose achieved: the status is now {register.status_of(body)}."


def prepare_put(
    db: sqlite3.Connection, register: Register, writer: Writer, raw: Mapping[str, object], carriage: Carriage
) -> RecordOp | None:
    """The act that enters or changes a record, remembered as signed; None when nothing would change.

    The caller has checked the carriage and seals the act in the same transaction, for ``excluded_of``: a record whose
    status says that its purpose is achieved is ended by this act, for those who hold it. Raises Refusal
    RETENTION-ENDED for a record that has expired and is entered again unchanged without a reason.
    """
    cleaned = clean(register, writer, raw, carriage.handling)
    planned = plan(db, register, writer.member, [cleaned], carriage)
    for _, refusal in planned.refused:
        raise refusal
    if not planned.ops and standing_of(db, [cleaned.record_id]).get(cleaned.record_id, NEW).expired:
        raise Refusal(
            "RETENTION-ENDED",
            "The retention of this record has ended, and nothing in it is new.",
            path="reason",
            hint="State the reason why it must be kept again.",
            status=409,
        )
    remember(db, planned)
    return planned.ops[0] if planned.ops else None


def remember(db: sqlite3.Connection, planned: Planned) -> None:
    """Keep what is signed now, and whom it shuts out; the caller seals the acts in the same transaction."""
    store.remember(db, planned.own)
    exclusion_store.note(db, planned.shut_out)


def plan(
    db: sqlite3.Connection,
    register: Register,
    member: str,
    records: Sequence[Cleaned],
    carriage: Carriage,
) -> Planned:
    """Compare records with what was signed before and make the acts for those that changed; writes nothing."""
    standing = standing_of(db, [record.record_id for record in records])
    planned = Planned([], [], [], 0, [])
    unchanged = 0
    for position, record in enumerate(records):
        before = standing.get(record.record_id, NEW)
        try:
            said = _said(record, carriage, before)
            if said is not None:
                _check_files(db, register, member, *said)
        except Refusal as refusal:
            planned.refused.append((position, refusal))
            continue
        if said is None:
            unchanged += 1
            continue
        op, excluded = said
        own = own_of(record.record_id, register, op, excluded)
        planned.ops.append(op)
        planned.own.append(own)
        planned.shut_out.extend(_shut_out(before, own))
        standing[record.record_id] = Standing(
            op.version, own.content, bool(own.withdrawn), expired=False, blocked=before.blocked,
            excluded=excluded, since_ms=op.since_ms,
        )  # fmt: skip
    return planned._replace(unchanged=unchanged)


def _check_files(
    db: sqlite3.Connection, register: Register, member: str, op: RecordOp, excluded: tuple[str, ...]
) -> None:
    file_sealing.check_at_hand(db, member, file_sealing.files_of(register, op), excluded)


def _said(record: Cleaned, carriage: Carriage, before: Standing) -> tuple[RecordOp, tuple[str, ...]] | None:
    """The act on one record and whom it leaves out; None when there is nothing new to say."""
    if record.achieved or record.gone:
        if before.gone:
            return None
        version, reason = next_version(before.version), record.achieved or record.gone
        kind: Literal["achieve", "withdraw"] = ACHIEVE if record.achieved else WITHDRAW
        op = RecordOp(kind, record.ref, version, reason=reason, by_role=carriage.by_role)
        return op, before.excluded
    excluded = tuple(sorted(set(carriage.excluded)))
    op = RecordOp(
        PUT,
        record.ref,
        before.version + 1,
        record.body,
        carriage.purpose,
        carriage.handling,
        carriage.reason,
        carriage.by_role,
        # A change alone does not keep a record longer: only a reason does, or a new life after its end.
        0 if before.gone or carriage.reason else before.since_ms,
    )
    if content_of(op, excluded) == before.content and not before.withdrawn and not carriage.reason:
        return None
    _may_follow(before, excluded)
    return op, excluded


def _shut_out(before: Standing, own: Own) -> Iterator[ShutOut]:
    """The members that the version before was for and this one is not; who never could read it is not shut out."""
    if before.version:
        for member in sorted(set(own.excluded.split()) - set(before.excluded)):
            yield ShutOut(own.record_id, member, own.version, own.register, own.ref)


def _may_follow(before: Standing, excluded: tuple[str, ...]) -> None:
    next_version(before.version)
    if not before.gone and before.blocked and set(before.excluded) != set(excluded):
        # To fewer neither: whoever examines it could be shut out.
        raise Refusal(
            "RECORD-BLOCKED",
            "The readers of a record under examination stay the same.",
            path="excluded",
            hint="Wait until the secretariat has ended its examination, or withdraw the record.",
            status=409,
        )
