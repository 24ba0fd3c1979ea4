"""What a follower does: take a batch only as a whole, and only under a checkpoint of exactly its size."""

import sqlite3
from collections.abc import Callable, Sequence

from allpoints.ground.refusal import Refusal
from allpoints.ledger import checkpoint, store
from allpoints.ledger.checkpoint import Checkpoint, RelayKeys
from allpoints.ledger.entry import AuthorKey, Entry, Head, parse
from allpoints.ledger.merkle import Frontier, leaf_hash
from allpoints.ledger.serving import CHUNK_LIMIT_BYTES, CHUNK_LIMIT_ENTRIES, drop_needless_checkpoint

Learn = Callable[[Entry], None]
"""Told of each verified entry in order, before the next is looked at.

A batch may admit a member and carry that member's first entry: the caller folds admissions into a directory of
its own for the batch, from which ``author_key`` answers, and throws it away if the batch is refused.
"""


def accept(
    db: sqlite3.Connection,
    first_seq: int,
    entries: Sequence[bytes],
    checkpoint_text: str,
    relay_keys: RelayKeys,
    author_key: AuthorKey,
    learn: Learn | None = None,
) -> list[Entry]:
    """Verify a batch and write what is new of it; gives the new entries, in order.

    What is already held and identical is passed over. Raises Refusal and writes nothing otherwise: BATCH-SIZE,
    CHECKPOINT-FORMAT, -ORIGIN, -SIGNATURE, -SIZE, -ROOT; LEDGER-GAP, LEDGER-FORK, LEDGER-ROLLBACK; and, with the
    sequence number, what parsing, the author's chain, ``author_key`` or a signature refuses.
    """
    _check_limits(first_seq, entries)
    signed = checkpoint.verify(checkpoint_text, relay_keys)
    held = store.frontier(db)
    _check_place(db, first_seq, len(entries), signed, held)
    fresh = entries[_check_held(db, first_seq, entries, held.size) :]
    if not fresh:
        return []
    tree = held
    for data in fresh:
        tree = tree.append(leaf_hash(data))
    if tree.root() != signed.root:
        raise Refusal(
            "CHECKPOINT-ROOT",
            f"These entries do not lead to the tree that the relay signed for {signed.size} entries.",
            path="checkpoint",
        )
    verified = _verified(db, held.size + 1, fresh, author_key, learn)
    store.add(db, held, verified)
    store.keep_checkpoint(db, tree, checkpoint_text)
    drop_needless_checkpoint(db, tree.size)
    return verified


def _check_limits(first_seq: int, entries: Sequence[bytes]) -> None:
    total = sum(len(data) for data in entries)
    if not 1 <= len(entries) <= CHUNK_LIMIT_ENTRIES or total > CHUNK_LIMIT_BYTES:
        raise Refusal(
            "BATCH-SIZE",
            f"A batch has 1 to {CHUNK_LIMIT_ENTRIES} entries and at most {CHUNK_LIMIT_BYTES} bytes.",
            path="entries",
            status=413,
        )
    if first_seq < 1:
        raise Refusal("LEDGER-GAP", "Entries are counted from 1.", path="first_seq", status=409)


def _check_place(
    db: sqlite3.Connection, first_seq: int, count: int, signed: Checkpoint, held: Frontier
) -> None:
    if signed.size != first_seq + count - 1:
        raise Refusal(
            "CHECKPOINT-SIZE",
            f"The checkpoint is of {signed.size} entries, but the batch ends at {first_seq + count - 1}.",
            path="checkpoint",
        )
    if first_seq > held.size + 1:
        raise Refusal(
            "LEDGER-GAP",
            f"Entries {held.size + 1} to {first_seq - 1} are missing before this batch.",
            path="first_seq",
            hint=f"Ask for the entries from {held.size + 1} on.",
            status=409,
        )
    if signed.size > held.size:
        return
    own = Frontier.of(lambda level, position: store.node(db, level, position), signed.size)
    if own.root() != signed.root:
        raise Refusal(
            "LEDGER-FORK",
            f"The relay signed another tree of {signed.size} entries than the one held here.",
            path="checkpoint",
            hint="Keep this checkpoint: it proves that the relay says different things to different members.",
            status=409,
        )
    if signed.size < held.size:
        raise Refusal(
            "LEDGER-ROLLBACK",
            f"{held.size} entries are held, and this checkpoint is of {signed.size} only.",
            path="checkpoint",
            hint="An old batch that arrives late does no harm; a relay that stays behind has lost entries.",
            status=409,
        )


def _check_held(db: sqlite3.Connection, first_seq: int, entries: Sequence[bytes], size: int) -> int:
    """Refuse if an entry differs from the one held in its place; gives how many are held."""
    for place, leaf in enumerate(store.leaves(db, first_seq, min(size, first_seq + len(entries) - 1))):
        if leaf_hash(entries[place]) != leaf:
            raise Refusal(
                "LEDGER-FORK",
                f"Entry {first_seq + place} is held here with other bytes.",
                path=f"entries[{place}]",
                hint="Ask again; if the same bytes come again, compare them with another member's.",
                status=409,
            )
    return min(len(entries), size - first_seq + 1)


def _verified(
    db: sqlite3.Connection,
    first_seq: int,
    entries: Sequence[bytes],
    author_key: AuthorKey,
    learn: Learn | None,
) -> list[Entry]:
    heads: dict[str, Head] = {}
    seen: set[bytes] = set()
    verified: list[Entry] = []
    for seq, data in enumerate(entries, first_seq):
        try:
            entry = parse(data)
            author = entry.header.author
            _check_new(db, entry, seen)
            check_author(entry, heads.get(author) or store.head(db, author), author_key)
            if learn is not None:
                learn(entry)
        except Refusal as refusal:
            raise at_sequence(refusal, seq) from refusal
        heads[author] = Head(entry.header.author_seq, entry.hash)
        seen.add(entry.header.id)
        verified.append(entry)
    return verified


def check_author(entry: Entry, head: Head, author_key: AuthorKey) -> None:
    """Refuse an entry that does not continue its author's chain or is not signed by its author."""
    header = entry.header
    head.check_next(header)
    entry.verify(author_key(header.author, header.kind, header.created_ms))


def at_sequence(refusal: Refusal, seq: int) -> Refusal:
    """The same refusal, said of the entry at this place in the ledger."""
    return Refusal(
        refusal.code,
        f"Entry {seq}: {refusal.sentence}",
        path=f"entries[{seq}].{refusal.path}".rstrip("."),
        hint=refusal.hint,
        status=refusal.status,
        faults=refusal.faults,
    )


def _check_new(db: sqlite3.Connection, entry: Entry, seen: set[bytes]) -> None:
    if entry.header.id in seen or store.place(db, entry.header.id) is not None:
        raise Refusal("ENTRY-ID-REUSED", "Another entry has the same id.", path="header.id", status=409)
