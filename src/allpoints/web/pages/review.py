"""Review at the secretariat: the queue by deadline, and one case with its gates, text and decisions."""

from typing import cast

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.review_desk import ReviewDesk
from allpoints.review.answer import Result
from allpoints.review.case import OFFICERS_NEEDED, CaseState, Decision, Opinion, Verdict
from allpoints.review.clocks import QueueRow
from allpoints.review.codes import reasons
from allpoints.review.concluding import standing_opinions
from allpoints.review.gates import Finding, to_judge
from allpoints.review.opening import CaseView
from allpoints.review.rulebook import Gate
from allpoints.web.pages import bulletins
from allpoints.web.pages.notices import HANDLING
from allpoints.web.pages.showing import (
    NOTICE_STATES,
    identity_of,
    register_label,
    sections_of,
    sentence,
    term,
)
from allpoints.web.pages.visit import AnyRequest, Visit, faults_in
from allpoints.web.views import review as views
from allpoints.web.views.common import Cell, Countdown, Event, Option, Paging, Tone
from allpoints.web.views.review import ReviewCasePage, ReviewDecision, ReviewPage, ReviewRow
from allpoints.web.words import _

INPUTS = {"reason_codes", "text"}
PATHS = {"codes": "reason_codes", "case": "", "gates": ""}
_TITLES: dict[str, tuple[str, Tone]] = {
    "approve": (_("Approved by one reviewer"), "good"),
    "refuse": (_("Refused by one reviewer"), "bad"),
    "query": (_("Queried the bureau"), "warn"),
}


@get(["/en/review", "/en/review.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = _review(visit)
    visit.require_reason_to_look(Act.LOOK_AT_CASES)
    rows = await visit.do(lambda: desk.queue(visit.asker))
    shown = tuple(_row(visit, row) for row in rows)
    return visit.page("review", ReviewPage(rows=shown, paging=Paging(total=len(shown), shown=len(shown))))


def _review(visit: Visit) -> ReviewDesk:
    desk = visit.desk().review
    if desk is None:
        raise Refusal("NOT-SECRETARIAT", "Notices are reviewed at the secretariat.", status=404)
    return desk


def _row(visit: Visit, row: QueueRow) -> ReviewRow:
    case = row.case
    return ReviewRow(
        id=case.id,
        href=f"/en/review/{case.id}",
        title=f"{visit.console.places.get(case.owner, case.owner)} {case.owner_ref}",
        reference=case.owner_ref,
        kind_label=register_label(visit.host.vocabulary, case.kind),
        owner=case.owner,
        state=NOTICE_STATES[case.state.value],
        submitted_ms=case.received_ms,
        due=Countdown(label=_("due in"), ends_ms=case.due_ms, starts_ms=case.received_ms),
        passed=row.passed,
        gates=row.gates,
        decisions=len(row.reviewers),
    )


@get("/en/review/{identifier:str}")
async def show(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = _review(visit)
    visit.require_reason_to_look()
    name = identifier.removesuffix(".json")
    view, decisions = await visit.do(lambda: desk.case(visit.asker, name))
    return visit.page("review-case", _page(visit, desk, view, decisions))


@post("/en/review/{identifier:str}", status_code=200)
async def decide(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = _review(visit)
    visit.require_reason_to_look()
    entered = await visit.entered()
    codes, text = entered.several("reason_codes"), entered.text("text")
    opinion = Opinion(cast("Verdict", entered.text("decision")), codes, text)
    try:
        case = await visit.do(lambda: desk.decide(visit.asker, identifier, opinion))
    except Refusal as refusal:
        faults = faults_in(refusal, INPUTS, PATHS)
        view, decisions = await visit.do(lambda: desk.case(visit.asker, identifier))
        page = _page(visit, desk, view, decisions, opinion, faults)
        return visit.page("review-case", page, status=422)
    said = {
        CaseState.APPROVED: _("Approved: the notice is published"),
        CaseState.REFUSED: _("Refused: the bureau is told"),
        CaseState.QUERY_TO_SOURCE: _("Query sent to the bureau"),
    }
    title = said.get(case.state, _("Decision recorded"))
    text = _("A second reviewer decides next.") if case.state is CaseState.LEGAL_REVIEW else ""
    return visit.go(f"/en/review/{identifier}", title, text, reference=case.owner_ref)


def _page(
    visit: Visit,
    desk: ReviewDesk,
    view: CaseView,
    decisions: list[Decision],
    opinion: Opinion | None = None,
    errors: tuple[Fault, ...] = (),
) -> ReviewCasePage:
    case = view.case
    kind = desk.notices.kind(case.kind)
    body = bulletins.body_of(kind, view.request.body)
    state = NOTICE_STATES[case.state.value]
    ours = [one for one in decisions if one.round == case.round]
    given = visit.asker.officer in standing_opinions(ours)
    open_to_me = visit.may(Act.REVIEW) and not case.state.closed and not given
    return ReviewCasePage(
        id=case.id,
        reference=case.owner_ref,
        kind_label=kind.label["en"],
        identity=identity_of(
            kind, body, state, term(visit.host.vocabulary.handling, HANDLING), case.owner_ref
        ),
        owner=case.owner,
        state=state,
        clock=_clock(view),
        rule_version=case.rule_version,
        gates=tuple(_gate(gate, finding) for gate, finding in view.checklist),
        sections=sections_of(kind, body) if body is not None else (),
        decisions=tuple(_decision(one) for one in ours),
        needed=OFFICERS_NEEDED,
        timeline=_timeline(view, decisions),
        may_decide=open_to_me,
        why_not=_why_not(visit, view, given=given),
        reason_options=_reasons(view),
        reason_codes=opinion.codes if opinion is not None else (),
        text=opinion.text if opinion is not None else "",
        errors=errors,
    )


def _clock(view: CaseView) -> Countdown | None:
    case = view.case
    if not case.state.with_reviewers:
        return None
    return Countdown(label=_("due in"), ends_ms=case.due_ms, starts_ms=case.received_ms)


def _why_not(visit: Visit, view: CaseView, *, given: bool) -> str:
    if view.case.state.closed:
        return _("This case is closed: %s.") % NOTICE_STATES[view.case.state.value].word.lower()
    if given:
        return _("You have decided. Another reviewer decides next.")
    return "" if visit.may(Act.REVIEW) else _("Reviewers decide; you may read.")


def _gate(gate: Gate, finding: Finding) -> views.Gate:
    failed = finding.result is not Result.PASSED
    return views.Gate(
        code=gate.id,
        title=gate.title,
        article=gate.article,
        result="passed" if not failed else "person" if finding.result is Result.NEEDS_HUMAN else "failed",
        reason_code=finding.code if failed else "",
        sentence=finding.sentence,
        evidence=tuple(Cell(sentence(name), value) for name, value in finding.looked_at.items())
        if failed
        else (),
    )


def _decision(one: Decision) -> ReviewDecision:
    return ReviewDecision(
        officer=one.reviewer, decision=one.verdict, reason_codes=one.codes, text=one.text, at_ms=one.at_ms
    )


def _timeline(view: CaseView, decisions: list[Decision]) -> tuple[Event, ...]:
    arrived = Event(
        at_ms=view.case.received_ms,
        title=_("Received"),
        by=view.case.owner,
        text=_("Urgent") if view.case.urgent else "",
        tone="info",
    )
    decided = (
        Event(at_ms=one.at_ms, title=_TITLES[one.verdict][0], by=one.reviewer, tone=_TITLES[one.verdict][1])
        for one in decisions
    )
    return tuple(sorted((arrived, *decided), key=lambda event: event.at_ms))


def _reasons(view: CaseView) -> tuple[Option, ...]:
    """Every code, those that a person must weigh in this case first."""
    weigh = to_judge(finding for _one, finding in view.checklist)
    hint = _("To be weighed in this case: name it also when you approve.")
    found = [
        Option(one.code, f"{one.code}: {one.title}", hint if one.code in weigh else "")
        for one in reasons().codes
    ]
    return tuple(sorted(found, key=lambda option: option.value not in weigh))


HANDLERS = [index, show, decide]
