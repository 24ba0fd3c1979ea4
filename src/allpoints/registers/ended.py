"""Whether nothing that a batch, a bundle or a link said stands any more, so that its author may have its bytes erased.

An entry is over only when folding the ledger without it gives the same live records as folding it: an end that was
written stays for good, for it is what keeps an earlier version from coming back.
"""

import itertools
import sqlite3

from allpoints.registers import exclusion_store, file_store, history, link, store
from allpoints.registers.file_part import FilePart
from allpoints.registers.record import PUT, Batch, RecordOp, record_id


def batch_is_over(db: sqlite3.Connection, batch: Batch, owner: str, until_ms: int) -> bool:
    """Whether every act of a batch is of a record that ended by ``until_ms``, without being the end itself, or that
    members were ordered by then to delete.
    """
    acts = {record_id(batch.register, owner, op.ref): op for op in batch.ops}
    rows = store.rows_of(db, list(acts))
    # Acts on one record twice in a batch are rare; such a batch is simply kept.
    return len(rows) == len(batch.ops) and all(_over(db, row, acts[row.record_id], until_ms) for row in rows)


def _over(db: sqlite3.Connection, row: store.Row, op: RecordOp, until_ms: int) -> bool:
    if row.status == store.WITHDRAWN:
        return op.version < row.version and row.published_ms <= until_ms
    if row.status == store.EXPIRED:
        # Whatever version a newcomer comes to hold must have ended too.
        return op.version <= row.version and _last_end(db, row.row) <= until_ms
    return op.op == PUT and _is_shut(db, row, op, until_ms)


def _is_shut(db: sqlite3.Connection, row: store.Row, op: RecordOp, until_ms: int) -> bool:
    """Whether members were ordered to delete this version: those who remain have a later one, and need it no more.

    One that ran out before the next came stays: it says that what was linked to the record before is linked no longer.
    """
    if op.version >= exclusion_store.shut_out_below(db, row.record_id, until_ms):
        return False
    past = store.history(db, row.row)
    return any(
        one.version == op.version and not history.lapsed(one, following, until_ms)
        for one, following in itertools.pairwise(past)
    )


def _last_end(db: sqlite3.Connection, row: int) -> int:
    """When the longest kept of all versions of the record at a row ended by itself."""
    found = db.execute("SELECT max(expires_ms) FROM state_record_history WHERE row=?", (row,)).fetchone()
    return int(found[0])


def bundle_is_over(db: sqlite3.Connection, parts: tuple[FilePart, ...], owner: str, until_ms: int) -> bool:
    """Whether no record refers to any file of a bundle, nor will one that is on its way to the ledger."""
    return all(
        file_store.file(db, owner, part.sha256) is None
        and not file_store.sealed_without(db, part.sha256, until_ms)
        for part in parts
    )


def link_is_over(db: sqlite3.Connection, link_id: bytes, until_ms: int) -> bool:
    """Whether a link was taken back by ``until_ms``, or one of its records has ended since it was made.

    A record that was entered anew does not bring its links back, so nothing is lost with them.
    """
    one = link.link(db, link_id)
    if one is None:
        return False
    end = link.end_of(db, one)
    if end is not None:
        return end.at_ms <= until_ms
    rows = store.rows_of(db, [one.source, one.target])
    return any(_ended_since(db, row.row, one.seq, until_ms) for row in rows)


def _ended_since(db: sqlite3.Connection, row: int, seq: int, until_ms: int) -> bool:
    past = store.history(db, row)
    for one, following in itertools.zip_longest(past, past[1:]):
        if one.op != PUT:
            over = one.seq > seq and one.at_ms <= until_ms
        else:
            last = following is None or following.seq > seq
            over = last and one.expires_ms <= until_ms and history.lapsed(one, following, until_ms)
        if over:
            return True
    return False
