"""The ledger's tables: entries, the ends of the authors' chains, the tree's frontier and its subtrees."""

import sqlite3
from collections.abc import Iterator, Sequence

from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import Head
from allpoints.ledger.merkle import Frontier, complete_root, leaf_hash
from allpoints.ledger.stub import Item, Stub, stub_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger_entries (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    author TEXT NOT NULL,
    author_seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    commitment BLOB NOT NULL,
    bytes BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS ledger_unordered (seq INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS ledger_heads (
    author TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_tree (
    size INTEGER PRIMARY KEY,
    frontier BLOB NOT NULL,
    checkpoint TEXT
);
CREATE TABLE IF NOT EXISTS ledger_nodes (
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, position)
) WITHOUT ROWID;
"""
"""``ledger_entries.bytes`` are those of the entry, or of its stub once it is erased; ``ledger_unordered`` holds the
places that came erased and whose owner's order has not come yet. ``ledger_tree`` has one row for each size with a checkpoint, and one without for what is not yet signed.

``ledger_nodes`` keeps the subtree roots of every eighth level (256, 65,536 … leaves), which is what C2SP tiles are.
"""

TILE_LEVELS = 8

Row = tuple[int, bytes, str, int, str, bytes, bytes]
"""seq, id, author, author_seq, kind, commitment, bytes: the columns of ``ledger_entries``."""


def frontier(db: sqlite3.Connection) -> Frontier:
    """The tree over everything that is held."""
    row = db.execute("SELECT frontier FROM ledger_tree ORDER BY size DESC LIMIT 1").fetchone()
    return Frontier() if row is None else Frontier.from_bytes(row[0])


def size(db: sqlite3.Connection) -> int:
    """How many entries are held, which is the sequence number of the last one."""
    row = db.execute("SELECT max(size) FROM ledger_tree").fetchone()
    return int(row[0] or 0)


def checkpoints(db: sqlite3.Connection, least: int = 0) -> Iterator[tuple[int, str]]:
    """Sizes and texts of the stored checkpoints from size ``least`` on, smallest first."""
    yield from db.execute(
        "SELECT size, checkpoint FROM ledger_tree WHERE checkpoint IS NOT NULL AND size >= ? ORDER BY size",
        (least,),
    )


def latest_checkpoint(db: sqlite3.Connection) -> tuple[int, str] | None:
    """Size and text of the checkpoint that covers most, or None before the first."""
    row: tuple[int, str] | None = db.execute(
        "SELECT size, checkpoint FROM ledger_tree WHERE checkpoint IS NOT NULL ORDER BY size DESC LIMIT 1"
    ).fetchone()
    return row


def head(db: sqlite3.Connection, author: str) -> Head:
    """The end of an author's chain; an author who has written nothing has an empty one."""
    row = db.execute("SELECT seq, hash FROM ledger_heads WHERE author = ?", (author,)).fetchone()
    return Head() if row is None else Head(*row)


def heads(db: sqlite3.Connection) -> dict[str, Head]:
    """The ends of all chains, by author."""
    return {author: Head(seq, last) for author, seq, last in db.execute("SELECT * FROM ledger_heads")}


def place(db: sqlite3.Connection, entry_id: bytes) -> tuple[int, bytes] | None:
    """Sequence number and commitment of the entry with this id, or None."""
    row: tuple[int, bytes] | None = db.execute(
        "SELECT seq, commitment FROM ledger_entries WHERE id = ?", (entry_id,)
    ).fetchone()
    return row


def id_at(db: sqlite3.Connection, seq: int, author: str) -> bytes | None:
    """The identifier of the entry at a place, if this author wrote it."""
    row = db.execute("SELECT id FROM ledger_entries WHERE seq=? AND author=?", (seq, author)).fetchone()
    return bytes(row[0]) if row else None


def rows_after(db: sqlite3.Connection, seq: int, limit: int) -> Iterator[Row]:
    """Whole rows in sequence, as they stand in the table, from the one after ``seq`` on."""
    yield from db.execute(
        "SELECT seq, id, author, author_seq, kind, commitment, bytes FROM ledger_entries"
        " WHERE seq > ? ORDER BY seq LIMIT ?",
        (seq, limit),
    )


def encoded(db: sqlite3.Connection, first_seq: int, last_seq: int) -> list[bytes]:
    """The bytes of the entries (or their stubs) in sequence, both ends included."""
    found = db.execute(
        "SELECT bytes FROM ledger_entries WHERE seq BETWEEN ? AND ? ORDER BY seq", (first_seq, last_seq)
    )
    return [row[0] for row in found]


def lengths(db: sqlite3.Connection, first_seq: int, last_seq: int) -> list[int]:
    """The lengths of the entries in sequence, without reading their bytes."""
    found = db.execute(
        "SELECT length(bytes) FROM ledger_entries WHERE seq BETWEEN ? AND ? ORDER BY seq",
        (first_seq, last_seq),
    )
    return [row[0] for row in found]


def commitments(db: sqlite3.Connection, first_seq: int, last_seq: int) -> list[bytes]:
    """The commitments of the entries in sequence, both ends included."""
    found = db.execute(
        "SELECT commitment FROM ledger_entries WHERE seq BETWEEN ? AND ? ORDER BY seq", (first_seq, last_seq)
    )
    return [row[0] for row in found]


def leaves(db: sqlite3.Connection, first_seq: int, last_seq: int) -> list[bytes]:
    """The leaf hashes of the entries in sequence, both ends included."""
    return [leaf_hash(one) for one in commitments(db, first_seq, last_seq)]


def row(db: sqlite3.Connection, level: int, first: int, last: int) -> list[bytes]:
    """The hashes of a stored level (0, 8, 16 …) from position ``first`` to ``last``; fewer if they are not held."""
    if level == 0:
        return leaves(db, first + 1, last + 1)
    found = db.execute(
        "SELECT hash FROM ledger_nodes WHERE level = ? AND position BETWEEN ? AND ? ORDER BY position",
        (level, first, last),
    )
    return [one[0] for one in found]


def node(db: sqlite3.Connection, level: int, position: int) -> bytes:
    """The root of a complete subtree, from the nearest stored level below: at most 128 rows and hashes."""
    base = level - level % TILE_LEVELS
    start, count = position << (level - base), 1 << (level - base)
    hashes = row(db, base, start, start + count - 1)
    if len(hashes) != count:
        raise Refusal(
            "LEDGER-INCOMPLETE",
            f"The tree has {len(hashes)} of the {count} hashes that it needs at level {base}.",
            hint="Run allpoints verify.",
        )
    return complete_root(hashes)


def add(db: sqlite3.Connection, held: Frontier, items: Sequence[Item]) -> Frontier:
    """Write verified items behind what is held, with chain ends and subtrees; gives the new frontier."""
    after = held
    for item in items:
        after, completed = after.grow(item.leaf)
        db.execute("INSERT INTO ledger_entries VALUES (?, ?, ?, ?, ?, ?, ?)", as_row(after.size, item))
        if isinstance(item, Stub):
            db.execute("INSERT INTO ledger_unordered VALUES (?)", (after.size,))
        facts = stub_of(item)
        db.execute(
            "INSERT INTO ledger_heads VALUES (?, ?, ?)"
            " ON CONFLICT (author) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
            (facts.author, facts.author_seq, item.commitment),
        )
        for level in range(TILE_LEVELS, len(completed), TILE_LEVELS):
            position = (after.size >> level) - 1
            db.execute("INSERT INTO ledger_nodes VALUES (?, ?, ?)", (level, position, completed[level]))
    return after


def as_row(seq: int, item: Item) -> Row:
    """The row of ``ledger_entries`` that an item has at a place."""
    facts = stub_of(item)
    return (seq, facts.id, facts.author, facts.author_seq, facts.kind, item.commitment, item.encoded)


def bytes_of(db: sqlite3.Connection, entry_id: bytes) -> bytes | None:
    """The bytes of the entry with this id or of its stub, or None."""
    found = db.execute("SELECT bytes FROM ledger_entries WHERE id = ?", (entry_id,)).fetchone()
    return None if found is None else bytes(found[0])


def erase(db: sqlite3.Connection, stub: Stub) -> None:
    """Let the stub stand in place of the entry's bytes, which its owner's order covers."""
    db.execute("UPDATE ledger_entries SET bytes = ? WHERE id = ?", (stub.encoded, stub.id))
    db.execute(
        "DELETE FROM ledger_unordered WHERE seq = (SELECT seq FROM ledger_entries WHERE id = ?)", (stub.id,)
    )


def unordered(db: sqlite3.Connection) -> list[int]:
    """Places that came erased and whose owner's order has not come, in sequence."""
    return [found[0] for found in db.execute("SELECT seq FROM ledger_unordered ORDER BY seq")]


def keep_unsigned(db: sqlite3.Connection, held: Frontier, tree: Frontier) -> None:
    """Set the frontier of what is appended and not yet under a checkpoint, in place of ``held``."""
    db.execute("DELETE FROM ledger_tree WHERE size = ? AND checkpoint IS NULL", (held.size,))
    db.execute("INSERT INTO ledger_tree VALUES (?, ?, NULL)", (tree.size, tree.to_bytes()))


def keep_checkpoint(db: sqlite3.Connection, tree: Frontier, checkpoint: str) -> None:
    """Keep the checkpoint of the tree at its size."""
    db.execute(
        "INSERT INTO ledger_tree VALUES (?, ?, ?)"
        " ON CONFLICT (size) DO UPDATE SET frontier = excluded.frontier, checkpoint = excluded.checkpoint",
        (tree.size, tree.to_bytes(), checkpoint),
    )


def drop_checkpoint(db: sqlite3.Connection, at_size: int) -> None:
    """Forget a checkpoint that no chunk needs to end at."""
    db.execute("DELETE FROM ledger_tree WHERE size = ? AND checkpoint IS NOT NULL", (at_size,))


def checkpoints_before(db: sqlite3.Connection, before: int) -> list[int]:
    """The sizes of the last two checkpoints smaller than ``before``, larger first; the empty tree's is left out."""
    found = db.execute(
        "SELECT size FROM ledger_tree WHERE size BETWEEN 1 AND ? AND checkpoint IS NOT NULL"
        " ORDER BY size DESC LIMIT 2",
        (before - 1,),
    )
    return [row[0] for row in found]


def checkpoint_between(db: sqlite3.Connection, least: int, most: int) -> tuple[int, str] | None:
    """Size and text of the largest checkpoint in the range, both ends included, or None."""
    row: tuple[int, str] | None = db.execute(
        "SELECT size, checkpoint FROM ledger_tree WHERE size BETWEEN ? AND ? AND checkpoint IS NOT NULL"
        " ORDER BY size DESC LIMIT 1",
        (least, most),
    ).fetchone()
    return row


def tree_at(db: sqlite3.Connection, at_size: int) -> tuple[bytes, str | None] | None:
    """Frontier and checkpoint as stored for a size, or None if that size has no row."""
    row: tuple[bytes, str | None] | None = db.execute(
        "SELECT frontier, checkpoint FROM ledger_tree WHERE size = ?", (at_size,)
    ).fetchone()
    return row


def count_nodes(db: sqlite3.Connection) -> int:
    """How many subtree roots are stored."""
    return int(db.execute("SELECT count(*) FROM ledger_nodes").fetchone()[0])
