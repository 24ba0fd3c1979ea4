"""Search: one field, understood as a zone, a document, a reference or a name; every question is audited."""

import re
import time
from typing import NamedTuple

import msgspec
from litestar import Response, get, post

from allpoints.border.checking import DOCUMENT
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.officers import require, require_purpose
from allpoints.ledger import audit
from allpoints.node.bureau import Bureau
from allpoints.node.checks import today
from allpoints.node.notice_desk import NOTICE_ROLES
from allpoints.notices.store import NoticeRow
from allpoints.notices.viewing import Filter
from allpoints.registers.searching import Found, Query, Why
from allpoints.vocabulary import mrz, normal
from allpoints.vocabulary.countries import Countries
from allpoints.web.pages.desk import notice_path
from allpoints.web.pages.showing import NOTICE_STATES, purposes, register_label, term
from allpoints.web.pages.signing_in import take_purpose
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Input, Option, Reason, State, filled
from allpoints.web.views.searching import SearchPage, SearchResult, search_inputs
from allpoints.web.words import _

QUESTION_LIMIT = 400
RECORD_ROLES = ("desk", "command")
NAMES = {"q", "register", "purpose", "case"}
PATHS = {"number": "q", "issuer": "q", "name": "q", "ref": "q", "birth_year": "q", "text": "q", "mrz": "q"}
"""Whatever a part says of the question concerns the one field it was typed into."""

_DOCUMENT = re.compile(r"([A-Za-z]{3})[\s:|/-]+([A-Za-z0-9][A-Za-z0-9 .<-]*)")
_BORN = re.compile(r"(.*\D)[\s,]+((?:18|19|20)\d\d)(?:-\d\d)?(?:-\d\d)?")


class Answered(NamedTuple):
    """What a search found, how long it took and which audit line it left."""

    results: tuple[SearchResult, ...]
    took_us: int
    audit: str
    warnings: tuple[Why, ...]


def understood(text: str, countries: Countries, now_ms: int) -> Query:
    """What the one field asks: a zone's document, "XAV AB123456", a reference with digits, or a name with a year."""
    if "<" in text or len(text.splitlines()) > 1:
        zone = mrz.parse(text, today=today(now_ms))
        if not zone.valid:
            raise Refusal.of(zone.faults)
        return Query(number=zone.number, issuer=zone.issuer)
    document = _DOCUMENT.fullmatch(text)
    if document and document[1].upper() in countries and any(one.isdigit() for one in document[2]):
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
    require(visit.asker, *NOTICE_ROLES)
    kept = {"purpose": visit.asker.purpose, "case": visit.asker.case}
    return visit.page("search", SearchPage(inputs=filled(_inputs(visit), kept)))


@post("/en/search", status_code=200)
async def search(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    require(visit.asker, *NOTICE_ROLES)
    entered = await visit.entered()
    faults = take_purpose(visit, entered)
    if not entered.text("q"):
        faults = (Fault("NO-QUESTION", _("Enter what to look for."), "q"), *faults)
    if faults:
        return _shown(visit, entered, errors=faults)
    try:
        answered = await visit.do(lambda: _asked(visit, desk, entered))
    except Refusal as refusal:
        return _shown(visit, entered, errors=faults_in(refusal, NAMES, PATHS))
    return _shown(visit, entered, answered)


def _asked(visit: Visit, desk: Bureau, entered: Entered) -> Answered:
    asker, text, register = visit.asker, entered.text("q")[:QUESTION_LIMIT], entered.text("register")
    require_purpose(asker, visit.host.vocabulary.purposes)
    query = understood(text, visit.host.vocabulary.countries, visit.now_ms)
    began = time.perf_counter_ns()
    results: list[SearchResult] = []
    warnings: tuple[Why, ...] = ()
    if visit.may(*RECORD_ROLES) and register not in visit.host.vocabulary.notices:
        found = desk.records.search(asker, msgspec.structs.replace(query, register=register))
        results += [_record(visit, one) for one in found.results]
        warnings = found.warnings
    if register in {"", *visit.host.vocabulary.notices}:
        results = _notices(visit, desk, query) + results
    took_us = (time.perf_counter_ns() - began) // 1_000
    line = audit.lines(desk.db, limit=1)
    return Answered(tuple(results), took_us, str(line[0].number) if line else "", warnings)


def _record(visit: Visit, found: Found) -> SearchResult:
    vocabulary = visit.host.vocabulary
    return SearchResult(
        title=found.caption,
        href=f"/en/records/{found.record_id.hex()}",
        register=register_label(vocabulary, found.register),
        state=State(_("On record"), "bad"),
        owner=found.owner,
        handling=term(vocabulary.handling, found.handling),
        why=tuple(Reason(sentence=why.sentence, asked=why.asked, record=why.held) for why in found.why),
    )


def _notices(visit: Visit, desk: Bureau, query: Query) -> list[SearchResult]:
    """Notices by the document that they name, or by their words."""
    if query.number:
        return _by_document(visit, desk, query)
    words = query.name or query.ref
    sentence = _("Every word asked for stands in the notice.")
    return [
        _notice(visit, row, Reason(sentence=sentence, asked=words, record=row.caption))
        for row in desk.notices.list_(visit.asker, Filter(text=words)).rows
    ]


def _by_document(visit: Visit, desk: Bureau, query: Query) -> list[SearchResult]:
    issuer = visit.host.vocabulary.countries.understand(query.issuer, "issuer")
    key = normal.document_key(issuer, query.number)
    found = {
        known.reference for one in desk.index.lookup(DOCUMENT, key) if (known := desk.notices.behind(one))
    }
    sentence = _("The notice names this document.")
    return [
        _notice(visit, row, Reason(sentence=sentence, asked=f"{issuer} {query.number}"))
        for row in desk.notices.list_(visit.asker, Filter(state="in_force")).rows
        if row.notice_id in found
    ]


def _notice(visit: Visit, row: NoticeRow, why: Reason) -> SearchResult:
    vocabulary = visit.host.vocabulary
    return SearchResult(
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
    known = [*vocabulary.registers.values()] if visit.may(*RECORD_ROLES) else []
    choices = tuple(Option(one.name, one.plural["en"]) for one in [*known, *vocabulary.notices.values()])
    return search_inputs(choices, purposes(visit.host))


def _shown(
    visit: Visit, entered: Entered, answered: Answered | None = None, errors: tuple[Fault, ...] = ()
) -> Response[bytes]:
    inputs = filled(_inputs(visit), entered.values(NAMES), errors)
    if answered is None:
        return visit.page("search", SearchPage(inputs=inputs, errors=errors), status=422)
    if answered.warnings:
        said = Fault("NEAR-NUMBER", answered.warnings[0].sentence, "q", answered.warnings[0].held)
        inputs = (msgspec.structs.replace(inputs[0], hint=f"{said.sentence} ({said.hint})"), *inputs[1:])
    view = SearchPage(
        inputs=inputs,
        asked=True,
        results=answered.results,
        total=len(answered.results),
        took_us=answered.took_us,
        audit=answered.audit,
    )
    return visit.page("search", view)


HANDLERS = [form, search]
