"""Search and the record page."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import (
    Cell,
    Countdown,
    Event,
    Identity,
    Input,
    Link,
    Option,
    Picture,
    Reason,
    Section,
    State,
    View,
)
from allpoints.web.views.hits import HitRow
from allpoints.web.words import _


def search_inputs(registers: tuple[Option, ...], purposes: tuple[Option, ...]) -> tuple[Input, ...]:
    """The fields of the search form: ``q``, ``register``, ``purpose``, ``case``."""
    return (
        Input(
            name="q",
            label=_("Name, document number, reference or MRZ"),
            kind="search",
            required=True,
            max_length=400,
            hint=_("Family name first. Original script and transliteration both work."),
        ),
        Input(
            name="register", label=_("Register"), kind="select", options=registers, blank=_("All registers")
        ),
        Input(
            name="purpose",
            label=_("Purpose"),
            kind="select",
            options=purposes,
            required=True,
            blank=_("Choose a purpose"),
        ),
        Input(name="case", label=_("Case"), kind="code", required=True, max_length=64, width=24),
    )


class SearchResult(View, frozen=True, kw_only=True):
    title: str
    href: str
    register: str
    """Shown word of the register."""
    state: State
    owner: str
    handling: str
    why: tuple[Reason, ...] = ()
    score: float | None = None
    """0 to 1; None for an exact answer."""
    cells: tuple[Cell, ...] = ()


class Narrowing(View, frozen=True, kw_only=True):
    """One way to ask more narrowly: a choice is sent as ``name`` with the question, and says how many it leaves."""

    name: str
    label: str
    options: tuple[Option, ...]


class SearchPage(View, frozen=True, kw_only=True):
    """POST (a search is audited, so its words stay out of addresses); ``asked`` says that it was answered."""

    inputs: tuple[Input, ...]
    kept: tuple[tuple[str, str], ...] = ()
    """Name and value of what a narrower question sends again."""
    narrowings: tuple[Narrowing, ...] = ()
    chosen: tuple[Option, ...] = ()
    """Filters in force; a value is sent as ``drop`` to take one off."""
    errors: tuple[Fault, ...] = ()
    asked: bool = False
    results: tuple[SearchResult, ...] = ()
    total: int = 0
    took_us: int = 0
    audit: str = ""
    """Reference of the audit line of this search."""


LIFE_ACTS = (
    Option("renew", _("Renew record"), _("It is kept longer: its retention begins anew.")),
    Option("achieve", _("Purpose achieved"), _("It is deleted at once, everywhere.")),
    Option("withdraw", _("Withdraw record"), _("It is taken back, everywhere.")),
)
"""What its owner does with a record that is there."""


BLOCK = Option("block", _("Block record"), _("Nothing finds it, at nobody, until the examination is over."))
UNBLOCK = Option("unblock", _("End the examination"), _("It can be found again, everywhere."))
"""What the secretariat does with a record of whatever owner."""


def life_inputs(
    acts: tuple[Option, ...] = LIFE_ACTS, act: str = "", reason: str = "", error: str = ""
) -> tuple[Input, ...]:
    """The fields of the form by which it is said what becomes of a record: ``act`` (one of ``acts``), ``reason``."""
    return (
        Input(
            name="act",
            label=_("What becomes of this record"),
            kind="radios",
            options=acts,
            value=act,
            required=True,
        ),
        Input(
            name="reason",
            label=_("Reason"),
            kind="textarea",
            value=reason,
            error=error,
            required=True,
            max_length=500,
        ),
    )


class LinkedRecord(View, frozen=True, kw_only=True):
    """Another record, and how the one shown belongs to it, as ``author`` says."""

    phrase: str
    title: str
    href: str
    register: str
    owner: str
    author: str
    reason: str
    undo: str = ""
    """Address of the page that takes it back; empty for whoever may not."""


class LinkUndoPage(View, frozen=True, kw_only=True):
    """POST field: ``reason``. The record from which one came, and the link as it reads from there."""

    record: str
    back: str
    link: LinkedRecord
    inputs: tuple[Input, ...]
    errors: tuple[Fault, ...] = ()


class LinkPage(View, frozen=True, kw_only=True):
    """POST fields: ``record``, ``relation``, ``reason``. Enters a link from the record named ``title``."""

    title: str
    back: str
    inputs: tuple[Input, ...]
    errors: tuple[Fault, ...] = ()


class EndingRow(View, frozen=True, kw_only=True):
    title: str
    href: str
    register: str
    reference: str
    ends_ms: int


class ExpiringPage(View, frozen=True, kw_only=True):
    """Records of one's own that end within half a year, the first ones first."""

    rows: tuple[EndingRow, ...] = ()
    more: bool = False


class KeptFrom(View, frozen=True, kw_only=True):
    """A member that may not read an own record: what became of the copy that it had, and since when."""

    member: str
    state: State
    since_ms: int = 0


class RecordPage(View, frozen=True, kw_only=True):
    """POST fields (its owner or an examiner): those of ``life_inputs``. ``blocked`` is why it is under examination."""

    register: str
    register_label: str
    id: str
    reference: str
    identity: Identity
    owner: str
    handling: str
    purpose: str
    """Shown word of the purpose it was entered for."""
    version: int
    published_ms: int
    sections: tuple[Section, ...]
    pictures: tuple[Picture, ...] = ()
    files: tuple[Link, ...] = ()
    """What a browser cannot show, to be saved."""
    history: tuple[Event, ...] = ()
    retention: Countdown | None = None
    hits: tuple[HitRow, ...] = ()
    blocked: str = ""
    links: tuple[LinkedRecord, ...] = ()
    kept_from: tuple[KeptFrom, ...] = ()
    """Shown to its owner alone."""
    inputs: tuple[Input, ...] = ()
    """Empty for whoever may neither renew, end nor examine it."""
    examines: bool = False
    """Whether who looks examines it for the secretariat, rather than owning it."""
    enter_link: str = ""
    """Address of the page that links it to another."""
    change: str = ""
    """Address of the form that changes it."""
    advice: tuple[str, ...] = ()
    """Values that its owner may look at again."""
    errors: tuple[Fault, ...] = ()
