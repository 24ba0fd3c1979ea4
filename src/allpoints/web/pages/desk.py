"""The desk: what waits for this officer, what happens now, and how the node is."""

from typing import NamedTuple

from litestar import Response, get

from allpoints.border.hit import HitView
from allpoints.ground.clock import DAY
from allpoints.identity import emergency
from allpoints.identity.policy import Act
from allpoints.messages.letter import LetterView
from allpoints.node import alerts as node_alerts
from allpoints.node.bureau import Bureau
from allpoints.notices.state import NoticeState
from allpoints.notices.store import Held, NoticeRow
from allpoints.notices.viewing import Filter
from allpoints.registers import store as record_store
from allpoints.review.clocks import QueueRow
from allpoints.tracing.store import waits_here
from allpoints.tracing.trace import TraceView
from allpoints.web.measures import Health
from allpoints.web.pages.showing import HIT_STATES, NOTICE_STATES, plain_caption
from allpoints.web.pages.traces import clock_of, state_of, title_of
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.common import Cell, Countdown, State, Tone
from allpoints.web.views.desk import (
    Alert,
    DeskMessage,
    DeskPage,
    ExpiringNotice,
    NodeState,
    RecentRecord,
    Waiting,
)
from allpoints.web.words import _

MESSAGES_SHOWN = 8
EXPIRING_MS = 60 * DAY
ABOUT_PERSONS = (Act.LOOK_AT_HITS, Act.LOOK_AT_NOTICES)
"""Whom the desk shows what is about persons."""

_KINDS: dict[str, tuple[str, Tone]] = {
    "hit": (_("Hit"), "bad"),
    "answer": (_("Answer"), "good"),
    "overdue": (_("Overdue"), "warn"),
    "trace": (_("Trace"), "info"),
    "message": (_("Message"), "info"),
    "notice": (_("Notice"), "red"),
    "review": (_("Review"), "info"),
    "emergency": (_("Emergency"), "bad"),
}


class Gathered(NamedTuple):
    """What the parts say to this officer, each with its own audit line."""

    hits: list[HitView]
    traces: list[TraceView]
    submissions: list[Held]
    cases: list[QueueRow]
    letters: list[LetterView]
    notices: tuple[NoticeRow, ...]
    alerts: list[node_alerts.Alert]


@get(["/en/desk", "/en/desk.json"])
async def desk(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    bureau = visit.host.bureau
    gathered = await visit.do(lambda: _gathered(visit, bureau))
    return visit.page("desk", _view(visit, gathered, bureau))


def _gathered(visit: Visit, desk: Bureau | None) -> Gathered:
    """Ask each part only for what this officer may have of it; before purpose and case are chosen, for alerts alone."""
    asker, alerts = visit.asker, visit.host.office.alerts
    heard = alerts.told_last(asker, visit.now_ms)
    if desk is None or not visit.has_reason_to_look:
        return Gathered([], [], [], [], [], (), heard)
    own = Filter(state="in_force", owner=desk.me.member)
    writes = visit.may(Act.SUBMIT) and not desk.me.is_secretariat
    return Gathered(
        desk.hits.list_(asker, only_open=True) if visit.may(Act.ANSWER_HIT) else [],
        desk.traces.list_(asker, only_open=True) if visit.may(Act.TRACE) else [],
        desk.notices.submissions(asker) if writes else [],
        desk.review.queue(asker) if desk.review is not None and visit.may(Act.LOOK_AT_CASES) else [],
        desk.letters.list_(asker, "inbox") if visit.may(Act.WRITE_LETTERS) else [],
        desk.notices.list_(asker, own).rows if writes else (),
        heard,
    )


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


def _view(visit: Visit, gathered: Gathered, desk: Bureau | None) -> DeskPage:
    reviews = desk is not None and visit.may(Act.REVIEW_EMERGENCY)
    return DeskPage(
        emergencies=emergency.waiting(desk.db, visit.asker.officer) if desk is not None and reviews else 0,
        waiting=_waiting(visit, gathered),
        alerts=tuple(shown_alert(one) for one in gathered.alerts),
        last_event_id=str(gathered.alerts[0].id if gathered.alerts else 0),
        recent=tuple(one for one in visit.memory.records if desk is None or _is_held(desk, one)),
        expiring=_expiring(visit, gathered.notices),
        messages=_messages(gathered.letters, desk) if desk is not None else (),
        node=node_state(visit.console.measures.health()),
        without_reason=any(map(visit.may, ABOUT_PERSONS)) and not visit.has_reason_to_look,
    )


def _is_held(desk: Bureau, one: RecentRecord) -> bool:
    """Whether a record that was seen is here still, ended or not: its owner may have shut this member out since."""
    return record_store.register_of(desk.db, bytes.fromhex(one.href.rsplit("/", 1)[-1])) is not None


def _waiting(visit: Visit, gathered: Gathered) -> tuple[Waiting, ...]:
    """Hits to decide, traces to answer, queries to answer, cases to review; the nearest deadline first."""
    own = visit.host.me.member
    found = [_hit(view) for view in gathered.hits if view.hit.owner == own]
    found += [_trace(view) for view in gathered.traces if waits_here(view)]
    found += [_query(held) for held in gathered.submissions if held.state is NoticeState.QUERY_TO_SOURCE]
    found += [_case(row) for row in gathered.cases if visit.asker.officer not in row.reviewers]
    return tuple(sorted(found, key=lambda one: one.due.ends_ms if one.due else 1 << 62))


def _hit(view: HitView) -> Waiting:
    hit = view.hit
    return Waiting(
        title=plain_caption(hit.caption) or hit.register,
        href=f"/en/hits/{hit.hit}",
        kind=_("Hit"),
        state=HIT_STATES[view.state.value],
        due=Countdown(label=_("due in"), ends_ms=hit.deadline_ms, starts_ms=hit.raised_ms),
    )


def _trace(view: TraceView) -> Waiting:
    return Waiting(
        title=title_of(view),
        href=f"/en/traces/{view.trace.trace}",
        kind=_("Trace"),
        state=state_of(view),
        due=clock_of(view.trace),
    )


def _query(held: Held) -> Waiting:
    return Waiting(
        title=_("Query of the secretariat on %s") % held.submission.owner_ref,
        href=f"/en/notices/submissions/{held.submission.id}",
        kind=_("Notice"),
        state=NOTICE_STATES[held.state.value],
    )


def _case(row: QueueRow) -> Waiting:
    case = row.case
    return Waiting(
        title=f"{case.owner} {case.owner_ref}",
        href=f"/en/review/{case.id}",
        kind=_("Review"),
        state=NOTICE_STATES[case.state.value],
        due=Countdown(label=_("due in"), ends_ms=case.due_ms, starts_ms=case.received_ms),
    )


def _messages(letters: list[LetterView], desk: Bureau) -> tuple[DeskMessage, ...]:
    names = desk.letters.addressees()
    return tuple(
        DeskMessage(
            subject=one.letter.subject,
            href=f"/en/messages/{one.reference}",
            sender=names.get(one.sender, one.sender),
            received_ms=one.at_ms,
            urgent=one.priority != "normal",
        )
        for one in [letter for letter in letters if not letter.read_ms][:MESSAGES_SHOWN]
    )


def _expiring(visit: Visit, own: tuple[NoticeRow, ...]) -> tuple[ExpiringNotice, ...]:
    ends = visit.now_ms + EXPIRING_MS
    return tuple(
        ExpiringNotice(title=row.caption, href=notice_path(row.notice_id), expires_ms=row.expires_ms)
        for row in own
        if row.expires_ms <= ends
    )


def notice_path(notice_id: str) -> str:
    """``2026/4812`` is shown at ``/en/notices/2026-4812``."""
    return f"/en/notices/{notice_id.replace('/', '-')}"


HANDLERS = [desk]
