"""Registers: what they hold, and entering, changing and withdrawing one's own records."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream
from litestar.status_codes import HTTP_200_OK

from allpoints.identity.policy import Act
from allpoints.registers import exporting
from allpoints.registers.entering import Carriage
from allpoints.registers.visibility import known
from allpoints.vocabulary.describing import FormField, form_of
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, listed, only
from allpoints.web.api.record_life import OwnAct


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
    asker = asker_of(request)
    return [_view(one) for one in known(host_of(request).vocabulary, asker).values()]


@get("/api/v1/registers/{name:str}", tags=["registers"], summary="Describe one register")
async def describe(request: AnyRequest, name: FromPath[str]) -> RegisterView:
    asker = asker_of(request)
    return _view(desk_of(request).records.known_register(asker, name))


@get("/api/v1/registers/{name:str}/template.csv", tags=["registers"], summary="Import template")
async def template(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    asker = asker_of(request)
    columns = desk_of(request).records.known_register(asker, name).columns()
    return Response(",".join(columns) + "\r\n", media_type="text/csv")


@post(
    "/api/v1/registers/{name:str}/records",
    tags=["registers"],
    summary="Enter or change one of this member's records",
    status_code=HTTP_200_OK,
    guards=[only(Act.ENTER)],
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
    guards=[only(Act.WITHDRAW)],
)
async def withdraw(request: AnyRequest, name: FromPath[str], data: JSONBody[OwnAct]) -> OwnAct:
    asker, desk = asker_of(request), desk_of(request)
    await host_of(request).do(lambda: desk.records.withdraw(asker, name, data.ref, data.reason))
    return data


@get(
    "/api/v1/registers/{name:str}/form",
    tags=["registers"],
    summary="Describe the form of a register, field by field",
)
async def form(request: AnyRequest, name: FromPath[str]) -> list[FormField]:
    asker = asker_of(request)
    return form_of(desk_of(request).records.known_register(asker, name))


@get(
    "/api/v1/registers/{name:str}/schema",
    tags=["registers"],
    summary="The JSON Schema of a register's records",
    media_type="application/schema+json",
)
async def schema(request: AnyRequest, name: FromPath[str]) -> dict[str, Any]:
    asker = asker_of(request)
    return desk_of(request).records.known_register(asker, name).json_schema()


@get(
    "/api/v1/registers/{name:str}/export/{form:str}",
    tags=["registers"],
    summary="All of this member's records in a register, as csv or jsonl",
)
async def export(request: AnyRequest, name: FromPath[str], form: FromPath[str]) -> Stream:
    asker, desk, host = asker_of(request), desk_of(request), host_of(request)
    head = await host.do(lambda: desk.exports.begin(asker, name, form))

    async def pieces() -> AsyncIterator[bytes]:
        yield head
        page = await host.do(lambda: desk.exports.page(name, form, 0))
        yield page.data
        while page.after:
            page = await host.do(partial(desk.exports.page, name, form, page.after))
            yield page.data

    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    media_type = "text/csv; charset=utf-8" if form == exporting.CSV else "application/jsonl"
    return Stream(pieces(), media_type=media_type, headers=headers)


HANDLERS = [index, describe, template, form, schema, enter, withdraw, export]
