"""The secretariat's review: queue, case, decisions."""

from typing import Any, Literal

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from allpoints.ground.refusal import Refusal
from allpoints.identity.policy import Act
from allpoints.node.review_desk import ReviewDesk
from allpoints.review.case import Case, Opinion
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only


class CaseSummary(msgspec.Struct, frozen=True):
    case: str
    kind: str
    owner: str
    owner_ref: str
    state: str
    urgent: bool
    received_ms: int
    due_ms: int
    rule_version: str
    codes: tuple[str, ...] = ()
    passed: int = 0
    gates: int = 0
    reviewers: tuple[str, ...] = ()
    overdue: bool = False


class GateResult(msgspec.Struct, frozen=True):
    gate: str
    title: str
    article: str
    code: str
    result: str
    sentence: str


class CaseDetail(msgspec.Struct, frozen=True):
    summary: CaseSummary
    body: dict[str, Any]
    checklist: list[GateResult]
    decisions: list[dict[str, Any]]


class DecisionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An officer's opinion; ``codes`` are the reasons, or on approval the gates that a person had to weigh."""

    verdict: Literal["approve", "refuse", "query"]
    codes: tuple[str, ...] = ()
    text: str = ""


class WaiverIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    gate: str
    why: str


class CancellationIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which notice, the code of the reason, and words that every member may read."""

    notice: str
    code: str
    reason: str


class Cancelled(msgspec.Struct, frozen=True):
    notice: str
    cancelled: bool


def review_of(request: AnyRequest) -> ReviewDesk:
    review = desk_of(request).review
    if review is None:
        raise Refusal("NOT-SECRETARIAT", "Notices are reviewed at the secretariat.", status=404)
    return review


def _summary(case: Case) -> CaseSummary:
    return CaseSummary(
        case.id,
        case.kind,
        case.owner,
        case.owner_ref,
        case.state.value,
        case.urgent,
        case.received_ms,
        case.due_ms,
        case.rule_version,
        case.codes,
    )


@get("/api/v1/review", tags=["review"], summary="Cases that wait for a reviewer, the first due first")
async def queue(request: AnyRequest) -> list[CaseSummary]:
    asker, review = asker_of(request), review_of(request)
    rows = await host_of(request).do(lambda: review.queue(asker))
    return [
        msgspec.structs.replace(
            _summary(row.case),
            passed=row.passed,
            gates=row.gates,
            reviewers=row.reviewers,
            overdue=row.overdue,
        )
        for row in rows
    ]


@get("/api/v1/review/{case:str}", tags=["review"], summary="One case with its gates and decisions")
async def show(request: AnyRequest, case: FromPath[str]) -> CaseDetail:
    asker, review = asker_of(request), review_of(request)
    view, decisions = await host_of(request).do(lambda: review.case(asker, case))
    checklist = [
        GateResult(gate.id, gate.title, gate.article, finding.code, finding.result.value, finding.sentence)
        for gate, finding in view.checklist
    ]
    return CaseDetail(
        _summary(view.case),
        view.request.body,
        checklist,
        [msgspec.to_builtins(one) for one in decisions],
    )


@post(
    "/api/v1/review/{case:str}/decisions",
    tags=["review"],
    summary="Approve, refuse or query; the second approval publishes",
    status_code=HTTP_200_OK,
    guards=[only(Act.REVIEW)],
)
async def decide(request: AnyRequest, case: FromPath[str], data: JSONBody[DecisionIn]) -> CaseSummary:
    asker, review = asker_of(request), review_of(request)
    opinion = Opinion(data.verdict, data.codes, data.text)
    return _summary(await host_of(request).do(lambda: review.decide(asker, case, opinion)))


@post(
    "/api/v1/review/{case:str}/waivers",
    tags=["review"],
    summary="Let a case past a waivable gate",
    status_code=HTTP_200_OK,
    guards=[only(Act.REVIEW)],
)
async def waive(request: AnyRequest, case: FromPath[str], data: JSONBody[WaiverIn]) -> WaiverIn:
    asker, review = asker_of(request), review_of(request)
    await host_of(request).do(lambda: review.waive(asker, case, data.gate, data.why))
    return data


@post(
    "/api/v1/review/{case:str}/screening",
    tags=["review"],
    summary="Run the gates in force now over the same text",
    status_code=HTTP_200_OK,
)
async def screen_again(request: AnyRequest, case: FromPath[str]) -> CaseSummary:
    asker, review = asker_of(request), review_of(request)
    return _summary(await host_of(request).do(lambda: review.screen_again(asker, case)))


@post(
    "/api/v1/cancellations",
    tags=["review"],
    summary="Propose to cancel a notice; the second reviewer's proposal cancels it",
    status_code=HTTP_200_OK,
    guards=[only(Act.REVIEW)],
)
async def cancel(request: AnyRequest, data: JSONBody[CancellationIn]) -> Cancelled:
    asker, review = asker_of(request), review_of(request)
    done = await host_of(request).do(lambda: review.cancel(asker, data.notice, data.code, data.reason))
    return Cancelled(data.notice, done)


HANDLERS = [queue, show, decide, waive, screen_again, cancel]
