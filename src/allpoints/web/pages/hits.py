"""Hits: the list, the two sides to compare, and the owner's answer; at a post, what became of its checks."""

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.border.hit import HitState, HitView
from allpoints.border.store import OPEN_STATES
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.web.pages import post_hits
from allpoints.web.pages.comparing import comparisons
from allpoints.web.pages.desk import notice_path
from allpoints.web.pages.errors import Conflict
from allpoints.web.pages.showing import (
    HIT_STATES,
    contact,
    plain_caption,
    register_label,
    sentence,
    term,
    writing_to,
)
from allpoints.web.pages.visit import AnyRequest, Visit, faults_in
from allpoints.web.views.common import Cell, Countdown, Event, Link, Option, Paging, Reason, Tone
from allpoints.web.views.hits import Decision, HitPage, HitRow, HitsPage, Party, Viewer
from allpoints.web.words import _

SHOWN = 100
ANSWERS = {"confirm": "confirmed", "refute": "refuted"}
SIDES: dict[str, Viewer] = {"owner": "owner", "both": "owner", "searcher": "searcher", "centre": "command"}
_TONES: dict[str, Tone] = {"confirmed": "good", "refuted": "quiet", "expired": "warn"}
_STATES = (
    Option("", _("All")),
    Option("open", _("Open")),
    Option("confirmed", _("Confirmed")),
    Option("refuted", _("Refuted")),
    Option("expired", _("No answer in time")),
)


@get(["/en/hits", "/en/hits.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require_reason_to_look(Act.LOOK_AT_HITS)
    if visit.host.post is not None:
        return visit.page("hits", await post_hits.listed(visit))
    desk, state = visit.desk(), visit.query("state")
    views = await visit.do(lambda: desk.hits.list_(visit.asker, only_open=state == "open"))
    chosen = [view for view in views if state in {"", "open", view.state.value}]
    page = HitsPage(
        viewer="command" if desk.me.is_secretariat else "owner",
        rows=tuple(row_of(view) for view in chosen[:SHOWN]),
        states=_STATES,
        state=state,
        paging=Paging(total=len(chosen), shown=min(len(chosen), SHOWN)),
    )
    return visit.page("hits", page)


def row_of(view: HitView) -> HitRow:
    hit = view.hit
    return HitRow(
        id=hit.hit,
        href=f"/en/hits/{hit.hit}",
        title=plain_caption(hit.caption) or hit.reference,
        verdict=hit.verdict,  # type: ignore[arg-type]  # the border's words are the view's
        state=HIT_STATES[view.state.value],
        owner=hit.owner,
        searcher=hit.searcher,
        raised_ms=hit.raised_ms,
        due=_clock(view),
        late=hit.late,
    )


def _clock(view: HitView) -> Countdown | None:
    if view.state not in OPEN_STATES:
        return None
    return Countdown(label=_("due in"), ends_ms=view.hit.deadline_ms, starts_ms=view.hit.raised_ms)


@get("/en/hits/{identifier:str}")
async def show(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require_reason_to_look()
    name = identifier.removesuffix(".json")
    if visit.host.post is not None:
        return visit.page("hit", await post_hits.read(visit, name))
    desk = visit.desk()
    view = await visit.do(lambda: desk.hits.read(visit.asker, name))
    return visit.page("hit", _page(visit, desk, view))


@post("/en/hits/{identifier:str}", status_code=200)
async def answer(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    entered = await visit.entered()
    decision, reason = entered.text("decision"), entered.text("reason")
    if decision == "cannot-say":
        return await _ask_further(visit, desk, identifier, reason)
    try:
        view = await visit.do(
            lambda: desk.hits.answer(visit.asker, identifier, ANSWERS.get(decision, decision), reason)
        )
    except Refusal as refusal:
        if refusal.code == "HIT-ANSWERED":
            raise await _crossed(visit, desk, identifier, decision, reason, refusal) from refusal
        faults = faults_in(refusal, {"reason"}, {"state": "reason"})
        held = await visit.do(lambda: desk.hits.read(visit.asker, identifier))
        return visit.page("hit", _page(visit, desk, held, decision, reason, faults), status=422)
    word = HIT_STATES[view.state.value].word
    text = _("The searching bureau and the command centre are told.")
    return visit.go(f"/en/hits/{identifier}", _("Hit: %s") % word.lower(), text, reference=identifier)


async def _ask_further(visit: Visit, desk: Bureau, identifier: str, reason: str) -> Response[bytes]:
    """Nothing is decided: the hit stays open, and the desk writes to whoever found it."""
    view = await visit.do(lambda: desk.hits.read(visit.asker, identifier))
    visit.memory.draft = reason
    other = view.hit.searcher if view.hit.searcher != desk.me.member else ""
    address = writing_to(desk, other, f"hit:{identifier}") or "/en/messages/new"
    return visit.go(address, _("The hit stays open"), _("Ask for what you need to decide it."))


async def _crossed(
    visit: Visit, desk: Bureau, identifier: str, decision: str, reason: str, refusal: Refusal
) -> Conflict:
    view = await visit.do(lambda: desk.hits.read(visit.asker, identifier))
    given = view.answer
    mine = (Cell(_("Answer"), sentence(ANSWERS.get(decision, decision))), Cell(_("Reason"), reason))
    theirs = (
        ()
        if given is None
        else (
            Cell(_("Answer"), HIT_STATES[given.state.value].word),
            Cell(_("Reason"), given.reason),
            Cell(_("By"), given.by),
            Cell(_("At"), given.at_ms, "time"),
        )
    )
    return Conflict(refusal, mine, theirs)


def _page(
    visit: Visit,
    desk: Bureau,
    view: HitView,
    chosen: str = "",
    reason: str = "",
    errors: tuple[Fault, ...] = (),
) -> HitPage:
    hit, console = view.hit, visit.console
    viewer = SIDES[view.side]
    other = hit.searcher if viewer == "owner" else hit.owner
    opened = view.state in OPEN_STATES
    compose = writing_to(desk, other, f"hit:{hit.hit}") if visit.may(Act.ANSWER_HIT) else ""
    return HitPage(
        id=hit.hit,
        reference=hit.hit,
        title=plain_caption(hit.caption) or register_label(visit.host.vocabulary, hit.register),
        viewer=viewer,
        verdict=hit.verdict,  # type: ignore[arg-type]  # the border's words are the view's
        state=HIT_STATES[view.state.value],
        parties=_parties(visit, desk, view),
        post=hit.post,
        purpose=term(visit.host.vocabulary.purposes, "border-control"),
        case="",
        raised_ms=hit.raised_ms,
        late=hit.late,
        comparisons=comparisons(hit, visit.host.vocabulary),
        reasons=(Reason(sentence=hit.reason),) if hit.reason else (),
        record=_record(visit, view),
        clock=_clock(view),
        timeline=tuple(_event(at_ms, event, detail) for at_ms, event, detail in view.events),
        contact=contact(console, other, compose) if other != desk.me.member else None,
        decision=_decision(view),
        may_decide=opened and hit.owner == desk.me.member and visit.may(Act.ANSWER_HIT),
        chosen=chosen,
        reason=reason,
        errors=errors,
    )


def _event(at_ms: int, event: str, detail: str) -> Event:
    known = HIT_STATES.get(event)
    title = known.word if known else sentence(event)
    spoken = event in {HitState.CONFIRMED, HitState.REFUTED, HitState.EXPIRED}
    return Event(
        at_ms=at_ms,
        title=title,
        by="" if spoken else detail,
        text=detail if spoken else "",
        tone=_TONES.get(event, "info"),
    )


def _decision(view: HitView) -> Decision | None:
    given = view.answer
    if given is None:
        return None
    return Decision(
        reason=given.reason, officer=given.by, at_ms=given.at_ms, state=HIT_STATES[given.state.value]
    )


def _parties(visit: Visit, desk: Bureau, view: HitView) -> tuple[Party, ...]:
    """Who knows; when each of them knew is known of those who said so."""
    hit = view.hit
    names = visit.console.places.members()
    told = {detail: at_ms for at_ms, event, detail in view.events if event == HitState.NOTIFIED}
    centre = desk.me.secretariat.subject
    parties = [
        (_("Owner"), hit.owner, told.get(hit.owner, 0)),
        (_("Found by"), hit.searcher, hit.raised_ms),
    ]
    if hit.centre and desk.me.is_secretariat:
        parties.append((_("Command centre"), centre, told.get(centre, 0)))
    elif hit.centre:
        parties.append((_("Command centre, sent"), centre, hit.raised_ms))
    return tuple(
        Party(role=role, member=member, name=names.get(member, member), told_ms=at_ms)
        for role, member, at_ms in parties
    )


def _record(visit: Visit, view: HitView) -> Link | None:
    hit = view.hit
    if not visit.may(Act.ANSWER_HIT):
        return None
    label = hit.reference or hit.record
    if hit.register in visit.host.vocabulary.notices:
        return Link(label, notice_path(hit.reference)) if hit.reference else None
    return Link(label, f"/en/records/{hit.record}")


HANDLERS = [index, show, answer]
