"""From draft to submitted: the owner's side, up to the secretariat's answers."""

import sqlite3
from collections.abc import Mapping

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.keys import SigningKey
from allpoints.notices import store
from allpoints.notices.authorship import sign
from allpoints.notices.kind import Kind
from allpoints.notices.notice import (
    Published,
    Signed,
    Submission,
    Told,
    decode_submission,
    encode,
    plain_body,
)
from allpoints.notices.rules import Network, Ruling, may_submit
from allpoints.notices.state import NoticeState
from allpoints.notices.store import Held

STEPS = {"screening": 0, "legal_review": 1, "query_to_source": 2, "approved": 3, "refused": 3}
"""The order in which the secretariat can tell of one revision."""

EDITABLE = (NoticeState.DRAFT, NoticeState.QUERY_TO_SOURCE)


class Draft(msgspec.Struct, frozen=True):
    """What a desk hands in: ``body`` as entered, ``by`` the role of the writer, ``id`` 16 random bytes in hex."""

    id: str
    owner: str
    owner_ref: str
    body: Mapping[str, object]
    by: str
    excluded: tuple[str, ...] = ()
    language: str = "en"
    updates: str = ""


def draft(db: sqlite3.Connection, kind: Kind, entered: Draft, now_ms: int) -> Submission:
    """Clean a draft and keep it; a submission that was queried is changed the same way."""
    before = store.submission(db, entered.id)
    if before and before.state not in EDITABLE:
        raise Refusal(
            "NOTICE-NOT-EDITABLE", f"This submission is {before.state.value}.", path="id", status=409
        )
    submission = _checked(
        Submission(
            id=entered.id,
            kind=kind.name,  # type: ignore[arg-type]  # checked when it is read back
            owner=entered.owner,
            owner_ref=entered.owner_ref.strip(),
            body=plain_body(kind.clean(entered.body)),
            excluded=tuple(sorted(set(entered.excluded))),
            language=entered.language,  # type: ignore[arg-type]  # checked when it is read back
            submitted_ms=now_ms,
            submitted_by=entered.by,
            revision=before.submission.revision if before else 1,
            updates=entered.updates,
        )
    )
    if before and before.submission.owner_ref != submission.owner_ref:
        raise Refusal(
            "NOTICE-REFERENCE-CHANGED", "A draft keeps its reference.", path="owner_ref", status=409
        )
    state = before.state if before else NoticeState.DRAFT
    signed = before.signed if before else b""
    created_ms = before.created_ms if before else now_ms
    store.keep_submission(db, Held(submission, state, "", created_ms, now_ms, signed))
    return submission


def _checked(submission: Submission) -> Submission:
    return decode_submission(encode(submission))


def held(db: sqlite3.Connection, submission_id: str) -> Held:
    """Refuses NOTICE-UNKNOWN when this office has no such submission."""
    found = store.submission(db, submission_id)
    if found is None:
        raise Refusal("NOTICE-UNKNOWN", "There is no such submission here.", path="id", status=404)
    return found


def ruling(db: sqlite3.Connection, submission_id: str, network: Network) -> Ruling:
    """Whether this draft may be submitted now, with the reasons against."""
    submission = held(db, submission_id).submission
    return may_submit(submission, network, store.open_notices(db, submission.owner))


def submit(
    db: sqlite3.Connection, submission_id: str, key: SigningKey, network: Network, now_ms: int
) -> Signed:
    """Sign a draft, or the answer to a query, and mark it submitted; the node seals the result to the secretariat."""
    found = held(db, submission_id)
    if found.state not in EDITABLE:
        fault = Fault("NOTICE-SUBMITTED", f"This submission is {found.state.value} already.", "id")
        raise Refusal.of([fault], status=409)
    ruling(db, submission_id, network).require()
    answered = found.state is NoticeState.QUERY_TO_SOURCE
    submission = msgspec.structs.replace(
        found.submission, submitted_ms=now_ms, revision=found.submission.revision + (1 if answered else 0)
    )
    signed = sign(submission, key)
    state = NoticeState.SUBMITTED
    store.keep_submission(db, Held(submission, state, "", found.created_ms, now_ms, encode(signed)))
    return signed


def hear(db: sqlite3.Connection, told: Told) -> Held:
    """Keep what the secretariat tells about a submission and follow its step; old news changes nothing."""
    found = held(db, told.submission_id)
    # Messages may overtake each other, and clocks may be set back: an earlier step of a review moves nothing back.
    overtaken = any(
        one.revision == told.revision and STEPS[one.state] > STEPS[told.state]
        for one in store.messages(db, told.submission_id)
    )
    fresh = store.keep_message(db, told) and not overtaken
    state = NoticeState(told.state)
    if not fresh or told.revision != found.submission.revision or not found.state.may_become(state):
        return found
    after = msgspec.structs.replace(found, state=state, changed_ms=told.at_ms)
    store.keep_submission(db, after)
    return after


def follow_publication(db: sqlite3.Connection, published: Published) -> bool:
    """Mark the own submission as published.

    True when it was withdrawn here while the publication was on its way: the owner must then withdraw the notice.
    """
    found = store.submission(db, decode_submission(published.signed.submission).id)
    if found is None or found.notice_id:
        return False
    state = NoticeState.UPDATED if published.version > 1 else NoticeState.PUBLISHED
    crossed = found.state is NoticeState.WITHDRAWN
    after = found.state if crossed else state
    for earlier in store.submissions_of(db, published.notice_id) if not crossed else []:
        store.keep_submission(db, msgspec.structs.replace(earlier, state=state))
    changed_ms = max(found.changed_ms, published.published_ms)
    store.keep_submission(
        db, msgspec.structs.replace(found, state=after, notice_id=published.notice_id, changed_ms=changed_ms)
    )
    return crossed


def follow_end(db: sqlite3.Connection, notice_id: str, state: NoticeState, now_ms: int) -> None:
    """Mark the own submissions of a notice that has ended."""
    for found in store.submissions_of(db, notice_id):
        if found.state.may_become(state):
            store.keep_submission(db, msgspec.structs.replace(found, state=state, changed_ms=now_ms))
