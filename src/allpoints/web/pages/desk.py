"""The desk: what waits for this officer, what happens now, and how the node is."""

from litestar import Response, get

from allpoints.ground.clock import DAY
from allpoints.node import alerts as node_alerts
from allpoints.node.bureau import Bureau
from allpoints.node.correspondence import WRITERS
from allpoints.node.review_desk import REVIEW_ROLES
from allpoints.notices.state import NoticeState
from allpoints.notices.viewing import Filter
from allpoints.web.measures import Health
from allpoints.web.pages.showing import HIT_STATES, NOTICE_STATES
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.common import Cell, Countdown, State, Tone
from allpoints.web.views.desk import (
    Alert,
    DeskMessage,
    DeskPage,
    ExpiringNotice,
    NodeState,
    Waiting,
)
from allpoints.web.words import _

ALERTS_SHOWN = 20
MESSAGES_SHOWN = 8
EXPIRING_MS = 60 * DAY
TO_DECIDE = ("desk", "command")

ALERT_ROLES: dict[str, frozenset[str]] = {
    "hit": frozenset({"border", "desk", "command"}),
    "answer": frozenset({"border", "desk", "command"}),
    "overdue": frozenset({"border", "desk", "command"}),
    "message": frozenset(WRITERS),
    "notice": frozenset({"desk", "reviewer", "command"}),
    "review": frozenset(REVIEW_ROLES),
}
"""Who is told of which kind: an alert names persons, so it goes to whom its page would open."""

_KINDS: dict[str, tuple[str, Tone]] = {
    "hit": (_("Hit"), "bad"),
    "answer": (_("Answer"), "good"),
    "overdue": (_("Overdue"), "warn"),
    "message": (_("Message"), "info"),
    "notice": (_("Notice"), "red"),
    "review": (_("Review"), "info"),
}


@get(["/en/desk", "/en/desk.json"])
async def desk(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    view = await visit.do(lambda: _view(visit))
    return visit.page("desk", view)


def may_hear(kind: str, roles: frozenset[str]) -> bool:
    """Whether an officer with these roles is told of alerts of this kind; the node's own concern everyone."""
    return kind not in ALERT_ROLES or not ALERT_ROLES[kind].isdisjoint(roles)


def shown_alert(one: node_alerts.Alert) -> Alert:
    word, tone = _KINDS.get(one.kind, (_("Node"), "warn"))
    return Alert(
        id=str(one.id),
        at_ms=one.at_ms,
        kind=word,
        title=one.title,
        text=_("Urgent") if one.urgent and one.kind in {"message", "notice", "review"} else "",
        href=one.link,
        tone=tone,
    )


def node_state(health: Health) -> NodeState:
    """How the node is, for the desk."""
    words = {"bureau": _("Line to the relay"), "secretariat": _("Relay"), "post": _("Line to the bureau")}
    state = State(_("Live"), "good") if health.line else State(_("Without a line"), "warn")
    cells = (
        Cell(words.get(health.role, _("Line")), state.word),
        Cell(_("Entries held"), health.ledger, "number"),
        Cell(_("Waiting for the line"), health.waiting, "number"),
    )
    late = (Cell(_("Last heard"), health.behind_ms, "duration"),) if not health.line else ()
    return NodeState(state=state, cells=cells + late)


def _view(visit: Visit) -> DeskPage:
    health = visit.console.measures.health()
    heard = visit.host.office.alerts.recent(ALERTS_SHOWN)
    view = DeskPage(
        alerts=tuple(shown_alert(one) for one in heard if may_hear(one.kind, visit.asker.roles)),
        last_event_id=str(heard[0].id) if heard else "0",
        recent=tuple(visit.memory.records),
        node=node_state(health),
    )
    bureau = visit.host.bureau
    if bureau is None:
        return view
    return DeskPage(
        alerts=view.alerts,
        last_event_id=view.last_event_id,
        recent=view.recent,
        node=view.node,
        waiting=tuple(_waiting(visit, bureau)),
        messages=tuple(_messages(visit, bureau)),
        expiring=tuple(_expiring(visit, bureau)),
    )


def _waiting(visit: Visit, desk: Bureau) -> list[Waiting]:
    found: list[Waiting] = []
    if visit.may(*TO_DECIDE):
        found += _hits(visit, desk)
    if visit.may("desk") and not desk.me.is_secretariat:
        found += _queried(visit, desk)
    if desk.review is not None and visit.may(*REVIEW_ROLES):
        found += [
            Waiting(
                title=f"{row.case.owner} {row.case.owner_ref}",
                href=f"/en/review/{row.case.id}",
                kind=_("Review"),
                state=NOTICE_STATES[row.case.state.value],
                due=Countdown(label=_("due in"), ends_ms=row.case.due_ms, starts_ms=row.case.received_ms),
            )
            for row in desk.review.queue(visit.asker)
            if visit.asker.officer not in row.reviewers
        ]
    return sorted(found, key=lambda one: one.due.ends_ms if one.due else 1 << 62)


def _hits(visit: Visit, desk: Bureau) -> list[Waiting]:
    return [
        Waiting(
            title=view.hit.caption or view.hit.register,
            href=f"/en/hits/{view.hit.hit}",
            kind=_("Hit"),
            state=HIT_STATES[view.state.value],
            due=Countdown(label=_("due in"), ends_ms=view.hit.deadline_ms, starts_ms=view.hit.raised_ms),
        )
        for view in desk.hits.list_(visit.asker, only_open=True)
        if view.hit.owner == desk.me.member
    ]


def _queried(visit: Visit, desk: Bureau) -> list[Waiting]:
    return [
        Waiting(
            title=_("Query of the secretariat on %s") % held.submission.owner_ref,
            href=f"/en/notices/submissions/{held.submission.id}",
            kind=_("Notice"),
            state=NOTICE_STATES[held.state.value],
        )
        for held in desk.notices.submissions(visit.asker)
        if held.state is NoticeState.QUERY_TO_SOURCE
    ]


def _messages(visit: Visit, desk: Bureau) -> list[DeskMessage]:
    if not visit.may(*WRITERS):
        return []
    new = [one for one in desk.letters.list_(visit.asker, "inbox") if not one.read_ms]
    names = desk.letters.addressees()
    return [
        DeskMessage(
            subject=one.letter.subject,
            href=f"/en/messages/{one.reference}",
            sender=names.get(one.sender, one.sender),
            received_ms=one.at_ms,
            urgent=one.priority != "normal",
        )
        for one in new[:MESSAGES_SHOWN]
    ]


def _expiring(visit: Visit, desk: Bureau) -> list[ExpiringNotice]:
    if desk.me.is_secretariat or not visit.may("desk"):
        return []
    ends = visit.now_ms + EXPIRING_MS
    own = desk.notices.list_(visit.asker, Filter(state="in_force", owner=desk.me.member)).rows
    return [
        ExpiringNotice(title=row.caption, href=notice_path(row.notice_id), expires_ms=row.expires_ms)
        for row in own
        if row.expires_ms <= ends
    ]


def notice_path(notice_id: str) -> str:
    """``2026/4812`` is shown at ``/en/notices/2026-4812``."""
    return f"/en/notices/{notice_id.replace('/', '-')}"


HANDLERS = [desk]
