"""Border screening: one field, one verdict, the next traveller."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import Cell, Contact, Input, Option, Reason, Section, State, Verdict, View
from allpoints.web.words import _


class Shift(View, frozen=True, kw_only=True):
    """Why the post asks; sent along with each check as hidden fields ``purpose`` and ``case``."""

    purpose: str = ""
    case: str = ""
    post: str = ""
    purposes: tuple[Option, ...] = ()

    @property
    def set(self) -> bool:
        return bool(self.purpose and self.case)


class Source(View, frozen=True, kw_only=True):
    """Where the answer came from: the live index, or an extract of a certain age."""

    live: bool
    as_of_ms: int
    """Moment up to which the answer knows what was published."""
    stale: bool = False
    """The extract is older than the policy allows; the verdict is then ``unable`` unless it is a hit."""
    waiting: int = 0
    """Checks and hits that wait for the line."""


class CheckDigit(View, frozen=True, kw_only=True):
    label: str
    given: str
    expected: str
    line: int
    position: int
    ok: bool


class ParsedDocument(View, frozen=True, kw_only=True):
    """What was read: an MRZ with its lines and check digits, or a number typed by hand without any."""

    format: str = ""
    lines: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    checks: tuple[CheckDigit, ...] = ()


class Match(View, frozen=True, kw_only=True):
    """One record behind a verdict."""

    title: str
    register: str
    owner: str
    state: State
    handling: str = ""
    href: str = ""
    sections: tuple[Section, ...] = ()
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[str, ...] = ()
    contact: Contact | None = None
    published_ms: int = 0


class CheckResult(View, frozen=True, kw_only=True):
    """The answer to one check. ``actions`` replaces the verdict's own list of what to do."""

    verdict: Verdict
    reference: str
    checked_ms: int
    took_us: int
    source: Source
    subject: str = ""
    """One line that says what was checked, such as ``Passport XCS AB123456``."""
    actions: tuple[str, ...] = ()
    document: ParsedDocument | None = None
    matches: tuple[Match, ...] = ()
    faults: tuple[Fault, ...] = ()
    """Why the document could not be read, or the check not be made."""
    hit: str = ""
    """Address of the hit this check raised."""


class RecentCheck(View, frozen=True, kw_only=True):
    at_ms: int
    subject: str
    verdict: Verdict
    reference: str
    hit: str = ""


class BorderPage(View, frozen=True, kw_only=True):
    """POST fields: ``act`` = ``shift`` (purpose, case), ``scan`` (scan, purpose, case), ``manual`` (number,
    issuer, type, purpose, case) or ``thing`` (kind, thing, purpose, case).

    With the header ``HX-Request`` the fragment ``live`` is enough; the whole page works too. A failed check
    is an answer (verdict ``unable``, status 200), never an error page.
    """

    shift: Shift
    source: Source
    scan: str = ""
    """Kept text of a scan that could not be used."""
    manual: tuple[Input, ...]
    manual_open: bool = False
    things: tuple[Input, ...] = ()
    things_open: bool = False
    check: CheckResult | None = None
    recent: tuple[RecentCheck, ...] = ()
    """The last ten, newest first."""
    errors: tuple[Fault, ...] = ()


def thing_inputs(kinds: tuple[Option, ...]) -> tuple[Input, ...]:
    """The fold-out form for a vehicle, a vessel, a firearm or another thing."""
    return (
        Input(
            name="kind",
            label=_("Kind of number"),
            kind="select",
            options=kinds,
            required=True,
            blank=_("Choose"),
        ),
        Input(
            name="thing",
            label=_("Number"),
            kind="code",
            required=True,
            max_length=100,
            width=24,
            hint=_("As it stands on the thing; with a country in front where the kind says so: XAV AB 123."),
        ),
    )


def manual_inputs(issuers: tuple[Option, ...], types: tuple[Option, ...]) -> tuple[Input, ...]:
    """The fold-out form for a number typed by hand."""
    return (
        Input(name="number", label=_("Document number"), kind="code", required=True, max_length=32, width=16),
        Input(
            name="issuer",
            label=_("Issued by"),
            kind="select",
            options=issuers,
            required=True,
            blank=_("Choose a country"),
        ),
        Input(name="type", label=_("Type"), kind="select", options=types, required=True),
    )
