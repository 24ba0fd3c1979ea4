"""What a requester tells of its trace, and to whom: each is told its own part and no other."""

import msgspec

from allpoints.tracing.trace import Asked, Overdue, Step, Trace, TraceState, Why, Withdrawn

WITHOUT_ANSWER = "The trace has ended without this answer."
LET_GO = (TraceState.FOUND, TraceState.WITHDRAWN)


def question(before: Trace, after: Trace) -> Asked | None:
    """What the country that is newly asked is told; None when nobody is."""
    step = after.current
    if after.state is not TraceState.AWAITING or step is None or _turn(before) == _turn(after):
        return None
    return Asked(
        after.trace,
        step.round,
        after.priority,
        after.firearm,
        step.asked_ms,
        step.deadline_ms,
        why=step.why if after.disclose or step.why is Why.MANUFACTURE else Why.UNSAID,
        circumstances=after.circumstances,
        case=after.case,
        before=disclosed(after) if after.disclose else (),
    )


def _turn(trace: Trace) -> tuple[str, int]:
    return (trace.current.country, trace.current.round) if trace.current else ("", 0)


def disclosed(trace: Trace) -> tuple[Step, ...]:
    """What the countries asked earlier have said, in the name of each; whoever is silent is not told of."""
    return tuple(
        Step(
            one.country,
            one.why,
            one.asked_ms,
            one.deadline_ms,
            one.round,
            answers=tuple(msgspec.structs.replace(answer, by=one.country) for answer in one.answers),
        )
        for one in trace.steps[:-1]
        if one.answers
    )


def let_go(before: Trace, after: Trace) -> dict[str, Withdrawn]:
    """Countries that need not answer any more, and what each is told."""
    if before.state is after.state or after.state not in LET_GO:
        return {}
    reason = after.ending if after.state is TraceState.WITHDRAWN else WITHOUT_ANSWER
    return {
        one.country: Withdrawn(after.trace, reason)
        for one in after.steps
        if not one.done and one.country != after.requester
    }


def overdue(before: Trace, after: Trace) -> list[Overdue]:
    """What has changed for the command centre: a country is silent, is still silent, or no longer is."""
    known = _silent(before)
    return [told for country, told in _silent(after).items() if known.get(country) != told]


def _silent(trace: Trace) -> dict[str, Overdue]:
    """Every country whose clock ran out, with how it stands; the requester knows itself when it is late."""
    return {
        one.country: Overdue(
            trace.trace,
            one.country,
            one.round,
            trace.priority,
            _standing(trace, one),
            one.asked_ms,
            one.deadline_ms,
            one.reminders,
        )
        for one in trace.steps
        if one.reminders and one.country != trace.requester
    }


def _standing(trace: Trace, step: Step) -> TraceState:
    if step.answered:
        return TraceState.ANSWERED
    waited = trace.current == step and trace.state not in LET_GO
    return TraceState.OVERDUE if waited else TraceState.WITHDRAWN
