"""Running the gates: a pure function of rule version and request, so that every finding can be replayed."""

from collections.abc import Collection, Iterable
from typing import Literal

import msgspec

from allpoints.review.answer import Result
from allpoints.review.predicates.catalogue import CATALOGUE
from allpoints.review.request import Request
from allpoints.review.rulebook import Gate, Rules


class Finding(msgspec.Struct, frozen=True):
    """What one gate found: result, the sentence that says why, and the values looked at."""

    gate: str
    code: str
    severity: Literal["refuse", "query", "human"]
    result: Result
    sentence: str
    looked_at: dict[str, str]
    waivable: bool = False


Standing = Literal["refuse", "query", "human", "passed"]


def screen(rules: Rules, request: Request) -> tuple[Finding, ...]:
    """One finding for each gate, in the order of the gates; no gate is left out because an earlier one failed."""
    return tuple(_finding(gate, request) for gate in rules.gates)


def _finding(gate: Gate, request: Request) -> Finding:
    answer = CATALOGUE[gate.test].answer(request, gate.parameters)
    result = answer.result
    if result is Result.FAILED and gate.severity == "human":
        result = Result.NEEDS_HUMAN
    return Finding(
        gate.id, gate.code, gate.severity, result, answer.sentence, answer.looked_at, gate.waivable
    )


def standing(findings: Iterable[Finding], waived: Collection[str] = ()) -> Standing:
    """The heaviest that the findings ask for, leaving out waived gates."""
    listed = [one for one in findings if one.gate not in waived]
    if refusing(listed):
        return "refuse"
    if querying(listed):
        return "query"
    return "human" if to_judge(listed) else "passed"


def refusing(findings: Iterable[Finding], waived: Collection[str] = ()) -> tuple[Finding, ...]:
    return tuple(
        one
        for one in findings
        if one.result is Result.FAILED and one.severity == "refuse" and one.gate not in waived
    )


def querying(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(one for one in findings if one.result is Result.FAILED and one.severity == "query")


def to_judge(findings: Iterable[Finding]) -> frozenset[str]:
    """The codes that a person must have weighed."""
    return frozenset(one.code for one in findings if one.result is Result.NEEDS_HUMAN)
