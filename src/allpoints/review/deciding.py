"""Officers decide: examine, query, refuse, approve, waive; recorded for good before anything follows."""

import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.review import store
from allpoints.review.answer import Result
from allpoints.review.case import TEXT_LIMIT, Approved, Case, CaseState, Decision, Opinion, Waiver
from allpoints.review.concluding import Matter, conclude, objections, standing_opinions
from allpoints.review.protecting import protected
from allpoints.review.rulebook import Rulebook
from allpoints.review.telling import Told, tell


class Outcome(msgspec.Struct, frozen=True):
    """The case after a decision, the decision, and what the requester is told (None: nothing new to tell)."""

    case: Case
    decision: Decision
    told: Told | None


def decide(
    db: sqlite3.Connection, rulebook: Rulebook, asker: Asker, case_id: str, opinion: Opinion, now_ms: int
) -> Outcome:
    """Record an officer's decision and move the case.

    Refuses with every objection at once (409); what is refused leaves no trace in the case.
    """
    matter = matter_of(db, rulebook, case_id, now_ms)
    against = objections(matter, asker.officer, opinion)
    if against:
        raise Refusal.of(against, status=409)
    conclusion = conclude(matter, asker.officer, opinion)
    decision = Decision(
        case_id=case_id,
        number=len(store.decisions(db, case_id)) + 1,
        round=matter.case.round,
        reviewer=asker.officer,
        verdict=opinion.verdict,
        codes=tuple(sorted(set(opinion.codes))),
        text=opinion.text.strip(),
        at_ms=now_ms,
        rule_version=matter.case.rule_version,
    )
    store.add_decision(db, decision)
    moved = conclusion.state is not matter.case.state
    after = msgspec.structs.replace(
        matter.case,
        state=conclusion.state,
        codes=conclusion.codes,
        changed_ms=now_ms if moved else matter.case.changed_ms,
    )
    store.keep_case(db, after)
    return Outcome(after, decision, tell(matter.case, after, decision, matter.findings))


def matter_of(db: sqlite3.Connection, rulebook: Rulebook, case_id: str, now_ms: int) -> Matter:
    """What an opinion about this case is measured against."""
    case = store.known_case(db, case_id)
    return Matter(
        case=case,
        findings=store.findings_of(db, case_id, case.round),
        decisions=tuple(one for one in store.decisions(db, case_id) if one.round == case.round),
        waived=frozenset(one.gate for one in store.waivers(db, case_id, case.round)),
        protected=protected(db, case),
        silent=case.source_silent(now_ms),
        version_now=rulebook.in_force(case.kind, now_ms).version,
    )


def why_not(
    db: sqlite3.Connection, rulebook: Rulebook, asker: Asker, case_id: str, now_ms: int
) -> tuple[str, ...]:
    """Why this officer cannot approve now, as sentences; what a person must weigh is no hindrance."""
    matter = matter_of(db, rulebook, case_id, now_ms)
    weighed = tuple(
        sorted({one.code for one in matter.findings if one.result is Result.NEEDS_HUMAN} | {"REFUGEE"})
    )
    opinion = Opinion("approve", weighed, "weighed")
    return tuple(fault.sentence for fault in objections(matter, asker.officer, opinion))


def waive(
    db: sqlite3.Connection,
    rulebook: Rulebook,
    asker: Asker,
    case_id: str,
    gate_id: str,
    why: str,
    now_ms: int,
) -> Waiver:
    """Let a case past a gate on seriousness or penalty, with the reason.

    Only a gate that refuses now, and that its rules call waivable; it holds for this text and rule version only.
    """
    case = store.known_case(db, case_id)
    if not case.state.with_reviewers:
        raise Refusal("REVIEW-NOT-OPEN", f"This case is {case.state.value}.", path="case", status=409)
    gate = rulebook.version(case.rule_version).gate(gate_id)
    if not gate.waivable:
        raise Refusal(
            "REVIEW-NOT-WAIVABLE", f"{gate.title}: this gate is never waived.", path="gate", status=409
        )
    if not 0 < len(why.strip()) <= TEXT_LIMIT:
        raise Refusal(
            "REVIEW-NO-TEXT",
            f"Say, in at most {TEXT_LIMIT} characters, why the request is of particular importance to"
            " international cooperation.",
            path="why",
        )
    found = next(one for one in store.findings_of(db, case_id, case.round) if one.gate == gate_id)
    if found.result is not Result.FAILED:
        raise Refusal(
            "REVIEW-NOTHING-TO-WAIVE", f"{gate.title}: this gate does not refuse.", path="gate", status=409
        )
    if any(one.gate == gate_id for one in store.waivers(db, case_id, case.round)):
        raise Refusal("REVIEW-WAIVED", f"{gate.title}: waived already.", path="gate", status=409)
    waiver = Waiver(case_id, case.round, gate_id, asker.officer, why.strip(), now_ms, case.rule_version)
    store.add_waiver(db, waiver)
    return waiver


def approved(db: sqlite3.Connection, case_id: str) -> Approved:
    """What a publication rests on; refuses REVIEW-NOT-APPROVED."""
    case = store.known_case(db, case_id)
    if case.state is not CaseState.APPROVED:
        raise Refusal("REVIEW-NOT-APPROVED", f"This case is {case.state.value}.", path="case", status=409)
    ours = [one for one in store.decisions(db, case_id) if one.round == case.round]
    reviewers = sorted(who for who, one in standing_opinions(ours).items() if one.verdict == "approve")
    waived = tuple(one.gate for one in store.waivers(db, case_id, case.round))
    return Approved(case_id, case.digest, tuple(reviewers), case.rule_version, case.changed_ms, waived)
