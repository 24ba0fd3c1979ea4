"""The notices' tables: what this office handed in, and the notices folded from the ledger."""

import hashlib
import sqlite3
import unicodedata
from collections.abc import Iterable
from typing import Any

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.notices.notice import Published, Submission, Told, decode_submission, decode_told, encode
from allpoints.notices.rules import OpenNotice
from allpoints.notices.state import NoticeState

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_submissions (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, owner_ref TEXT NOT NULL, state TEXT NOT NULL,
    notice_id TEXT NOT NULL DEFAULT '', created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,
    submission BLOB NOT NULL, signed BLOB NOT NULL DEFAULT x'') WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_submissions_notice ON office_submissions(notice_id);
CREATE INDEX IF NOT EXISTS office_submissions_changed ON office_submissions(changed_ms);
CREATE TABLE IF NOT EXISTS office_submission_messages (
    submission_id TEXT NOT NULL, at_ms INTEGER NOT NULL, digest BLOB NOT NULL, told BLOB NOT NULL,
    PRIMARY KEY (submission_id, at_ms, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_notice_numbers (
    series TEXT NOT NULL, year INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (series, year)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_published (
    digest TEXT PRIMARY KEY, submission_id TEXT NOT NULL UNIQUE, notice_id TEXT NOT NULL, version INTEGER NOT NULL,
    owner TEXT NOT NULL, owner_ref TEXT NOT NULL, published BLOB NOT NULL, UNIQUE (notice_id, version)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_published_owner ON office_published(owner, owner_ref);
CREATE TABLE IF NOT EXISTS state_notices (
    notice_id TEXT PRIMARY KEY, kind TEXT NOT NULL, control_number TEXT NOT NULL, record_id BLOB NOT NULL UNIQUE,
    owner TEXT NOT NULL, owner_ref TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL,
    rule_version TEXT NOT NULL, urgent INTEGER NOT NULL, opened_ms INTEGER NOT NULL, published_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL, seq INTEGER NOT NULL, language TEXT NOT NULL, excluded BLOB NOT NULL,
    caption TEXT NOT NULL, search TEXT NOT NULL, body BLOB NOT NULL,
    code TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS state_notices_published ON state_notices(published_ms, notice_id);
CREATE INDEX IF NOT EXISTS state_notices_expiry ON state_notices(state, expires_ms);
CREATE INDEX IF NOT EXISTS state_notices_owner ON state_notices(owner, owner_ref);
CREATE TABLE IF NOT EXISTS state_notice_versions (
    notice_id TEXT NOT NULL, version INTEGER NOT NULL, submission_id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL,
    published_ms INTEGER NOT NULL, published BLOB NOT NULL, PRIMARY KEY (notice_id, version)) WITHOUT ROWID;
"""


class Held(msgspec.Struct, frozen=True):
    """A submission as its owner's office holds it; ``signed`` is empty until it was submitted."""

    submission: Submission
    state: NoticeState
    notice_id: str
    created_ms: int
    changed_ms: int
    signed: bytes


class NoticeRow(msgspec.Struct, frozen=True):
    """A notice as folded; after its end the caption, the search text and the body are empty."""

    notice_id: str
    kind: str
    control_number: str
    record_id: bytes
    owner: str
    owner_ref: str
    state: NoticeState
    version: int
    rule_version: str
    urgent: bool
    opened_ms: int
    published_ms: int
    expires_ms: int
    seq: int
    language: str
    excluded: tuple[str, ...]
    caption: str
    search: str
    body: bytes
    code: str = ""
    reason: str = ""


COLUMNS = NoticeRow.__struct_fields__
_NAMES = ", ".join(COLUMNS)
_HELD = "submission, state, notice_id, created_ms, changed_ms, signed"


def searchable(text: str) -> str:
    """Text folded for the desk's filter: no case, no accents."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in spread if not unicodedata.combining(one))


def keep_submission(db: sqlite3.Connection, held: Held) -> None:
    submission = held.submission
    db.execute(
        "INSERT OR REPLACE INTO office_submissions VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            submission.id,
            submission.kind,
            submission.owner,
            submission.owner_ref,
            held.state.value,
            held.notice_id,
            held.created_ms,
            held.changed_ms,
            encode(submission),
            held.signed,
        ),
    )


def _held(row: tuple[bytes, str, str, int, int, bytes]) -> Held:
    data, state, notice_id, created_ms, changed_ms, signed = row
    return Held(decode_submission(data), NoticeState(state), notice_id, created_ms, changed_ms, signed)


def submission(db: sqlite3.Connection, submission_id: str) -> Held | None:
    row = db.execute(f"SELECT {_HELD} FROM office_submissions WHERE id=?", (submission_id,)).fetchone()
    return _held(row) if row else None


def submissions(db: sqlite3.Connection, limit: int, offset: int = 0) -> list[Held]:
    """The office's submissions, last changed first."""
    rows = db.execute(
        f"SELECT {_HELD} FROM office_submissions ORDER BY changed_ms DESC, id LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [_held(row) for row in rows]


def submissions_of(db: sqlite3.Connection, notice_id: str) -> list[Held]:
    rows = db.execute(f"SELECT {_HELD} FROM office_submissions WHERE notice_id=? ORDER BY id", (notice_id,))
    return [_held(row) for row in rows]


def open_notices(db: sqlite3.Connection, owner: str) -> list[OpenNotice]:
    """What this owner has open: submissions that have not ended, and notices in force or suspended."""
    found = [
        OpenNotice(
            held.submission.id,
            held.submission.owner_ref,
            held.state,
            held.notice_id,
            held.submission.excluded,
        )
        for held in map(_held, db.execute(f"SELECT {_HELD} FROM office_submissions WHERE owner=?", (owner,)))
        if not held.state.ended and not held.notice_id
    ]
    rows = db.execute("SELECT " + _NAMES + " FROM state_notices WHERE owner=? ORDER BY notice_id", (owner,))
    found += [
        OpenNotice(row.record_id.hex(), row.owner_ref, row.state, row.notice_id, row.excluded)
        for row in map(_notice, rows)
        if not row.state.ended
    ]
    return found


def keep_message(db: sqlite3.Connection, told: Told) -> bool:
    """Keep what the secretariat told; False when the same was told before."""
    data = encode(told)
    values = (told.submission_id, told.at_ms, hashlib.sha256(data).digest(), data)
    return bool(
        db.execute("INSERT OR IGNORE INTO office_submission_messages VALUES (?,?,?,?)", values).rowcount
    )


def messages(db: sqlite3.Connection, submission_id: str) -> list[Told]:
    rows = db.execute(
        "SELECT told FROM office_submission_messages WHERE submission_id=? ORDER BY at_ms, digest",
        (submission_id,),
    )
    return [decode_told(data) for (data,) in rows]


def next_number(db: sqlite3.Connection, series: str, year: int) -> int:
    """The next number of a series in a year; it is never given again."""
    row = db.execute(
        "INSERT INTO office_notice_numbers VALUES (?,?,1)"
        " ON CONFLICT (series, year) DO UPDATE SET last=last+1 RETURNING last",
        (series, year),
    ).fetchone()
    return int(row[0])


def keep_publication(
    db: sqlite3.Connection, digest: str, submission: Submission, published: Published
) -> None:
    """Keep what was published for a digest, so that it is published once."""
    db.execute(
        "INSERT INTO office_published VALUES (?,?,?,?,?,?,?)",
        (
            digest,
            submission.id,
            published.notice_id,
            published.version,
            submission.owner,
            submission.owner_ref,
            encode(published),
        ),
    )


def running_publications(db: sqlite3.Connection, owner: str, owner_ref: str) -> list[str]:
    """Notices published here for this reference that have not ended, those included that are not folded yet."""
    rows = db.execute(
        "SELECT DISTINCT p.notice_id FROM office_published p LEFT JOIN state_notices s USING (notice_id)"
        " WHERE p.owner=? AND p.owner_ref=? AND ((s.state IS NULL AND p.published<>x'') OR s.state IN ('published','updated','suspended'))"
        " ORDER BY p.notice_id",
        (owner, owner_ref),
    )
    return [str(notice_id) for (notice_id,) in rows]


def publication(db: sqlite3.Connection, digest: str) -> bytes | None:
    """What was published for a digest; empty once it is over and forgotten."""
    row = db.execute("SELECT published FROM office_published WHERE digest=?", (digest,)).fetchone()
    return bytes(row[0]) if row else None


def publication_of(db: sqlite3.Connection, submission_id: str) -> bytes | None:
    row = db.execute(
        "SELECT published FROM office_published WHERE submission_id=?", (submission_id,)
    ).fetchone()
    return bytes(row[0]) if row else None


def last_version(db: sqlite3.Connection, notice_id: str) -> int:
    row = db.execute("SELECT max(version) FROM office_published WHERE notice_id=?", (notice_id,)).fetchone()
    return int(row[0] or 0)


def keep_notice(db: sqlite3.Connection, row: NoticeRow) -> None:
    values = msgspec.structs.asdict(row) | {
        "state": row.state.value,
        "excluded": msgspec.msgpack.encode(row.excluded),
    }
    marks = ",".join("?" * len(COLUMNS))
    db.execute(
        f"INSERT OR REPLACE INTO state_notices ({_NAMES}) VALUES ({marks})",
        tuple(values[name] for name in COLUMNS),
    )


def _notice(row: tuple[Any, ...]) -> NoticeRow:
    values = dict(zip(COLUMNS, row, strict=True))
    values["excluded"] = msgspec.msgpack.decode(values["excluded"])
    values["urgent"] = bool(values["urgent"])
    return msgspec.convert(values, NoticeRow)


def notice(db: sqlite3.Connection, notice_id: str) -> NoticeRow | None:
    row = db.execute(f"SELECT {_NAMES} FROM state_notices WHERE notice_id=?", (notice_id,)).fetchone()
    return _notice(row) if row else None


def known_notice(db: sqlite3.Connection, notice_id: str) -> NoticeRow:
    """Refuses NOTICE-UNKNOWN, in the same words for a notice that is not there and one that is not for us."""
    row = notice(db, notice_id)
    if row is None:
        raise Refusal("NOTICE-UNKNOWN", "There is no such notice.", path="notice_id", status=404)
    return row


def notices(db: sqlite3.Connection, where: str, values: Iterable[object]) -> list[NoticeRow]:
    """The notices that a clause made of this part's constants selects; values are bound."""
    return [_notice(row) for row in db.execute(f"SELECT {_NAMES} FROM state_notices {where}", tuple(values))]


def notice_of_record(db: sqlite3.Connection, record_id: bytes) -> NoticeRow | None:
    row = db.execute(f"SELECT {_NAMES} FROM state_notices WHERE record_id=?", (record_id,)).fetchone()
    return _notice(row) if row else None


def keep_version(db: sqlite3.Connection, row: NoticeRow, submission_id: str, published: bytes) -> bool:
    """Keep one version; False when this submission was published before."""
    values = (row.notice_id, row.version, submission_id, row.seq, row.published_ms, published)
    return bool(
        db.execute("INSERT OR IGNORE INTO state_notice_versions VALUES (?,?,?,?,?,?)", values).rowcount
    )


def versions(db: sqlite3.Connection, notice_id: str) -> list[tuple[int, bytes]]:
    """Number and published bytes of each version, oldest first; the bytes are empty after the end."""
    rows = db.execute(
        "SELECT version, published FROM state_notice_versions WHERE notice_id=? ORDER BY version",
        (notice_id,),
    )
    return [(int(number), bytes(data)) for number, data in rows]


def erase_person(db: sqlite3.Connection, notice_id: str) -> None:
    """Leave a tombstone: number, owner, state and reason, and nothing about the person."""
    db.execute("UPDATE state_notices SET caption='', search='', body=x'' WHERE notice_id=?", (notice_id,))
    db.execute("UPDATE state_notice_versions SET published=x'' WHERE notice_id=?", (notice_id,))
