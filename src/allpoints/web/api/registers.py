"""Registers: what they hold, and entering, changing and withdrawing one's own records."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK

from allpoints.registers.entering import Carriage
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, listed


class RegisterView(msgspec.Struct, frozen=True):
    """A register's declaration as programs need it."""

    name: str
    code: int
    short: str
    label: dict[str, str]
    description: dict[str, str]
    writer: str
    readers: str
    person_data: bool
    retention_days: int
    columns: list[str]
    schema: dict[str, Any]


class Entered(msgspec.Struct, frozen=True):
    record: str


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ref: str
    reason: str


def _view(register: Any) -> RegisterView:
    return RegisterView(
        register.name,
        register.code,
        register.short,
        dict(register.label),
        dict(register.description),
        register.writer,
        register.readers,
        register.person_data,
        register.retention_days,
        list(register.columns()),
        register.json_schema(),
    )


@get("/api/v1/registers", tags=["registers"], summary="List the registers")
async def index(request: AnyRequest) -> list[RegisterView]:
    asker_of(request)
    return [_view(one) for one in host_of(request).vocabulary.registers.values()]


@get("/api/v1/registers/{name:str}", tags=["registers"], summary="Describe one register")
async def describe(request: AnyRequest, name: FromPath[str]) -> RegisterView:
    asker_of(request)
    return _view(desk_of(request).records.register(name))


@get("/api/v1/registers/{name:str}/template.csv", tags=["registers"], summary="Import template")
async def template(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    asker_of(request)
    columns = desk_of(request).records.register(name).columns()
    return Response(",".join(columns) + "\r\n", media_type="text/csv")


@post(
    "/api/v1/registers/{name:str}/records",
    tags=["registers"],
    summary="Enter or change one of this member's records",
    status_code=HTTP_200_OK,
)
async def enter(
    request: AnyRequest,
    name: FromPath[str],
    data: JSONBody[dict[str, Any]],
    handling: FromQuery[str] = "official-use",
    excluded: FromQuery[str] = "",
    reason: FromQuery[str] = "",
) -> Entered:
    asker, desk = asker_of(request), desk_of(request)
    carriage = Carriage(asker.purpose or " ", handling, listed(excluded), f"desk of {desk.me.member}", reason)
    return Entered(await host_of(request).do(lambda: desk.records.enter(asker, name, data, carriage)))


@post(
    "/api/v1/registers/{name:str}/withdrawals",
    tags=["registers"],
    summary="Withdraw one of this member's records",
    status_code=HTTP_200_OK,
)
async def withdraw(request: AnyRequest, name: FromPath[str], data: JSONBody[Withdrawal]) -> Withdrawal:
    asker, desk = asker_of(request), desk_of(request)
    await host_of(request).do(lambda: desk.records.withdraw(asker, name, data.ref, data.reason))
    return data


HANDLERS = [index, describe, template, enter, withdraw]
