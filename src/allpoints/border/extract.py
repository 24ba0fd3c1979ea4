"""The extract: the part of the registers that a post carries, as keyed tokens, signed and dated.

It is a log of index changes. The bureau sends it in parts and signs, at least once a minute, a stamp over the
running hash of the whole log; the post can therefore prove at start-up that what lies on its disk is exactly
what its bureau sent, and up to which instant. After ``EXTRACT_LIFE_MS`` without a new stamp it stops answering.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from allpoints.ground.clock import HOUR, Instant
from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import Signature, SigningKey, VerifyKey
from allpoints.matching.bulk import BulkLoad
from allpoints.matching.index import ExactIndex
from allpoints.sealing import cbor

EXTRACT_LIFE_MS = 48 * HOUR
PART_LIMIT_CHANGES = 2_000
LABEL = b"allpoints/extract/1"
NOTHING = bytes(32)

SCHEMA = """
CREATE TABLE IF NOT EXISTS {table} (
    number INTEGER PRIMARY KEY, record_id BLOB NOT NULL, version INTEGER NOT NULL,
    posting BLOB, tokens BLOB NOT NULL);
"""


class Change(NamedTuple):
    """One change of the check index: a record's tokens (16 bytes each, joined) or, without posting, its end."""

    number: int
    record_id: bytes
    version: int
    posting: bytes | None
    tokens: bytes


class Stamp(msgspec.Struct, frozen=True):
    """A bureau's word that its extract for ``post`` was this, whole, at ``as_of_ms``."""

    post: str
    number: int
    chain: bytes
    key_hash: bytes
    as_of_ms: Instant
    expires_ms: Instant
    ed25519: bytes
    ml_dsa_65: bytes


def chain(previous: bytes, change: Change) -> bytes:
    """The running SHA-256 over the log; any altered, missing or moved change alters it."""
    # Every length stands in front, so that no other change can be read out of the same bytes.
    posting_size = -1 if change.posting is None else len(change.posting)
    sizes = (len(change.record_id), posting_size, len(change.tokens))
    head = b"%d|%d|%d|%d|%d|" % (change.number, change.version, *sizes)
    return hashlib.sha256(
        previous + head + change.record_id + (change.posting or b"") + change.tokens
    ).digest()


def chain_all(previous: bytes, changes: Iterable[Change]) -> bytes:
    for change in changes:
        previous = chain(previous, change)
    return previous


def key_hash(index_key: bytes) -> bytes:
    """What a stamp says of the key of the tokens: under another key every look-up would find nothing."""
    return hashlib.sha256(b"allpoints/extract-key/1" + index_key).digest()


class Extent(NamedTuple):
    """Which extract a stamp is for: whose, how long, its running hash and the hash of its key."""

    post: str
    number: int
    chain: bytes
    key_hash: bytes


def _message(extent: Extent, as_of_ms: int, expires_ms: int) -> bytes:
    return cbor.encode([*extent, as_of_ms, expires_ms])


def stamp(extent: Extent, as_of_ms: int, key: SigningKey) -> Stamp:
    expires_ms = as_of_ms + EXTRACT_LIFE_MS
    signature = key.sign(LABEL, _message(extent, as_of_ms, expires_ms))
    return Stamp(*extent, as_of_ms, expires_ms, signature.ed25519, signature.ml_dsa_65)


def check_stamp(given: Stamp, post: str, bureau_key: VerifyKey) -> None:
    """Refuses a stamp for another post or with a signature that is not the bureau's."""
    if given.post != post:
        raise Refusal("EXTRACT-OTHER-POST", f"This extract was made for {given.post}.", status=403)
    bureau_key.verify(
        LABEL,
        _message(
            Extent(given.post, given.number, given.chain, given.key_hash), given.as_of_ms, given.expires_ms
        ),
        Signature(given.ed25519, given.ml_dsa_65),
    )


def add(db: sqlite3.Connection, table: str, changes: Iterable[Change]) -> None:
    # What a post held beyond the last stamp when it stopped was never proven, and gives way.
    db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?,?,?,?,?)", changes)


def read(db: sqlite3.Connection, table: str, after: int, limit: int = PART_LIMIT_CHANGES) -> list[Change]:
    rows = db.execute(
        # Bytes as bytes, whatever somebody put there: what is altered must be found, not break the reading.
        "SELECT number, CAST(record_id AS BLOB), version, CAST(posting AS BLOB), CAST(tokens AS BLOB)"
        f" FROM {table} WHERE number > ?"
        " ORDER BY number LIMIT ?",
        (after, limit),
    )
    return [Change(*row) for row in rows]


def read_parts(db: sqlite3.Connection, table: str, after: int = 0) -> Iterator[list[Change]]:
    """The whole log after a number, a part at a time."""
    while part := read(db, table, after):
        yield part
        after = part[-1].number


def read_all(db: sqlite3.Connection, table: str, after: int = 0) -> Iterator[Change]:
    for part in read_parts(db, table, after):
        yield from part


def last_number(db: sqlite3.Connection, table: str) -> int:
    row = db.execute(f"SELECT max(number) FROM {table}").fetchone()
    return int(row[0] or 0)


def apply(index: ExactIndex | BulkLoad, change: Change) -> None:
    """Let an index say what the log says: a record under its tokens, in this version only, or no more.

    The last change of a record decides: a version that ended is found again when a later change puts it back.
    """
    if change.posting is None:
        index.discard(change.record_id, change.version)
        return
    index.supersede(change.record_id, change.version)
    for one in split_tokens(change.tokens):
        index.add(one, change.posting)


def split_tokens(tokens: bytes) -> list[bytes]:
    return [tokens[at : at + 16] for at in range(0, len(tokens), 16)]
