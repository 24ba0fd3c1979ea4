"""Reading the whole local copy again, as ``allpoints verify`` does, and naming the first entry that is not sound."""

import sqlite3
from collections.abc import Callable, Iterator

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.ledger import checkpoint, erasing, store
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.ledger.entry import AuthorKey, Entry, Head
from allpoints.ledger.following import Learn, at_sequence, check_author, check_erased
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.stub import Item, Stub, read, stub_of

PAGE_ENTRIES = 256

Progress = Callable[[int, int], None]
"""``progress(done, total)``: told after every page of entries."""


class Report(msgspec.Struct, frozen=True):
    """How many entries and checkpoints are sound, and the first fault with its sequence number (0: the tables)."""

    entries: int
    checkpoints: int
    seq: int = 0
    fault: Fault | None = None

    @property
    def sound(self) -> bool:
        return self.fault is None


def verify_ledger(
    db: sqlite3.Connection,
    relay_keys: Callable[[], RelayKeys],
    author_key: AuthorKey,
    progress: Progress,
    learn: Learn | None = None,
) -> Report:
    """Verify every entry, chain, hash and checkpoint that is held; ``learn`` is told of each as in ``accept``.

    ``relay_keys`` says whose checkpoints count after what was learned so far.

    Trusts nothing but the bytes of the entries and of the checkpoints: all else is computed again and compared.
    """
    reading = _Reading(db, relay_keys, author_key, learn)
    seq = 0
    try:
        held = store.size(db)
        for row in _pages(db, progress, held):
            seq += 1
            reading.entry(seq, row)
        seq = 0
        reading.finish(held)
    except Refusal as refusal:
        return reading.report(seq, refusal.fault())
    except sqlite3.DatabaseError as error:
        # A damaged file is a finding here, not a malfunction.
        return reading.report(seq, Fault("LEDGER-UNREADABLE", f"The tables cannot be read: {error}."))
    return reading.report()


class _Reading:
    def __init__(
        self,
        db: sqlite3.Connection,
        relay_keys: Callable[[], RelayKeys],
        author_key: AuthorKey,
        learn: Learn | None,
    ) -> None:
        self._db = db
        self._relay_keys = relay_keys
        self._author_key = author_key
        self._learn = learn
        self._tree = Frontier()
        self._heads: dict[str, Head] = {}
        self._erased: set[int] = set()
        self._ordered: set[int] = set()
        self._nodes = 0
        self._signed = 0
        self._checkpoints = 0

    def entry(self, seq: int, row: store.Row) -> None:
        try:
            self._entry(seq, row)
        except Refusal as refusal:
            raise at_sequence(refusal, seq) from refusal

    def _entry(self, seq: int, row: store.Row) -> None:
        if row[0] != seq:
            raise _unsound("LEDGER-GAP", f"Here stands entry {row[0]}.")
        if type(row[-1]) is not bytes:
            raise _unsound("LEDGER-UNREADABLE", "The entry is not held as bytes.")
        item = read(row[-1])
        facts = stub_of(item)
        if row != store.as_row(seq, item):
            raise _unsound("LEDGER-ROW", "The table says something else of this entry than its bytes do.")
        if store.place(self._db, facts.id) != (seq, item.commitment):
            raise _unsound("ENTRY-ID-REUSED", "Another entry has the same id.")
        head = self._heads.get(facts.author, Head())
        if isinstance(item, Stub):
            check_erased(item, head)
            self._erased.add(seq)
        else:
            check_author(item, head, self._author_key)
            self._order(seq, item)
        if self._learn is not None and isinstance(item, Entry):
            # Before its checkpoint is looked at: the entry may say that another key signs it.
            self._learn(item)
        self._grow(item)

    def _order(self, seq: int, entry: Entry) -> None:
        named = erasing.check_order(entry, lambda entry_id: self._earlier(seq, entry_id))
        places = {place[0] for one in named if (place := store.place(self._db, one.id)) is not None}
        if left := places - self._erased:
            raise _unsound("LEDGER-NOT-ERASED", f"Its owner had entry {min(left)} erased, and it is held.")
        self._ordered |= places

    def _earlier(self, seq: int, entry_id: bytes) -> Stub | None:
        place = store.place(self._db, entry_id)
        return erasing.held(self._db, entry_id) if place is not None and place[0] < seq else None

    def _grow(self, item: Item) -> None:
        facts = stub_of(item)
        self._heads[facts.author] = Head(facts.author_seq, item.commitment)
        self._tree, completed = self._tree.grow(item.leaf)
        for level in range(store.TILE_LEVELS, len(completed), store.TILE_LEVELS):
            self._nodes += 1
            position = (self._tree.size >> level) - 1
            if store.node(self._db, level, position) != completed[level]:
                raise _unsound(
                    "LEDGER-NODE", f"The stored hash of subtree {position} at level {level} is wrong."
                )
        self._checkpoint()

    def _checkpoint(self) -> None:
        stored = store.tree_at(self._db, self._tree.size)
        if stored is None:
            return
        frontier, text = stored
        if frontier != self._tree.to_bytes():
            raise _unsound("LEDGER-FRONTIER", "The stored frontier is not that of the entries.")
        if text is None:
            return
        if type(text) is not str:
            raise _unsound("LEDGER-UNREADABLE", "The checkpoint is not held as text.")
        signed = checkpoint.verify(text, self._relay_keys())
        if (signed.size, signed.root) != (self._tree.size, self._tree.root()):
            raise _unsound("CHECKPOINT-ROOT", "The stored checkpoint is of another tree.")
        self._signed = signed.size
        self._checkpoints += 1

    def finish(self, held: int) -> None:
        """Compare what stands beside the entries."""
        read = self._tree.size
        if read != held:
            raise _unsound("LEDGER-GAP", f"The tree is of {held} entries, and {read} are held.")
        unordered = sorted(self._erased - self._ordered)
        if unordered:
            raise _unsound(
                "LEDGER-UNORDERED", f"Entry {unordered[0]} is erased, and no order of its owner says so."
            )
        if store.unordered(self._db):
            raise _unsound("LEDGER-ROW", "The table says that an order is missing which is there.")
        if store.heads(self._db) != self._heads:
            raise _unsound(
                "LEDGER-HEADS", "The stored ends of the authors' chains are not those of the entries."
            )
        if store.count_nodes(self._db) != self._nodes:
            raise _unsound("LEDGER-NODE", "The stored subtrees are not those of the entries.")
        if self._signed != read:
            raise _unsound(
                "CHECKPOINT-MISSING", f"The last checkpoint covers {self._signed} of {read} entries."
            )

    def report(self, seq: int = 0, fault: Fault | None = None) -> Report:
        return Report(self._tree.size, self._checkpoints, seq, fault)


def _pages(db: sqlite3.Connection, progress: Progress, total: int) -> Iterator[store.Row]:
    done = 0
    while True:
        page = list(store.rows_after(db, done, PAGE_ENTRIES))
        yield from page
        if not page:
            return
        done = page[-1][0]
        progress(done, total)


def _unsound(code: str, sentence: str) -> Refusal:
    return Refusal(code, sentence, hint="This copy is damaged: drop it and follow the ledger again.")
