"""Firearm traces: requesting, following, answering, withdrawing."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK

from allpoints.identity.policy import Act
from allpoints.tracing.answering import Reply
from allpoints.tracing.requesting import Order
from allpoints.tracing.trace import TraceView
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only


class NextIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the requester goes on: to the country that the last answer named, to another one, or with more marks."""

    country: str = ""
    marks: str = ""


class TraceWithdrawalIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the firearm is no longer traced; whoever has not answered reads it."""

    reason: str


@post(
    "/api/v1/traces",
    tags=["traces"],
    summary="Request a trace; the country of manufacture is asked first",
    guards=[only(Act.TRACE)],
)
async def request_trace(request: AnyRequest, data: JSONBody[Order]) -> TraceView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.traces.request(asker, data))


@get("/api/v1/traces", tags=["traces"], summary="List traces, newest first")
async def index(
    request: AnyRequest, only_open: Annotated[bool, QueryParameter(name="open")] = False
) -> list[TraceView]:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.traces.list_(asker, only_open=only_open))


@get("/api/v1/traces/{trace:str}", tags=["traces"], summary="Read one trace, as far as this member knows it")
async def show(request: AnyRequest, trace: FromPath[str]) -> TraceView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.traces.read(asker, trace))


@post(
    "/api/v1/traces/{trace:str}/answer",
    tags=["traces"],
    summary="Say what this member's files hold of the firearm",
    status_code=HTTP_200_OK,
    guards=[only(Act.TRACE)],
)
async def answer(request: AnyRequest, trace: FromPath[str], data: JSONBody[Reply]) -> TraceView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.traces.answer(asker, trace, data))


@post(
    "/api/v1/traces/{trace:str}/next",
    tags=["traces"],
    summary="Go on with a trace that waits for its requester",
    status_code=HTTP_200_OK,
    guards=[only(Act.TRACE)],
)
async def go_on(request: AnyRequest, trace: FromPath[str], data: JSONBody[NextIn]) -> TraceView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(
        lambda: desk.traces.go_on(asker, trace, country=data.country, marks=data.marks)
    )


@post(
    "/api/v1/traces/{trace:str}/withdrawal",
    tags=["traces"],
    summary="Withdraw a trace",
    status_code=HTTP_200_OK,
    guards=[only(Act.TRACE)],
)
async def withdraw(request: AnyRequest, trace: FromPath[str], data: JSONBody[TraceWithdrawalIn]) -> TraceView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.traces.withdraw(asker, trace, data.reason))


HANDLERS = [request_trace, index, show, answer, go_on, withdraw]
