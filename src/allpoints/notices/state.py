"""Where a notice stands, and which state may follow which."""

from enum import StrEnum


class NoticeState(StrEnum):
    """Where a notice stands, from the owner's draft to its end."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SCREENING = "screening"
    QUERY_TO_SOURCE = "query_to_source"
    LEGAL_REVIEW = "legal_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    UPDATED = "updated"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"

    def may_become(self, following: "NoticeState") -> bool:
        return following in TRANSITIONS[self]

    @property
    def in_force(self) -> bool:
        """Whether a border must act on it."""
        return self in (NoticeState.PUBLISHED, NoticeState.UPDATED)

    @property
    def ended(self) -> bool:
        return self in _ENDED

    @property
    def at_secretariat(self) -> bool:
        """Handed in and neither published nor ended."""
        return self in _AT_SECRETARIAT


_S = NoticeState
_AT_SECRETARIAT = frozenset({_S.SUBMITTED, _S.SCREENING, _S.QUERY_TO_SOURCE, _S.LEGAL_REVIEW, _S.APPROVED})
_IN_FORCE = frozenset({_S.PUBLISHED, _S.UPDATED})
_ENDS = frozenset({_S.EXPIRED, _S.CANCELLED, _S.WITHDRAWN})
_ENDED = _ENDS | {_S.REFUSED}
_REVIEW_ENDS = _IN_FORCE | {_S.REFUSED, _S.WITHDRAWN}

TRANSITIONS: dict[NoticeState, frozenset[NoticeState]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.WITHDRAWN}),
    _S.SUBMITTED: _REVIEW_ENDS | {_S.SCREENING, _S.QUERY_TO_SOURCE, _S.LEGAL_REVIEW, _S.APPROVED},
    _S.SCREENING: _REVIEW_ENDS | {_S.QUERY_TO_SOURCE, _S.LEGAL_REVIEW, _S.APPROVED},
    _S.QUERY_TO_SOURCE: frozenset({_S.SUBMITTED, _S.SCREENING, _S.REFUSED, _S.WITHDRAWN}),
    _S.LEGAL_REVIEW: _REVIEW_ENDS | {_S.SCREENING, _S.QUERY_TO_SOURCE, _S.APPROVED},
    _S.APPROVED: _IN_FORCE | {_S.WITHDRAWN},
    _S.PUBLISHED: _ENDS | {_S.UPDATED, _S.SUSPENDED},
    _S.UPDATED: _ENDS | {_S.UPDATED, _S.SUSPENDED},
    _S.SUSPENDED: _ENDS | _IN_FORCE,
    _S.EXPIRED: frozenset({_S.UPDATED, _S.WITHDRAWN, _S.CANCELLED}),
    _S.CANCELLED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.REFUSED: frozenset(),
}
"""The owner hears of the steps of a review by messages that may overtake each other, so from any step before
the result it may learn the result. Expiry is each node's own clock, so what the ledger says wins over it:
otherwise nodes whose clocks differ would not converge."""
