"""The course of a trace, as its requester keeps it: who may be asked, what an answer leads to, what a clock does.

Pure: a trace and what happened in, the trace after it out. Whoever calls sends what the step says and keeps the result.
"""

from collections.abc import Container
from typing import NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.tracing.trace import (
    MARKS_LIMIT,
    REMINDERS_LIMIT,
    ROUNDS_LIMIT,
    SPANS,
    STEPS_LIMIT,
    TEXT_LIMIT,
    Answer,
    Ending,
    Finding,
    Firearm,
    Priority,
    Step,
    Trace,
    TraceState,
    Why,
)


class Course(NamedTuple):
    """Where an answer leads: to a country, to the desk, or to an end."""

    state: TraceState
    country: str = ""
    why: Why = Why.UNSAID
    ending: str = ""


def deadline(asked_ms: int, priority: Priority) -> int:
    return asked_ms + SPANS[priority]


def begin(trace: str, requester: str, priority: Priority, firearm: Firearm, now_ms: int) -> Trace:
    """A trace of which nobody was asked yet; the desk's clock runs."""
    return Trace(trace, requester, priority, firearm, TraceState.OPEN, now_ms, deadline(now_ms, priority))


def ask(trace: Trace, country: str, why: Why, now_ms: int, reachable: Container[str]) -> Trace:
    """Ask this country next; refuses one that was asked already, is no member, or comes out of turn."""
    _check_may_go_on(trace)
    if trace.step_of(country) is not None:
        raise Refusal(
            "TRACE-ASKED-ALREADY",
            f"{country} was asked in this trace already.",
            path="country",
            hint="Name another country, or withdraw the trace.",
            status=409,
        )
    if country not in reachable:
        raise Refusal(
            "TRACE-OUTSIDE",
            f"{country} is no active member of this network.",
            path="country",
            hint="Name a member that may know more, such as the last legal importer.",
        )
    if len(trace.steps) >= STEPS_LIMIT:
        raise Refusal("TRACE-TOO-LONG", f"A trace asks at most {STEPS_LIMIT} countries.", status=409)
    step = Step(country, why, now_ms, deadline(now_ms, trace.priority))
    return msgspec.structs.replace(
        _running(trace, TraceState.AWAITING, step.deadline_ms), steps=(*trace.steps, step)
    )


def _check_may_go_on(trace: Trace) -> None:
    if trace.state is TraceState.AWAITING:
        raise Refusal(
            "TRACE-AWAITING",
            "A country is being asked, and its clock still runs.",
            hint="Wait for its answer; when the clock has run out, another country may be asked.",
            status=409,
        )
    if trace.state in {TraceState.FOUND, TraceState.WITHDRAWN}:
        raise ended(trace)


def ended(trace: Trace) -> Refusal:
    return Refusal("TRACE-ENDED", f"This trace has ended: {trace.state}.", status=409)


def _running(trace: Trace, state: TraceState, clock_ms: int) -> Trace:
    return msgspec.structs.replace(
        trace, state=state, clock_ms=clock_ms, reminders=0, proposed="", ending="", ended_ms=0
    )


def _over(trace: Trace, state: TraceState, ending: str, now_ms: int) -> Trace:
    return msgspec.structs.replace(
        trace, state=state, clock_ms=0, proposed="", ending=ending, ended_ms=now_ms
    )


def go_on(trace: Trace, country: str, now_ms: int, reachable: Container[str]) -> Trace:
    """The desk decides: ask this country, or the one that the last answer named."""
    if not (country or trace.proposed):
        _check_may_go_on(trace)
        raise Refusal(
            "TRACE-NO-NEXT",
            "The last answer names no country to ask.",
            path="country",
            hint="Name a country.",
        )
    why = Why.CHOSEN
    if country in {"", trace.proposed} and trace.current is not None:
        country = trace.proposed
        why = _why(trace.current.answers[-1])
    return ask(trace, country, why, now_ms, reachable)


def _why(answer: Answer) -> Why:
    return Why.EXPORTED if answer.finding is Finding.EXPORTED else Why.MAKE


def take_answer(trace: Trace, sender: str, answer: Answer, now_ms: int, reachable: Container[str]) -> Trace:
    """What a country said; moves the trace if that country is the one that it waits for.

    Refuses an answer of a country that was not asked, a second one, and one to a trace that was withdrawn. What comes
    after the trail went on elsewhere, or has ended, is kept with its step and changes nothing else.
    """
    step = trace.step_of(sender)
    if step is None:
        raise Refusal("TRACE-NOT-ASKED", f"{sender} was not asked in this trace.", path="trace", status=403)
    if trace.state is TraceState.WITHDRAWN:
        raise Refusal("TRACE-WITHDRAWN", "This trace was withdrawn.", path="trace", status=409)
    if step.answered or answer.round != step.round:
        raise Refusal("TRACE-ANSWERED", f"{sender} has answered this already.", path="trace", status=409)
    noted = msgspec.structs.replace(step, answers=(*step.answers, answer))
    waited = trace.current is step and _waits(trace)
    trace = _with_step(trace, noted)
    return _follow(trace, course(trace, answer, reachable), now_ms, reachable) if waited else trace


def _waits(trace: Trace) -> bool:
    """Whether the course of the trace hangs on the answer of the country asked last."""
    return trace.state in {TraceState.AWAITING, TraceState.OVERDUE} or (
        trace.state is TraceState.EXHAUSTED and trace.ending == Ending.SILENT
    )


def _with_step(trace: Trace, changed: Step) -> Trace:
    steps = tuple(changed if step.country == changed.country else step for step in trace.steps)
    return msgspec.structs.replace(trace, steps=steps)


def course(trace: Trace, answer: Answer, reachable: Container[str]) -> Course:
    """Where the answer of the country asked last leads."""
    match answer.finding:
        case Finding.SOLD | Finding.STOLEN:
            return Course(TraceState.FOUND)
        case Finding.EXPORTED:
            return _onward(trace, answer, reachable)
        case Finding.NOT_OURS if answer.country:
            return _onward(trace, answer, reachable)
        case Finding.MORE_MARKS if answer.round < ROUNDS_LIMIT:
            return Course(TraceState.ANSWERED)
        case Finding.MORE_MARKS:
            return Course(TraceState.EXHAUSTED, ending=Ending.UNIDENTIFIED)
        case _:
            return Course(TraceState.EXHAUSTED, ending=Ending(answer.finding.value))


def _onward(trace: Trace, answer: Answer, reachable: Container[str]) -> Course:
    if trace.step_of(answer.country) is not None:
        return Course(TraceState.EXHAUSTED, ending=Ending.CIRCLE)
    if answer.country not in reachable:
        return Course(TraceState.EXHAUSTED, ending=Ending.OUTSIDE)
    if len(trace.steps) >= STEPS_LIMIT:
        return Course(TraceState.EXHAUSTED, ending=Ending.TOO_LONG)
    state = TraceState.ANSWERED if trace.approve else TraceState.AWAITING
    return Course(state, answer.country, _why(answer))


def _follow(trace: Trace, there: Course, now_ms: int, reachable: Container[str]) -> Trace:
    if there.state in {TraceState.FOUND, TraceState.EXHAUSTED}:
        return _over(trace, there.state, there.ending, now_ms)
    decided = _running(trace, TraceState.ANSWERED, deadline(now_ms, trace.priority))
    if there.state is TraceState.AWAITING:
        return ask(decided, there.country, there.why, now_ms, reachable)
    return msgspec.structs.replace(decided, proposed=there.country)


def supply(trace: Trace, marks: str, now_ms: int) -> Trace:
    """Give the country that wanted more marks what was found; its clock starts again."""
    step, text = trace.current, marks.strip()
    if step is None or not step.wants_marks or trace.state not in {TraceState.ANSWERED, TraceState.EXHAUSTED}:
        _check_may_go_on(trace)
        raise Refusal("TRACE-NO-MARKS-WANTED", "Nobody has asked for more marks.", path="marks", status=409)
    if step.round >= ROUNDS_LIMIT:
        raise Refusal("TRACE-ROUNDS", f"A firearm is described at most {ROUNDS_LIMIT} times.", status=409)
    together = "\n".join(part for part in (trace.firearm.marks, text) if part)
    if not text or len(text) > TEXT_LIMIT or len(together) > MARKS_LIMIT:
        raise Refusal(
            "TRACE-MARKS",
            f"Marks are 1 to {TEXT_LIMIT} characters, {MARKS_LIMIT} in all.",
            path="marks",
            hint="Write every stamp, proof mark and number as it stands on the metal.",
        )
    again = msgspec.structs.replace(
        step,
        round=step.round + 1,
        asked_ms=now_ms,
        deadline_ms=deadline(now_ms, trace.priority),
        reminders=0,
    )
    firearm = msgspec.structs.replace(trace.firearm, marks=together)
    described = msgspec.structs.replace(_with_step(trace, again), firearm=firearm)
    return _running(described, TraceState.AWAITING, again.deadline_ms)


def withdraw(trace: Trace, reason: str, now_ms: int) -> Trace:
    """The requester asks no longer; the reason goes to those who have not answered."""
    if not trace.running:
        raise ended(trace)
    return _over(trace, TraceState.WITHDRAWN, given_reason(reason), now_ms)


def given_reason(reason: str) -> str:
    """A reason that says something, or a refusal."""
    text = reason.strip()
    if not text or len(text) > TEXT_LIMIT or "\0" in text:
        raise Refusal(
            "TRACE-REASON",
            f"A reason is 1 to {TEXT_LIMIT} characters.",
            path="reason",
            hint="Say in a sentence why the firearm is no longer traced.",
        )
    return text


def ran_out(trace: Trace, now_ms: int) -> Trace:
    """The trace once its clock has run out: overdue, reminded again, or at its end for want of an answer."""
    if not trace.running or now_ms < trace.clock_ms:
        return trace
    silent = trace.state in {TraceState.AWAITING, TraceState.OVERDUE}
    reminders = trace.reminders + 1
    if silent and trace.current is not None:
        step = trace.current
        overdue_ms = step.overdue_ms or now_ms
        trace = _with_step(trace, msgspec.structs.replace(step, reminders=reminders, overdue_ms=overdue_ms))
    if reminders > REMINDERS_LIMIT:
        ending = Ending.SILENT if silent else Ending.NOT_CONTINUED
        return _over(trace, TraceState.EXHAUSTED, ending, now_ms)
    state = TraceState.OVERDUE if silent else trace.state
    clock_ms = deadline(now_ms, trace.priority)
    return msgspec.structs.replace(trace, state=state, clock_ms=clock_ms, reminders=reminders)
