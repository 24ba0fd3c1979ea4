"""Notices on their way: written and submitted here, queried, answered or taken back before they are published."""

from collections.abc import Mapping, Sequence

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.notices.state import NoticeState
from allpoints.notices.viewing import SubmissionView
from allpoints.web.pages import bulletins, forms
from allpoints.web.pages.desk import notice_path
from allpoints.web.pages.notice_form import EXCLUDED, sections_of
from allpoints.web.pages.notices import HANDLING, OTHER_REASON
from allpoints.web.pages.showing import NOTICE_STATES, identity_of, term
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import FormSection, Option, filled_sections
from allpoints.web.views.notices import NoticeFormPage, NoticePage, Version
from allpoints.web.words import _

KIND = "red"
REFERENCE = "source_ref"
PATHS = {"owner_ref": REFERENCE}


@get("/en/notices/new")
async def form(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require(Act.SUBMIT)
    visit.require_reason_to_look()
    return visit.page("notice-form", _form(desk, {}))


@post("/en/notices/new", status_code=200)
async def submit(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require_reason_to_look()
    return await _submit(visit, visit.desk(), await visit.entered(), "")


@get("/en/notices/submissions/{identifier:str}/edit")
async def edit(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    """The form of a submission that the secretariat has queried."""
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require(Act.SUBMIT)
    visit.require_reason_to_look()
    held = (await visit.do(lambda: desk.notices.submission(visit.asker, identifier))).held
    kind = desk.notices.kind(held.submission.kind)
    values = {**forms.values_of(kind, held.submission.body), EXCLUDED: held.submission.excluded}
    return visit.page("notice-form", _form(desk, values, reference=held.submission.owner_ref))


@post("/en/notices/submissions/{identifier:str}/edit", status_code=200)
async def answer(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require_reason_to_look()
    return await _submit(visit, visit.desk(), await visit.entered(), identifier)


async def _submit(visit: Visit, desk: Bureau, entered: Entered, identifier: str) -> Response[bytes]:
    body = forms.body_of(desk.notices.kind(KIND), entered)
    reference, excluded = entered.text(REFERENCE), entered.several(EXCLUDED)

    def act() -> str:
        return desk.notices.submit(
            visit.asker, KIND, body, owner_ref=reference, excluded=excluded, submission=identifier
        )

    try:
        submission = await visit.do(act)
    except Refusal as refusal:
        names = _names(desk)
        faults = faults_in(refusal, names, PATHS)
        view = _form(
            desk, entered.values(names), faults, reference=entered.text(REFERENCE) if identifier else ""
        )
        return visit.page("notice-form", view, status=422)
    text = _("Two reviewers of the secretariat examine it next.")
    path = f"/en/notices/submissions/{submission}"
    return visit.go(path, _("Notice submitted for review"), text, reference=entered.text(REFERENCE))


def _sections(desk: Bureau) -> tuple[FormSection, ...]:
    members = [Option(one.code, one.label) for one in desk.network.members() if one.code != desk.me.member]
    return sections_of(desk.notices.kind(KIND), members)


def _names(desk: Bureau) -> set[str]:
    return {one.name for section in _sections(desk) for one in section.inputs}


def _form(
    desk: Bureau,
    values: Mapping[str, str | Sequence[str]],
    errors: tuple[Fault, ...] = (),
    reference: str = "",
) -> NoticeFormPage:
    kind = desk.notices.kind(KIND)
    return NoticeFormPage(
        kind=kind.colour,
        kind_label=kind.label["en"],
        reference=reference,
        sections=filled_sections(_sections(desk), values, errors),
        errors=errors,
    )


@get("/en/notices/submissions/{identifier:str}")
async def show(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    name = identifier.removesuffix(".json")
    found = await visit.do(lambda: desk.notices.submission(visit.asker, name))
    if found.held.notice_id and not visit.twin:
        return visit.go(notice_path(found.held.notice_id))
    return visit.page("notice", _page(visit, desk, found))


@post("/en/notices/submissions/{identifier:str}", status_code=200)
async def act(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    """``act``: ``submit`` leads to the form that answers a query, ``withdraw`` takes the submission back."""
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    entered = await visit.entered()
    if entered.text("act") == "submit":
        return visit.go(f"/en/notices/submissions/{identifier}/edit")
    reason = entered.text("reason")
    try:
        entered.needed("reason", _("Say why the notice is taken back."))
        await visit.do(lambda: desk.notices.take_back(visit.asker, identifier, OTHER_REASON, reason))
    except Refusal as refusal:
        faults = faults_in(refusal, {"reason"}, {"notice_id": "reason", "code": "reason", "id": "reason"})
        found = await visit.do(lambda: desk.notices.submission(visit.asker, identifier))
        return visit.page("notice", _page(visit, desk, found, reason, faults), status=422)
    return visit.go(f"/en/notices/submissions/{identifier}", _("Notice taken back"), reference=identifier)


def _page(
    visit: Visit, desk: Bureau, view: SubmissionView, reason: str = "", errors: tuple[Fault, ...] = ()
) -> NoticePage:
    held, submission = view.held, view.held.submission
    kind = desk.notices.kind(submission.kind)
    body = bulletins.body_of(kind, submission.body)
    handling = term(visit.host.vocabulary.handling, HANDLING)
    state = NOTICE_STATES[held.state.value]
    mine = visit.may(Act.SUBMIT)
    return NoticePage(
        reference=submission.owner_ref,
        kind=kind.colour,
        kind_label=kind.label["en"],
        identity=identity_of(kind, body, state, handling, title=submission.owner_ref),
        owner=submission.owner,
        handling=handling,
        state=state,
        sections=bulletins.sections(kind, body) if body is not None else (),
        charges=bulletins.charges(kind, body, submission.language) if body is not None else (),
        warrant=bulletins.warrant(body) if body is not None else None,
        versions=(
            Version(number=submission.revision, at_ms=submission.submitted_ms, by=submission.submitted_by),
        ),
        review=bulletins.told_events(view.messages),
        excluded=submission.excluded,
        may_submit=mine and held.state is NoticeState.QUERY_TO_SOURCE,
        may_withdraw=mine and held.state.may_become(NoticeState.WITHDRAWN),
        reason=reason,
        errors=errors,
    )


HANDLERS = [form, submit, edit, answer, show, act]
