"""What a follower does: take a batch only as a whole, and only under a checkpoint of exactly its size."""

import sqlite3
from collections.abc import Callable, Sequence

from allpoints.ground.refusal import Refusal
from allpoints.ledger import checkpoint, erasing, store
from allpoints.ledger.checkpoint import Checkpoint, RelayKeys
from allpoints.ledger.entry import AuthorKey, Entry, Head
from allpoints.ledger.facts import SEALED
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.serving import CHUNK_LIMIT_BYTES, CHUNK_LIMIT_ENTRIES, drop_needless_checkpoint
from allpoints.ledger.stub import Item, Stub, read, stub_of

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
) -> list[Item]:
    """Verify a batch and write what is new of it; gives the new items, in order.

    What is already held and identical is passed over. A stub stands for an entry that its owner had erased; it is
    taken, and stays unordered until the order comes. Raises Refusal and writes nothing otherwise: BATCH-SIZE,
    CHECKPOINT-FORMAT, -ORIGIN, -SIGNATURE, -SIZE, -ROOT; LEDGER-GAP, LEDGER-FORK, LEDGER-ROLLBACK; and, with the
    sequence number, what parsing, the author's chain, ``author_key``, a signature or an order to erase refuses.
    """
    _check_limits(first_seq, entries)
    signed = checkpoint.verify(checkpoint_text, relay_keys)
    held = store.frontier(db)
    _check_place(db, first_seq, len(entries), signed, held)
    items = _read(first_seq, entries)
    fresh = items[_check_held(db, first_seq, items, held.size) :]
    if not fresh:
        return []
    tree = held
    for item in fresh:
        tree = tree.append(item.leaf)
    if tree.root() != signed.root:
        raise Refusal(
            "CHECKPOINT-ROOT",
            f"These entries do not lead to the tree that the relay signed for {signed.size} entries.",
            path="checkpoint",
        )
    ordered = _verified(db, held.size + 1, fresh, author_key, learn)
    store.add(db, held, fresh)
    erasing.carry_out(db, ordered)
    store.keep_checkpoint(db, tree, checkpoint_text)
    drop_needless_checkpoint(db, tree.size)
    return fresh


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


def _read(first_seq: int, entries: Sequence[bytes]) -> list[Item]:
    items: list[Item] = []
    for seq, data in enumerate(entries, first_seq):
        try:
            items.append(read(data))
        except Refusal as refusal:
            raise at_sequence(refusal, seq) from refusal
    return items


def _check_held(db: sqlite3.Connection, first_seq: int, items: Sequence[Item], size: int) -> int:
    """Refuse if an entry differs from the one held in its place; gives how many are held."""
    last = min(size, first_seq + len(items) - 1)
    for place, commitment in enumerate(store.commitments(db, first_seq, last)):
        if items[place].commitment != commitment:
            raise Refusal(
                "LEDGER-FORK",
                f"Entry {first_seq + place} is held here with other bytes.",
                path=f"entries[{place}]",
                hint="Ask again; if the same bytes come again, compare them with another member's.",
                status=409,
            )
    return min(len(items), size - first_seq + 1)


def _verified(
    db: sqlite3.Connection,
    first_seq: int,
    items: Sequence[Item],
    author_key: AuthorKey,
    learn: Learn | None,
) -> list[erasing.Named]:
    """Verify every item in its order; gives all that they order to be erased."""
    heads: dict[str, Head] = {}
    seen: dict[bytes, Stub] = {}
    ordered: list[erasing.Named] = []
    for seq, item in enumerate(items, first_seq):
        facts = stub_of(item)
        try:
            _check_new(db, facts.id, seen)
            head = heads.get(facts.author) or store.head(db, facts.author)
            if isinstance(item, Entry):
                check_author(item, head, author_key)
                ordered += erasing.check_order(item, lambda one: seen.get(one) or erasing.held(db, one))
                if learn is not None:
                    learn(item)
            else:
                check_erased(item, head)
        except Refusal as refusal:
            raise at_sequence(refusal, seq) from refusal
        heads[facts.author] = Head(facts.author_seq, item.commitment)
        seen[facts.id] = facts
    return ordered


def check_erased(stub: Stub, head: Head) -> None:
    """Refuse a stub that does not continue its author's chain, or of an entry that nobody may erase (ERASE-CLEAR)."""
    head.check_number(stub.author, stub.author_seq)
    if stub.sealing != SEALED:
        raise Refusal("ERASE-CLEAR", "A clear entry is never erased.", path="header.sealing", status=409)


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


def _check_new(db: sqlite3.Connection, entry_id: bytes, seen: dict[bytes, Stub]) -> None:
    if entry_id in seen or store.place(db, entry_id) is not None:
        raise Refusal("ENTRY-ID-REUSED", "Another entry has the same id.", path="header.id", status=409)
