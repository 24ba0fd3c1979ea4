"""The registers: what there is, what one may do with it, and files to begin an import with."""

from collections.abc import AsyncIterator
from functools import partial

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.registers import exporting
from allpoints.registers.store import VALID
from allpoints.registers.visibility import CERTIFIED, OUTSIDERS
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.register import Register
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.common import State
from allpoints.web.views.registers import RegistersPage, RegisterTile
from allpoints.web.words import _

DESK = "desk"


@get(["/en/registers", "/en/registers.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require(Act.READ)
    counted = desk.records.counted(visit.asker)
    tiles = tuple(
        _tile(visit, desk, register, counted.get(f"{name}:{VALID}", 0))
        for name, register in desk.records.known(visit.asker).items()
    )
    return visit.page("registers", RegistersPage(tiles=tiles))


def _tile(visit: Visit, desk: Bureau, register: Register, records: int) -> RegisterTile:
    writes = may_write(visit, desk, register)
    return RegisterTile(
        name=register.name,
        short=register.short,
        label=words(register.plural),
        holds=words(register.description),
        href=f"/en/registers/{register.name}",
        records=records,
        rights=tuple(_rights(register, writes=writes)),
        may_write=writes,
    )


def may_write(visit: Visit, desk: Bureau, register: Register) -> bool:
    """Whether to offer the form; whether a record may be written is decided when it is entered."""
    return visit.may(Act.ENTER) and (register.writer != "secretariat" or desk.me.is_secretariat)


def _rights(register: Register, *, writes: bool) -> list[State]:
    rights = [State(_("You read"), "good")]
    if writes:
        own = register.writer.startswith("issuer")
        rights.append(State(_("You write what your country issued") if own else _("You write"), "good"))
    if register.readers == CERTIFIED:
        rights.append(State(_("Certified officers only"), "warn"))
    if register.readers == OUTSIDERS:
        rights.append(State(_("Open in part to vetted outsiders"), "info"))
    return rights


@get("/en/registers/{name:str}/template.csv")
async def template(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """The header of an import file."""
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require(Act.IMPORT)
    columns = desk.records.known_register(visit.asker, name).columns()
    text = ",".join(columns) + "\r\n"
    headers = {**visit.console.headers, **_attached(f"{name}-template.csv")}
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers=headers)


@post("/en/registers/{name:str}/export", status_code=200)
async def export(request: AnyRequest, name: FromPath[str]) -> Stream:
    """The member's own records as a file, with the same line in the audit log as over the API."""
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    await visit.entered()
    form = exporting.CSV
    head = await visit.do(lambda: desk.exports.begin(visit.asker, name, form))

    async def pieces() -> AsyncIterator[bytes]:
        yield head
        page = await visit.do(lambda: desk.exports.page(name, form, 0))
        yield page.data
        while page.after:
            page = await visit.do(partial(desk.exports.page, name, form, page.after))
            yield page.data

    headers = {**visit.console.headers, **_attached(f"{name}.csv")}
    return Stream(pieces(), media_type="text/csv; charset=utf-8", headers=headers)


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


HANDLERS = [index, template, export]
