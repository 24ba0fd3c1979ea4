"""What officers' opinions add up to. Pure: who may say what, and what follows, each with its reasons."""

from collections.abc import Iterable, Sequence

import msgspec

from allpoints.ground.refusal import Fault
from allpoints.review import codes as reasons
from allpoints.review.case import (
    CODES_LIMIT,
    OFFICERS_NEEDED,
    TEXT_LIMIT,
    Case,
    CaseState,
    Decision,
    Opinion,
)
from allpoints.review.gates import Finding, querying, refusing, to_judge

SILENT = "SOURCE-SILENT"


class Matter(msgspec.Struct, frozen=True):
    """All that an opinion is measured against: the case, the findings and decisions of its round, waived gates,
    whether protection against the requester is noted, whether the source is silent, and the rule version in force.
    """

    case: Case
    findings: tuple[Finding, ...]
    decisions: tuple[Decision, ...]
    waived: frozenset[str]
    protected: bool
    silent: bool
    version_now: str


class Conclusion(msgspec.Struct, frozen=True):
    """Where the case stands after an opinion; ``codes`` are the reasons of a refusal that is complete."""

    state: CaseState
    codes: tuple[str, ...] = ()


def objections(matter: Matter, officer: str, opinion: Opinion) -> tuple[Fault, ...]:
    """Why this officer may not give this opinion now; nothing means that it may."""
    faults = _form(opinion) or _moment(matter, opinion)
    if faults:
        return tuple(faults)
    match opinion.verdict:
        case "approve":
            faults = _approval(matter, officer, opinion)
        case "query":
            faults = _query(opinion)
        case "refuse":
            faults = _repeated(matter, officer, opinion)
    return tuple(faults)


def _form(opinion: Opinion) -> list[Fault]:
    faults = [
        Fault("REVIEW-UNKNOWN-CODE", f"{code!r} is no reason.", f"codes[{at}]")
        for at, code in enumerate(opinion.codes)
        if code not in reasons.known()
    ]
    if len(opinion.codes) > CODES_LIMIT:
        faults.append(Fault("REVIEW-CODES", f"At most {CODES_LIMIT} reasons.", "codes"))
    if len(opinion.text) > TEXT_LIMIT:
        faults.append(Fault("REVIEW-TEXT", f"At most {TEXT_LIMIT} characters.", "text"))
    if opinion.verdict not in ("approve", "refuse", "query"):
        faults.append(Fault("REVIEW-VERDICT", "A decision is approve, refuse or query.", "verdict"))
    if opinion.verdict != "approve" and not opinion.codes:
        faults.append(Fault("REVIEW-NO-CODE", "Name at least one reason.", "codes"))
    if (opinion.verdict != "approve" or opinion.codes) and not opinion.text.strip():
        faults.append(Fault("REVIEW-NO-TEXT", "Say why in words.", "text"))
    return faults


def _moment(matter: Matter, opinion: Opinion) -> list[Fault]:
    """Whether the case can take an opinion now. A case that waits for its source can still be refused."""
    case = matter.case
    if case.state.closed:
        return [Fault("REVIEW-NOT-OPEN", f"This case is {case.state.value}.", "case")]
    if case.state is CaseState.QUERY_TO_SOURCE and opinion.verdict != "refuse":
        return [Fault("REVIEW-WAITING", "The source was asked and has not answered.", "case")]
    if SILENT in opinion.codes and not matter.silent:
        return [
            Fault(
                "REVIEW-NOT-SILENT", "The source was not asked, or its time to answer is not over.", "codes"
            )
        ]
    lapsed = matter.silent and set(opinion.codes) == {SILENT}
    if opinion.verdict != "query" and not lapsed and case.rule_version != matter.version_now:
        return [
            Fault(
                "REVIEW-RULES-CHANGED",
                f"Screened by {case.rule_version}; {matter.version_now} is in force.",
                "rule_version",
                "Screen the case again.",
            )
        ]
    return []


def _approval(matter: Matter, officer: str, opinion: Opinion) -> list[Fault]:
    faults = [
        Fault("REVIEW-GATE-REFUSES", f"{one.code}: {one.sentence}", f"gates.{one.gate}", _way_out(one))
        for one in refusing(matter.findings, matter.waived)
    ]
    faults += [
        Fault("REVIEW-INCOMPLETE", f"{one.code}: {one.sentence}", f"gates.{one.gate}", "Query the source.")
        for one in querying(matter.findings)
    ]
    required = to_judge(matter.findings) | ({"REFUGEE"} if matter.protected else set())
    unweighed = sorted(required - set(opinion.codes))
    if unweighed:
        faults.append(
            Fault(
                "REVIEW-NOT-WEIGHED",
                f"A person must weigh: {', '.join(unweighed)}.",
                "codes",
                "Name each of these codes and say in the text how you weighed it.",
            )
        )
    return faults + _repeated(matter, officer, opinion)


def _way_out(finding: Finding) -> str:
    return (
        "Refuse, or record a waiver with its reason." if finding.waivable else "Refuse, or query the source."
    )


def _query(opinion: Opinion) -> list[Fault]:
    if reasons.any_sealed(opinion.codes):
        return [
            Fault(
                "REVIEW-QUERY-TELLS",
                "A query goes to the requester, who must not learn of these reasons.",
                "codes",
                "Ask members concerned by a sealed message instead.",
            )
        ]
    return []


def _repeated(matter: Matter, officer: str, opinion: Opinion) -> list[Fault]:
    standing = standing_opinions(matter.decisions).get(officer)
    if standing is None or standing.verdict != opinion.verdict:
        return []
    if opinion.verdict == "refuse" and set(standing.codes) != set(opinion.codes):
        return []
    return [
        Fault(
            "REVIEW-SAME-OFFICER",
            f"{officer} has said so already.",
            "reviewer",
            "Another officer must decide.",
        )
    ]


def standing_opinions(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The last approval or refusal of each officer; a query takes no side."""
    return {one.reviewer: one for one in decisions if one.verdict != "query"}


def conclude(matter: Matter, officer: str, opinion: Opinion) -> Conclusion:
    """Where the case stands once this opinion is recorded."""
    if opinion.verdict == "query":
        return Conclusion(CaseState.QUERY_TO_SOURCE)
    others = [one for who, one in standing_opinions(matter.decisions).items() if who != officer]
    if opinion.verdict == "approve":
        agreeing = 1 + sum(one.verdict == "approve" for one in others)
        return Conclusion(CaseState.APPROVED if agreeing >= OFFICERS_NEEDED else CaseState.LEGAL_REVIEW)
    return _refusal(matter.case.state, opinion, [one for one in others if one.verdict == "refuse"])


def _refusal(state: CaseState, opinion: Opinion, others: Sequence[Decision]) -> Conclusion:
    """Articles 2 and 3 and asylum need a second officer who refuses for one of the same reasons."""
    two = reasons.needs_two(opinion.codes)
    if not two:
        return Conclusion(CaseState.REFUSED, tuple(sorted(set(opinion.codes))))
    shared = two & frozenset(code for one in others for code in one.codes)
    if not shared:
        waiting = state is CaseState.QUERY_TO_SOURCE
        return Conclusion(CaseState.QUERY_TO_SOURCE if waiting else CaseState.LEGAL_REVIEW)
    return Conclusion(CaseState.REFUSED, tuple(sorted(shared | (set(opinion.codes) - two))))
