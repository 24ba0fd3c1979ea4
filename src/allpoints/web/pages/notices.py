"""Notices: the list, and the page of one that is published; its owner may withdraw it."""

import re

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.notices import store
from allpoints.notices.notice import Submission, Told
from allpoints.notices.store import Held, NoticeRow
from allpoints.notices.viewing import Filter, Listing, NoticeVersion, NoticeView
from allpoints.vocabulary.register import NoticeKind
from allpoints.web.pages import bulletins
from allpoints.web.pages.desk import notice_path
from allpoints.web.pages.showing import NOTICE_STATES, clock_to, identity_of, register_label, term
from allpoints.web.pages.visit import AnyRequest, Visit, faults_in
from allpoints.web.views import notices as views
from allpoints.web.views.common import Option, Paging
from allpoints.web.views.notices import NoticePage, NoticesPage, Version
from allpoints.web.words import _

UNDER_REVIEW = "review"
OTHER_REASON = "OTHER"
HANDLING = "official-use"
_REFERENCE = re.compile(r"(\d{4})-([1-9]\d{0,6})")
_STATES = (
    Option("", _("All")),
    Option("in_force", _("In force")),
    Option(UNDER_REVIEW, _("Under review")),
    Option("suspended", _("Suspended")),
    Option("withdrawn", _("Withdrawn")),
    Option("cancelled", _("Cancelled")),
    Option("expired", _("Expired")),
)


@get(["/en/notices", "/en/notices.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    state = visit.query("state")
    visit.require_reason_to_look(Act.LOOK_AT_NOTICES)
    own, listing = await visit.do(lambda: _listed(visit, desk, state))
    rows = [_submitted(visit, held) for held in own if not held.notice_id and not held.state.ended]
    total = len(rows) + listing.total
    rows += [_published(visit, row) for row in listing.rows]
    view = NoticesPage(
        rows=tuple(rows),
        states=_STATES,
        state=state,
        paging=Paging(total=total, shown=len(rows)),
        may_write=visit.may(Act.SUBMIT) and not desk.me.is_secretariat,
    )
    return visit.page("notices", view)


def _listed(visit: Visit, desk: Bureau, state: str) -> tuple[list[Held], Listing]:
    """Own submissions, and notices, as far as the chosen state asks for them."""
    own = desk.notices.submissions(visit.asker) if state in {"", UNDER_REVIEW} else []
    if state == UNDER_REVIEW:
        return own, Listing((), 0)
    return own, desk.notices.list_(visit.asker, Filter(state=state))


def _submitted(visit: Visit, held: Held) -> views.NoticeRow:
    kind = visit.desk().notices.kind(held.submission.kind)
    body = bulletins.body_of(kind, held.submission.body)
    return views.NoticeRow(
        reference=held.submission.owner_ref,
        href=f"/en/notices/submissions/{held.submission.id}",
        title=kind.caption(body) if body is not None else held.submission.owner_ref,
        kind=kind.colour,
        kind_label=kind.label["en"],
        state=NOTICE_STATES[held.state.value],
        owner=held.submission.owner,
    )


def _published(visit: Visit, row: NoticeRow) -> views.NoticeRow:
    kind = visit.host.vocabulary.notices.get(row.kind)
    return views.NoticeRow(
        reference=row.notice_id,
        href=notice_path(row.notice_id),
        title=row.caption or row.notice_id,
        kind=kind.colour if kind else row.kind,
        kind_label=register_label(visit.host.vocabulary, row.kind),
        state=NOTICE_STATES[row.state.value],
        owner=row.owner,
        published_ms=row.published_ms,
        expires_ms=row.expires_ms,
    )


@get("/en/notices/{reference:str}")
async def show(request: AnyRequest, reference: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    notice = _notice_id(reference)
    view, told = await visit.do(lambda: _read(visit, desk, notice))
    return visit.page("notice", _page(visit, desk, view, told))


def _read(visit: Visit, desk: Bureau, notice: str) -> tuple[NoticeView, tuple[Told, ...]]:
    """The notice, and what its owner was told on the way to publication, if this office handed it in."""
    view = desk.notices.read(visit.asker, notice)
    told: list[Told] = []
    for identifier in [one.submission.id for one in view.versions]:
        if store.submission(desk.db, identifier) is not None:
            told += desk.notices.submission(visit.asker, identifier).messages
    return view, tuple(told)


@post("/en/notices/{reference:str}", status_code=200)
async def act(request: AnyRequest, reference: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    entered = await visit.entered()
    notice, reason = _notice_id(reference), entered.text("reason")
    try:
        entered.needed("reason", _("Say why the notice is withdrawn."))
        await visit.do(lambda: desk.notices.withdraw(visit.asker, notice, OTHER_REASON, reason))
    except Refusal as refusal:
        faults = faults_in(refusal, {"reason"}, {"notice_id": "reason", "code": "reason"})
        view, told = await visit.do(lambda: _read(visit, desk, notice))
        return visit.page("notice", _page(visit, desk, view, told, reason, faults), status=422)
    text = _("Every member is told to clear it as soon as the ledger reaches it.")
    return visit.go(notice_path(notice), _("Notice withdrawn"), text, reference=notice)


def _notice_id(reference: str) -> str:
    found = _REFERENCE.fullmatch(reference.removesuffix(".json"))
    if found is None:
        raise Refusal("NOTICE-UNKNOWN", "There is no such notice here.", status=404)
    return f"{found[1]}/{found[2]}"


def _page(
    visit: Visit,
    desk: Bureau,
    view: NoticeView,
    told: tuple[Told, ...],
    reason: str = "",
    errors: tuple[Fault, ...] = (),
) -> NoticePage:
    row = view.row
    kind = desk.notices.kind(row.kind)
    body = bulletins.body_of(kind, view.body)
    own = row.owner == desk.me.member
    handling = term(visit.host.vocabulary.handling, HANDLING)
    state = NOTICE_STATES[row.state.value]
    return NoticePage(
        reference=row.notice_id,
        kind=kind.colour,
        kind_label=kind.label["en"],
        identity=identity_of(kind, body, state, handling, title=row.notice_id),
        owner=row.owner,
        handling=handling,
        state=state,
        published_ms=row.published_ms,
        expiry=clock_to(_("expires in"), row.expires_ms, visit.now_ms) if row.state.in_force else None,
        sections=bulletins.sections(kind, body, row.expires_ms) if body is not None else (),
        charges=bulletins.charges(kind, body, row.language) if body is not None else (),
        warrant=bulletins.warrant(body) if body is not None else None,
        versions=_versions(kind, view.versions),
        review=bulletins.told_events(told) if own else (),
        review_href=_case(visit, desk, view),
        excluded=row.excluded if own else (),
        may_withdraw=own and not row.state.ended and visit.may(Act.SUBMIT),
        reason=reason,
        errors=errors,
    )


def _versions(kind: NoticeKind, versions: tuple[NoticeVersion, ...]) -> tuple[Version, ...]:
    """Newest first, each with the fields that it changed."""
    shown = []
    before: Submission | None = None
    for one in sorted(versions, key=lambda version: version.number):
        after = one.submission
        changes = (
            ()
            if before is None
            else tuple(
                field.shown_label()
                for field in kind.fields
                if before.body.get(field.name) != after.body.get(field.name)
            )
        )
        shown.append(
            Version(
                number=one.number, at_ms=one.published.published_ms, by=after.submitted_by, changes=changes
            )
        )
        before = after
    return tuple(reversed(shown))


def _case(visit: Visit, desk: Bureau, view: NoticeView) -> str:
    if desk.review is None or not view.versions or not visit.may(Act.LOOK_AT_CASES):
        return ""
    return f"/en/review/{view.versions[-1].submission.id}"


HANDLERS = [index, show, act]
