"""Which lines of the audit log are looked for: the fields of the pages that read, sample and export it."""

import datetime as dt
from collections.abc import Callable

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.ledger.audit_reading import Filter
from allpoints.web.pages.showing import options, purposes
from allpoints.web.pages.visit import Visit
from allpoints.web.views.common import Input
from allpoints.web.words import _

NAMES = ("officer", "event", "purpose", "case", "register", "since", "until")


def inputs(visit: Visit) -> tuple[Input, ...]:
    """One for each of ``NAMES``."""
    host, vocabulary = visit.host, visit.host.vocabulary
    return (
        Input(name="officer", label=_("Officer"), max_length=64),
        Input(
            name="event",
            label=_("Event"),
            kind="select",
            options=options(vocabulary.audit_events),
            blank=_("Every event"),
        ),
        Input(
            name="purpose",
            label=_("Purpose"),
            kind="select",
            options=purposes(host),
            blank=_("Every purpose"),
        ),
        Input(name="case", label=_("Case"), kind="code", max_length=64),
        # Typed, not chosen from a list: a register that is closed to the reader has no name here.
        Input(name="register", label=_("Register"), kind="literal", max_length=100),
        Input(name="since", label=_("From day (UTC)"), kind="date", max_length=10, width=12),
        Input(name="until", label=_("To day (UTC)"), kind="date", max_length=10, width=12),
    )


def filter_of(given: Callable[[str], str]) -> Filter:
    """The filter in these fields; raises Refusal BAD-INSTANT at a day that is none."""
    return Filter(
        officer=given("officer"),
        event=given("event"),
        purpose=given("purpose"),
        case=given("case"),
        register=given("register"),
        since_ms=_day(given("since"), "since"),
        until_ms=_day(given("until"), "until", ends=True),
    )


def _day(text: str, path: str, *, ends: bool = False) -> int:
    """Where a day begins in UTC, or where it ends; 0 for none."""
    if not text:
        return 0
    try:
        day = dt.date.fromisoformat(text)
        begins = dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
    except ValueError as error:
        raise Refusal("BAD-INSTANT", "This is no day.", path=path, hint="Such as 2031-04-30.") from error
    return max(0, int(begins * 1_000)) + (DAY if ends else 0)
