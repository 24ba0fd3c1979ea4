"""A record after its entry: renewed, ended because its purpose is achieved, listed before its end; blocked."""

import datetime as dt
from typing import Literal

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK

from allpoints.ground.clock import SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.policy import Act
from allpoints.node.record_life import EndingList
from allpoints.registers.retention import NOTICE_MS
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only, record_id_of


class OwnAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of this member's records by its reference, and why."""

    ref: str
    reason: str


class Stated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str


class Standing(msgspec.Struct, frozen=True):
    """What a record's status is on its way to."""

    record: str
    status: Literal["blocked", "valid"]


@post(
    "/api/v1/registers/{name:str}/renewals",
    tags=["registers"],
    summary="Renew one of this member's records for a stated reason",
    status_code=HTTP_200_OK,
    guards=[only(Act.RENEW)],
)
async def renew(request: AnyRequest, name: FromPath[str], data: JSONBody[OwnAct]) -> OwnAct:
    asker, desk = asker_of(request), desk_of(request)
    await host_of(request).do(lambda: desk.life.renew(asker, name, data.ref, data.reason))
    return data


@post(
    "/api/v1/registers/{name:str}/achievements",
    tags=["registers"],
    summary="End one of this member's records because its purpose is achieved",
    status_code=HTTP_200_OK,
    guards=[only(Act.WITHDRAW)],
)
async def achieve(request: AnyRequest, name: FromPath[str], data: JSONBody[OwnAct]) -> OwnAct:
    asker, desk = asker_of(request), desk_of(request)
    await host_of(request).do(lambda: desk.life.achieve(asker, name, data.ref, data.reason))
    return data


@get(
    "/api/v1/expiring",
    tags=["registers"],
    summary="List this member's records that end before a day, within half a year if none is given",
)
async def expiring(
    request: AnyRequest, before: FromQuery[str] = "", register: FromQuery[str] = ""
) -> EndingList:
    asker, desk = asker_of(request), desk_of(request)
    before_ms = _day(before) if before else desk.clock.now() + NOTICE_MS
    listed: EndingList = await host_of(request).do(lambda: desk.life.ending(asker, before_ms, register))
    return listed


def _day(text: str) -> int:
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC)
    except ValueError:
        raise Refusal("DAY-UNREADABLE", "A day is written 2031-12-31.", path="before", status=400) from None
    return int(day.timestamp()) * SECOND


@post(
    "/api/v1/records/{record:str}/block",
    tags=["registers"],
    summary="Block a record while the secretariat examines it",
    status_code=HTTP_200_OK,
    guards=[only(Act.BLOCK)],
)
async def block(request: AnyRequest, record: FromPath[str], data: JSONBody[Stated]) -> Standing:
    asker, desk, identifier = asker_of(request), desk_of(request), record_id_of(record)
    await host_of(request).do(lambda: desk.blocks.block(asker, identifier, data.reason))
    return Standing(record, "blocked")


@post(
    "/api/v1/records/{record:str}/unblock",
    tags=["registers"],
    summary="Let a record be found again after its examination",
    status_code=HTTP_200_OK,
    guards=[only(Act.BLOCK)],
)
async def unblock(request: AnyRequest, record: FromPath[str], data: JSONBody[Stated]) -> Standing:
    asker, desk, identifier = asker_of(request), desk_of(request), record_id_of(record)
    await host_of(request).do(lambda: desk.blocks.unblock(asker, identifier, data.reason))
    return Standing(record, "valid")


HANDLERS = [renew, achieve, expiring, block, unblock]
