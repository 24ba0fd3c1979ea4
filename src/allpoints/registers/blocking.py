"""Blocking: while the secretariat examines a record, nothing finds it; its owner still corrects or withdraws it.

What the secretariat said last in the ledger's order holds, whenever the entries arrive: a newcomer is given a record
after it was told that the record is blocked.
"""

import sqlite3

from allpoints.ground.refusal import Refusal
from allpoints.registers import blocks, store, terms
from allpoints.registers.blocks import Block, Blocking
from allpoints.registers.folding import Applied, applied
from allpoints.registers.reading import register_of
from allpoints.registers.reasons import check_stated, stated
from allpoints.registers.terms import NONE, Place
from allpoints.vocabulary.register import Vocabulary


def prepare(db: sqlite3.Connection, record_id: bytes, reason: str, by_role: str, *, block: bool) -> Blocking:
    """What the secretariat says of a record that it holds, without its audience.

    Raises Refusal NO-REASON, UNKNOWN-RECORD, RECORD-ENDED, ALREADY-BLOCKED, NOT-BLOCKED.
    """
    reason = stated(reason, "A record is blocked" if block else "A record is unblocked")
    rows = store.rows_of(db, [record_id])
    if not rows:
        raise Refusal("UNKNOWN-RECORD", "There is no such record here.", path="record", status=404)
    if rows[0].status not in store.LIVE:
        raise Refusal("RECORD-ENDED", "This record was withdrawn or has expired.", path="record", status=409)
    if block and rows[0].status == store.BLOCKED:
        raise Refusal("ALREADY-BLOCKED", "This record is blocked already.", path="record", status=409)
    if not block and rows[0].status != store.BLOCKED:
        raise Refusal("NOT-BLOCKED", "This record is not blocked.", path="record", status=409)
    return Blocking(record_id, reason, by_role, tuple(rows[0].excluded.split()))


def apply_blocking(
    db: sqlite3.Connection, vocabulary: Vocabulary, said: Blocking, block: Block
) -> Applied | None:
    """Fold one word of the secretariat's; what the check index is told of, None when nothing changes there."""
    check_stated(said.reason)
    blocks.keep(db, block)
    rows = store.rows_of(db, [said.record])
    last = blocks.latest(db, said.record)
    if not rows or rows[0].status not in store.LIVE or last is None:
        return None
    row = rows[0]
    register = register_of(vocabulary, row.register)
    status = store.BLOCKED if last.blocked else store.VALID
    if row.status == status or register is None or row.body is None:
        return None
    found = terms.terms_of(register, register.decode(row.body)) if status == store.VALID else NONE
    store.set_status(db, row.row, status)
    terms.drop(db, [row.row])
    terms.write(db, [(Place(row.register, row.row), found)])
    return applied(register, row._replace(status=status), found)


def unreached(db: sqlite3.Connection, limit: int = 100) -> list[tuple[bytes, Block]]:
    """Blocked records that may now be read by members who were not told of the block, with its last word.

    An owner may open a record to more members at any time, also while it is blocked.
    """
    rows = db.execute(
        "SELECT record_id, excluded FROM state_records WHERE status='blocked' ORDER BY row"
    ).fetchall()
    found = []
    for record_id, excluded in rows:
        last = blocks.latest(db, record_id)
        if last is not None and set(last.excluded.split()) - set(excluded.split()):
            found.append((record_id, last))
    return found[:limit]
