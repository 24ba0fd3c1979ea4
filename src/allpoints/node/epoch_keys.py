"""The keys that owners gave this node in their epochs, and the content keys that they open."""

import contextlib
import sqlite3

from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import Entry
from allpoints.node.credentials import Credentials
from allpoints.sealing import audience_tree
from allpoints.sealing.epoch import Packets, open_packet, read_packets

SCHEMA = """
CREATE TABLE IF NOT EXISTS state_epochs (
    author TEXT NOT NULL, epoch BLOB NOT NULL, keys BLOB NOT NULL, PRIMARY KEY (author, epoch)) WITHOUT ROWID;
"""


def fold(db: sqlite3.Connection, me: Credentials, entry: Entry) -> None:
    """Keep what an owner gives this node of an epoch; the first counts, and who is named in none was left out."""
    packets, author = read_packets(entry.sealed), entry.header.author
    keys = _opened(packets, author, me)
    if keys is not None:
        db.execute("INSERT OR IGNORE INTO state_epochs VALUES (?,?,?)", (author, packets.epoch, keys))


def _opened(packets: Packets, author: str, me: Credentials) -> bytes | None:
    """What a packet holds for this node; an owner that had not heard of its rotation sealed it to the key before."""
    for key in me.former:
        with contextlib.suppress(Refusal):
            return open_packet(packets, author, me.name, key)
    return open_packet(packets, author, me.name, me.reception)


def content_key(db: sqlite3.Connection, entry: Entry) -> bytes | None:
    """The key of an entry's body, if its author sealed it for this node; raises Refusal CANNOT-OPEN."""
    if entry.audience is None:
        return None
    row = db.execute(
        "SELECT keys FROM state_epochs WHERE author=? AND epoch=?",
        (entry.header.author, entry.audience.epoch),
    ).fetchone()
    return audience_tree.unwrap(row[0], entry.audience, entry.header_bytes) if row else None
