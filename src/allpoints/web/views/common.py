"""Pieces that several pages share: cells, states, clocks, inputs, sections."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from allpoints.ground.refusal import Fault
from allpoints.web.words import _

Kind = Literal[
    "text", "date", "partial-date", "name", "country", "number", "mark", "time", "code", "duration"
]
"""How `field` prints a value: a country is an alpha-3 code, a time milliseconds UTC, a mark a handling
code, a duration milliseconds, a code anything that is read letter by letter (references, numbers, MRZ)."""

Tone = Literal["good", "bad", "warn", "info", "quiet", "red"]
"""Colour and shape of a state; never alone, always beside its word."""

Verdict = Literal["clear", "document", "bearer", "object", "possible", "unreadable", "unable"]

InputKind = Literal[
    "text",
    "search",
    "password",
    "code",
    "literal",
    "number",
    "date",
    "textarea",
    "select",
    "radios",
    "checkboxes",
    "file",
]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every view record."""


class Cell(msgspec.Struct, frozen=True):
    """One labelled value; an empty value is printed as "not known"."""

    label: str
    value: str | int | float
    kind: Kind = "text"
    mark: str = ""
    """Handling code of this one field, where it differs from the record's."""
    href: str = ""
    language: str = ""
    """BCP 47 tag of the value where it is not the page's language."""


class Link(msgspec.Struct, frozen=True):
    label: str
    href: str


class State(msgspec.Struct, frozen=True):
    word: str
    tone: Tone = "quiet"


class Countdown(View, frozen=True, kw_only=True):
    """A clock that runs towards a moment; the island keeps it running, the server prints it once."""

    label: str
    ends_ms: int
    starts_ms: int = 0
    """With a start the clock also shows how much of its time is used."""


class Picture(View, frozen=True, kw_only=True):
    """An image of a record; ``alternative`` says to whom cannot see it what it shows."""

    href: str
    caption: str
    alternative: str


class Section(msgspec.Struct, frozen=True):
    title: str
    cells: tuple[Cell, ...]


class Event(View, frozen=True, kw_only=True):
    """One step on a timeline, oldest first."""

    at_ms: int
    title: str
    by: str = ""
    text: str = ""
    tone: Tone = "quiet"


class Reason(View, frozen=True, kw_only=True):
    """Why an engine answered as it did."""

    sentence: str
    asked: str = ""
    record: str = ""
    score: float | None = None


class Contact(View, frozen=True, kw_only=True):
    """Whom to ask at the owner's bureau."""

    name: str
    member: str
    telephone: str = ""
    hours: str = ""
    compose: str = ""
    """Address of the compose page with the recipient filled in."""


class Identity(View, frozen=True, kw_only=True):
    """The person or document in view, kept on top of the page."""

    title: str
    names_original: tuple[Cell, ...] = ()
    """The same name in its original scripts, ``language`` set."""
    state: State
    cells: tuple[Cell, ...] = ()
    handling: str = ""
    warnings: tuple[str, ...] = ()


class Paging(View, frozen=True, kw_only=True):
    """``shown`` rows of ``total``, with links where there is more."""

    total: int
    shown: int
    previous: str = ""
    next: str = ""


class Option(msgspec.Struct, frozen=True):
    value: str
    label: str
    hint: str = ""


class Input(View, frozen=True, kw_only=True):
    """One form field; its element has the id ``field-<name>``, dots and underscores turned into hyphens."""

    name: str
    label: str
    kind: InputKind = "text"
    value: str = ""
    values: tuple[str, ...] = ()
    """The ticked options of ``checkboxes``."""
    hint: str = ""
    error: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    autocomplete: str = "off"
    max_length: int = 0
    width: int = 0
    """Expected number of characters; 0 fills the line."""
    blank: str = ""
    """First choice of a ``select`` that stands for no choice."""
    several: bool = False
    """Whether a ``file`` may be several."""


class FormSection(View, frozen=True, kw_only=True):
    """A part of a long form, listed in its task list."""

    name: str
    title: str
    hint: str = ""
    inputs: tuple[Input, ...]
    state: State = State(_("Not started"))


def filled(
    inputs: Sequence[Input],
    values: Mapping[str, str | Sequence[str]],
    faults: Sequence[Fault] = (),
) -> tuple[Input, ...]:
    """The same inputs with what was entered kept and each fault beside its field."""
    errors = {fault.path: fault.sentence for fault in reversed(faults)}
    return tuple(_with(one, values.get(one.name), errors.get(one.name, "")) for one in inputs)


def _with(one: Input, given: str | Sequence[str] | None, error: str) -> Input:
    if one.kind == "password" or given is None:
        return msgspec.structs.replace(one, error=error)
    if one.kind == "checkboxes":
        ticked = (given,) if isinstance(given, str) else tuple(given)
        return msgspec.structs.replace(one, values=ticked, error=error)
    text = given if isinstance(given, str) else "\n".join(given)
    return msgspec.structs.replace(one, value=text, error=error)


def filled_sections(
    sections: Sequence[FormSection],
    values: Mapping[str, str | Sequence[str]],
    faults: Sequence[Fault] = (),
) -> tuple[FormSection, ...]:
    """Sections with their inputs filled and each section's state worked out from what is there."""
    return tuple(_filled_section(section, values, faults) for section in sections)


def _filled_section(
    section: FormSection, values: Mapping[str, str | Sequence[str]], faults: Sequence[Fault]
) -> FormSection:
    inputs = filled(section.inputs, values, faults)
    answered = [bool(one.value or one.values) for one in inputs]
    missing = [one for one in inputs if one.required and not (one.value or one.values)]
    if any(one.error for one in inputs):
        state = State(_("To mend"), "bad")
    elif not any(answered):
        state = State(_("Not started"))
    elif missing:
        state = State(_("In progress"), "info")
    else:
        state = State(_("Complete"), "good")
    return msgspec.structs.replace(section, inputs=inputs, state=state)
