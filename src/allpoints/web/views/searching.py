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


class RecordPage(View, frozen=True, kw_only=True):
    """POST fields (owner only): ``act`` = ``withdraw``, ``reason``."""

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
    may_withdraw: bool = False
    reason: str = ""
    errors: tuple[Fault, ...] = ()
