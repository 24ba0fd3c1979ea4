"""The owner ends a record of its own, at any time, for a stated reason; its purpose may be achieved."""

import sqlite3

import msgspec

from allpoints.registers import standing, store
from allpoints.registers.reasons import stated
from allpoints.registers.record import ACHIEVE, WITHDRAW, RecordOp, record_id
from allpoints.vocabulary.register import Register


def prepare_withdraw(
    db: sqlite3.Connection, register: Register, member: str, ref: str, reason: str, by_role: str = ""
) -> RecordOp | None:
    """The act that withdraws a record, remembered as signed; None when it is withdrawn already.

    Seal it for ``excluded_of`` as before, so that exactly those who hold the record learn of it. Raises Refusal
    NO-REASON, REASON-TOO-LONG, UNKNOWN-RECORD.
    """
    reason = stated(reason, "A record is withdrawn")
    return _end(db, register, member, RecordOp(WITHDRAW, ref, 1, reason=reason, by_role=by_role))


def prepare_achieve(
    db: sqlite3.Connection, register: Register, member: str, ref: str, reason: str, by_role: str = ""
) -> RecordOp | None:
    """The act that ends a record because its purpose is achieved: a withdrawal that history calls so."""
    return _end(db, register, member, RecordOp(ACHIEVE, ref, 1, reason=stated(reason), by_role=by_role))


def _end(db: sqlite3.Connection, register: Register, member: str, op: RecordOp) -> RecordOp | None:
    before = standing.known(db, register, member, op.ref)
    if before.gone:
        return None
    op = msgspec.structs.replace(op, version=standing.next_version(before.version))
    identity = record_id(register.name, member, op.ref)
    store.remember(db, [standing.own_of(identity, register, op, before.excluded)])
    return op


def excluded_of(db: sqlite3.Connection, register: Register, member: str, ref: str) -> tuple[str, ...]:
    """The members that were left out when this member last signed the record."""
    identity = record_id(register.name, member, ref)
    return standing.standing_of(db, [identity]).get(identity, standing.NEW).excluded
