"""What the relay does: append one entry after strict checks, and sign a checkpoint once per group commit."""

import sqlite3
from collections.abc import Iterator

import msgspec

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey
from allpoints.ledger import checkpoint, erasing, store
from allpoints.ledger.checkpoint import Checkpoint
from allpoints.ledger.entry import AuthorKey, Entry, parse
from allpoints.ledger.log_key import LogKey
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.serving import CHUNK_LIMIT_BYTES, CHUNK_LIMIT_ENTRIES, drop_needless_checkpoint

SKEW_LIMIT_MS = 10 * MINUTE
"""How far an author's clock may be ahead of the relay's."""


class Appended(msgspec.Struct, frozen=True):
    """Where an entry stands in the ledger, and whether it already stood there."""

    seq: int
    id: bytes
    already: bool


def append(db: sqlite3.Connection, entry_bytes: bytes, author_key: AuthorKey, now_ms: int) -> Appended:
    """Append an entry, once: the same bytes again answer with the same place.

    Raises Refusal: what ``parse`` raises, ENTRY-ID-REUSED, ENTRY-FUTURE, AUTHOR-GAP, AUTHOR-FORK, what
    ``author_key`` raises, AUTHOR-KEY-REPLACED, BAD-SIGNATURE and what ``erasing.check_order`` raises; nothing is
    written before all of them passed. An order to erase is carried out at once.
    """
    entry = parse(entry_bytes)
    held = store.place(db, entry.header.id)
    if held is not None:
        return _again(entry, *held)
    _check_time(entry, now_ms)
    store.head(db, entry.header.author).check_next(entry.header)
    _check_author(entry, author_key, now_ms)
    ordered = erasing.check_order(entry, lambda entry_id: erasing.held(db, entry_id))
    before = store.frontier(db)
    after = store.add(db, before, [entry])
    store.keep_unsigned(db, before, after)
    erasing.carry_out(db, ordered)
    return Appended(after.size, entry.header.id, already=False)


def seal_checkpoint(
    db: sqlite3.Connection, origin: str, key: SigningKey, log_key: LogKey | None = None
) -> str:
    """Sign the tree as it stands and give the checkpoint's text; unchanged since the last one, gives that.

    The line of ``log_key`` comes below the two of ``key``.

    A group commit larger than one chunk gets a checkpoint at the end of each chunk, so that a follower can always
    be sent a chunk that ends at one. Checkpoints that no chunk needs any more are dropped.
    """
    latest = store.latest_checkpoint(db)
    tree = store.frontier(db)
    if latest is not None and latest[0] == tree.size:
        return latest[1]
    signed = 0 if latest is None else latest[0]
    text = ""
    for boundary in _boundaries(db, signed, tree.size):
        part = tree if boundary == tree.size else _tree_at(db, boundary)
        head = Checkpoint(origin, boundary, part.root())
        text = checkpoint.sign(head, key) + (log_key.sign(head) if log_key is not None else "")
        store.keep_checkpoint(db, part, text)
    drop_needless_checkpoint(db, tree.size)
    return text


def _again(entry: Entry, seq: int, commitment: bytes) -> Appended:
    if commitment != entry.commitment:
        raise Refusal(
            "ENTRY-ID-REUSED",
            f"Another entry with this id stands at {seq}.",
            path="header.id",
            hint="Send the bytes that were signed first, or write a new entry with a new id.",
            status=409,
        )
    return Appended(seq, entry.header.id, already=True)


def _check_time(entry: Entry, now_ms: int) -> None:
    if entry.header.created_ms > now_ms + SKEW_LIMIT_MS:
        raise Refusal(
            "ENTRY-FUTURE",
            f"This entry says it was written more than {SKEW_LIMIT_MS // MINUTE} minutes from now.",
            path="header.created_ms",
            hint="Set the clock of the node that wrote it.",
        )


def _check_author(entry: Entry, author_key: AuthorKey, now_ms: int) -> None:
    """Followers only know when the entry was written; the relay also knows when it came.

    Both times must give the same answer: with the first alone a suspended author could date an entry back, with
    the second alone the relay might append what every follower must refuse.
    """
    header = entry.header
    then = author_key(header.author, header.kind, header.created_ms)
    now = author_key(header.author, header.kind, now_ms)
    if then != now:
        raise Refusal(
            "AUTHOR-KEY-REPLACED",
            f"{header.author} has another signing key since this entry was written.",
            path="header.created_ms",
            hint="Write the entry again and sign it with the present key.",
            status=409,
        )
    entry.verify(now)


def _boundaries(db: sqlite3.Connection, signed: int, size: int) -> Iterator[int]:
    """The sizes after ``signed`` that need a checkpoint so that each chunk keeps its limits."""
    start, total = signed, 0
    for seq, length in enumerate(store.lengths(db, signed + 1, size), signed + 1):
        total += length
        if seq - start > CHUNK_LIMIT_ENTRIES or total > CHUNK_LIMIT_BYTES:
            yield seq - 1
            start, total = seq - 1, length
    yield size


def _tree_at(db: sqlite3.Connection, size: int) -> Frontier:
    return Frontier.of(lambda level, position: store.node(db, level, position), size)
