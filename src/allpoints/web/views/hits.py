"""Hits: a lead, two or three parties, a clock, a verdict by the owner."""

from typing import Literal

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import (
    Contact,
    Countdown,
    Event,
    Kind,
    Link,
    Option,
    Paging,
    Reason,
    State,
    Verdict,
    View,
)

Viewer = Literal["owner", "searcher", "command"]
Agreement = Literal["same", "close", "different", "missing"]


class HitRow(View, frozen=True, kw_only=True):
    id: str
    href: str
    title: str
    verdict: Verdict
    state: State
    owner: str
    searcher: str
    raised_ms: int
    due: Countdown | None = None
    late: bool = False
    """Found by a record that came after the check."""


class HitsPage(View, frozen=True, kw_only=True):
    """GET ``?state=``; the command centre's viewer sees all three parties in each row."""

    viewer: Viewer
    rows: tuple[HitRow, ...] = ()
    states: tuple[Option, ...] = ()
    state: str = ""
    paging: Paging


class Comparison(View, frozen=True, kw_only=True):
    """One value asked beside the value in the record."""

    label: str
    asked: str | int
    record: str | int
    kind: Kind = "text"
    agreement: Agreement
    note: str = ""


class Party(View, frozen=True, kw_only=True):
    """Who is told of the hit and when they knew."""

    role: str
    """A word: owner, searcher, command centre."""
    member: str
    name: str
    told_ms: int = 0


class Decision(View, frozen=True, kw_only=True):
    reason: str
    officer: str
    at_ms: int
    state: State


class HitPage(View, frozen=True, kw_only=True):
    """POST fields: ``decision`` = ``confirm`` | ``refute`` | ``cannot-say``, ``reason``.

    ``may_decide`` shows the three verdict buttons; other viewers see the state only.
    """

    id: str
    reference: str
    title: str
    viewer: Viewer
    verdict: Verdict
    state: State
    parties: tuple[Party, ...]
    post: str = ""
    purpose: str
    case: str
    raised_ms: int
    late: bool = False
    comparisons: tuple[Comparison, ...]
    reasons: tuple[Reason, ...] = ()
    record: Link | None = None
    clock: Countdown | None = None
    timeline: tuple[Event, ...] = ()
    contact: Contact | None = None
    decision: Decision | None = None
    may_decide: bool = False
    chosen: str = ""
    reason: str = ""
    errors: tuple[Fault, ...] = ()
