"""From parts in ledger entries to files that records may show: every part checked as if its author were hostile.

A file belongs to the member that published it and is shown by that member's own records alone. It is erased with
the last record that refers to it. What no record refers to is kept for a while, because parts come before their
record, but only so many bytes of one author and only for so many of its entries. All of this depends on the ledger
alone, so all readers come to hold the same.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from allpoints.ground.refusal import Fault, Refusal
from allpoints.registers import attaching, file_store
from allpoints.registers.attaching import FILES_BYTES_LIMIT, FILES_LIMIT
from allpoints.registers.file_part import FilePart
from allpoints.registers.file_store import HeldFile, Ref
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.attachment import Attachment

PENDING_BYTES_LIMIT = 2 * FILES_BYTES_LIMIT
"""Bytes of one author that no record refers to; beyond it the oldest files go."""

PENDING_FILES_LIMIT = 2 * 1_000 + FILES_LIMIT
"""Files of one author that no record refers to: twice those of the largest group that one batch waits for."""

PENDING_ENTRIES_LIMIT = 512
"""After this many further entries of its author a file that no record refers to is dropped."""


class Author(NamedTuple):
    """Who wrote the entry being folded, and the entry's number in that member's chain."""

    owner: str
    seq: int


class Attached(NamedTuple):
    """A record that was changed, and the files it refers to now."""

    row: int
    owner: str
    files: Sequence[Attachment]


def fold_parts(db: sqlite3.Connection, parts: Sequence[FilePart], author: Author) -> list[Fault]:
    """Keep the parts of an entry; gives why some were not kept, as codes and sentences."""
    faults = []
    for position, part in enumerate(parts):
        try:
            _take(db, part, author)
        except Refusal as refusal:
            faults.append(Fault(refusal.code, refusal.sentence, f"parts[{position}]"))
    drop_unreferred(db, author)
    return faults


def _take(db: sqlite3.Connection, part: FilePart, author: Author) -> None:
    owner, sha256 = author.owner, part.sha256
    held = file_store.file(db, owner, sha256)
    if held is not None and held.size != part.size:
        if held.complete:
            raise Refusal("FILE-SIZE", "This file is held, and has another size.")
        # Nothing tells which of the two sizes is true before the hash does; the later word counts.
        file_store.drop_file(db, owner, sha256)
        held = None
    if held is None:
        referred = file_store.is_referred(db, owner, sha256, part.size)
        held = HeldFile(owner, sha256, part.size, 0, 0, int(referred), author.seq)
    added = len(part.data) if not held.complete and file_store.add_part(db, owner, part) else 0
    held = held._replace(held=held.held + added, author_seq=max(held.author_seq, author.seq))
    if added and held.held == held.size:
        held = held._replace(complete=1)
        _check_hash(db, held)
    file_store.put_file(db, held)


def _check_hash(db: sqlite3.Connection, held: HeldFile) -> None:
    digest = hashlib.sha256()
    for data in file_store.parts(db, held.owner, held.sha256):
        digest.update(data)
    if digest.digest() != held.sha256:
        file_store.drop_file(db, held.owner, held.sha256)
        raise Refusal("FILE-HASH", "The parts do not make the file that they name; none of them was kept.")


def drop_unreferred(db: sqlite3.Connection, author: Author) -> None:
    """Drop files of the author that no record refers to: those it forgot about, and what is too much at once."""
    total = 0
    for count, held in enumerate(file_store.pending(db, author.owner), 1):
        total += held.held
        forgotten = held.author_seq < author.seq - PENDING_ENTRIES_LIMIT
        if forgotten or total > PENDING_BYTES_LIMIT or count > PENDING_FILES_LIMIT:
            file_store.drop_file(db, held.owner, held.sha256)


def attach(
    db: sqlite3.Connection, register: Register, changed: Iterable[tuple[int, str, bytes | None]]
) -> None:
    """Note the files of changed records, each given by its row, its owner and its body, None when that is gone."""
    if not attaching.file_fields(register):
        return
    bodies = [(row, owner, body and register.decode(body)) for row, owner, body in changed]
    refer(
        db,
        [
            Attached(row, owner, attaching.files_of(register, body) if body else ())
            for row, owner, body in bodies
        ],
    )


def refer(db: sqlite3.Connection, changed: Iterable[Attached]) -> None:
    """Note what changed records refer to now; files that lose their last record are erased."""
    changed = list(changed)
    rows = [one.row for one in changed]
    before = file_store.refs_at(db, rows)
    file_store.drop_refs(db, rows)
    now = [
        Ref(one.row, one.owner, bytes.fromhex(attachment.sha256), attachment.size)
        for one in changed
        for attachment in one.files
    ]
    file_store.add_refs(db, now)
    for ref in now:
        held = file_store.file(db, ref.owner, ref.sha256)
        if held is not None and held.size == ref.size and not held.referred:
            file_store.put_file(db, held._replace(referred=1))
    _erase_orphans(db, before)


def unrefer(db: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Records are withdrawn or have expired: erase the files that no other record of their owner refers to."""
    rows = list(rows)
    before = file_store.refs_at(db, rows)
    file_store.drop_refs(db, rows)
    _erase_orphans(db, before)


def _erase_orphans(db: sqlite3.Connection, before: Iterable[Ref]) -> None:
    for ref in before:
        held = file_store.file(db, ref.owner, ref.sha256)
        if held is not None and not file_store.is_referred(db, ref.owner, ref.sha256, held.size):
            file_store.drop_file(db, ref.owner, ref.sha256)
