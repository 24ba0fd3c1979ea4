"""Firearm traces: the list, one trace with its steps, and the form that requests one."""

from typing import Literal

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import (
    Cell,
    Contact,
    Countdown,
    Event,
    FormSection,
    Input,
    Link,
    Option,
    Paging,
    State,
    View,
)
from allpoints.web.words import _

Side = Literal["requester", "asked", "centre"]


class TraceRow(View, frozen=True, kw_only=True):
    id: str
    href: str
    title: str
    state: State
    requester: str
    asked: str = ""
    """The country that is asked now."""
    urgent: bool = False
    started_ms: int
    due: Countdown | None = None


class TracesPage(View, frozen=True, kw_only=True):
    """GET ``?state=open``; the command centre sees only traces in which a country is silent."""

    side: Side
    rows: tuple[TraceRow, ...] = ()
    states: tuple[Option, ...] = ()
    state: str = ""
    paging: Paging
    may_request: bool = False


class TracePage(View, frozen=True, kw_only=True):
    """POST fields: ``act`` = ``answer`` | ``next`` | ``marks`` | ``withdraw``, with the inputs of that form.

    ``answer``, ``onward`` and ``marks`` are empty where this officer, or this side, has nothing to say.
    """

    id: str
    reference: str
    title: str
    side: Side
    state: State
    urgent: bool = False
    firearm: tuple[Cell, ...] = ()
    request: tuple[Cell, ...] = ()
    holder: Cell | None = None
    """Whom the trail reached last."""
    ending: str = ""
    clock: Countdown | None = None
    timeline: tuple[Event, ...] = ()
    hits: tuple[Link, ...] = ()
    contact: Contact | None = None
    answer: tuple[Input, ...] = ()
    onward: tuple[Input, ...] = ()
    proposed: str = ""
    marks: tuple[Input, ...] = ()
    may_withdraw: bool = False
    reason: str = ""
    errors: tuple[Fault, ...] = ()


class TraceFormPage(View, frozen=True, kw_only=True):
    """POST fields: the inputs of the sections."""

    sections: tuple[FormSection, ...]
    errors: tuple[Fault, ...] = ()


def answer_inputs(countries: tuple[Option, ...]) -> tuple[Input, ...]:
    """``finding``, ``country``, ``party``, ``dated``, ``reference``, ``text``."""
    findings = (
        Option("exported", _("Exported"), _("Name the country and, where known, the importer.")),
        Option("sold", _("Sold or held in this country"), _("Name the last known holder.")),
        Option("stolen", _("Recorded as stolen or lost"), _("Name the record and whom it was taken from.")),
        Option("destroyed", _("Destroyed")),
        Option("not-ours", _("Not of this make"), _("Name the country of the make if the marks show it.")),
        Option("no-record", _("No record")),
        Option("more-marks", _("More marks are needed"), _("Say which marks would decide it.")),
    )
    return (
        Input(
            name="finding", label=_("What do your files say?"), kind="radios", options=findings, required=True
        ),
        Input(name="country", label=_("Country"), kind="select", options=countries, blank=_("No country")),
        Input(name="party", label=_("Importer or holder"), max_length=100),
        Input(name="dated", label=_("Date"), kind="date", width=12, hint=_("2019, 2019-05 or 2019-05-03.")),
        Input(name="reference", label=_("File or record"), kind="code", width=30, max_length=100),
        Input(
            name="text",
            label=_("In a sentence"),
            kind="textarea",
            required=True,
            max_length=1_000,
            hint=_("Only the requester reads it, unless it discloses answers along the trail."),
        ),
    )


def request_sections(members: tuple[Option, ...]) -> tuple[FormSection, ...]:
    """The firearm, then how it is traced."""
    return (
        FormSection(name="firearm", title=_("The firearm"), inputs=_firearm()),
        FormSection(name="course", title=_("How it is traced"), inputs=_course(members)),
    )


def _firearm() -> tuple[Input, ...]:
    return (
        Input(name="serial", label=_("Serial number"), kind="code", width=30, required=True, max_length=100),
        Input(name="make", label=_("Make"), required=True, max_length=100),
        Input(name="model", label=_("Model"), max_length=100),
        Input(name="calibre", label=_("Calibre"), width=20, max_length=100),
        Input(name="type", label=_("Type"), max_length=100),
        Input(name="importer_mark", label=_("Importer's mark"), max_length=100),
        Input(name="marks", label=_("Proof marks and other stamps"), kind="textarea", max_length=4_000),
        Input(
            name="reference",
            label=_("Entry of the reference table"),
            kind="code",
            width=30,
            max_length=100,
            hint=_("Only where several entries fit."),
        ),
        Input(
            name="unlisted",
            label=_("Not in the reference table, because"),
            max_length=1_000,
            hint=_("Fill this in only when the table really does not have it; then name a country below."),
        ),
    )


def _course(members: tuple[Option, ...]) -> tuple[Input, ...]:
    return (
        Input(name="circumstances", label=_("Where and how it was found"), kind="textarea", max_length=1_000),
        Input(
            name="priority",
            label=_("Priority"),
            kind="radios",
            value="routine",
            required=True,
            options=(
                Option("routine", _("Routine"), _("Each country has 14 days.")),
                Option("urgent", _("Urgent"), _("Each country has 48 hours.")),
            ),
        ),
        Input(
            name="to",
            label=_("Ask first"),
            kind="select",
            options=members,
            blank=_("The country of manufacture"),
        ),
        Input(
            name="course",
            label=_("Along the trail"),
            kind="checkboxes",
            options=(
                Option("disclose", _("Show each country what those before it answered")),
                Option("approve", _("Ask the next country only when this desk approves")),
            ),
        ),
    )
