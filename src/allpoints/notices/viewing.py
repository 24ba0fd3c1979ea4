"""Listing, filtering and reading the notices and submissions of this node."""

import sqlite3
from typing import Any

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.notices import store
from allpoints.notices.notice import Published, Submission, Told, decode_published, decode_submission
from allpoints.notices.state import NoticeState
from allpoints.notices.store import Held, NoticeRow, searchable
from allpoints.notices.submitting import held

PAGE_LIMIT = 200
FILTER_LIMIT = 200


class Filter(msgspec.Struct, frozen=True):
    """Which notices; an empty field asks for all. ``state`` may also be ``in_force``."""

    state: str = ""
    kind: str = ""
    owner: str = ""
    text: str = ""


class Listing(msgspec.Struct, frozen=True):
    """One page of notices, last published first, and how many there are in all."""

    rows: tuple[NoticeRow, ...]
    total: int


class NoticeVersion(msgspec.Struct, frozen=True):
    """One published version with the text that its owner signed."""

    number: int
    published: Published
    submission: Submission


class NoticeView(msgspec.Struct, frozen=True):
    """A notice with its body and versions; after its end both are empty."""

    row: NoticeRow
    body: dict[str, Any]
    versions: tuple[NoticeVersion, ...]


class SubmissionView(msgspec.Struct, frozen=True):
    """A submission of this office and what the secretariat told about it."""

    held: Held
    messages: tuple[Told, ...]


def list_notices(db: sqlite3.Connection, wanted: Filter, limit: int = 50, offset: int = 0) -> Listing:
    """One page of the notices this node may show."""
    clause, values = _clause(wanted)
    total = int(db.execute(f"SELECT count(*) FROM state_notices {clause}", values).fetchone()[0])
    order = "ORDER BY published_ms DESC, notice_id DESC LIMIT ? OFFSET ?"
    page = (max(1, min(limit, PAGE_LIMIT)), max(0, offset))
    rows = store.notices(db, f"{clause} {order}", (*values, *page))
    return Listing(tuple(_without_person(row) for row in rows), total)


def _without_person(row: NoticeRow) -> NoticeRow:
    """An ended notice as a tombstone, also while an expired one is not yet erased."""
    return msgspec.structs.replace(row, caption="", search="", body=b"") if row.state.ended else row


def _clause(wanted: Filter) -> tuple[str, list[str]]:
    parts: list[str] = []
    values: list[str] = []
    if wanted.state == "in_force":
        parts.append("state IN ('published', 'updated')")
    elif wanted.state:
        if wanted.state not in set(NoticeState):
            raise Refusal("NOTICE-FILTER", f"{wanted.state!r} is no state of a notice.", path="state")
        parts.append("state=?")
        values.append(wanted.state)
    for column, value in (("kind", wanted.kind), ("owner", wanted.owner)):
        if value:
            parts.append(f"{column}=?")
            values.append(value)
    if len(wanted.text) > FILTER_LIMIT:
        raise Refusal("NOTICE-FILTER", f"At most {FILTER_LIMIT} characters.", path="text")
    words = searchable(wanted.text).split()
    if words:
        parts.append("state<>'expired'")
    for word in words:
        parts.append("instr(search, ?) > 0")
        values.append(word)
    return ("WHERE " + " AND ".join(parts) if parts else ""), values


def read_notice(db: sqlite3.Connection, notice_id: str) -> NoticeView:
    """One notice with all its versions; refuses NOTICE-UNKNOWN."""
    row = _without_person(store.known_notice(db, notice_id))
    if row.state.ended:
        return NoticeView(row, {}, ())
    body = msgspec.msgpack.decode(row.body, type=dict[str, Any])
    kept = ((number, decode_published(data)) for number, data in store.versions(db, notice_id))
    return NoticeView(
        row,
        body,
        tuple(
            NoticeVersion(number, published, decode_submission(published.signed.submission))
            for number, published in kept
        ),
    )


def notice_of_record(db: sqlite3.Connection, record_id: bytes) -> NoticeRow | None:
    """The notice that a posting of the check index leads to."""
    row = store.notice_of_record(db, record_id)
    return _without_person(row) if row else None


def list_submissions(db: sqlite3.Connection, limit: int = 50, offset: int = 0) -> list[Held]:
    """The office's own submissions, last changed first."""
    return store.submissions(db, max(1, min(limit, PAGE_LIMIT)), max(0, offset))


def read_submission(db: sqlite3.Connection, submission_id: str) -> SubmissionView:
    """One own submission with the secretariat's messages; refuses NOTICE-UNKNOWN."""
    return SubmissionView(held(db, submission_id), tuple(store.messages(db, submission_id)))
