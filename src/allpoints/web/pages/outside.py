"""The console of a vetted outsider: one search, and what is public of a record found. Every other page is closed."""

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.outside import PublicAnswer, PublicFound
from allpoints.registers import public
from allpoints.registers.searching import Query
from allpoints.registers.visibility import unknown_record
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.describing import form_of
from allpoints.vocabulary.register import Register
from allpoints.web.pages.showing import register_label, spoken
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Cell, Input, Option, Reason, Section, filled
from allpoints.web.views.outside import OpenRecordPage, OpenResult, OpenSearchPage, open_inputs
from allpoints.web.words import _

REASON_LIMIT = 200
FILTER = "filter."
"""What stands before the name of an input that filters by a field."""


def _visit(request: AnyRequest) -> Visit:
    visit = Visit.open(request, outsiders=True)
    visit.require(Act.SEARCH_OUTSIDE)
    return visit


@get("/en/open")
async def form(request: AnyRequest) -> Response[bytes]:
    visit = _visit(request)
    inputs = filled(_inputs(visit), {"case": visit.asker.case})
    return visit.page("open", OpenSearchPage(inputs=inputs))


@post("/en/open", status_code=200)
async def search(request: AnyRequest) -> Response[bytes]:
    visit = _visit(request)
    desk = visit.desk()
    entered = await visit.entered()
    inputs = _inputs(visit)
    names = {one.name for one in inputs}
    try:
        visit.use("", _reason(entered))
        query = _query(visit, entered)
        answer = await visit.do(lambda: desk.outside.search(visit.asker, query))
        if isinstance(answer, Refusal):
            raise answer
    except Refusal as refusal:
        paths = {f"identifiers.{entered.text('kind')}": "number", "q": "text"}
        paths |= {f"filters.{one.removeprefix(FILTER)}": one for one in names if one.startswith(FILTER)}
        errors = faults_in(refusal, names, paths)
        return _answered(visit, entered, inputs, errors=errors)
    return _answered(visit, entered, inputs, answer)


def _reason(entered: Entered) -> str:
    reason = entered.needed("case", _("Say why you ask."))
    if len(reason) > REASON_LIMIT or not reason.isprintable():
        sentence = _("A reason has at most 200 characters on one line.")
        raise Refusal("REASON-TOO-LONG", sentence, path="case")
    return reason


def _query(visit: Visit, entered: Entered) -> Query:
    registers = _registers(visit)
    filters = {
        name: given
        for register in registers[:1]
        for name in public.facets(register)
        if (given := entered.text(FILTER + name))
    }
    only = registers[0].name if len(registers) == 1 or filters else entered.text("register")
    kind, number = entered.text("kind"), entered.text("number")
    return Query(
        register=only,
        text=entered.text("text"),
        filters=filters,
        identifiers={kind: number} if kind and number else {},
    )


def _registers(visit: Visit) -> tuple[Register, ...]:
    return visit.desk().outside.registers(visit.asker)


def _inputs(visit: Visit) -> tuple[Input, ...]:
    registers = _registers(visit)
    kinds = {key for register in registers for key in public.keys(register)}
    searches = visit.host.vocabulary.searches()
    return open_inputs(
        tuple(Option(one.name, words(one.plural)) for one in registers),
        tuple(Option(key, words(searches[key].label)) for key in sorted(kinds & searches.keys())),
        _filters(registers[0]) if len(registers) == 1 else (),
    )


def _filters(register: Register) -> tuple[Input, ...]:
    """A choice for every public field of codes by which the records of the one register are narrowed."""
    return tuple(
        Input(
            name=FILTER + one.name,
            label=words(one.label),
            kind="select",
            options=tuple(Option(choice.code, words(choice.label)) for choice in one.choices),
            blank=_("Any"),
        )
        for one in form_of(register)
        if one.choices and one.name in public.facets(register)
    )


def _answered(
    visit: Visit,
    entered: Entered,
    inputs: tuple[Input, ...],
    answer: PublicAnswer | None = None,
    errors: tuple[Fault, ...] = (),
) -> Response[bytes]:
    kept = filled(inputs, entered.values({one.name for one in inputs}), errors)
    if answer is None:
        return visit.page("open", OpenSearchPage(inputs=kept, errors=errors), status=422)
    results = tuple(_result(visit, one) for one in answer.results)
    view = OpenSearchPage(inputs=kept, asked=True, results=results, more=answer.more, note=answer.note)
    return visit.page("open", view)


def _result(visit: Visit, found: PublicFound) -> OpenResult:
    return OpenResult(
        title=found.caption,
        href=f"/en/open/records/{found.record}",
        register=register_label(visit.host.vocabulary, found.register),
        owner=found.owner,
        why=tuple(
            Reason(sentence=one.sentence, asked=one.asked, record=spoken(one.held)) for one in found.why
        ),
    )


@get("/en/open/records/{identifier:str}")
async def record(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = _visit(request)
    desk = visit.desk()
    if not visit.asker.case:
        return visit.go("/en/open")
    try:
        name = bytes.fromhex(identifier)
    except ValueError:
        raise unknown_record() from None
    found = await visit.do(lambda: desk.outside.read(visit.asker, name))
    if isinstance(found, Refusal):
        raise found
    cells = tuple(Cell(label, value) for label, value in found.described)
    view = OpenRecordPage(
        title=found.caption,
        register=register_label(visit.host.vocabulary, found.register),
        owner=found.owner,
        published_ms=found.published_ms,
        record=found.record,
        sections=(Section(_("What is public"), cells),),
        note=found.note,
    )
    return visit.page("open-record", view)


HANDLERS = [form, search, record]
