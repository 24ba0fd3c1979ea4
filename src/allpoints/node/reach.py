"""How far each member has followed the ledger, as the relay heard it: whom an order has reached, and whom not yet."""

import sqlite3
from typing import NamedTuple

import msgspec

SCHEMA = """
CREATE TABLE IF NOT EXISTS relay_reach (
    name TEXT PRIMARY KEY, seq INTEGER NOT NULL, heard_ms INTEGER NOT NULL) WITHOUT ROWID;
"""


class Reached(NamedTuple):
    """The last place in the ledger that a member said to have on its disk, and when it said so."""

    seq: int
    heard_ms: int


class MemberReach(msgspec.Struct, frozen=True):
    """Whether an order has reached one member: what it said to have, and when it was heard last (0: never)."""

    code: str
    reached: bool
    seq: int
    heard_ms: int
    connected: bool


class ReachView(msgspec.Struct, frozen=True):
    """Whom the newest order about a member has reached; ``seq`` is 0 while the order is on its way to the ledger."""

    member: str
    seq: int
    size: int
    sentence: str
    members: list[MemberReach]


def keep(db: sqlite3.Connection, name: str, seq: int, now_ms: int) -> None:
    """Remember an acknowledgement; one that is older than the last changes the time alone."""
    db.execute(
        "INSERT INTO relay_reach VALUES (?1,?2,?3)"
        " ON CONFLICT (name) DO UPDATE SET seq=max(seq, ?2), heard_ms=?3",
        (name, seq, now_ms),
    )


def all_(db: sqlite3.Connection) -> dict[str, Reached]:
    """Everyone who was ever heard, by name."""
    rows = db.execute("SELECT name, seq, heard_ms FROM relay_reach")
    return {name: Reached(seq, heard_ms) for name, seq, heard_ms in rows}
