"""The reception keys of others, as a node knows them: each one's newest bundle, and a small stock of one-time keys."""

import sqlite3
from typing import NamedTuple

STOCK = 4
"""One-time keys of a peer that a node keeps at hand once it has written to it."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_peer_bundles (
    peer TEXT PRIMARY KEY, from_ms INTEGER NOT NULL, kept_ms INTEGER NOT NULL, signed_by BLOB NOT NULL,
    bundle BLOB NOT NULL, written INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_peer_one_time (
    key BLOB PRIMARY KEY, peer TEXT NOT NULL, kept_ms INTEGER NOT NULL, signed_by BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_peer_one_time_peer ON office_peer_one_time(peer, kept_ms);
"""


class Known(NamedTuple):
    """A peer's newest bundle and the key that signed it."""

    from_ms: int
    kept_ms: int
    signed_by: bytes
    bundle: bytes


def known(db: sqlite3.Connection, peer: str) -> Known | None:
    row = db.execute(
        "SELECT from_ms, kept_ms, signed_by, bundle FROM office_peer_bundles WHERE peer=?", (peer,)
    ).fetchone()
    return Known(*row) if row else None


def all_known(db: sqlite3.Connection) -> list[tuple[str, int]]:
    return db.execute("SELECT peer, from_ms FROM office_peer_bundles ORDER BY peer").fetchall()


def learn(db: sqlite3.Connection, peer: str, bundle: Known) -> None:
    db.execute(
        "INSERT INTO office_peer_bundles VALUES (?1,?2,?3,?4,?5,0) ON CONFLICT(peer) DO UPDATE"
        " SET from_ms=?2, kept_ms=?3, signed_by=?4, bundle=?5",
        (peer, *bundle),
    )


def add_one_time(db: sqlite3.Connection, peer: str, key: bytes, kept_ms: int, signed_by: bytes) -> None:
    db.execute("INSERT OR IGNORE INTO office_peer_one_time VALUES (?,?,?,?)", (key, peer, kept_ms, signed_by))


def take_one_time(
    db: sqlite3.Connection, peer: str, least_kept_ms: int, signed_by: bytes
) -> tuple[bytes, int] | None:
    """A one-time key of the peer with the time until it is kept, taken out of the stock for ever."""
    db.execute(
        "DELETE FROM office_peer_one_time WHERE peer=? AND (kept_ms < ? OR signed_by <> ?)",
        (peer, least_kept_ms, signed_by),
    )
    row = db.execute(
        "DELETE FROM office_peer_one_time WHERE key = (SELECT key FROM office_peer_one_time WHERE peer=?"
        " ORDER BY kept_ms, key LIMIT 1) RETURNING key, kept_ms",
        (peer,),
    ).fetchone()
    return (row[0], row[1]) if row else None


def in_stock(db: sqlite3.Connection, peer: str) -> int:
    (count,) = db.execute("SELECT count(*) FROM office_peer_one_time WHERE peer=?", (peer,)).fetchone()
    return int(count)


def wrote_to(db: sqlite3.Connection, peer: str) -> None:
    """From now on a stock of the peer's one-time keys is kept."""
    db.execute("UPDATE office_peer_bundles SET written=1 WHERE peer=? AND written=0", (peer,))


def short_of(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """The peers this node writes to of whose one-time keys it has too few, with how many are wanting."""
    rows = db.execute(
        "SELECT b.peer, (SELECT count(*) FROM office_peer_one_time o WHERE o.peer = b.peer)"
        " FROM office_peer_bundles b WHERE b.written=1 ORDER BY b.peer"
    ).fetchall()
    return [(peer, STOCK - count) for peer, count in rows if count < STOCK]
