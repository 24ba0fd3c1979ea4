"""A trace of one firearm: what is known of it, who was asked about it, and what each of them said."""

import enum
import re
from typing import Annotated

import msgspec

from allpoints.ground.clock import DAY, HOUR, Instant

NAME_LIMIT = 100
"""Longest line about a firearm, holder or file."""
TEXT_LIMIT = 1_000
"""Longest text that an officer writes in a trace."""
MARKS_LIMIT = 4_000
"""All marks together, also after each time more were asked for."""
STEPS_LIMIT = 32
"""Countries that one trace can ask: no trail of sales is longer, and a longer one is no trail."""
ROUNDS_LIMIT = 3
"""How often one country is asked: at first, and again each time it wanted more marks."""
REMINDERS_LIMIT = 3
"""How often a clock runs out before the trail ends there."""

TRACE_NAME = re.compile(r"[A-Z]{3}-[0-9a-f]{16}")
"""The requester's code and a random number: nobody can name a trace as another member's."""


class Priority(enum.StrEnum):
    URGENT = "urgent"
    ROUTINE = "routine"


SPANS = {Priority.URGENT: 48 * HOUR, Priority.ROUTINE: 14 * DAY}
"""How long a country has to answer, and the requester's desk to decide how to go on."""


class TraceState(enum.StrEnum):
    """Open: the desk chooses whom to ask. Answered: it decides how to go on. Overdue: a country is silent."""

    OPEN = "open"
    AWAITING = "awaiting"
    ANSWERED = "answered"
    OVERDUE = "overdue"
    FOUND = "found"
    EXHAUSTED = "exhausted"
    WITHDRAWN = "withdrawn"


RUNNING = (TraceState.OPEN, TraceState.AWAITING, TraceState.ANSWERED, TraceState.OVERDUE)
"""States in which a clock runs: one, and only one."""


class Side(enum.StrEnum):
    """As whom a node knows a trace."""

    REQUESTER = "requester"
    ASKED = "asked"
    CENTRE = "centre"


class Finding(enum.StrEnum):
    """What the files of a country that was asked say."""

    EXPORTED = "exported"
    SOLD = "sold"
    STOLEN = "stolen"
    DESTROYED = "destroyed"
    NOT_OURS = "not-ours"
    NO_RECORD = "no-record"
    MORE_MARKS = "more-marks"


class Why(enum.StrEnum):
    """Why a country is asked; empty where telling it would tell another country's answer."""

    MANUFACTURE = "manufacture"
    EXPORTED = "exported"
    MAKE = "make"
    CHOSEN = "chosen"
    UNSAID = ""


class Ending(enum.StrEnum):
    """Why a trail ended without a holder."""

    DESTROYED = "destroyed"
    NO_RECORD = "no-record"
    NOT_OURS = "not-ours"
    UNIDENTIFIED = "unidentified"
    CIRCLE = "circle"
    OUTSIDE = "outside"
    TOO_LONG = "too-long"
    SILENT = "silent"
    NOT_CONTINUED = "not-continued"


ENDINGS = {
    Ending.DESTROYED: "It was destroyed, by the files of the country that answered last.",
    Ending.NO_RECORD: "The country that answered last has no record of it.",
    Ending.NOT_OURS: "The country that answered last says that it is not of this make.",
    Ending.UNIDENTIFIED: f"Its marks do not identify it, after {ROUNDS_LIMIT} descriptions.",
    Ending.CIRCLE: "The trail leads back to a country that was asked already.",
    Ending.OUTSIDE: "The trail leads to a country that is no member of this network.",
    Ending.TOO_LONG: f"The trail led through {STEPS_LIMIT} countries.",
    Ending.SILENT: f"The country that was asked let its clock run out {REMINDERS_LIMIT + 1} times.",
    Ending.NOT_CONTINUED: "Nobody decided how to go on.",
}


class Firearm(msgspec.Struct, frozen=True):
    """A firearm as a trace describes it. ``reference`` is its entry in the reference table; without one
    ``unlisted`` says why it is traced all the same.
    """

    serial: str
    make: str
    model: str = ""
    calibre: str = ""
    type: str = ""
    importer_mark: str = ""
    marks: str = ""
    reference: str = ""
    made_in: str = ""
    unlisted: str = ""

    @property
    def caption(self) -> str:
        known = " ".join(part for part in (self.make, self.model, self.calibre) if part)
        return f"{known}, serial {self.serial}" if self.serial else known


class Answer(msgspec.Struct, frozen=True):
    """What one country said. ``country`` and ``party`` are where and to whom it went, ``dated`` when.

    ``by`` is an officer at the answering country's own desk, and that country's code everywhere else.
    """

    finding: Finding
    text: str
    country: str = ""
    party: str = ""
    dated: str = ""
    reference: str = ""
    by: str = ""
    at_ms: Instant = 0
    round: Annotated[int, msgspec.Meta(ge=1, le=ROUNDS_LIMIT)] = 1


class Step(msgspec.Struct, frozen=True):
    """One country asked, with its clock and what it said; ``round`` counts the descriptions it was given."""

    country: str
    why: Why
    asked_ms: Instant
    deadline_ms: Instant
    round: Annotated[int, msgspec.Meta(ge=1, le=ROUNDS_LIMIT)] = 1
    overdue_ms: Instant = 0
    reminders: Annotated[int, msgspec.Meta(ge=0, le=REMINDERS_LIMIT + 1)] = 0
    answers: Annotated[tuple[Answer, ...], msgspec.Meta(max_length=ROUNDS_LIMIT)] = ()

    @property
    def answered(self) -> bool:
        """Whether it has answered the description that it was given last."""
        return bool(self.answers) and self.answers[-1].round == self.round

    @property
    def wants_marks(self) -> bool:
        return self.answered and self.answers[-1].finding is Finding.MORE_MARKS

    @property
    def done(self) -> bool:
        return self.answered and not self.wants_marks


class Trace(msgspec.Struct, frozen=True):
    """A trace as one side knows it: the requester all of it, a country that is asked its own step.

    ``clock_ms`` is when the one clock that runs ends, 0 when none does. ``disclose`` gives each country the earlier
    answers, ``approve`` lets the desk decide on every next step. ``proposed`` is whom the last answer names.
    """

    trace: str
    requester: str
    priority: Priority
    firearm: Firearm
    state: TraceState
    started_ms: Instant
    clock_ms: Instant
    circumstances: str = ""
    case: str = ""
    purpose: str = ""
    disclose: bool = False
    approve: bool = False
    reminders: int = 0
    steps: tuple[Step, ...] = ()
    proposed: str = ""
    ending: str = ""
    ended_ms: Instant = 0
    hits: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        return self.state in RUNNING

    @property
    def current(self) -> Step | None:
        """The step that was asked last; the course of the trace hangs on it alone."""
        return self.steps[-1] if self.steps else None

    def step_of(self, country: str) -> Step | None:
        return next((step for step in self.steps if step.country == country), None)

    @property
    def last_known(self) -> tuple[str, str]:
        """Country and holder or importer whom the trail reached last; empty when no answer named any."""
        for step in reversed(self.steps):
            for answer in reversed(step.answers):
                if answer.party:
                    return answer.country or step.country, answer.party
        return "", ""


class TraceView(msgspec.Struct, frozen=True):
    """A trace and as whom this node knows it."""

    side: Side
    trace: Trace


# -- what members tell each other


class Asked(msgspec.Struct, frozen=True):
    """Requester to one country: what your files say of this firearm, please, until then.

    ``before`` is what other countries said, where the requester discloses it; ``why`` is empty where it does not.
    """

    trace: str
    round: Annotated[int, msgspec.Meta(ge=1, le=ROUNDS_LIMIT)]
    priority: Priority
    firearm: Firearm
    asked_ms: Instant
    deadline_ms: Instant
    why: Why = Why.UNSAID
    circumstances: str = ""
    case: str = ""
    before: Annotated[tuple[Step, ...], msgspec.Meta(max_length=STEPS_LIMIT)] = ()


class Answered(msgspec.Struct, frozen=True):
    """A country that was asked to the requester, and to nobody else."""

    trace: str
    answer: Answer


class Withdrawn(msgspec.Struct, frozen=True):
    """Requester to a country that has not answered: it is no longer asked."""

    trace: str
    reason: str


class Overdue(msgspec.Struct, frozen=True):
    """Requester to the command centre: a country is silent, or (any other state) no longer is.

    The centre learns who waits for whom and since when, and nothing of the firearm.
    """

    trace: str
    country: str
    round: Annotated[int, msgspec.Meta(ge=1, le=ROUNDS_LIMIT)]
    priority: Priority
    state: TraceState
    asked_ms: Instant
    deadline_ms: Instant
    reminders: Annotated[int, msgspec.Meta(ge=0, le=REMINDERS_LIMIT + 1)]
