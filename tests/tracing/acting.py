"""Traces that tests act on: begun, asked about, answered, and left to their clocks."""

from typing import Any

import msgspec

from allpoints.ground.clock import DAY
from allpoints.tracing import rules
from allpoints.tracing.trace import Answer, Finding, Firearm, Priority, Trace, Why

NOW_MS = 1_790_000_000_000
MEMBERS = frozenset({"XAV", "XBM", "XCS", "XDV"})
NAME = "XCS-0123456789abcdef"
PISTOL = Firearm("K18204417", "Norvik", "P9", "9x19", reference="NOR-P9", made_in="XAV")
HOLDERS = {Finding.SOLD, Finding.STOLEN}


def begun(*, approve: bool = False, disclose: bool = False, priority: Priority = Priority.URGENT) -> Trace:
    trace = rules.begin(NAME, "XCS", priority, PISTOL, NOW_MS)
    return msgspec.structs.replace(trace, approve=approve, disclose=disclose)


def answer(finding: str, country: str = "", party: str = "", count: int = 1) -> Answer:
    return Answer(Finding(finding), "As our files say.", country, party, by="XAV", at_ms=NOW_MS, round=count)


def said(trace: Trace, who: str, finding: str, *further: str) -> Answer:
    """An answer as `who` would give it now."""
    step = trace.step_of(who)
    country, party = [*(("", *further) if Finding(finding) in HOLDERS else further), "", ""][:2]
    return answer(finding, country, party, step.round if step else 1)


def acted(trace: Trace, act: Any, now_ms: int) -> Trace:
    """The trace after one act of the golden table."""
    if act == "late":
        return rules.ran_out(trace, max(now_ms, trace.clock_ms))
    ((what, how),) = act.items()
    if what == "ask":
        return rules.ask(trace, how, Why.MANUFACTURE, now_ms, MEMBERS)
    if what == "says":
        return rules.take_answer(trace, how[0], said(trace, *how), now_ms, MEMBERS)
    if what == "next":
        return rules.go_on(trace, how, now_ms, MEMBERS)
    if what == "marks":
        return rules.supply(trace, how, now_ms)
    return rules.withdraw(trace, how, now_ms)


def played(acts: list[Any], trace: Trace) -> Trace:
    """The trace after every act, a day between them."""
    for number, act in enumerate(acts):
        trace = acted(trace, act, NOW_MS + number * DAY)
    return trace
