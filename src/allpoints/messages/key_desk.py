"""The relay's side of reception keys: it carries them, and hands each one-time key out once.

What it hands out is proven by the hashes in the bundle, and a key that it hands out twice is noticed by its owner.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.sealing import reception
from allpoints.sealing.parties import Verifier

HANDED_LIMIT = 16
"""One-time keys of one member that another is given in a day: nobody may empty a member's stock for all others."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS relay_bundles (
    node TEXT PRIMARY KEY, from_ms INTEGER NOT NULL, kept_ms INTEGER NOT NULL, bundle BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relay_one_time (
    node TEXT NOT NULL, position INTEGER NOT NULL, key BLOB NOT NULL, PRIMARY KEY (node, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relay_handed (
    asker TEXT NOT NULL, node TEXT NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (asker, node)) WITHOUT ROWID;
"""


def publish(
    db: sqlite3.Connection, node: str, key: Verifier, data: bytes, one_time: Sequence[bytes], now_ms: int
) -> tuple[int, bool]:
    """Keep a node's newest keys; gives their number, and whether they are new.

    Refuses what another node signed, what is older than what is held, and one-time keys that are not of the bundle.
    """
    bundle = reception.check_bundle(data, node, key, now_ms)
    held = db.execute("SELECT bundle FROM relay_bundles WHERE node=?", (node,)).fetchone()
    if held is not None:
        if held[0] == data:
            return bundle.from_ms, False
        reception.check_successor(reception.read_bundle(held[0]), held[0], bundle, data)
    for one in one_time:
        reception.check_one_time(bundle, one)
    db.execute("DELETE FROM relay_one_time WHERE node=?", (node,))
    db.execute(
        "INSERT OR REPLACE INTO relay_bundles VALUES (?,?,?,?)", (node, bundle.from_ms, bundle.kept_ms, data)
    )
    db.executemany("INSERT INTO relay_one_time VALUES (?,?,?)", [(node, *at) for at in enumerate(one_time)])
    return bundle.from_ms, True


def newer(db: sqlite3.Connection, asker: str, known: Mapping[str, int]) -> list[bytes]:
    """The bundles of others that are newer than those the asker knows."""
    rows = db.execute("SELECT node, from_ms, bundle FROM relay_bundles ORDER BY node")
    return [data for node, from_ms, data in rows if node != asker and from_ms > known.get(node, -1)]


def hand_out(db: sqlite3.Connection, asker: str, node: str, count: int, now_ms: int) -> list[bytes]:
    """One-time keys of a node for one asker, each given out this once; none when there are none left or enough given."""
    today = now_ms // DAY
    row = db.execute("SELECT day, count FROM relay_handed WHERE asker=? AND node=?", (asker, node)).fetchone()
    given = row[1] if row and row[0] == today else 0
    rows = db.execute(
        "SELECT position, key FROM relay_one_time WHERE node=? ORDER BY position LIMIT ?",
        (node, max(0, min(count, HANDED_LIMIT - given))),
    ).fetchall()
    db.executemany("DELETE FROM relay_one_time WHERE node=? AND position=?", [(node, at) for at, _ in rows])
    db.execute(
        "INSERT OR REPLACE INTO relay_handed VALUES (?,?,?,?)", (asker, node, today, given + len(rows))
    )
    return [key for _, key in rows]


def bundle_of(db: sqlite3.Connection, node: str) -> bytes:
    """A node's newest bundle; ``KEYS-NONE`` when it has published none."""
    row = db.execute("SELECT bundle FROM relay_bundles WHERE node=?", (node,)).fetchone()
    if row is None:
        raise Refusal("KEYS-NONE", f"{node} has published no reception keys yet.", status=404)
    return bytes(row[0])


def forget(db: sqlite3.Connection, node: str) -> None:
    """Erase the keys of a node: the key that signed them counts no more."""
    db.execute("DELETE FROM relay_bundles WHERE node=?", (node,))
    db.execute("DELETE FROM relay_one_time WHERE node=?", (node,))


def sweep(db: sqlite3.Connection, now_ms: int) -> None:
    """Erase keys whose private halves are gone."""
    gone = db.execute("DELETE FROM relay_bundles WHERE kept_ms <= ? RETURNING node", (now_ms,)).fetchall()
    db.executemany("DELETE FROM relay_one_time WHERE node=?", gone)
