"""What a holder of the ledger gives out: chunks that end at a signed checkpoint, and proofs."""

import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger import store
from allpoints.ledger.entry import ENTRY_LIMIT_BYTES
from allpoints.ledger.merkle import consistency_path, inclusion_path

CHUNK_LIMIT_ENTRIES = 256
CHUNK_LIMIT_BYTES = ENTRY_LIMIT_BYTES
"""A chunk is at most this large: the largest entry fits, and a chunk fits into a frame of twice the size."""


class Chunk(msgspec.Struct, frozen=True):
    """Entries in sequence and the checkpoint of exactly the size at which they end."""

    first_seq: int
    entries: tuple[bytes, ...]
    checkpoint: str

    @property
    def size(self) -> int:
        """The sequence number of the last entry, which is the checkpoint's size."""
        return self.first_seq + len(self.entries) - 1


def chunk(
    db: sqlite3.Connection,
    first_seq: int,
    limit_entries: int = CHUNK_LIMIT_ENTRIES,
    limit_bytes: int = CHUNK_LIMIT_BYTES,
) -> Chunk | None:
    """The entries from ``first_seq`` to the farthest stored checkpoint within the limits; None if there is no news.

    Limits below the constants are kept when a checkpoint allows; one chunk to the next checkpoint is always given.
    Raises Refusal LEDGER-AHEAD when the asker holds more than is signed here.
    """
    signed = (store.latest_checkpoint(db) or (0, ""))[0]
    if not 1 <= first_seq <= signed + 1:
        raise Refusal(
            "LEDGER-AHEAD",
            f"Entry {first_seq} is not the next after any of the {signed} entries here.",
            path="first_seq",
            status=409,
        )
    if first_seq == signed + 1:
        return None
    most = first_seq + min(limit_entries, CHUNK_LIMIT_ENTRIES) - 1
    reach = _reach(store.lengths(db, first_seq, most), min(limit_bytes, CHUNK_LIMIT_BYTES))
    end, text = _farthest(db, first_seq, first_seq + reach - 1)
    return Chunk(first_seq, tuple(store.encoded(db, first_seq, end)), text)


def drop_needless_checkpoint(db: sqlite3.Connection, latest: int) -> None:
    """Drop the checkpoint before ``latest`` if one chunk can reach from the one before it to ``latest``.

    Without this, a ledger that grows one entry at a time would keep a checkpoint as large as each entry.
    """
    before = store.checkpoints_before(db, latest)
    if not before:
        return
    start = before[1] if len(before) > 1 else 0
    if (
        latest - start <= CHUNK_LIMIT_ENTRIES
        and sum(store.lengths(db, start + 1, latest)) <= CHUNK_LIMIT_BYTES
    ):
        store.drop_checkpoint(db, before[0])


def inclusion_proof(db: sqlite3.Connection, index: int, size: int) -> list[bytes]:
    """The proof that the entry ``index + 1`` stands in the ledger of ``size`` entries; an index counts from 0."""
    _check_held(db, size)
    return inclusion_path(lambda level, position: store.node(db, level, position), index, size)


def consistency_proof(db: sqlite3.Connection, first: int, second: int) -> list[bytes]:
    """The proof that the ledger of ``second`` entries begins with the ledger of ``first`` entries."""
    _check_held(db, second)
    return consistency_path(lambda level, position: store.node(db, level, position), first, second)


def _check_held(db: sqlite3.Connection, size: int) -> None:
    held = store.size(db)
    if size > held:
        raise Refusal("LEDGER-AHEAD", f"Only {held} entries are held here.", path="size", status=409)


def _reach(lengths: list[int], limit_bytes: int) -> int:
    """How many entries fit, at least one."""
    total = 0
    for count, length in enumerate(lengths):
        total += length
        if count and total > limit_bytes:
            return count
    return max(1, len(lengths))


def _farthest(db: sqlite3.Connection, first_seq: int, last_seq: int) -> tuple[int, str]:
    """The last checkpoint that ends within the range, or else the next one after it."""
    within = store.checkpoint_between(db, first_seq, last_seq)
    if within is not None:
        return within
    return next(store.checkpoints(db, first_seq))
