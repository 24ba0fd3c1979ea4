"""From ledger entries to the notices this node shows and checks against."""

import hashlib
import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.notices import store
from allpoints.notices.authorship import Lookup, verify
from allpoints.notices.kind import Kind
from allpoints.notices.notice import Published, Submission, Withdrawn, encode
from allpoints.notices.state import NoticeState
from allpoints.notices.store import NoticeRow, searchable


class Applied(msgspec.Struct, frozen=True):
    """What the check index needs of a notice now in force: the person's keys and where they lead."""

    notice_id: str
    record_id: bytes
    owner: str
    published_ms: int
    version: int
    keys: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    caption: str


class Ended(msgspec.Struct, frozen=True):
    """What the check index must forget: every posting of ``record_id`` up to ``version``."""

    notice_id: str
    record_id: bytes
    owner: str
    version: int
    state: NoticeState


def record_id(notice_id: str) -> bytes:
    """The 16 bytes under which a notice stands in the check index, the same on every node and in every version."""
    return hashlib.sha256(b"allpoints/notice-record/1" + notice_id.encode()).digest()[:16]


def apply_published(
    db: sqlite3.Connection, kind: Kind, published: Published, seq: int, lookup: Lookup
) -> Applied:
    """Fold a ``notice.published`` entry.

    Refuses BAD-SIGNATURE, NOTICE-OWNER-CHANGED, NOTICE-STALE, NOTICE-ENDED, NOTICE-SUBMISSION-REUSED and what the
    vocabulary does not understand; nothing is changed then.
    """
    submission = verify(published.signed, lookup)
    if submission.kind != kind.name:
        raise Refusal("NOTICE-KIND", f"A {submission.kind} notice is not a {kind.name} one.", path="kind")
    held = store.notice(db, published.notice_id)
    _check_succession(submission, published, held)
    body = kind.clean(submission.body)
    caption = kind.caption(body)
    row = _row(submission, published, held, caption, seq)
    if not store.keep_version(db, row, submission.id, encode(published)):
        raise Refusal("NOTICE-SUBMISSION-REUSED", "This submission was published before.", status=409)
    store.keep_notice(db, row)
    return Applied(
        notice_id=row.notice_id,
        record_id=row.record_id,
        owner=row.owner,
        published_ms=row.published_ms,
        version=row.version,
        keys=tuple((str(name), str(value)) for name, value in kind.keys(body)),
        names=tuple(kind.names(body)),
        caption=caption,
    )


def _row(
    submission: Submission, published: Published, held: NoticeRow | None, caption: str, seq: int
) -> NoticeRow:
    return NoticeRow(
        notice_id=published.notice_id,
        kind=submission.kind,
        control_number=published.control_number,
        record_id=record_id(published.notice_id),
        owner=submission.owner,
        owner_ref=submission.owner_ref,
        state=NoticeState.UPDATED if published.version > 1 else NoticeState.PUBLISHED,
        version=published.version,
        rule_version=published.rule_version,
        urgent=published.urgent,
        opened_ms=held.opened_ms if held else published.published_ms,
        published_ms=published.published_ms,
        expires_ms=published.expires_ms,
        seq=seq,
        language=submission.language,
        excluded=submission.excluded,
        caption=caption,
        search=searchable(
            f"{caption} {published.notice_id} {published.control_number} {submission.owner_ref}"
        ),
        body=msgspec.msgpack.encode(submission.body),
    )


def _check_succession(submission: Submission, published: Published, held: NoticeRow | None) -> None:
    """A notice keeps its owner, goes on by version, and does not come back after its end."""
    expected = published.notice_id if published.version > 1 else ""
    if submission.updates != expected:
        raise Refusal(
            "NOTICE-NOT-ASKED",
            f"The owner did not ask for version {published.version} of {published.notice_id}.",
            path="updates",
        )
    if held is None:
        return
    if held.owner != submission.owner:
        raise Refusal("NOTICE-OWNER-CHANGED", f"{held.notice_id} belongs to {held.owner}.", status=403)
    if published.version <= held.version:
        raise Refusal("NOTICE-STALE", f"Version {held.version} is held already.", path="version", status=409)
    if not held.state.may_become(NoticeState.UPDATED):
        raise Refusal("NOTICE-ENDED", f"{held.notice_id} is {held.state.value}.", status=409)


def apply_withdrawn(db: sqlite3.Connection, withdrawn: Withdrawn, author: str, seq: int) -> Ended:
    """Fold a ``notice.withdrawn`` entry; its author must be the notice's owner."""
    row = store.known_notice(db, withdrawn.notice_id)
    if row.owner != author:
        raise Refusal("NOTICE-NOT-OWNER", f"Only {row.owner} may withdraw {row.notice_id}.", status=403)
    return _end(db, row, withdrawn, NoticeState.WITHDRAWN, seq)


def apply_cancelled(db: sqlite3.Connection, cancelled: Withdrawn, seq: int) -> Ended:
    """Fold a ``notice.cancelled`` entry; that the secretariat wrote it is checked with the entry."""
    row = store.known_notice(db, cancelled.notice_id)
    return _end(db, row, cancelled, NoticeState.CANCELLED, seq)


def _end(db: sqlite3.Connection, row: NoticeRow, ended: Withdrawn, state: NoticeState, seq: int) -> Ended:
    if not row.state.may_become(state):
        raise Refusal("NOTICE-ENDED", f"{row.notice_id} is {row.state.value} already.", status=409)
    after = msgspec.structs.replace(row, state=state, seq=seq, code=ended.code, reason=ended.reason)
    store.keep_notice(db, after)
    store.erase_person(db, row.notice_id)
    return Ended(row.notice_id, row.record_id, row.owner, row.version, state)
