"""Hits: listing, reading, answering."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK

from allpoints.border.hit import HitView
from allpoints.identity.policy import Act
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only


class AnswerIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The owner's answer: confirmed or refuted, and why."""

    state: str
    reason: str


@get("/api/v1/hits", tags=["hits"], summary="List hits, newest first")
async def index(
    request: AnyRequest, only_open: Annotated[bool, QueryParameter(name="open")] = False
) -> list[HitView]:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.hits.list_(asker, only_open=only_open))


@get("/api/v1/hits/{hit:str}", tags=["hits"], summary="Read one hit")
async def show(request: AnyRequest, hit: FromPath[str]) -> HitView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.hits.read(asker, hit))


@post(
    "/api/v1/hits/{hit:str}/answer",
    tags=["hits"],
    summary="Confirm or refute a hit on this member's record",
    status_code=HTTP_200_OK,
    guards=[only(Act.ANSWER_HIT)],
)
async def answer(request: AnyRequest, hit: FromPath[str], data: JSONBody[AnswerIn]) -> HitView:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.hits.answer(asker, hit, data.state, data.reason))


HANDLERS = [index, show, answer]
