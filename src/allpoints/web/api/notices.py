"""Notices and submissions."""

from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from allpoints.identity.policy import Act
from allpoints.notices.store import Held, NoticeRow
from allpoints.notices.viewing import Filter
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, notice_id, only


class NoticeSummary(msgspec.Struct, frozen=True):
    notice: str
    kind: str
    control_number: str
    owner: str
    owner_ref: str
    state: str
    version: int
    urgent: bool
    published_ms: int
    expires_ms: int
    rule_version: str
    caption: str


class NoticeDetail(msgspec.Struct, frozen=True):
    """A notice with what its owner signed; the body is empty after its end."""

    summary: NoticeSummary
    body: dict[str, Any]
    versions: list[int]


class NoticeDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A notice to submit: the body's fields are those of the kind; ``owner_ref`` is the member's own file number."""

    owner_ref: str
    body: dict[str, Any]
    kind: str = "red"
    excluded: tuple[str, ...] = ()
    updates: str = ""


class SubmissionSummary(msgspec.Struct, frozen=True):
    submission: str
    kind: str
    owner_ref: str
    state: str
    notice: str
    revision: int
    changed_ms: int
    told: list[dict[str, Any]] = []


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it ends: ACHIEVED, LOCATED, DECEASED, REVOKED, ERROR or OTHER, and a sentence."""

    code: str
    reason: str


def _summary(row: NoticeRow) -> NoticeSummary:
    return NoticeSummary(
        row.notice_id,
        row.kind,
        row.control_number,
        row.owner,
        row.owner_ref,
        row.state.value,
        row.version,
        row.urgent,
        row.published_ms,
        row.expires_ms,
        row.rule_version,
        row.caption,
    )


def _held(held: Held) -> SubmissionSummary:
    one = held.submission
    return SubmissionSummary(
        one.id, one.kind, one.owner_ref, held.state.value, held.notice_id, one.revision, held.changed_ms
    )


@get("/api/v1/notices", tags=["notices"], summary="List notices")
async def index(
    request: AnyRequest,
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    owner: FromQuery[str] = "",
    text: FromQuery[str] = "",
) -> list[NoticeSummary]:
    asker, desk = asker_of(request), desk_of(request)
    listing = await host_of(request).do(
        lambda: desk.notices.list_(asker, Filter(state=in_state, owner=owner.upper(), text=text))
    )
    return [_summary(row) for row in listing.rows]


@get("/api/v1/notices/{notice:str}", tags=["notices"], summary="Read one notice")
async def show(request: AnyRequest, notice: FromPath[str]) -> NoticeDetail:
    asker, desk = asker_of(request), desk_of(request)
    view = await host_of(request).do(lambda: desk.notices.read(asker, notice_id(notice)))
    return NoticeDetail(_summary(view.row), view.body, [one.number for one in view.versions])


@post(
    "/api/v1/notices",
    tags=["notices"],
    summary="Submit a notice for review",
    status_code=HTTP_202_ACCEPTED,
    guards=[only(Act.SUBMIT)],
)
async def submit(request: AnyRequest, data: JSONBody[NoticeDraft]) -> SubmissionSummary:
    asker, desk = asker_of(request), desk_of(request)

    def act() -> SubmissionSummary:
        identifier = desk.notices.submit(
            asker,
            data.kind,
            data.body,
            owner_ref=data.owner_ref,
            excluded=data.excluded,
            updates=data.updates,
        )
        return _held(desk.notices.submission(asker, identifier).held)

    return await host_of(request).do(act)


@post(
    "/api/v1/notices/{notice:str}/withdrawal",
    tags=["notices"],
    summary="Withdraw one of this member's notices",
    status_code=HTTP_200_OK,
    guards=[only(Act.SUBMIT)],
)
async def withdraw(request: AnyRequest, notice: FromPath[str], data: JSONBody[Ending]) -> Ending:
    asker, desk = asker_of(request), desk_of(request)
    identifier = notice_id(notice)
    await host_of(request).do(lambda: desk.notices.withdraw(asker, identifier, data.code, data.reason))
    return data


@get("/api/v1/submissions", tags=["notices"], summary="This member's submissions")
async def submissions(request: AnyRequest) -> list[SubmissionSummary]:
    asker, desk = asker_of(request), desk_of(request)
    return [_held(one) for one in await host_of(request).do(lambda: desk.notices.submissions(asker))]


@get("/api/v1/submissions/{identifier:str}", tags=["notices"], summary="One submission and what was told")
async def submission(request: AnyRequest, identifier: FromPath[str]) -> SubmissionSummary:
    asker, desk = asker_of(request), desk_of(request)
    view = await host_of(request).do(lambda: desk.notices.submission(asker, identifier))
    told = [msgspec.to_builtins(one) for one in view.messages]
    return msgspec.structs.replace(_held(view.held), told=told)


@post(
    "/api/v1/submissions/{identifier:str}",
    tags=["notices"],
    summary="Answer the secretariat's query with a new revision",
    status_code=HTTP_202_ACCEPTED,
    guards=[only(Act.SUBMIT)],
)
async def answer(
    request: AnyRequest, identifier: FromPath[str], data: JSONBody[NoticeDraft]
) -> SubmissionSummary:
    asker, desk = asker_of(request), desk_of(request)

    def act() -> SubmissionSummary:
        desk.notices.submit(
            asker,
            data.kind,
            data.body,
            owner_ref=data.owner_ref,
            excluded=data.excluded,
            submission=identifier,
            updates=data.updates,
        )
        return _held(desk.notices.submission(asker, identifier).held)

    return await host_of(request).do(act)


@post(
    "/api/v1/submissions/{identifier:str}/withdrawal",
    tags=["notices"],
    summary="Take a submission back before it is published",
    status_code=HTTP_200_OK,
    guards=[only(Act.SUBMIT)],
)
async def take_back(request: AnyRequest, identifier: FromPath[str], data: JSONBody[Ending]) -> Ending:
    asker, desk = asker_of(request), desk_of(request)
    await host_of(request).do(lambda: desk.notices.take_back(asker, identifier, data.code, data.reason))
    return data


HANDLERS = [index, show, submit, withdraw, submissions, submission, answer, take_back]
