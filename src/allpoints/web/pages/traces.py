"""Traces: the list, one trace with its steps as a timeline, and what its desk can do about it."""

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.tracing import chronicle
from allpoints.tracing.answering import Reply
from allpoints.tracing.trace import Priority, Side, Trace, TraceState, TraceView
from allpoints.web.pages.showing import contact, places, term, writing_to
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import (
    Cell,
    Countdown,
    Event,
    Input,
    Link,
    Option,
    Paging,
    State,
    Tone,
    filled,
)
from allpoints.web.views.traces import TracePage, TraceRow, TracesPage, answer_inputs
from allpoints.web.words import _

SHOWN = 100
ANSWER = ("finding", "country", "party", "dated", "reference", "text")
INPUTS = {*ANSWER, "to", "marks", "reason"}
_CHIPS = (Option("", _("All")), Option("open", _("Open")))

STATES = {
    "open": State(_("Choose a country"), "warn"),
    "awaiting": State(_("Waiting for an answer"), "info"),
    "answered": State(_("Decide how to go on"), "warn"),
    "overdue": State(_("Not answered in time"), "bad"),
    "found": State(_("Holder found"), "good"),
    "exhausted": State(_("Trail ended"), "quiet"),
    "withdrawn": State(_("Withdrawn"), "quiet"),
}
HERE = {
    "awaiting": State(_("To answer"), "warn"),
    "answered": State(_("Answered"), "good"),
    "overdue": State(_("To answer, too late"), "bad"),
}
_TONES: dict[str, Tone] = {"Not answered in time": "warn", "The trail ends": "warn", "Withdrawn": "quiet"}


def state_of(view: TraceView) -> State:
    """The word for how a trace stands, as this side sees it."""
    state = view.trace.state.value
    if view.side is Side.ASKED:
        return HERE.get(state, STATES[state])
    if view.side is Side.CENTRE and view.trace.state is TraceState.ANSWERED:
        return HERE["answered"]
    return STATES[state]


def title_of(view: TraceView) -> str:
    return view.trace.firearm.caption or _("Trace of %s") % view.trace.requester


def clock_of(trace: Trace) -> Countdown | None:
    """The one clock that runs, if one does."""
    if not trace.clock_ms:
        return None
    return Countdown(label=_("due in"), ends_ms=trace.clock_ms)


@get(["/en/traces", "/en/traces.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk, state = visit.desk(), visit.query("state")
    visit.require_reason_to_look(Act.TRACE)
    views = await visit.do(lambda: desk.traces.list_(visit.asker, only_open=state == "open"))
    centre = desk.me.is_secretariat
    page = TracesPage(
        side="centre" if centre else "requester",
        rows=tuple(_row(view) for view in views[:SHOWN]),
        states=_CHIPS,
        state=state,
        paging=Paging(total=len(views), shown=min(len(views), SHOWN)),
        may_request=not centre and visit.may(Act.TRACE),
    )
    return visit.page("traces", page)


def _row(view: TraceView) -> TraceRow:
    trace, step = view.trace, view.trace.current
    return TraceRow(
        id=trace.trace,
        href=f"/en/traces/{trace.trace}",
        title=title_of(view),
        state=state_of(view),
        requester=trace.requester,
        asked=step.country if step is not None and trace.running and not step.answered else "",
        urgent=trace.priority is Priority.URGENT,
        started_ms=trace.started_ms,
        due=clock_of(trace),
    )


@get("/en/traces/{identifier:str}")
async def show(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    view = await visit.do(lambda: desk.traces.read(visit.asker, identifier.removesuffix(".json")))
    return visit.page("trace", _page(visit, desk, view))


@post("/en/traces/{identifier:str}", status_code=200)
async def act(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    entered = await visit.entered()
    try:
        said = await _acted(visit, desk, identifier, entered)
    except Refusal as refusal:
        onward = {"country": "to"} if entered.text("act") == "next" else {}
        faults = faults_in(refusal, INPUTS, onward)
        view = await visit.do(lambda: desk.traces.read(visit.asker, identifier))
        return visit.page("trace", _page(visit, desk, view, entered, faults), status=422)
    return visit.go(f"/en/traces/{identifier}", said, reference=identifier)


async def _acted(visit: Visit, desk: Bureau, name: str, entered: Entered) -> str:
    """Do what the form asks for; gives what is said of it."""
    asker, traces = visit.asker, desk.traces
    match entered.text("act"):
        case "answer":
            reply = Reply(**{field: entered.text(field) for field in ANSWER})
            await visit.do(lambda: traces.answer(asker, name, reply))
            return _("Answer sent")
        case "marks":
            marks = entered.needed("marks", _("Say which marks it bears."))
            await visit.do(lambda: traces.go_on(asker, name, marks=marks))
            return _("Marks sent")
        case "next":
            await visit.do(lambda: traces.go_on(asker, name, country=entered.text("to")))
            return _("The next country is asked")
        case _:
            await visit.do(lambda: traces.withdraw(asker, name, entered.text("reason")))
            return _("Trace withdrawn")


def _page(
    visit: Visit,
    desk: Bureau,
    view: TraceView,
    entered: Entered | None = None,
    errors: tuple[Fault, ...] = (),
) -> TracePage:
    trace, mine = view.trace, view.side is Side.REQUESTER
    acts = visit.may(Act.TRACE)
    values = entered.values(INPUTS) if entered is not None else {}

    def kept(inputs: tuple[Input, ...]) -> tuple[Input, ...]:
        return filled(inputs, values, errors)

    other = _other(view, desk)
    return TracePage(
        id=trace.trace,
        reference=trace.trace,
        title=title_of(view),
        side=view.side.value,
        state=state_of(view),
        urgent=trace.priority is Priority.URGENT,
        firearm=_firearm(trace) if trace.firearm.serial else (),
        request=_request(visit, trace),
        holder=_holder(view),
        ending=chronicle.ending(trace),
        clock=clock_of(trace),
        timeline=tuple(_event(visit, one) for one in chronicle.told(trace)),
        hits=tuple(Link(hit[:12], f"/en/hits/{hit}") for hit in trace.hits),
        contact=contact(visit.console, other, writing_to(desk, other, "")) if other else None,
        answer=kept(answer_inputs(places(visit.console))) if acts and _may_answer(view, desk) else (),
        onward=kept(_onward(visit, desk, trace)) if acts and mine and _may_go_on(trace) else (),
        proposed=trace.proposed if mine else "",
        marks=kept(_marks()) if acts and mine and _may_supply(trace) else (),
        may_withdraw=acts and mine and trace.running,
        reason=entered.text("reason") if entered is not None else "",
        errors=errors,
    )


def _other(view: TraceView, desk: Bureau) -> str:
    """Whom this desk would write to about the trace."""
    step = view.trace.current
    other = step.country if view.side is not Side.ASKED and step is not None else view.trace.requester
    return "" if other == desk.me.member else other


def _may_answer(view: TraceView, desk: Bureau) -> bool:
    step = view.trace.current
    if step is None or view.side is Side.CENTRE or step.country != desk.me.member or step.answered:
        return False
    return view.trace.state is not TraceState.WITHDRAWN


def _may_go_on(trace: Trace) -> bool:
    return trace.state in {TraceState.OPEN, TraceState.ANSWERED, TraceState.OVERDUE, TraceState.EXHAUSTED}


def _may_supply(trace: Trace) -> bool:
    return trace.current is not None and trace.current.wants_marks and trace.state is TraceState.ANSWERED


def _marks() -> tuple[Input, ...]:
    hint = _("Every stamp, proof mark and number as it stands on the metal.")
    return (
        Input(name="marks", label=_("Marks"), kind="textarea", hint=hint, required=True, max_length=1_000),
    )


def _onward(visit: Visit, desk: Bureau, trace: Trace) -> tuple[Input, ...]:
    """The members that were not asked yet; whom the answer names is chosen already."""
    asked = {step.country for step in trace.steps}
    names = visit.console.places
    free = tuple(Option(code, names.get(code, code)) for code in sorted(desk.traces.reachable() - asked))
    blank = _("Choose a country")
    return (
        Input(
            name="to",
            label=_("Country"),
            kind="select",
            options=free,
            value=trace.proposed,
            blank=blank,
            required=True,
        ),
    )


def _firearm(trace: Trace) -> tuple[Cell, ...]:
    one = trace.firearm
    cells = (
        Cell(_("Serial number"), one.serial, "code"),
        Cell(_("Make"), one.make),
        Cell(_("Model"), one.model),
        Cell(_("Calibre"), one.calibre),
        Cell(_("Type"), one.type),
        Cell(_("Importer's mark"), one.importer_mark),
        Cell(_("Marks"), one.marks),
        Cell(_("Reference table"), one.reference, "code"),
        Cell(_("Made in"), one.made_in, "country"),
        Cell(_("Not listed, because"), one.unlisted),
    )
    return tuple(cell for cell in cells if cell.value)


def _request(visit: Visit, trace: Trace) -> tuple[Cell, ...]:
    purposes = visit.host.vocabulary.purposes
    cells = (
        Cell(_("Requested by"), trace.requester, "country"),
        Cell(_("Requested"), trace.started_ms, "time"),
        Cell(_("Purpose"), term(purposes, trace.purpose) if trace.purpose else ""),
        Cell(_("Case"), trace.case, "code"),
        Cell(_("Circumstances"), trace.circumstances),
    )
    return tuple(cell for cell in cells if cell.value)


def _holder(view: TraceView) -> Cell | None:
    country, party = view.trace.last_known
    if view.side is not Side.REQUESTER or not party:
        return None
    return Cell(_("Last known"), f"{party} ({country})")


def _event(visit: Visit, one: chronicle.Happening) -> Event:
    by = visit.console.places.get(one.country, one.country)
    return Event(at_ms=one.at_ms, title=one.word, by=by, text=one.text, tone=_TONES.get(one.word, "info"))


HANDLERS = [index, show, act]
