"""Review at the secretariat: queue and case."""

from typing import Literal

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import (
    Cell,
    Countdown,
    Event,
    Identity,
    Link,
    Option,
    Paging,
    Section,
    State,
    View,
)


class ReviewRow(View, frozen=True, kw_only=True):
    id: str
    href: str
    title: str
    reference: str
    kind_label: str
    owner: str
    state: State
    submitted_ms: int
    due: Countdown | None = None
    passed: int = 0
    gates: int = 0
    decisions: int = 0
    """Decisions already given; two are needed."""


class ReviewPage(View, frozen=True, kw_only=True):
    rows: tuple[ReviewRow, ...] = ()
    paging: Paging


class Gate(View, frozen=True, kw_only=True):
    """One gate of the checklist, in order."""

    code: str
    title: str
    article: str = ""
    result: Literal["passed", "failed", "person", "not-reached"]
    """``person``: a reviewer has to say."""
    reason_code: str = ""
    sentence: str = ""
    evidence: tuple[Cell, ...] = ()


class ReviewDecision(View, frozen=True, kw_only=True):
    officer: str
    decision: Literal["approve", "refuse", "query"]
    reason_codes: tuple[str, ...] = ()
    text: str = ""
    at_ms: int


class ReviewCasePage(View, frozen=True, kw_only=True):
    """POST fields: ``decision`` = ``approve`` | ``refuse`` | ``query``, ``reason_codes`` (several), ``text``.

    Two people decide: who has decided already sees the form no more (``may_decide``, ``why_not``).
    """

    id: str
    reference: str
    kind_label: str
    identity: Identity
    owner: str
    state: State
    clock: Countdown | None = None
    rule_version: str
    gates: tuple[Gate, ...]
    sections: tuple[Section, ...] = ()
    evidence: tuple[Link, ...] = ()
    decisions: tuple[ReviewDecision, ...] = ()
    needed: int = 2
    timeline: tuple[Event, ...] = ()
    may_decide: bool = False
    why_not: str = ""
    reason_options: tuple[Option, ...] = ()
    chosen: str = ""
    reason_codes: tuple[str, ...] = ()
    text: str = ""
    errors: tuple[Fault, ...] = ()
