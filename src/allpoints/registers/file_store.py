"""The tables of files: rows in, rows out.

``state_*`` is a fold of the ledger: what owners published, and which records refer to it. ``office_uploads`` are
files waiting in this node's spool, ``office_sealed_files`` what this member sealed, and for which records of its own.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from allpoints.registers.file_part import FilePart

SCHEMA = """
CREATE TABLE IF NOT EXISTS state_files (
    owner TEXT NOT NULL, sha256 BLOB NOT NULL, size INTEGER NOT NULL, held INTEGER NOT NULL,
    complete INTEGER NOT NULL, referred INTEGER NOT NULL, author_seq INTEGER NOT NULL,
    PRIMARY KEY (owner, sha256)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS state_files_pending ON state_files(owner, author_seq) WHERE referred = 0;
CREATE TABLE IF NOT EXISTS state_file_parts (
    sha256 BLOB NOT NULL, owner TEXT NOT NULL, position INTEGER NOT NULL, data BLOB NOT NULL,
    UNIQUE (owner, sha256, position));
CREATE TABLE IF NOT EXISTS state_file_refs (
    row INTEGER NOT NULL, owner TEXT NOT NULL, sha256 BLOB NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (row, sha256)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS state_file_refs_file ON state_file_refs(owner, sha256);
CREATE TABLE IF NOT EXISTS office_uploads (
    sha256 BLOB PRIMARY KEY, media_type TEXT NOT NULL, size INTEGER NOT NULL,
    uploaded_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_sealed_files (
    record_id BLOB NOT NULL, sha256 BLOB NOT NULL, excluded TEXT NOT NULL,
    PRIMARY KEY (record_id, sha256)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_sealed_files_file ON office_sealed_files(sha256);
"""


class HeldFile(NamedTuple):
    """A file of an owner as far as it came; ``held`` are the bytes of its parts that are here."""

    owner: str
    sha256: bytes
    size: int
    held: int
    complete: int
    referred: int
    author_seq: int


class Upload(NamedTuple):
    """A file in the spool that no record of this member was entered with yet, or not yet at every reader."""

    sha256: bytes
    media_type: str
    size: int
    uploaded_ms: int


class Ref(NamedTuple):
    """A record at a row refers to a file of its owner's."""

    row: int
    owner: str
    sha256: bytes
    size: int


# -- what owners published


def file(db: sqlite3.Connection, owner: str, sha256: bytes) -> HeldFile | None:
    found = db.execute("SELECT * FROM state_files WHERE owner=? AND sha256=?", (owner, sha256)).fetchone()
    return HeldFile(*found) if found else None


def put_file(db: sqlite3.Connection, held: HeldFile) -> None:
    db.execute("INSERT OR REPLACE INTO state_files VALUES (?,?,?,?,?,?,?)", held)


def add_part(db: sqlite3.Connection, owner: str, part: FilePart) -> bool:
    """Keep a part; False when one stands in its place already."""
    row = (part.sha256, owner, part.position, part.data)
    return bool(db.execute("INSERT OR IGNORE INTO state_file_parts VALUES (?,?,?,?)", row).rowcount)


def parts(db: sqlite3.Connection, owner: str, sha256: bytes) -> Iterator[bytes]:
    """The bytes that are held of a file, in order."""
    rows = db.execute(
        "SELECT data FROM state_file_parts WHERE owner=? AND sha256=? ORDER BY position", (owner, sha256)
    )
    return (data for (data,) in rows)


def drop_file(db: sqlite3.Connection, owner: str, sha256: bytes) -> None:
    """Erase a file's bytes and forget that it was here."""
    db.execute("DELETE FROM state_file_parts WHERE owner=? AND sha256=?", (owner, sha256))
    db.execute("DELETE FROM state_files WHERE owner=? AND sha256=?", (owner, sha256))


def pending(db: sqlite3.Connection, owner: str) -> list[HeldFile]:
    """Files of an owner to which no record refers (yet), the newest first."""
    rows = db.execute(
        "SELECT * FROM state_files WHERE owner=? AND referred=0 ORDER BY author_seq DESC, sha256", (owner,)
    )
    return [HeldFile(*row) for row in rows]


# -- which records refer to them


def is_referred(db: sqlite3.Connection, owner: str, sha256: bytes, size: int) -> bool:
    wanted = (owner, sha256, size)
    found = "SELECT 1 FROM state_file_refs WHERE owner=? AND sha256=? AND size=? LIMIT 1"
    return db.execute(found, wanted).fetchone() is not None


def refs_at(db: sqlite3.Connection, rows: Iterable[int]) -> list[Ref]:
    """What the records at these rows refer to."""
    found: list[Ref] = []
    for row in rows:
        found += map(Ref._make, db.execute("SELECT * FROM state_file_refs WHERE row=?", (row,)))
    return found


def drop_refs(db: sqlite3.Connection, rows: Iterable[int]) -> None:
    db.executemany("DELETE FROM state_file_refs WHERE row=?", ((row,) for row in rows))


def add_refs(db: sqlite3.Connection, refs: Iterable[Ref]) -> None:
    db.executemany("INSERT OR REPLACE INTO state_file_refs VALUES (?,?,?,?)", refs)


# -- what waits in the spool


def upload(db: sqlite3.Connection, sha256: bytes) -> Upload | None:
    found = db.execute("SELECT * FROM office_uploads WHERE sha256=?", (sha256,)).fetchone()
    return Upload(*found) if found else None


def put_upload(db: sqlite3.Connection, one: Upload) -> None:
    db.execute("INSERT OR REPLACE INTO office_uploads VALUES (?,?,?,?)", one)


def uploads(db: sqlite3.Connection) -> list[Upload]:
    return [Upload(*row) for row in db.execute("SELECT * FROM office_uploads ORDER BY uploaded_ms, sha256")]


def drop_upload(db: sqlite3.Connection, sha256: bytes) -> None:
    db.execute("DELETE FROM office_uploads WHERE sha256=?", (sha256,))


# -- what this member sealed


def sealed_without(db: sqlite3.Connection, sha256: bytes, until_ms: int) -> list[list[str]]:
    """Whom each own record left out that was sealed with this file and is still held, beyond ``until_ms``, by its readers.

    A record that was not folded yet counts: its entries leave before whatever is written now.
    """
    rows = db.execute(
        "SELECT sealed.excluded FROM office_sealed_files AS sealed LEFT JOIN state_records AS record"
        " ON record.record_id = sealed.record_id WHERE sealed.sha256 = ?"
        " AND (record.row IS NULL OR (record.body IS NOT NULL AND record.expires_ms > ?))",
        (sha256, until_ms),
    )
    return [excluded.split() for (excluded,) in rows]


def is_sealed_for(db: sqlite3.Connection, sha256: bytes, member: str) -> bool:
    """Whether an own record refers to a file, as it was sealed last, that does not leave this member out."""
    rows = db.execute("SELECT excluded FROM office_sealed_files WHERE sha256=?", (sha256,))
    return any(member not in excluded.split() for (excluded,) in rows)


def note_sealed(
    db: sqlite3.Connection, record_id: bytes, files: Sequence[bytes], excluded: Sequence[str]
) -> None:
    """A record of this member's is now sealed with exactly these files, for all but ``excluded``."""
    db.execute("DELETE FROM office_sealed_files WHERE record_id=?", (record_id,))
    db.executemany(
        "INSERT INTO office_sealed_files VALUES (?,?,?)",
        ((record_id, sha256, " ".join(excluded)) for sha256 in files),
    )
