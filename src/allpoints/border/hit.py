"""A hit and its life: raised, notified, then confirmed, refuted or expired; every step has a clock."""

import enum
import hashlib
import re
from typing import Annotated

import msgspec

from allpoints.border.verdict import Verdict
from allpoints.ground.clock import HOUR, MINUTE, Instant
from allpoints.ground.refusal import Refusal

URGENT_ANSWER_MS = 30 * MINUTE
ORDINARY_ANSWER_MS = 24 * HOUR
"""How long an owner has: a traveller who waits is urgent, an earlier check found by a later record is not."""

REASON_LIMIT = 1_000
NAME_LIMIT = 100
SHOWN_LIMIT = 1_000
"""Longest identifier, and longest line to compare, that another member may send."""
SKEW_LIMIT_MS = 10 * MINUTE
RECORD = re.compile(r"[0-9a-f]{32}")


class HitState(enum.StrEnum):
    RAISED = "raised"
    NOTIFIED = "notified"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    EXPIRED = "expired"


TRANSITIONS: dict[HitState, frozenset[HitState]] = {
    HitState.RAISED: frozenset(
        {HitState.NOTIFIED, HitState.CONFIRMED, HitState.REFUTED, HitState.EXPIRED},
    ),
    HitState.NOTIFIED: frozenset({HitState.CONFIRMED, HitState.REFUTED, HitState.EXPIRED}),
    # An answer that comes late is still an answer.
    HitState.EXPIRED: frozenset({HitState.CONFIRMED, HitState.REFUTED}),
    HitState.CONFIRMED: frozenset(),
    HitState.REFUTED: frozenset(),
}


class Hit(msgspec.Struct, frozen=True):
    """What the owner, the searching bureau and the command centre are told of one hit.

    ``asked`` and ``caption`` are the two sides to compare. ``late`` says that the record came after the check,
    ``centre`` that the command centre is told of it: not of a record that its owner keeps from the secretariat.
    """

    hit: str
    check: str
    record: str
    version: Annotated[int, msgspec.Meta(ge=0, lt=2**24)]
    register: str
    verdict: str
    owner: str
    searcher: str
    post: str
    reference: str
    caption: str
    asked: str
    reason: str
    checked_ms: Instant
    raised_ms: Instant
    deadline_ms: Instant
    late: bool = False
    centre: bool = True


class HitAnswer(msgspec.Struct, frozen=True):
    """The owner's answer to a hit; the reason is mandatory and goes to everyone who was told.

    ``by`` is an officer at the owner's own desk, and the owner's code everywhere else.
    """

    hit: str
    state: HitState
    reason: str
    by: str
    at_ms: Instant


class HitView(msgspec.Struct, frozen=True):
    """A hit with its state, as a desk sees it."""

    hit: Hit
    state: HitState
    side: str
    answer: HitAnswer | None
    events: tuple[tuple[int, str, str], ...] = ()


def hit_id(check: str, record: str) -> str:
    """The same check and record give the same hit, so that telling it twice raises it once."""
    return hashlib.blake2b(
        f"{check}\x1f{record}".encode(), digest_size=12, person=b"allpoints-hit"
    ).hexdigest()


def deadline(raised_ms: int, *, late: bool) -> int:
    return raised_ms + (ORDINARY_ANSWER_MS if late else URGENT_ANSWER_MS)


def heard(hit: Hit, now_ms: int) -> Hit:
    """A hit as another member tells it; refuses (HIT-UNREADABLE) what no honest node would say.

    Its clocks decide where it stands in every list and when it is overdue, so they are not the teller's to choose.
    """
    names = (hit.hit, hit.check, hit.register, hit.owner, hit.searcher, hit.post, hit.reference)
    shown = (*names, hit.caption, hit.asked, hit.reason)
    sound = {
        "record": RECORD.fullmatch(hit.record) is not None,
        "verdict": hit.verdict in set(Verdict) and Verdict(hit.verdict).is_hit,
        "asked": all(len(text) <= NAME_LIMIT for text in names) and all(_is_line(text) for text in shown),
        "raised_ms": hit.raised_ms <= now_ms + SKEW_LIMIT_MS,
        "deadline_ms": hit.deadline_ms == deadline(hit.raised_ms, late=hit.late),
    }
    for path, holds in sound.items():
        if not holds:
            raise Refusal("HIT-UNREADABLE", "No node tells such a hit.", path=path, status=400)
    return hit


def _is_line(text: str) -> bool:
    return len(text) <= SHOWN_LIMIT and "\0" not in text and len(text.splitlines()) <= 1


def may_become(now: HitState, then: HitState) -> bool:
    return then in TRANSITIONS[now]


def answered(hit: str, state: str, reason: str, by: str, at_ms: int) -> HitAnswer:
    """An owner's answer, checked: a verdict that exists and a reason that says something."""
    if state not in {HitState.CONFIRMED, HitState.REFUTED}:
        raise Refusal(
            "HIT-VERDICT",
            "A hit is answered with confirmed or refuted.",
            path="state",
            hint="If you cannot say yet, leave it open and write a message.",
        )
    text = reason.strip()
    if not text:
        raise Refusal(
            "HIT-REASON",
            "An answer to a hit needs a reason.",
            path="reason",
            hint="Say what you compared, in a sentence.",
        )
    if len(text) > REASON_LIMIT:
        raise Refusal(
            "HIT-REASON-LONG", f"The reason is longer than {REASON_LIMIT} characters.", path="reason"
        )
    return HitAnswer(hit, HitState(state), text, by, at_ms)
