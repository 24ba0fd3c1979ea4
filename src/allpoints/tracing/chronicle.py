"""A trace told as it happened, for the pages and the command line."""

import msgspec

from allpoints.tracing.trace import ENDINGS, Answer, Ending, Finding, Step, Trace, TraceState, Why


class Happening(msgspec.Struct, frozen=True):
    """One thing that happened: when, at whose desk, a word for it, and what was said."""

    at_ms: int
    country: str
    word: str
    text: str = ""


WORDS = {
    Finding.EXPORTED: "Exported to {country}",
    Finding.SOLD: "Sold in {by}",
    Finding.STOLEN: "Recorded as stolen in {by}",
    Finding.DESTROYED: "Destroyed in {by}",
    Finding.NOT_OURS: "Not of this make",
    Finding.NO_RECORD: "No record in {by}",
    Finding.MORE_MARKS: "More marks are wanted",
}
ASKED = {
    Why.MANUFACTURE: "Asked as country of manufacture",
    Why.EXPORTED: "Asked as importing country",
    Why.MAKE: "Asked as country of the make",
    Why.CHOSEN: "Asked by decision of the requester",
    Why.UNSAID: "Asked",
}


def told(trace: Trace) -> list[Happening]:
    """Everything that this side knows to have happened, oldest first."""
    found = [one for step in trace.steps for one in _of_step(step)]
    if trace.state in {TraceState.EXHAUSTED, TraceState.WITHDRAWN}:
        word = "The trail ends" if trace.state is TraceState.EXHAUSTED else "Withdrawn"
        found.append(Happening(trace.ended_ms, trace.requester, word, ending(trace)))
    return sorted(found, key=lambda one: one.at_ms)


def ending(trace: Trace) -> str:
    """Why a trace ended, in a sentence: the end of the trail, or the reason of whoever withdrew it."""
    return ENDINGS[Ending(trace.ending)] if trace.state is TraceState.EXHAUSTED else trace.ending


def _of_step(step: Step) -> list[Happening]:
    begun = Happening(step.asked_ms, step.country, ASKED[step.why])
    answers = [
        Happening(one.at_ms, step.country, answered(one, step.country), said(one)) for one in step.answers
    ]
    late = [Happening(step.overdue_ms, step.country, "Not answered in time")] if step.overdue_ms else []
    return [begun, *late, *answers]


def answered(answer: Answer, by: str) -> str:
    """What was found, in a few words: "Exported to XBM"."""
    return WORDS[answer.finding].format(country=answer.country, by=by)


def said(answer: Answer) -> str:
    """What was said beside the finding, in one line."""
    parts = (answer.party, answer.dated, answer.reference)
    beside = ", ".join(part for part in parts if part)
    return f"{beside}. {answer.text}" if beside else answer.text
