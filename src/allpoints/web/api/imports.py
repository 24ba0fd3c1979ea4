"""Imports: a file streams to the spool, is looked at, and then goes on by itself, resumable after any stop."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.node.imports import new_import_id
from allpoints.registers import chunking, import_job, importing
from allpoints.registers.chunking import FILE_BYTES_LIMIT
from allpoints.registers.entering import Carriage
from allpoints.registers.import_job import ImportJob
from allpoints.registers.importing import Order
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, listed

SHOWN_FAULTS = 200
SHOWN_IMPORTS = 100


class ImportView(msgspec.Struct, frozen=True):
    """An import as it stands; ``waiting`` entries are signed here and not yet at the relay."""

    id: str
    register: str
    state: str
    checked: bool
    size_bytes: int
    offset_bytes: int
    line: int
    read: int
    accepted: int
    unchanged: int
    bad: int
    fresh: int
    gone: int
    waiting: int
    started_ms: int
    ended_ms: int
    faults: list[dict[str, Any]]


def _view(desk: Bureau, job: ImportJob, *, faults: bool = True) -> ImportView:
    listed_faults = import_job.faults(desk.db, job, SHOWN_FAULTS) if faults else []
    return ImportView(
        job.id,
        job.register,
        job.state,
        job.checked,
        job.size_bytes,
        job.offset_bytes,
        job.line,
        job.read,
        job.accepted,
        job.unchanged,
        job.bad,
        job.fresh,
        job.gone,
        desk.outbox.waiting(),
        job.started_ms,
        job.ended_ms,
        [fault._asdict() for fault in listed_faults],
    )


def _may_look(desk: Bureau, asker: Asker) -> None:
    """Bad rows quote what the file says of persons and documents."""
    policy.require(desk.vocabulary, asker, Act.IMPORT)


def check_size(size: int) -> None:
    if size > FILE_BYTES_LIMIT:
        raise Refusal(
            "FILE-TOO-LARGE",
            f"A file has at most {FILE_BYTES_LIMIT} bytes.",
            hint="Split it and import the parts one after the other.",
            status=413,
        )


async def spooled(request: AnyRequest, folder: Path, name: str) -> Path:
    """Stream the request's body to a file on disk; refuses one that is too large, and leaves nothing then."""
    path = folder / name
    size = 0
    try:
        with path.open("xb") as file:
            async for part in request.stream():
                size += len(part)
                check_size(size)
                file.write(part)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


@post(
    "/api/v1/imports",
    tags=["imports"],
    summary="Import a file of records (the body is the file)",
    status_code=HTTP_202_ACCEPTED,
    request_max_body_size=None,
)
async def begin(  # noqa: PLR0913 - each is one part of what is wanted
    request: AnyRequest,
    register: FromQuery[str],
    kind: FromQuery[str] = "csv",
    *,
    keep_going: FromQuery[bool] = False,
    dry_run: FromQuery[bool] = False,
    handling: FromQuery[str] = "official-use",
    excluded: FromQuery[str] = "",
    whole: FromQuery[bool] = False,
    at_most_gone: Annotated[int, QueryParameter(ge=-1)] = -1,
) -> ImportView:
    asker, desk, host = asker_of(request), desk_of(request), host_of(request)
    if kind not in {"csv", "jsonl"}:
        raise Refusal("IMPORT-KIND", "A file is csv or jsonl.", path="kind")
    desk.imports.check_may(asker, register)
    identifier = new_import_id()
    path = await spooled(request, desk.imports.spool(), f"{identifier}.{kind}")
    try:
        source = await asyncio.to_thread(chunking.inspect, host.vocabulary, path, register)
        carriage = Carriage(asker.purpose, handling, listed(excluded), f"desk of {desk.me.member}")
        order = Order(
            identifier, desk.me.member, asker.officer, carriage, keep_going, dry_run, whole, at_most_gone
        )
        job = await host.do(lambda: desk.imports.begin(asker, source, order))
    except Refusal:
        path.unlink(missing_ok=True)
        raise
    return _view(desk, job)


@get("/api/v1/imports", tags=["imports"], summary="List imports, newest first")
async def index(request: AnyRequest) -> list[ImportView]:
    asker, desk = asker_of(request), desk_of(request)

    def read() -> list[ImportView]:
        jobs = desk.imports.newest(asker, SHOWN_IMPORTS)
        return [_view(desk, job, faults=False) for job in jobs]

    return await host_of(request).do(read)


@get("/api/v1/imports/{identifier:str}", tags=["imports"], summary="One import with its bad rows")
async def show(request: AnyRequest, identifier: FromPath[str]) -> ImportView:
    asker, desk = asker_of(request), desk_of(request)

    def read() -> ImportView:
        _may_look(desk, asker)
        return _view(desk, desk.imports.known(asker, identifier))

    return await host_of(request).do(read)


@post(
    "/api/v1/imports/{identifier:str}/{act:str}",
    tags=["imports"],
    summary="Stop or resume an import",
    status_code=HTTP_200_OK,
)
async def move(request: AnyRequest, identifier: FromPath[str], act: FromPath[str]) -> ImportView:
    asker, desk = asker_of(request), desk_of(request)
    acts = {"stop": importing.stop, "resume": importing.resume}
    if act not in acts:
        raise Refusal("IMPORT-ACT", "An import can stop or resume.", path="act", status=404)

    def do() -> ImportView:
        _may_look(desk, asker)
        desk.imports.known(asker, identifier)
        return _view(desk, acts[act](desk.db, identifier))

    return await host_of(request).do(do)


HANDLERS = [begin, index, show, move]
