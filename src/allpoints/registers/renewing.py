"""The owner keeps a record longer: the same record again, for a stated reason, with a retention that begins anew."""

import sqlite3

from allpoints.ground.refusal import Refusal
from allpoints.registers import standing, store
from allpoints.registers.reasons import stated
from allpoints.registers.record import PUT, RecordOp, record_id
from allpoints.vocabulary.register import Register


def prepare_renew(
    db: sqlite3.Connection, register: Register, member: str, ref: str, reason: str, by_role: str = ""
) -> RecordOp:
    """The act that renews a record, remembered as signed; seal it for ``excluded_of``.

    Raises Refusal NO-REASON, REASON-TOO-LONG, UNKNOWN-RECORD, RECORD-ENDED, CHANGE-ON-ITS-WAY.
    """
    reason = stated(reason, "A record is renewed")
    before = standing.known(db, register, member, ref)
    identity = record_id(register.name, member, ref)
    if before.gone:
        raise Refusal(
            "RECORD-ENDED",
            "A record that was withdrawn or has expired is not renewed.",
            path="ref",
            hint="Enter it again, with a reason.",
            status=409,
        )
    held = store.rows_of(db, [identity])
    if not held or held[0].version != before.version or held[0].body is None:
        raise Refusal(
            "CHANGE-ON-ITS-WAY",
            "The last change of this record has not come back from the ledger yet.",
            path="ref",
            hint="Try again when the line to the relay is up.",
            status=409,
        )
    (row,) = held
    version = standing.next_version(before.version)
    op = RecordOp(PUT, ref, version, row.body or b"", row.purpose, row.handling, reason, by_role)
    store.remember(db, [standing.own_of(identity, register, op, before.excluded)])
    return op
