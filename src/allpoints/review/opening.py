"""A submission arrives, is answered after a query, or is taken back; each text is screened by the gates."""

import hashlib
import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.review import store
from allpoints.review.case import Case, CaseState, due_ms
from allpoints.review.gates import Finding, screen
from allpoints.review.request import Request
from allpoints.review.rulebook import Gate, Rulebook


class CaseView(msgspec.Struct, frozen=True):
    """A case with the text under review and each gate beside what it found."""

    case: Case
    request: Request
    checklist: tuple[tuple[Gate, Finding], ...]


def open_case(db: sqlite3.Connection, rulebook: Rulebook, request: Request, now_ms: int) -> Case:
    """Open a case for a submission and run the gates; the same bytes again change nothing.

    Refuses REVIEW-KNOWN when the submission is under review or was decided with other bytes.
    """
    held = store.find_case(db, request.id)
    if held is not None:
        if held.digest == _digest(request):
            return held
        raise Refusal("REVIEW-KNOWN", f"This submission is in {held.state.value}.", path="id", status=409)
    case = Case(
        id=request.id,
        kind=request.kind,
        owner=request.owner,
        owner_ref=request.owner_ref,
        revision=request.revision,
        round=0,
        state=CaseState.SCREENING,
        urgent=request.urgent,
        received_ms=now_ms,
        due_ms=due_ms(request.urgent, now_ms),
        changed_ms=now_ms,
        rule_version="",
        digest=_digest(request),
    )
    return _screened(db, rulebook, case, request, now_ms)


def answer_query(db: sqlite3.Connection, rulebook: Rulebook, request: Request, now_ms: int) -> Case:
    """The source's answer to a query: a later revision, screened anew; the same bytes again change nothing."""
    held = store.known_case(db, request.id)
    if held.digest == _digest(request):
        return held
    if held.state is not CaseState.QUERY_TO_SOURCE:
        raise Refusal("REVIEW-NOT-QUERIED", f"Nothing was asked: {held.state.value}.", path="id", status=409)
    if (held.owner, held.owner_ref, held.kind) != (request.owner, request.owner_ref, request.kind):
        raise Refusal(
            "REVIEW-OTHER-CASE", "The answer is of another owner or case.", path="owner", status=403
        )
    if request.revision <= held.revision:
        raise Refusal(
            "REVIEW-OLD-REVISION", f"Revision {held.revision} is held already.", path="revision", status=409
        )
    case = msgspec.structs.replace(
        held,
        revision=request.revision,
        urgent=request.urgent,
        received_ms=now_ms,
        due_ms=due_ms(request.urgent, now_ms),
        digest=_digest(request),
    )
    return _screened(db, rulebook, case, request, now_ms)


def screen_again(
    db: sqlite3.Connection, rulebook: Rulebook, case_id: str, equivalent: tuple[str, ...], now_ms: int
) -> Case:
    """Run the gates in force now over the same text, with the notices that are open now; opinions start anew."""
    held = store.known_case(db, case_id)
    if not held.state.with_reviewers:
        raise Refusal("REVIEW-NOT-OPEN", f"This case is {held.state.value}.", path="case", status=409)
    request = store.request_of(db, case_id, held.round)
    return _screened(db, rulebook, held, msgspec.structs.replace(request, equivalent=equivalent), now_ms)


def _screened(db: sqlite3.Connection, rulebook: Rulebook, case: Case, request: Request, now_ms: int) -> Case:
    rules = rulebook.in_force(request.kind, now_ms)
    after = msgspec.structs.replace(
        case, state=CaseState.SCREENING, round=case.round + 1, rule_version=rules.version, changed_ms=now_ms
    )
    store.keep_case(db, after)
    store.add_screening(db, after, request, screen(rules, request), now_ms)
    return after


def close_withdrawn(db: sqlite3.Connection, case_id: str, owner: str, now_ms: int) -> Case:
    """The owner took its submission back before it was decided."""
    held = store.known_case(db, case_id)
    if held.owner != owner:
        raise Refusal("REVIEW-NOT-OWNER", f"Only {held.owner} may take it back.", path="owner", status=403)
    if not held.state.may_become(CaseState.WITHDRAWN):
        raise Refusal("REVIEW-NOT-OPEN", f"This case is {held.state.value}.", path="case", status=409)
    after = msgspec.structs.replace(held, state=CaseState.WITHDRAWN, changed_ms=now_ms)
    store.keep_case(db, after)
    return after


def view_case(db: sqlite3.Connection, rulebook: Rulebook, case_id: str) -> CaseView:
    """A case as reviewers read it; refuses REVIEW-UNKNOWN."""
    case = store.known_case(db, case_id)
    rules = rulebook.version(case.rule_version)
    findings = store.findings_of(db, case_id, case.round)
    checklist = tuple((rules.gate(one.gate), one) for one in findings)
    return CaseView(case, store.request_of(db, case_id, case.round), checklist)


def _digest(request: Request) -> str:
    return hashlib.sha256(request.submission).hexdigest()
