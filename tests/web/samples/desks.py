"""Sign-in and desk."""

import msgspec
from tests.web.samples.frame import NOW, Sample, session

from allpoints.ground.clock import DAY, HOUR, MINUTE, SECOND
from allpoints.web.views import desk
from allpoints.web.views.common import Cell, Countdown, Link, State
from allpoints.web.views.session import Banner


def sign_in() -> tuple[Sample, ...]:
    frame = msgspec.structs.replace(session("/en/sign-in"), officer="", roles=(), ends_ms=0)
    return (
        Sample("sign-in", "sign-in", desk.SignInPage(next="/en/desk"), frame),
        Sample(
            "elsewhere-sign-in",
            "sign-in",
            desk.SignInPage(next="/en/desk", passwords=False, cards=True, provider="Police of Arvandia"),
            frame,
        ),
        Sample(
            "sign-in-refused",
            "sign-in",
            desk.SignInPage(name="terlan", error="Name and password do not belong together."),
            frame,
        ),
        Sample(
            "sign-in-locked",
            "sign-in",
            desk.SignInPage(name="terlan", locked_until_ms=NOW + 15 * MINUTE),
            frame,
        ),
    )


ALERTS = (
    desk.Alert(
        id="4812",
        at_ms=NOW - 40 * SECOND,
        kind="Hit",
        title="ORHANLI Selim",
        text="Bearer of a valid passport, harbour of Sundvik",
        href="/en/hits/H-2026-000118",
        tone="bad",
        parties=("XAV", "XBM", "XSC"),
    ),
    desk.Alert(
        id="4810",
        at_ms=NOW - 6 * MINUTE,
        kind="Published",
        title="Red notice 2026-4812-1",
        href="/en/notices/2026-4812-1",
        tone="red",
    ),
    desk.Alert(
        id="4807",
        at_ms=NOW - 31 * MINUTE,
        kind="Line",
        title="XBM/post-2 without a line",
        text="It answers from its extract.",
        tone="warn",
    ),
    desk.Alert(
        id="4799",
        at_ms=NOW - 2 * HOUR,
        kind="Import",
        title="stolen-documents.csv: 100,000 rows accepted",
        href="/en/imports/I-2026-0031",
        tone="good",
    ),
)


def desk_pages() -> tuple[Sample, ...]:
    node = desk.NodeState(
        state=State("All lines live", "good"),
        cells=(
            Cell("Ledger", 104_812, "number"),
            Cell("Delay behind the relay", 240, "duration"),
            Cell("Extracts out", 3, "number"),
        ),
    )
    full = desk.DeskPage(
        waiting=(
            desk.Waiting(
                title="ORHANLI Selim",
                href="/en/hits/H-2026-000118",
                kind="Hit",
                state=State("Notified", "info"),
                due=Countdown(label="due in", ends_ms=NOW + 29 * MINUTE, starts_ms=NOW - MINUTE),
            ),
            desk.Waiting(
                title="Query of the secretariat on 2026-4799-1",
                href="/en/notices/2026-4799-1",
                kind="Notice",
                state=State("Query to source", "warn"),
                due=Countdown(label="due in", ends_ms=NOW + 2 * DAY + 4 * HOUR),
            ),
            desk.Waiting(
                title="Passport XCS CD7654321",
                href="/en/hits/H-2026-000101",
                kind="Hit",
                state=State("Notified", "info"),
                due=Countdown(label="was due", ends_ms=NOW - 12 * MINUTE),
            ),
        ),
        alerts=ALERTS,
        last_event_id="4812",
        recent=(
            desk.RecentRecord(
                title="ORHANLI Selim",
                href="/en/records/persons/0191",
                register="Persons",
                state=State("Wanted", "bad"),
                seen_ms=NOW - 20 * MINUTE,
            ),
            desk.RecentRecord(
                title="Passport XAV AV7193004",
                href="/en/records/travel-documents/77",
                register="Travel documents",
                state=State("Stolen", "bad"),
                seen_ms=NOW - 3 * HOUR,
            ),
        ),
        expiring=(
            desk.ExpiringNotice(
                title="VOŠTRELLI Ilza", href="/en/notices/2021-0114-2", expires_ms=NOW + 21 * DAY
            ),
        ),
        messages=(
            desk.DeskMessage(
                subject="Passenger list of the ferry of 22 November",
                href="/en/messages/M-1",
                sender="Bureau of Belmora",
                received_ms=NOW - 50 * MINUTE,
                urgent=True,
            ),
            desk.DeskMessage(
                subject="Ακίνητα στην Καστροβία",
                href="/en/messages/M-2",
                sender="Bureau of Castrovia",
                received_ms=NOW - 5 * HOUR,
            ),
        ),
        node=node,
    )
    empty = desk.DeskPage(node=desk.NodeState(state=State("Reconnecting", "warn")))
    unsaid = desk.DeskPage(alerts=ALERTS[2:], last_event_id="4812", node=node, without_reason=True)
    banner = Banner(
        title="Notice submitted for review",
        text="Two reviewers of the secretariat examine it next.",
        reference="2026-4813-1",
        link=Link("See the notice", "/en/notices/2026-4813-1"),
    )
    return (
        Sample("desk", "desk", full, session("/en/desk", banner=banner)),
        Sample("desk-empty", "desk", empty, session("/en/desk", unread=0, open_hits=0)),
        Sample("desk-without-reason", "desk", unsaid, session("/en/desk")),
        Sample(
            "desk-command", "desk", full, session("/en/desk", node="XSC", roles=("command", "administrator"))
        ),
    )
