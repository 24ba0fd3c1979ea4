"""A link between two records: that they belong together, as one member says, for a reason, until it takes it back.

A link never merges anything: both records stay as they are, and whoever may not read both learns nothing of it.
"""

import sqlite3
from typing import Annotated, NamedTuple, TypeVar

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal
from allpoints.registers.record import EXCLUDED_LIMIT, REASON_LIMIT, TERM_LIMIT, Member, Term

LINKS_LIMIT = 1_000
"""Links of one record that are looked through, the newest."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS state_links (
    link_id BLOB PRIMARY KEY, seq INTEGER NOT NULL, author TEXT NOT NULL, at_ms INTEGER NOT NULL,
    source BLOB NOT NULL, target BLOB NOT NULL, relation TEXT NOT NULL, reason TEXT NOT NULL,
    by_role TEXT NOT NULL, excluded TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS state_links_source ON state_links(source, seq);
CREATE INDEX IF NOT EXISTS state_links_target ON state_links(target, seq);
CREATE TABLE IF NOT EXISTS state_link_ends (
    link_id BLOB NOT NULL, author TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    reason TEXT NOT NULL, by_role TEXT NOT NULL, PRIMARY KEY (link_id, author)) WITHOUT ROWID;
"""

Identity = Annotated[bytes, Meta(min_length=16, max_length=16)]
Excluded = Annotated[tuple[Member, ...], Meta(max_length=EXCLUDED_LIMIT)]
Reason = Annotated[str, Meta(min_length=1, max_length=REASON_LIMIT)]
Role = Annotated[str, Meta(max_length=TERM_LIMIT)]


class Linking(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The body of a ``link.entered`` entry, whose own identifier is the link's.

    The source bears, drives, owns … the target. ``excluded`` may not read one of them, and does not read this.
    """

    source: Identity
    target: Identity
    relation: Term
    reason: Reason
    by_role: Role = ""
    excluded: Excluded = ()


class Undoing(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The body of a ``link.undone`` entry."""

    link: Identity
    reason: Reason
    by_role: Role = ""


class Link(NamedTuple):
    """One link as the ledger has it; ``excluded`` is joined by spaces."""

    link_id: bytes
    seq: int
    author: str
    at_ms: int
    source: bytes
    target: bytes
    relation: str
    reason: str
    by_role: str
    excluded: str


class End(NamedTuple):
    """That an author took a link back; it counts for a link of its own alone."""

    link_id: bytes
    author: str
    seq: int
    at_ms: int
    reason: str
    by_role: str


T = TypeVar("T", Linking, Undoing)
_encode = msgspec.msgpack.Encoder().encode


def encode_link(said: Linking | Undoing) -> bytes:
    return _encode(said)


def decode_link(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("LINK-SHAPE", f"This is no word on a link: {error}.", status=400) from None


def keep(db: sqlite3.Connection, link: Link) -> None:
    db.execute("INSERT OR IGNORE INTO state_links VALUES (?,?,?,?,?,?,?,?,?,?)", link)


def forget(db: sqlite3.Connection, record_id: bytes, before_seq: int) -> list[bytes]:
    """Forget the links from and to a record that were entered before a place in the ledger; which ones."""
    found = "SELECT link_id FROM state_links WHERE (source=?1 OR target=?1) AND seq<?2"
    gone = db.execute(found, (record_id, before_seq)).fetchall()
    db.executemany("DELETE FROM state_link_ends WHERE link_id=?", gone)
    db.executemany("DELETE FROM state_links WHERE link_id=?", gone)
    return [link_id for (link_id,) in gone]


def places_kept_from(db: sqlite3.Connection, member: str) -> set[int]:
    """Where in the ledger stand links, and their ends, that a member may not read because of one of their records."""
    links = "SELECT link_id, seq FROM state_links AS one WHERE EXISTS (SELECT 1 FROM state_records"
    excluded = f"{links} WHERE record_id IN (one.source, one.target) AND instr(' ' || excluded || ' ', ?))"
    found = db.execute(excluded, (f" {member} ",)).fetchall()
    ends = (
        seq
        for link_id, _ in found
        for (seq,) in db.execute("SELECT seq FROM state_link_ends WHERE link_id=?", (link_id,))
    )
    return {seq for _, seq in found} | set(ends)


def keep_end(db: sqlite3.Connection, end: End) -> None:
    """Keep that a link was taken back; of two such words the first in the ledger counts."""
    db.execute(
        "INSERT INTO state_link_ends VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
        " seq=excluded.seq, at_ms=excluded.at_ms, reason=excluded.reason, by_role=excluded.by_role"
        " WHERE excluded.seq < seq",
        end,
    )


def link(db: sqlite3.Connection, link_id: bytes) -> Link | None:
    row = db.execute("SELECT * FROM state_links WHERE link_id=?", (link_id,)).fetchone()
    return Link(*row) if row else None


def erase(db: sqlite3.Connection, link_id: bytes, author: str) -> None:
    """Let go of a link that its author had erased; another's word does nothing."""
    db.execute("DELETE FROM state_links WHERE link_id=? AND author=?", (link_id, author))


def end_of(db: sqlite3.Connection, one: Link) -> End | None:
    """The word by which a link's own author took it back."""
    row = db.execute(
        "SELECT * FROM state_link_ends WHERE link_id=? AND author=?", (one.link_id, one.author)
    ).fetchone()
    return End(*row) if row else None


def links_of(db: sqlite3.Connection, record_id: bytes, limit: int = LINKS_LIMIT) -> list[Link]:
    """The newest links from and to a record, the newest first."""
    rows = db.execute(
        "SELECT * FROM (SELECT * FROM state_links WHERE source=? ORDER BY seq DESC LIMIT ?)"
        " UNION SELECT * FROM (SELECT * FROM state_links WHERE target=? ORDER BY seq DESC LIMIT ?)"
        " ORDER BY 2 DESC LIMIT ?",
        (record_id, limit, record_id, limit, limit),
    )
    return [Link(*row) for row in rows]
