"""The secretariat's side: giving numbers, publishing what two reviewers approved, cancelling."""

import sqlite3
from collections.abc import Collection
from datetime import UTC, datetime

from allpoints.ground.refusal import Refusal
from allpoints.notices import store
from allpoints.notices.authorship import Lookup, digest, verify
from allpoints.notices.notice import (
    Published,
    Signed,
    Submission,
    Withdrawn,
    decode_published,
    decode_withdrawn,
    encode,
)
from allpoints.notices.rules import Approval, Cancellation, may_cancel, may_publish, may_update

VALIDITY_YEARS = 5
"""How long a notice on a person holds (domain reference 1.7 and 2.2)."""

CONTROL_LETTERS = {"red": "A"}
"""The colour's letter in a control number (domain reference 2.6)."""

PUBLIC_SERIES = "notice"


def publish(
    db: sqlite3.Connection, signed: Signed, approval: Approval, lookup: Lookup, now_ms: int
) -> Published:
    """The body of the ``notice.published`` entry for an approved submission.

    Asked again for the same signed bytes it gives the same answer, so a crash before the entry was appended
    costs no number.
    """
    submission = verify(signed, lookup)
    fingerprint = digest(signed)
    held = store.publication(db, fingerprint)
    if held == b"":
        raise Refusal("NOTICE-ENDED", "This was published, has ended and was erased.", path="id", status=409)
    if held is not None:
        return decode_published(held)
    may_publish(submission, fingerprint, approval, now_ms).require()
    if store.publication_of(db, submission.id) is not None:
        raise Refusal(
            "NOTICE-SUBMISSION-REUSED", "This submission was published before.", path="id", status=409
        )
    _check_alone(db, submission)
    notice_id, version, control_number = _number(db, submission, now_ms)
    published = Published(
        notice_id=notice_id,
        control_number=control_number,
        signed=signed,
        rule_version=approval.rule_version,
        published_ms=now_ms,
        expires_ms=validity_end_ms(now_ms),
        urgent=submission.body.get("urgent") is True,
        version=version,
    )
    store.keep_publication(db, fingerprint, submission, published)
    return published


def _check_alone(db: sqlite3.Connection, submission: Submission) -> None:
    """Two submissions for one reference may have been under review at once; the second finds the first here."""
    for notice_id in store.running_publications(db, submission.owner, submission.owner_ref):
        if notice_id != submission.updates:
            raise Refusal(
                "NOTICE-EQUIVALENT",
                f"Reference {submission.owner_ref} already has notice {notice_id}.",
                path="owner_ref",
                hint="Refuse this one as DUP.",
                status=409,
            )


def _number(db: sqlite3.Connection, submission: Submission, now_ms: int) -> tuple[str, int, str]:
    """Public id, version and control number: new ones, or those of the notice that is updated."""
    if submission.updates:
        may_update(submission, store.open_notices(db, submission.owner)).require()
        row = store.known_notice(db, submission.updates)
        version = max(row.version, store.last_version(db, row.notice_id)) + 1
        return row.notice_id, version, row.control_number
    moment = datetime.fromtimestamp(now_ms / 1000, UTC)
    letter = CONTROL_LETTERS[submission.kind]
    serial = store.next_number(db, PUBLIC_SERIES, moment.year)
    control = store.next_number(db, letter, moment.year)
    return f"{moment.year:04}/{serial}", 1, f"{letter}-{control}/{moment.month}-{moment.year:04}"


def validity_end_ms(published_ms: int) -> int:
    """The same moment five years on (on 28 February for a 29th that the year does not have)."""
    start = datetime.fromtimestamp(published_ms // 1000, UTC)
    year = start.year + VALIDITY_YEARS
    try:
        end = start.replace(year=year)
    except ValueError:
        end = start.replace(year=year, day=28)
    return int(end.timestamp()) * 1000 + published_ms % 1000


def cancel(db: sqlite3.Connection, cancellation: Cancellation, tellable: Collection[str]) -> Withdrawn:
    """The body of the ``notice.cancelled`` entry; ``tellable`` are the codes that members may be told."""
    row = store.known_notice(db, cancellation.notice_id)
    may_cancel(row.state, cancellation, tellable).require()
    ended = Withdrawn(row.notice_id, cancellation.reason.strip(), cancellation.code)
    return decode_withdrawn(encode(ended))
