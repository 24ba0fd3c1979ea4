"""A file of records becomes acts: checked as a whole first, then entered piece by piece, resumable at every piece.

``begin`` and ``commit_chunk`` run inside the engine's transaction, on what ``chunking`` has read beside it. What a chunk comes to is remembered together with how far the file is read, and the caller
seals and keeps the acts in that same transaction. So a kill at any moment neither loses nor doubles a row.

A reference stands once in a file: a second row with it is bad, whether it says the same or not, because which of
the two is meant is for the owner to say. Without ``keep_going`` one bad row refuses the whole file and nothing is
entered.
"""

import sqlite3
from collections.abc import Container
from typing import NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.registers import entering, import_job, leftovers
from allpoints.registers.chunking import Chunk, Source, row_fault
from allpoints.registers.entering import Carriage, Cleaned
from allpoints.registers.import_job import (
    CHECKING,
    CLEARING,
    DONE,
    FAILED,
    RUNNING,
    STOPPED,
    ImportJob,
    RowFault,
)
from allpoints.registers.record import PUT, RecordOp
from allpoints.registers.store import Own
from allpoints.vocabulary.register import Register, Vocabulary


class Order(msgspec.Struct, frozen=True):
    """What is wanted of an import, by whom, and what its records carry. ``id`` is new and the caller's choice."""

    id: str
    member: str
    by_officer: str
    carriage: Carriage
    keep_going: bool = False
    dry_run: bool = False
    whole: bool = False
    """The file is everything that the member has in the register: what it does not name is withdrawn."""
    at_most_gone: int = -1


class Committed(NamedTuple):
    """The job after a chunk and the acts to sign, seal and keep in the same transaction (none while checking).

    ``own`` is what is remembered of each of the acts.
    """

    job: ImportJob
    ops: list[RecordOp]
    own: list[Own]


def by_audience(committed: Committed) -> dict[tuple[str, ...], list[RecordOp]]:
    """The acts by the members that they leave out: one that ends a record goes to those who hold it."""
    grouped: dict[tuple[str, ...], list[RecordOp]] = {}
    for op, own in zip(committed.ops, committed.own, strict=True):
        grouped.setdefault(tuple(own.excluded.split()), []).append(op)
    return grouped


def begin(
    db: sqlite3.Connection, vocabulary: Vocabulary, source: Source, order: Order, now_ms: int
) -> ImportJob:
    """Keep a new import; it goes on with ``read_chunk`` and ``commit_chunk`` until it is done or failed.

    It starts with a pass that enters nothing unless bad rows may be skipped. Raises Refusal IMPORT-ID-TAKEN and
    those of ``check_carriage``.
    """
    entering.check_carriage(vocabulary, order.member, order.carriage)
    if import_job.load(db, order.id) is not None:
        raise Refusal("IMPORT-ID-TAKEN", f"There is an import {order.id!r} already.", path="id", status=409)
    checked = order.keep_going and not order.dry_run
    job = ImportJob(
        number=0,
        id=order.id,
        register=source.register,
        member=order.member,
        path=source.path,
        sha256=source.sha256,
        size_bytes=source.size_bytes,
        kind=source.kind,
        keep_going=order.keep_going,
        dry_run=order.dry_run,
        state=RUNNING if checked else CHECKING,
        checked=checked,
        offset_bytes=0,
        line=0,
        read=0,
        accepted=0,
        unchanged=0,
        bad=0,
        started_ms=now_ms,
        ended_ms=0,
        by_officer=order.by_officer,
        carriage=order.carriage,
        whole=order.whole,
        at_most_gone=order.at_most_gone,
    )
    return import_job.add(db, job)


def commit_chunk(
    db: sqlite3.Connection, job: ImportJob, chunk: Chunk, register: Register, now_ms: int
) -> Committed:
    """Take a chunk into the job: what changed becomes acts, the rest is counted, and the file is that much read.

    ``job`` names the import; how it stands is read from the database. Raises Refusal IMPORT-NOT-GOING when it was
    stopped or has ended, STALE-CHUNK when the chunk is not the next one; both change nothing.
    """
    job = _going(db, job.id)
    if job.state == CLEARING:
        return _cleared(db, job, register, now_ms)
    if (chunk.checked, chunk.offset) != (job.checked, job.offset_bytes):
        raise Refusal("STALE-CHUNK", "These rows are not the next ones of the import.", status=409)
    records, faults = _without_doubles(db, job, chunk)
    planned = entering.plan(db, register, job.member, [record for _, record in records], job.carriage)
    for position, refusal in planned.refused:
        faults.append(row_fault(records[position][0], refusal.fault()))
    bad = chunk.bad + len(chunk.records) - len(records) + len(planned.refused)
    if chunk.broken is not None:
        faults.append(row_fault(chunk.end_line + 1, chunk.broken))
    import_job.add_faults(db, job, chunk.faults + faults)
    if job.checked:
        entering.remember(db, planned)
    job = msgspec.structs.replace(
        job,
        offset_bytes=chunk.end_offset,
        line=chunk.end_line,
        read=job.read + chunk.read,
        accepted=job.accepted + len(planned.ops),
        unchanged=job.unchanged + planned.unchanged,
        bad=job.bad + bad,
        fresh=job.fresh + sum(op.op == PUT and op.version == 1 for op in planned.ops),
        gone=job.gone + sum(op.op != PUT for op in planned.ops),
    )
    ops, own = (planned.ops, planned.own) if job.checked else ([], [])
    job = _ended(db, job, register, now_ms, broken=chunk.broken is not None) if chunk.ended else job
    import_job.save(db, job)
    return Committed(job, ops, own)


def _cleared(db: sqlite3.Connection, job: ImportJob, register: Register, now_ms: int) -> Committed:
    """Withdraw the next of the records that the file of a whole register does not name."""
    page = leftovers.page(db, job, register)
    gone = [Cleaned(record, ref, b"", gone=entering.GONE_REASON) for record, ref in page]
    planned = entering.plan(db, register, job.member, gone, job.carriage)
    entering.remember(db, planned)
    job = msgspec.structs.replace(
        job,
        accepted=job.accepted + len(planned.ops),
        gone=job.gone + len(planned.ops),
        cleared=page[-1][0].hex() if page else job.cleared,
    )
    if len(page) < leftovers.PAGE_RECORDS:
        job = msgspec.structs.replace(job, state=DONE, ended_ms=now_ms)
    import_job.save(db, job)
    return Committed(job, planned.ops, planned.own)


def stop(db: sqlite3.Connection, import_id: str) -> ImportJob:
    """Let an import rest where it is; what it has entered stays. Raises Refusal IMPORT-NOT-GOING."""
    return _moved(db, _going(db, import_id), STOPPED)


def resume(db: sqlite3.Connection, import_id: str) -> ImportJob:
    """Let a stopped import go on from where it stopped. Raises Refusal UNKNOWN-IMPORT, IMPORT-NOT-STOPPED."""
    job = known(db, import_id)
    if job.state != STOPPED:
        raise Refusal("IMPORT-NOT-STOPPED", f"The import is {job.state}.", path="state", status=409)
    if job.cleared:
        return _moved(db, job, CLEARING)
    return _moved(db, job, RUNNING if job.checked else CHECKING)


def fail(db: sqlite3.Connection, import_id: str, why: Refusal, now_ms: int) -> ImportJob:
    """End an import that cannot go on (its file is gone, say), with the reason among its faults."""
    job = _going(db, import_id)
    import_job.add_faults(db, job, [row_fault(job.line + 1, why.fault())])
    return _moved(db, msgspec.structs.replace(job, ended_ms=now_ms), FAILED)


def known(db: sqlite3.Connection, import_id: str, registers: Container[str] | None = None) -> ImportJob:
    """An import, of one of these registers; raises Refusal UNKNOWN-IMPORT (404), the same for one of another."""
    job = import_job.load(db, import_id)
    if job is None or (registers is not None and job.register not in registers):
        raise Refusal("UNKNOWN-IMPORT", f"There is no import {import_id!r}.", path="id", status=404)
    return job


def _going(db: sqlite3.Connection, import_id: str) -> ImportJob:
    job = known(db, import_id)
    if job.state not in import_job.GOING:
        raise Refusal("IMPORT-NOT-GOING", f"The import is {job.state}.", path="state", status=409)
    return job


def _moved(db: sqlite3.Connection, job: ImportJob, state: str) -> ImportJob:
    job = msgspec.structs.replace(job, state=state)
    import_job.save(db, job)
    return job


def _without_doubles(
    db: sqlite3.Connection, job: ImportJob, chunk: Chunk
) -> tuple[list[tuple[int, Cleaned]], list[RowFault]]:
    if job.checked and not job.keep_going:
        return chunk.records, []  # the first pass has looked
    seen = import_job.seen_at(db, job, [record.record_id for _, record in chunk.records])
    single, faults, fresh = [], [], []
    for line, record in chunk.records:
        first = seen.setdefault(record.record_id, line)
        if first != line:
            sentence = f"The reference {record.ref!r} stands on line {first} already."
            hint = "Give each record of a file its own reference, or leave one of the two rows out."
            faults.append(RowFault(line, "source_ref", "REF-TWICE", sentence, hint))
        else:
            single.append((line, record))
            fresh.append((record.record_id, line))
    import_job.mark_seen(db, job, fresh)
    return single, faults


def _ended(
    db: sqlite3.Connection, job: ImportJob, register: Register, now_ms: int, *, broken: bool
) -> ImportJob:
    """The job at the end of a pass: over, or at the beginning of the pass that enters, or of what clears."""
    if broken or (job.bad and not job.keep_going):
        return msgspec.structs.replace(job, state=FAILED, ended_ms=now_ms)
    left = 0
    if job.whole:
        left, most = leftovers.count(db, job, register)
        if left > most:
            import_job.add_faults(db, job, [row_fault(job.line + 1, leftovers.too_many(left, most))])
            return msgspec.structs.replace(job, state=FAILED, ended_ms=now_ms)
    if job.dry_run:
        gone = {"gone": job.gone + left, "accepted": job.accepted + left}
        return msgspec.structs.replace(job, state=DONE, ended_ms=now_ms, **gone)
    if job.checked and left:
        return msgspec.structs.replace(job, state=CLEARING, cleared=leftovers.FIRST)
    if job.checked:
        return msgspec.structs.replace(job, state=DONE, ended_ms=now_ms)
    return msgspec.structs.replace(
        job,
        state=RUNNING,
        checked=True,
        offset_bytes=0,
        line=0,
        read=0,
        accepted=0,
        unchanged=0,
        bad=0,
        fresh=0,
        gone=0,
    )
