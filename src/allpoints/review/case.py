"""A case under review: its states, its clock, and what officers said in it."""

from enum import StrEnum
from typing import Literal

import msgspec

from allpoints.ground.clock import DAY, HOUR

NORMAL_DUE_MS = 24 * HOUR
URGENT_DUE_MS = 2 * HOUR
QUERY_DUE_MS = 14 * DAY
"""How long a source may take to answer a query before it counts as silent."""

TEXT_LIMIT = 10_000
CODES_LIMIT = 30
OFFICERS_NEEDED = 2


class CaseState(StrEnum):
    SCREENING = "screening"
    QUERY_TO_SOURCE = "query_to_source"
    LEGAL_REVIEW = "legal_review"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    def may_become(self, following: "CaseState") -> bool:
        return following in TRANSITIONS[self]

    @property
    def closed(self) -> bool:
        return not TRANSITIONS[self]

    @property
    def with_reviewers(self) -> bool:
        """Whether the clock runs against the secretariat."""
        return self in (CaseState.SCREENING, CaseState.LEGAL_REVIEW)


_S = CaseState
TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    _S.SCREENING: frozenset({_S.SCREENING, _S.QUERY_TO_SOURCE, _S.LEGAL_REVIEW, _S.REFUSED, _S.WITHDRAWN}),
    _S.QUERY_TO_SOURCE: frozenset({_S.SCREENING, _S.REFUSED, _S.WITHDRAWN}),
    _S.LEGAL_REVIEW: frozenset(
        {_S.SCREENING, _S.QUERY_TO_SOURCE, _S.LEGAL_REVIEW, _S.APPROVED, _S.REFUSED, _S.WITHDRAWN}
    ),
    _S.APPROVED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}


class Case(msgspec.Struct, frozen=True):
    """One submission under review.

    ``round`` counts the screenings: whatever was decided in an earlier round was decided about another text or by
    other rules and no longer counts. ``digest`` is the SHA-256 of the owner's signed bytes, ``codes`` the reasons of
    a refusal.
    """

    id: str
    kind: str
    owner: str
    owner_ref: str
    revision: int
    round: int
    state: CaseState
    urgent: bool
    received_ms: int
    due_ms: int
    changed_ms: int
    rule_version: str
    digest: str
    codes: tuple[str, ...] = ()

    def source_silent(self, now_ms: int) -> bool:
        """Whether the source was queried and has let its time pass."""
        return self.state is CaseState.QUERY_TO_SOURCE and now_ms > self.changed_ms + QUERY_DUE_MS


Verdict = Literal["approve", "refuse", "query"]


class Opinion(msgspec.Struct, frozen=True):
    """What an officer hands in. For an approval the codes are those of the gates that a person had to weigh."""

    verdict: Verdict
    codes: tuple[str, ...] = ()
    text: str = ""


class Decision(msgspec.Struct, frozen=True):
    """An opinion as recorded, for good."""

    case_id: str
    number: int
    round: int
    reviewer: str
    verdict: Verdict
    codes: tuple[str, ...]
    text: str
    at_ms: int
    rule_version: str


class Waiver(msgspec.Struct, frozen=True):
    """Who let a request past a gate on seriousness or penalty, and why (domain reference 2.3 step 3)."""

    case_id: str
    round: int
    gate: str
    officer: str
    why: str
    at_ms: int
    rule_version: str


class Protection(msgspec.Struct, frozen=True):
    """What reviewers alone may read: which country was asked for asylum, against whom, and what became of it."""

    country: str
    feared: str
    status: Literal["asked", "granted", "refused", "revoked"]
    note: str = ""


class ProtectionNote(msgspec.Struct, frozen=True):
    """A note of protection as recorded, for good; the last one of a country counts."""

    case_id: str
    number: int
    officer: str
    at_ms: int
    protection: Protection


class Approved(msgspec.Struct, frozen=True):
    """The result that the publication rests on; ``digest`` binds it to the owner's signed bytes."""

    case_id: str
    digest: str
    reviewers: tuple[str, ...]
    rule_version: str
    approved_ms: int
    waived: tuple[str, ...]


def due_ms(urgent: bool, received_ms: int) -> int:
    """When the secretariat should have decided."""
    return received_ms + (URGENT_DUE_MS if urgent else NORMAL_DUE_MS)
