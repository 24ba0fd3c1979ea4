"""What other members say about traces, and what this node keeps of it: refused where no honest node would say it."""

from collections.abc import Iterable, Mapping

import msgspec

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.tracing import answering, rules
from allpoints.tracing.answering import Reply, is_line
from allpoints.tracing.trace import (
    MARKS_LIMIT,
    NAME_LIMIT,
    TEXT_LIMIT,
    TRACE_NAME,
    Answer,
    Asked,
    Firearm,
    Overdue,
    Step,
    Trace,
    TraceState,
    Why,
    Withdrawn,
)
from allpoints.vocabulary.countries import Countries

SKEW_LIMIT_MS = 10 * MINUTE
LIMITS = {"marks": MARKS_LIMIT, "unlisted": TEXT_LIMIT}
AT_CENTRE = (TraceState.OVERDUE, TraceState.WITHDRAWN, TraceState.ANSWERED)
"""How a country that was silent can stand; each says more than the one before it."""


def _require(sound: Mapping[str, bool]) -> None:
    for path, holds in sound.items():
        if not holds:
            raise Refusal("TRACE-UNREADABLE", "No node tells this of a trace.", path=path, status=400)


def is_named_by(trace: str, requester: str) -> bool:
    """Whether a trace bears its requester's name; then no two members can name the same one."""
    return TRACE_NAME.fullmatch(trace) is not None and trace.startswith(f"{requester}-")


def fits(firearm: Firearm) -> bool:
    """Whether a description is as short as every node keeps it."""
    texts = msgspec.structs.asdict(firearm)
    long = {name: texts.pop(name) for name in LIMITS}
    return all(is_line(text, NAME_LIMIT) for text in texts.values()) and all(
        len(text) <= LIMITS[name] and "\0" not in text for name, text in long.items()
    )


def heard_question(asked: Asked, sender: str, me: str, now_ms: int) -> Trace:
    """A trace as a country that is asked keeps it: its own step, and what the requester discloses of others."""
    _require(
        {
            "trace": is_named_by(asked.trace, sender) and sender != me,
            "firearm": fits(asked.firearm) and bool(asked.firearm.serial),
            "case": is_line(asked.case),
            "circumstances": len(asked.circumstances) <= TEXT_LIMIT and "\0" not in asked.circumstances,
            "asked_ms": asked.asked_ms <= now_ms + SKEW_LIMIT_MS,
            "deadline_ms": asked.deadline_ms == rules.deadline(asked.asked_ms, asked.priority),
            "before": _are_others(asked.before, me),
        }
    )
    step = Step(me, asked.why, asked.asked_ms, asked.deadline_ms, asked.round)
    return Trace(
        asked.trace,
        sender,
        asked.priority,
        asked.firearm,
        TraceState.AWAITING,
        asked.asked_ms,
        asked.deadline_ms,
        circumstances=asked.circumstances,
        case=asked.case,
        disclose=bool(asked.before),
        steps=(*asked.before, step),
    )


def _are_others(steps: Iterable[Step], me: str) -> bool:
    countries = [step.country for step in steps]
    answers = [answer for step in steps for answer in step.answers]
    lines = [part for one in answers for part in (one.country, one.party, one.dated, one.reference, one.by)]
    return (
        me not in countries
        and len(set(countries)) == len(countries)
        and all(is_line(line) for line in (*countries, *lines))
        and all(len(one.text) <= TEXT_LIMIT and "\0" not in one.text for one in answers)
    )


def described_again(held: Trace, told: Trace) -> Trace:
    """A country that wanted more marks is given them: the same trace, with what it has said already."""
    before, now = held.current, told.current
    if before is None or now is None or now.round <= before.round or before.done:
        raise Refusal("TRACE-KNOWN", "This was asked already.", path="round", status=409)
    same = msgspec.structs.replace(told.firearm, marks=held.firearm.marks) == held.firearm
    _require({"firearm": same and told.firearm.marks.startswith(held.firearm.marks)})
    if held.state is TraceState.WITHDRAWN:
        return held
    again = msgspec.structs.replace(now, answers=before.answers)
    return msgspec.structs.replace(told, started_ms=held.started_ms, steps=(*told.steps[:-1], again))


def answered_here(held: Trace, answer: Answer) -> Trace:
    """The asked country's own desk has answered; refuses a second answer and one to what was withdrawn."""
    step = held.current
    if held.state is TraceState.WITHDRAWN:
        raise Refusal("TRACE-WITHDRAWN", "The requester asks no longer.", status=409)
    if step is None or step.answered:
        raise Refusal("TRACE-ANSWERED", "This was answered already.", status=409)
    given = msgspec.structs.replace(answer, round=step.round)
    done = msgspec.structs.replace(step, answers=(*step.answers, given))
    return msgspec.structs.replace(
        held, state=TraceState.ANSWERED, clock_ms=0, steps=(*held.steps[:-1], done), ended_ms=given.at_ms
    )


def let_run_out(held: Trace, now_ms: int) -> Trace:
    """The asked country's own clock has run out; it can still answer."""
    step = held.current
    if step is None or not held.running or not held.clock_ms or now_ms < held.clock_ms:
        return held
    late = msgspec.structs.replace(step, overdue_ms=now_ms)
    return msgspec.structs.replace(held, state=TraceState.OVERDUE, clock_ms=0, steps=(*held.steps[:-1], late))


def withdrawn_there(held: Trace, told: Withdrawn, now_ms: int) -> Trace:
    """The requester asks no longer; what was answered stays answered."""
    if held.state is TraceState.WITHDRAWN or (held.current is not None and held.current.done):
        return held
    reason = told.reason[:TEXT_LIMIT].replace("\0", "")
    return msgspec.structs.replace(
        held, state=TraceState.WITHDRAWN, clock_ms=0, ending=reason, ended_ms=now_ms
    )


def heard_answer(answer: Answer, sender: str, countries: Countries, now_ms: int) -> Answer:
    """An answer as another member gives it, held to the rules of its own desk."""
    _require({"by": answer.by == sender, "at_ms": answer.at_ms <= now_ms + SKEW_LIMIT_MS})
    reply = Reply(answer.finding, answer.text, answer.country, answer.party, answer.dated, answer.reference)
    clean = answering.checked(reply, sender, countries)
    return msgspec.structs.replace(clean, by=sender, at_ms=answer.at_ms, round=answer.round)


def heard_overdue(told: Overdue, sender: str, now_ms: int) -> Overdue:
    """What the command centre is told of a country that is silent."""
    _require(
        {
            "trace": is_named_by(told.trace, sender),
            "country": is_line(told.country) and told.country != sender,
            "state": told.state in AT_CENTRE,
            "asked_ms": told.asked_ms <= now_ms + SKEW_LIMIT_MS,
            "deadline_ms": told.deadline_ms == rules.deadline(told.asked_ms, told.priority),
        }
    )
    return told


def at_centre(told: Iterable[Overdue]) -> Trace:
    """What the command centre knows of one trace, in the form of a trace: who waits for whom, and no firearm."""
    known = sorted(told, key=lambda one: one.asked_ms)
    first, silent = known[0], [one for one in known if one.state is TraceState.OVERDUE]
    steps = tuple(
        Step(
            one.country,
            Why.UNSAID,
            one.asked_ms,
            one.deadline_ms,
            one.round,
            one.deadline_ms,
            one.reminders,
        )
        for one in known
    )
    state = TraceState.OVERDUE if silent else known[-1].state
    return Trace(
        first.trace, first.trace[:3], first.priority, Firearm("", ""), state, first.asked_ms, 0, steps=steps
    )


def supersedes(told: Overdue, held: Overdue) -> bool:
    """Whether this says more than what is held: messages overtake each other."""
    return _rank(told) > _rank(held)


def _rank(one: Overdue) -> tuple[int, int, int]:
    return one.round, AT_CENTRE.index(one.state), one.reminders
