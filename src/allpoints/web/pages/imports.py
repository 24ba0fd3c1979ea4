"""Imports: a file goes to the spool, is looked at, and then goes on by itself; its page follows it."""

import asyncio
import os
import re
from pathlib import Path

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from allpoints.ground.clock import SECOND
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import policy
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.node.imports import new_import_id
from allpoints.registers import chunking, import_job
from allpoints.registers.chunking import FILE_BYTES_LIMIT
from allpoints.registers.entering import Carriage
from allpoints.registers.import_job import ImportJob
from allpoints.registers.importing import Order
from allpoints.web.access import check_csrf
from allpoints.web.pages.showing import options, purposes, register_label
from allpoints.web.pages.visit import AnyRequest, Visit, faults_in
from allpoints.web.views.common import Input, Option, Paging, State, filled
from allpoints.web.views.office import BadRow, ImportPage, ImportRow, ImportsPage
from allpoints.web.words import _

FORM_BYTES = 64 * 1024
"""What the form may have beside the file."""
PART_BYTES = 1024 * 1024
SHOWN = 50
INPUTS = {"register", "file", "purpose", "handling", "case", "keep_going"}

STATES = {
    "checking": State(_("Checking"), "info"),
    "running": State(_("Entering"), "info"),
    "clearing": State(_("Withdrawing what the file does not name"), "info"),
    "stopped": State(_("Stopped"), "warn"),
    "done": State(_("Done"), "good"),
    "failed": State(_("Failed"), "bad"),
}
_UNSAFE = re.compile(r"[^\w.-]+")


@get(["/en/imports", "/en/imports.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = _bureau(visit)
    return visit.page("imports", _listed(visit, desk))


def _bureau(visit: Visit) -> Bureau:
    desk = visit.desk()
    desk.imports.check_may(visit.asker)
    return desk


@post("/en/imports", status_code=200, request_max_body_size=FILE_BYTES_LIMIT + FORM_BYTES)
async def begin(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = _bureau(visit)
    form = await request.form()
    check_csrf(visit.secret, str(form.get("csrf", "")))
    entered = {name: str(form.get(name, "")).strip() for name in INPUTS - {"file"}}
    file = form.get("file")
    try:
        job = await _begun(visit, desk, entered, file if isinstance(file, UploadFile) else None)
    except Refusal as refusal:
        faults = faults_in(refusal, INPUTS, {"excluded": "file"})
        return visit.page("imports", _listed(visit, desk, entered, faults), status=422)
    return visit.go(f"/en/imports/{job.id}", _("Import begun"), reference=job.id)


async def _begun(visit: Visit, desk: Bureau, entered: dict[str, str], file: UploadFile | None) -> ImportJob:
    faults = []
    if entered["purpose"] not in visit.host.vocabulary.purposes:
        faults.append(Fault("NO-PURPOSE", _("Choose the purpose."), "purpose"))
    if file is None or not file.filename:
        faults.append(Fault("NO-FILE", _("Choose the file to import."), "file"))
    if faults or file is None:
        raise Refusal.of(faults)
    visit.use(entered["purpose"], visit.asker.case)
    desk.imports.check_may(visit.asker, entered["register"])
    identifier = new_import_id()
    path = await _spooled(file, desk.imports.spool(), identifier)
    try:
        source = await asyncio.to_thread(chunking.inspect, visit.host.vocabulary, path, entered["register"])
        carriage = Carriage(entered["purpose"], entered["handling"], (), f"desk of {desk.me.member}")
        order = Order(
            identifier,
            desk.me.member,
            visit.asker.officer,
            carriage,
            keep_going=entered["keep_going"] == "yes",
        )
        return await visit.do(lambda: desk.imports.begin(visit.asker, source, order))
    except Refusal:
        path.unlink(missing_ok=True)
        raise


async def _spooled(file: UploadFile, folder: Path, identifier: str) -> Path:
    """Keep the file under a name that says which it was; a name from outside never leads out of the spool."""
    name = _UNSAFE.sub("-", Path(file.filename).name)[-80:].lstrip(".-") or "file"
    path = folder / f"{identifier}.{name}"
    with path.open("xb") as kept:
        while part := await file.read(PART_BYTES):
            kept.write(part)
        kept.flush()
        await asyncio.to_thread(os.fsync, kept.fileno())
    return path


def _listed(
    visit: Visit, desk: Bureau, entered: dict[str, str] | None = None, errors: tuple[Fault, ...] = ()
) -> ImportsPage:
    jobs = desk.imports.newest(visit.asker, SHOWN)
    kept = {"purpose": visit.asker.purpose, **(entered or {})}
    return ImportsPage(
        rows=tuple(_row(visit, job) for job in jobs),
        inputs=filled(_inputs(visit), kept, errors),
        errors=errors,
        paging=Paging(total=len(jobs), shown=len(jobs)),
        may_import=True,
    )


def _inputs(visit: Visit) -> tuple[Input, ...]:
    vocabulary = visit.host.vocabulary
    known = visit.desk().records.known(visit.asker)
    registers = tuple(Option(one.name, one.plural["en"]) for one in known.values())
    return (
        Input(name="register", label=_("Register"), kind="select", options=registers, required=True),
        Input(name="purpose", label=_("Purpose"), kind="select", options=purposes(visit.host), required=True),
        Input(name="handling", label=_("Handling"), kind="select", options=options(vocabulary.handling)),
        Input(name="file", label=_("CSV or JSON lines file"), kind="file", required=True),
        Input(
            name="keep_going",
            label=_("Bad rows"),
            kind="checkboxes",
            options=(Option("yes", _("Enter the good rows all the same")),),
        ),
    )


def _file(job: ImportJob) -> str:
    """The name the file came with."""
    return Path(job.path).name.removeprefix(f"{job.id}.")


def _rows(job: ImportJob) -> int:
    """How many rows the file has: known at its end, before that from what was read so far."""
    if job.state not in import_job.GOING or not job.offset_bytes:
        return job.read
    return max(job.read, round(job.read * job.size_bytes / job.offset_bytes))


def _row(visit: Visit, job: ImportJob) -> ImportRow:
    return ImportRow(
        id=job.id,
        href=f"/en/imports/{job.id}",
        file=_file(job),
        register=register_label(visit.host.vocabulary, job.register),
        state=STATES[job.state],
        officer=job.by_officer,
        started_ms=job.started_ms,
        done=job.read,
        total=_rows(job),
        refused=job.bad,
    )


@get("/en/imports/{identifier:str}")
async def show(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = _bureau(visit)
    # Bad rows quote what the file says of persons and documents.
    policy.require(visit.host.vocabulary, visit.asker, Act.IMPORT)
    name = identifier.removesuffix(".json")
    view = _page(visit, desk, name)
    fragment = "progress" if request.headers.get("hx-request") == "true" else ""
    return visit.page("import", view, fragment=fragment)


def _page(visit: Visit, desk: Bureau, identifier: str) -> ImportPage:
    job = desk.imports.known(visit.asker, identifier)
    running = job.state in import_job.GOING
    spent = (job.ended_ms or visit.now_ms) - job.started_ms
    return ImportPage(
        id=job.id,
        file=_file(job),
        register=register_label(visit.host.vocabulary, job.register),
        state=STATES[job.state],
        running=running,
        officer=job.by_officer,
        started_ms=job.started_ms,
        ended_ms=job.ended_ms,
        total=_rows(job),
        done=job.read,
        accepted=job.accepted,
        unchanged=job.unchanged,
        refused=job.bad,
        per_second=job.read * SECOND // spent if spent > 0 else 0,
        bad=tuple(
            BadRow(line=one.line, field=one.field, code=one.code, sentence=one.sentence, hint=one.hint)
            for one in import_job.faults(desk.db, job)
        ),
        bad_total=job.bad,
    )


HANDLERS = [index, begin, show]
