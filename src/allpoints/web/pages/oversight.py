"""The overseer's page: verify the audit log, draw a sample of it, take lines out; each look is a line of it too."""

from collections.abc import AsyncIterator

import msgspec
from litestar import Response, get, post
from litestar.response import Stream

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.ledger import audit_reading
from allpoints.ledger.audit_reading import Filter, Sample
from allpoints.node.oversight import Part, Progress
from allpoints.web.pages import audit_filters
from allpoints.web.pages.audit import row
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Input, State, filled
from allpoints.web.views.oversight import Drawn, OversightPage, Verified
from allpoints.web.words import _

PAGE = "/en/oversight"
COUNT = "20"
DRAWING = ("count", "seed", "size")
NUMBER_LIMIT_CHARACTERS = 15


def drawing() -> tuple[Input, ...]:
    """How many lines, and what draws the same ones again."""
    again = _("Only to draw a sample again.")
    return (
        Input(name="count", label=_("How many lines"), kind="number", value=COUNT, required=True, width=6),
        Input(
            name="seed",
            label=_("Seed"),
            kind="literal",
            max_length=audit_reading.SEED_LIMIT_CHARACTERS,
            hint=again,
        ),
        Input(name="size", label=_("Among lines up to number"), kind="number", width=12, hint=again),
    )


@get([PAGE, f"{PAGE}.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    visit.desk()
    visit.require(Act.SAMPLE_AUDIT)
    return visit.page("oversight", await _view(visit))


async def _view(
    visit: Visit, entered: Entered | None = None, drawn: Drawn | None = None, faults: tuple[Fault, ...] = ()
) -> OversightPage:
    kept = entered.values((*audit_filters.NAMES, *DRAWING)) if entered is not None else {}
    return OversightPage(
        verified=await _verified(visit),
        filters=filled(audit_filters.inputs(visit), kept, faults),
        draw=filled(drawing(), kept, faults),
        may_export=visit.has_reason_to_look,
        drawn=drawn,
        errors=faults,
    )


async def _verified(visit: Visit) -> Verified | None:
    """How the last verification stands; nothing where there was none."""
    desk = visit.desk()
    try:
        stands = await visit.do(lambda: desk.audit.oversight.progress(visit.asker))
    except Refusal as refusal:
        if refusal.code != "AUDIT-NOT-VERIFIED":
            raise
        return None
    return Verified(
        state=_state(stands),
        verified=stands.verified,
        total=stands.total,
        erased=stands.erased,
        anchored=stands.anchored,
        started_ms=stands.started_ms,
        finished_ms=stands.finished_ms,
    )


def _state(stands: Progress) -> State:
    if stands.fault is not None:
        return State(stands.fault.sentence, "bad")
    return State(_("Log whole"), "good") if stands.finished_ms else State(_("Going on"), "info")


@post(PAGE, status_code=200)
async def act(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require(Act.SAMPLE_AUDIT)
    entered = await visit.entered()
    if entered.text("act") == "verify":
        await visit.do(lambda: desk.audit.oversight.verify(visit.asker))
        return visit.go(PAGE, _("The verification goes on in the node."))
    if entered.text("act") != "sample":
        raise Refusal("NOT-FOUND", "There is no such act.", status=404)
    try:
        wanted = audit_filters.filter_of(entered.text)
        found = await visit.do(lambda: _draw(visit, wanted, entered))
    except Refusal as refusal:
        names = (*audit_filters.NAMES, *DRAWING)
        faults = faults_in(refusal, names, {"since_ms": "since"})
        return visit.page("oversight", await _view(visit, entered, faults=faults), status=422)
    rows = tuple(row(visit, line) for line in found.lines)
    drawn = Drawn(seed=found.seed, size=found.size, among=found.among, rows=rows)
    return visit.page("oversight", await _view(visit, entered, drawn))


def _draw(visit: Visit, wanted: Filter, entered: Entered) -> Sample:
    count, size = _number(entered, "count"), _number(entered, "size")
    return visit.desk().audit.oversight.sample(visit.asker, wanted, entered.text("seed"), size, count)


def _number(entered: Entered, name: str) -> int:
    text = entered.text(name)
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= NUMBER_LIMIT_CHARACTERS):
        raise Refusal("SAMPLE-SIZE", "This is no number.", path=name)
    return int(text)


@post(f"{PAGE}/export", status_code=200)
async def export(request: AnyRequest) -> Response[bytes] | Stream:
    """The lines that answer the filter with their proofs, one a line, as the command writes them."""
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require(Act.SAMPLE_AUDIT)
    entered = await visit.entered()
    visit.require_reason_to_look()
    try:
        wanted = audit_filters.filter_of(entered.text)
        first = await visit.do(lambda: desk.audit.oversight.export(visit.asker, wanted, 0, 0))
    except Refusal as refusal:
        faults = faults_in(refusal, audit_filters.NAMES)
        return visit.page("oversight", await _view(visit, entered, faults=faults), status=422)
    headers = {**visit.console.headers, "Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return Stream(_pieces(visit, wanted, first), media_type="application/jsonl", headers=headers)


async def _pieces(visit: Visit, wanted: Filter, part: Part) -> AsyncIterator[bytes]:
    desk = visit.desk()
    yield msgspec.json.encode(part.head) + b"\n"
    while True:
        yield b"".join(msgspec.json.encode(one) + b"\n" for one in part.lines)
        if not part.after:
            return
        after, size = part.after, part.head.size
        part = await visit.do(lambda: desk.audit.oversight.export(visit.asker, wanted, after, size))  # noqa: B023 - waited for


HANDLERS = [index, act, export]
