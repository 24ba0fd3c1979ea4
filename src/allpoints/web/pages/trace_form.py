"""Requesting a trace: the firearm, and how it is traced."""

from litestar import Response, get, post

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.tracing.requesting import Order
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import FormSection, Option, filled_sections
from allpoints.web.views.traces import TraceFormPage, request_sections
from allpoints.web.words import _

CHOICES = "course"
TEXTS = (
    "serial",
    "make",
    "model",
    "calibre",
    "type",
    "importer_mark",
    "marks",
    "reference",
    "unlisted",
    "to",
    "priority",
    "circumstances",
)


@get("/en/traces/new")
async def form(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    desk.traces.check_may_request(visit.asker)
    visit.require_reason_to_look()
    return visit.page("trace-form", TraceFormPage(sections=_sections(visit, desk)))


@post("/en/traces/new", status_code=200)
async def send(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require(Act.TRACE)
    visit.require_reason_to_look()
    entered = await visit.entered()
    chosen = entered.several(CHOICES)
    texts = {name: given for name in TEXTS if (given := entered.text(name))}
    order = Order(
        **{"serial": "", "make": "", **texts}, disclose="disclose" in chosen, approve="approve" in chosen
    )
    try:
        view = await visit.do(lambda: desk.traces.request(visit.asker, order))
    except Refusal as refusal:
        return _again(visit, desk, entered, faults_in(refusal, TEXTS))
    name = view.trace.trace
    text = _("A record of this firearm was found: its owner is told.") if view.trace.hits else ""
    return visit.go(f"/en/traces/{name}", _("Trace requested"), text, reference=name)


def _again(visit: Visit, desk: Bureau, entered: Entered, faults: tuple[Fault, ...]) -> Response[bytes]:
    sections = filled_sections(_sections(visit, desk), entered.values((*TEXTS, CHOICES)), faults)
    return visit.page("trace-form", TraceFormPage(sections=sections, errors=faults), status=422)


def _sections(visit: Visit, desk: Bureau) -> tuple[FormSection, ...]:
    names = visit.console.places
    return request_sections(
        tuple(Option(code, names.get(code, code)) for code in sorted(desk.traces.reachable()))
    )


HANDLERS = [form, send]
