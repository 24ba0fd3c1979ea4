"""Search: one field, understood as a zone, a document, a reference or a name; every question is audited."""

import re
import time
from typing import NamedTuple

import msgspec
from litestar import Response, get, post

from allpoints.ground.clock import day_of
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import policy
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.node.bureau import Bureau
from allpoints.notices.store import NoticeRow
from allpoints.notices.viewing import Filter
from allpoints.registers.searching import Found, Query, SearchResult
from allpoints.vocabulary import mrz, normal
from allpoints.vocabulary.identifying import DOCUMENT
from allpoints.vocabulary.register import Vocabulary
from allpoints.web.pages import narrowing
from allpoints.web.pages.desk import notice_path
from allpoints.web.pages.showing import NOTICE_STATES, purposes, register_label, spoken, term
from allpoints.web.pages.signing_in import take_purpose
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Input, Option, Reason, State, filled
from allpoints.web.views.searching import SearchPage, search_inputs
from allpoints.web.views.searching import SearchResult as Result
from allpoints.web.words import _

QUESTION_LIMIT = 400
NAMES = {"q", "register", "purpose", "case"}
PATHS = {"number": "q", "issuer": "q", "name": "q", "ref": "q", "birth_year": "q", "text": "q", "mrz": "q"}
"""Whatever a part says of the question concerns the one field it was typed into."""

HINT = _(
    "A document by country and number: XAV AB123456. A name in any script, family name first; a year of birth may"
    " follow. Another number by its kind, ? for what is not known: vin: WVWZZZ1J*, plate: XAV AB 1?4."
)
_KIND = re.compile(r"([a-z][a-z-]*)\s*:\s*(.+)", re.IGNORECASE)
_DOCUMENT = re.compile(r"([A-Za-z]{3})[\s:|/-]+([A-Za-z0-9][A-Za-z0-9 .<-]*)")
_BORN = re.compile(r"(.*\D)[\s,]+((?:18|19|20)\d\d)(?:-\d\d)?(?:-\d\d)?")


class Answered(NamedTuple):
    """What the parts answered, how long they took and which audit line the question left."""

    records: SearchResult
    notices: tuple[NoticeRow, ...]
    took_us: int
    audit: str


NOTHING = SearchResult((), (), more=False)


def understood(text: str, vocabulary: Vocabulary, now_ms: int) -> Query:
    """What the one field asks: a zone's document, "XAV AB123456", "vin: WVW…", a reference, or a name with a year."""
    kind = _KIND.fullmatch(text)
    if kind and kind[1].lower() in vocabulary.searches():
        return Query(identifiers={kind[1].lower(): kind[2]})
    if "<" in text or len(text.splitlines()) > 1:
        zone = mrz.parse(text, today=day_of(now_ms))
        if not zone.valid:
            raise Refusal.of(zone.faults)
        return Query(number=zone.number, issuer=zone.issuer)
    document = _DOCUMENT.fullmatch(text)
    if document and document[1].upper() in vocabulary.countries and any(one.isdigit() for one in document[2]):
        return Query(number=document[2], issuer=document[1].upper())
    born = _BORN.fullmatch(text)
    if born and not any(one.isdigit() for one in born[1]):
        return Query(name=born[1].strip(" ,"), birth_year=int(born[2]))
    if any(one.isdigit() for one in text):
        return Query(ref=text[:100])
    return Query(name=text)


@get(["/en/search", "/en/search.json"])
async def form(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    visit.desk()
    _require(visit)
    kept = {"purpose": visit.asker.purpose, "case": visit.asker.case}
    return visit.page("search", SearchPage(inputs=filled(_inputs(visit), kept)))


@post("/en/search", status_code=200)
async def search(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    _require(visit)
    entered = await visit.entered()
    faults = take_purpose(visit, entered)
    if not entered.text("q"):
        faults = (Fault("NO-QUESTION", _("Enter what to look for."), "q"), *faults)
    if faults:
        return _shown(visit, entered, errors=faults)
    register = entered.text("register")
    try:
        question = entered.text("q")[:QUESTION_LIMIT]
        query = understood(question, visit.host.vocabulary, visit.now_ms)
        filters = narrowing.filters_in(entered, desk.records.known(visit.asker).get(register))
        query = msgspec.structs.replace(query, register=register, filters=filters)
        answered = await visit.do(lambda: _answered(visit, desk, query))
    except Refusal as refusal:
        identifiers = {f"identifiers.{kind}": "q" for kind in visit.host.vocabulary.searches()}
        identifiers["filters"] = "q"
        return _shown(visit, entered, errors=faults_in(refusal, NAMES, PATHS | identifiers))
    return _found(visit, entered, query, answered)


def _require(visit: Visit) -> None:
    """Refuse (403) whoever may search neither registers nor notices."""
    if not visit.may(Act.SEARCH):
        visit.require(Act.LOOK_AT_NOTICES)


def _answered(visit: Visit, desk: Bureau, query: Query) -> Answered:
    """Ask the registers and the notices, as far as the officer may and the chosen register is among them."""
    notices = visit.host.vocabulary.notices
    act = Act.LOOK_AT_NOTICES if visit.may(Act.LOOK_AT_NOTICES) else Act.SEARCH
    policy.require(visit.host.vocabulary, visit.asker, act)
    began = time.perf_counter_ns()
    records = NOTHING
    rows: tuple[NoticeRow, ...] = ()
    if visit.may(Act.SEARCH) and query.register not in notices:
        records = desk.records.search(visit.asker, query)
    if act is Act.LOOK_AT_NOTICES and (not query.register or query.register in notices):
        rows = _notices(visit, desk, query)
    took_us = (time.perf_counter_ns() - began) // 1_000
    line = audit.lines(desk.db, limit=1)
    return Answered(records, rows, took_us, str(line[0].number) if line else "")


def _notices(visit: Visit, desk: Bureau, query: Query) -> tuple[NoticeRow, ...]:
    """Notices by the document that they name, or by their words; they have no other numbers."""
    if query.identifiers:
        return ()
    if not query.number:
        return desk.notices.list_(visit.asker, Filter(text=query.name or query.ref)).rows
    issuer = visit.host.vocabulary.countries.understand(query.issuer, "issuer")
    key = normal.document_key(issuer, query.number)
    found = {
        known.reference for one in desk.index.lookup(DOCUMENT, key) if (known := desk.notices.behind(one))
    }
    rows = desk.notices.list_(visit.asker, Filter(state="in_force")).rows
    return tuple(row for row in rows if row.notice_id in found)


def _record(visit: Visit, found: Found) -> Result:
    vocabulary = visit.host.vocabulary
    return Result(
        title=found.caption,
        href=f"/en/records/{found.record_id.hex()}",
        register=register_label(vocabulary, found.register),
        state=State(_("On record"), "bad"),
        owner=found.owner,
        handling=term(vocabulary.handling, found.handling),
        why=tuple(
            Reason(sentence=why.sentence, asked=why.asked, record=spoken(why.held)) for why in found.why
        ),
    )


def _notice(visit: Visit, row: NoticeRow, query: Query) -> Result:
    vocabulary = visit.host.vocabulary
    if query.number:
        why = Reason(sentence=_("The notice names this document."))
    else:
        words = query.name or query.ref
        sentence = _("Every word asked for stands in the notice.")
        why = Reason(sentence=sentence, asked=words, record=row.caption)
    return Result(
        title=row.caption or row.notice_id,
        href=notice_path(row.notice_id),
        register=f"{register_label(vocabulary, row.kind)} {row.notice_id}",
        state=NOTICE_STATES[row.state.value],
        owner=row.owner,
        handling=term(vocabulary.handling, "official-use"),
        why=(why,),
    )


def _inputs(visit: Visit) -> tuple[Input, ...]:
    vocabulary = visit.host.vocabulary
    known = [*visit.desk().records.known(visit.asker).values()] if visit.may(Act.SEARCH) else []
    choices = tuple(Option(one.name, one.plural["en"]) for one in [*known, *vocabulary.notices.values()])
    question, *others = search_inputs(choices, purposes(visit.host))
    return (msgspec.structs.replace(question, hint=HINT), *others)


def _shown(visit: Visit, entered: Entered, errors: tuple[Fault, ...]) -> Response[bytes]:
    inputs = filled(_inputs(visit), entered.values(NAMES), errors)
    return visit.page("search", SearchPage(inputs=inputs, errors=errors), status=422)


def _found(visit: Visit, entered: Entered, query: Query, answered: Answered) -> Response[bytes]:
    inputs = filled(_inputs(visit), entered.values(NAMES))
    for warning in answered.records.warnings[:1]:
        hint = f"{warning.sentence} ({warning.held})"
        inputs = (msgspec.structs.replace(inputs[0], hint=hint), *inputs[1:])
    results = (
        *(_notice(visit, row, query) for row in answered.notices),
        *(_record(visit, one) for one in answered.records.results),
    )
    vocabulary = visit.host.vocabulary
    view = SearchPage(
        inputs=inputs,
        kept=narrowing.kept(entered, sorted(NAMES), query),
        narrowings=narrowing.narrowings(vocabulary, query, answered.records.facets),
        chosen=narrowing.chosen(vocabulary, query),
        asked=True,
        results=results,
        total=len(results),
        took_us=answered.took_us,
        audit=answered.audit,
    )
    return visit.page("search", view)


HANDLERS = [form, search]
