"""Which files go into the ledger before a record of one's own: those that a reader of it may not hold yet.

A file needs no second sealing while another record of this member's, whose readers include all readers of the new
one, was sealed with it and goes on being held by them.
"""

import sqlite3
from collections.abc import Iterator, Sequence

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.registers import attaching, file_store
from allpoints.registers.attaching import FILES_BYTES_LIMIT, covers
from allpoints.registers.record import RecordOp
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.attachment import Attachment

SEAL_AGAIN_MS = 30 * DAY
"""A file is sealed again when the record that carried it ends this soon.

Readers erase by their own clocks: one that was away over the end of that record would hold the file no more when
it comes to the new one.
"""

GROUP_FILES_LIMIT = 1_000
"""Files that a group of acts waits for; with ``FILES_BYTES_LIMIT`` it keeps within what readers hold for a record to come."""


def wanted(
    db: sqlite3.Connection, files: Sequence[Attachment], excluded: Sequence[str], now_ms: int
) -> list[Attachment]:
    """Those of a record's files that have to be sealed for its readers."""
    return [one for one in files if not _is_covered(db, one, excluded, now_ms + SEAL_AGAIN_MS)]


def _is_covered(
    db: sqlite3.Connection, attachment: Attachment, excluded: Sequence[str], until_ms: int
) -> bool:
    sealed = file_store.sealed_without(db, bytes.fromhex(attachment.sha256), until_ms)
    return any(covers(without, excluded) for without in sealed)


def check_at_hand(
    db: sqlite3.Connection, member: str, files: Sequence[Attachment], excluded: Sequence[str]
) -> None:
    """Refuse a record that refers to a file which is neither in the spool nor published by this member already.

    Raises Refusal FILE-UNKNOWN, FILE-OTHERWISE.
    """
    for one in files:
        sha256 = bytes.fromhex(one.sha256)
        upload = file_store.upload(db, sha256)
        if upload is not None:
            if (upload.media_type, upload.size) != (one.media_type, one.size):
                raise Refusal(
                    "FILE-OTHERWISE",
                    f"The file {one.sha256} was uploaded as {upload.media_type} of {upload.size} bytes.",
                    path="files",
                    hint="Put the reference into the record as the upload answered it.",
                )
            continue
        held = file_store.file(db, member, sha256)
        if held is not None and held.complete and held.size == one.size:
            continue
        if not _is_covered(db, one, excluded, 0):
            raise Refusal(
                "FILE-UNKNOWN",
                f"The file {one.sha256} is not here.",
                path="files",
                hint="Upload it first: allpoints file add PATH, or POST /api/v1/files.",
            )


def groups(register: Register, ops: Sequence[RecordOp]) -> Iterator[list[RecordOp]]:
    """Acts in the same order, as many together as the files of one group may be."""
    if not attaching.file_fields(register):
        yield list(ops)
        return
    group: list[RecordOp] = []
    count = total = 0
    for op in ops:
        files = files_of(register, op)
        size = sum(one.size for one in files)
        if group and (total + size > FILES_BYTES_LIMIT or count + len(files) > GROUP_FILES_LIMIT):
            yield group
            group, count, total = [], 0, 0
        group.append(op)
        count, total = count + len(files), total + size
    if group:
        yield group


def files_of(register: Register, op: RecordOp) -> tuple[Attachment, ...]:
    """The files an act's record refers to; a withdrawal refers to none."""
    if op.op != "put" or not attaching.file_fields(register):
        return ()
    return attaching.files_of(register, register.decode(op.body))
