"""What the requester is told. Of Article 2 and asylum: one generic sentence, whatever else was found.

The answer to every refusal with a sealed reason is the same, so that comparing answers teaches nothing; a first
refusal that waits for a second officer looks like any other step of the review; and an officer's reasoning for a
refusal stays inside, since words that are sometimes held back would betray by their absence.
"""

from collections.abc import Iterable

import msgspec

from allpoints.review import codes as reasons
from allpoints.review.answer import Result
from allpoints.review.case import Case, CaseState, Decision
from allpoints.review.gates import Finding


class Told(msgspec.Struct, frozen=True):
    """One message to the requester: the step reached, reason codes and text."""

    submission_id: str
    revision: int
    state: str
    codes: tuple[str, ...]
    text: str
    at_ms: int


def tell(before: Case, after: Case, decision: Decision, findings: Iterable[Finding]) -> Told | None:
    """What the requester is told of a decision; None when the case did not take a step."""
    if after.state is before.state:
        return None
    listed: tuple[str, ...] = ()
    text = ""
    if after.state is CaseState.REFUSED:
        sealed = reasons.any_sealed(decision.codes)
        listed, text = told_reasons((*after.codes, *decision.codes) if sealed else after.codes)
        text = "\n".join((text, *_measured(listed, findings)))
    elif after.state is CaseState.QUERY_TO_SOURCE:
        listed, text = told_reasons(decision.codes)
        text = f"{text}\n{decision.text}"
    return Told(after.id, after.revision, after.state.value, listed, text, decision.at_ms)


def _measured(codes: tuple[str, ...], findings: Iterable[Finding]) -> list[str]:
    """What the gates of these codes measured in the requester's own words and figures."""
    return [one.sentence for one in findings if one.code in codes and one.result is Result.FAILED]


def told_reasons(codes: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Codes and sentence for the requester and, in a cancellation, for all members."""
    listed = tuple(sorted(set(codes)))
    if reasons.any_sealed(listed):
        generic = reasons.reasons().generic
        return (generic.code,), generic.title
    return listed, "\n".join(reasons.known()[code].title for code in listed)
