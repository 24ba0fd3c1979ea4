"""The RFC 6962 tree over a node's audit lines, grown behind them so that a line costs no more than its own leaf."""

import sqlite3
from functools import partial

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger.merkle import (
    Frontier,
    complete_root,
    consistency_path,
    inclusion_path,
    node_hash,
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_audit_tree (
    one INTEGER PRIMARY KEY CHECK (one = 1), frontier BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS office_audit_nodes (
    level INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (level, position)) WITHOUT ROWID;
"""

TILE_LEVELS = 8
"""Subtree roots are kept of every eighth level: 256, 65,536 … lines."""
GROWN_AT_ONCE = 20_000
"""Lines taken into the tree in one go: some 50 ms, so that nothing waits for it."""


class Head(msgspec.Struct, frozen=True):
    """Size and root of the tree at one moment."""

    size: int
    root: bytes


def frontier(db: sqlite3.Connection) -> Frontier:
    """The tree as far as it has grown."""
    row = db.execute("SELECT frontier FROM office_audit_tree").fetchone()
    return Frontier.from_bytes(row[0]) if row else Frontier()


def grow(db: sqlite3.Connection, limit: int = GROWN_AT_ONCE) -> Frontier:
    """Take lines that were written since into the tree; refuses (AUDIT-BROKEN) where one is missing."""
    held = frontier(db)
    peaks, size = list(held.peaks), held.size
    nodes: list[tuple[int, int, bytes]] = []
    lines = db.execute(
        "SELECT number, leaf FROM office_audit WHERE number > ? ORDER BY number LIMIT ?", (held.size, limit)
    ).fetchall()
    for number, leaf in lines:
        if number != size + 1:
            raise broken(size + 1)
        node, rest, level = leaf, size, 0
        while rest & 1:
            node, rest, level = node_hash(peaks.pop(), node), rest >> 1, level + 1
            if level % TILE_LEVELS == 0:
                nodes.append((level, size >> level, node))
        peaks.append(node)
        size += 1
    grown = Frontier(size, tuple(peaks))
    if lines:
        db.executemany("INSERT OR REPLACE INTO office_audit_nodes VALUES (?,?,?)", nodes)
        db.execute("INSERT OR REPLACE INTO office_audit_tree VALUES (1,?)", (grown.to_bytes(),))
    return grown


def node(db: sqlite3.Connection, level: int, position: int) -> bytes:
    """The root of a complete subtree, from the nearest kept level below: at most 128 rows and hashes."""
    base = level - level % TILE_LEVELS
    start, count = position << (level - base), 1 << (level - base)
    if base == 0:
        sql = "SELECT leaf FROM office_audit WHERE number BETWEEN ? AND ? ORDER BY number"
        found = db.execute(sql, (start + 1, start + count)).fetchall()
    else:
        sql = "SELECT hash FROM office_audit_nodes WHERE level = ? AND position BETWEEN ? AND ? ORDER BY position"
        found = db.execute(sql, (base, start, start + count - 1)).fetchall()
    if len(found) != count:
        raise broken((start << base) + 1)
    return complete_root([row[0] for row in found])


def root(db: sqlite3.Connection, size: int) -> bytes:
    """The root over the first ``size`` lines, which the tree must have grown to."""
    return Frontier.of(partial(node, db), size).root()


def inclusion(db: sqlite3.Connection, number: int, size: int) -> list[bytes]:
    """The proof that line ``number`` (from 1) is in the tree of the first ``size`` lines."""
    return inclusion_path(partial(node, db), number - 1, size)


def consistency(db: sqlite3.Connection, first: int, second: int) -> list[bytes]:
    """The proof that the tree of ``second`` lines begins with the tree of ``first``; empty from nothing."""
    return consistency_path(partial(node, db), first, second) if first else []


def broken(at: int, sentence: str = "") -> Refusal:
    """The refusal that names the line at which a log is not sound."""
    return Refusal(
        "AUDIT-BROKEN",
        sentence or f"The audit log was changed at line {at}.",
        path=f"office_audit[{at}]",
        hint="Keep this machine as it is and tell your data-protection officer.",
        status=409,
    )
