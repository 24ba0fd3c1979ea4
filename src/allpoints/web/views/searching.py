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


class SearchPage(View, frozen=True, kw_only=True):
    """POST (a search is audited, so its words stay out of addresses); ``asked`` says that it was answered."""

    inputs: tuple[Input, ...]
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


def life_inputs(act: str = "", reason: str = "", error: str = "") -> tuple[Input, ...]:
    """The fields of the form by which an owner renews or ends a record: ``act``, ``reason``."""
    return (
        Input(
            name="act",
            label=_("What becomes of this record"),
            kind="radios",
            options=LIFE_ACTS,
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


class RecordPage(View, frozen=True, kw_only=True):
    """POST fields (owner only): those of ``life_inputs``. ``blocked`` is why it is under examination."""

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
    inputs: tuple[Input, ...] = ()
    """Empty for whoever may not renew or end it."""
    change: str = ""
    """Address of the form that changes it."""
    advice: tuple[str, ...] = ()
    """Values that its owner may look at again."""
    errors: tuple[Fault, ...] = ()
