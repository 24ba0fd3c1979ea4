"""One register as a table: newest records first, narrowed by filters, or found by a number or by words."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.ground.refusal import Fault, Refusal
from allpoints.node.bureau import Bureau
from allpoints.node.record_tables import Ask, Table, TableRow
from allpoints.registers.searching import Facet
from allpoints.vocabulary.asking import Search
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.code import Code
from allpoints.vocabulary.types.country import Country
from allpoints.vocabulary.types.folder import Folder
from allpoints.vocabulary.types.listing import element_of
from allpoints.web.pages.narrowing import FILTER, shown_value
from allpoints.web.pages.registers import may_write
from allpoints.web.pages.showing import cell_of, field_of, places
from allpoints.web.pages.visit import AnyRequest, Visit, faults_in, redirect
from allpoints.web.views.common import Input, Link, Option, Reason, filled
from allpoints.web.views.registers import RegisterPage, RegisterRow
from allpoints.web.words import _

BEFORE = "before"
TEXT = "text"
IDENTIFIER = "number."
"""What stands before the name of an input that asks for an identifier."""


class _Shown(NamedTuple):
    """One table in view: whose it is, and what was asked of it."""

    visit: Visit
    desk: Bureau
    register: Register
    ask: Ask


@get("/en/registers/{name:str}")
async def table(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    register = desk.records.known_register(visit.asker, name.removesuffix(".json"))
    filters = {one: given for one in register.machine.facets if (given := visit.query(one))}
    ask = Ask(register.name, filters, before=_record(visit.query(BEFORE)))
    return await _answer(_Shown(visit, desk, register, ask))


def _record(given: str) -> bytes:
    """The record that an address names; none when it names nothing."""
    try:
        return bytes.fromhex(given)
    except ValueError:
        return b""


@post("/en/registers/{name:str}", status_code=200)
async def find(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    register = desk.records.known_register(visit.asker, name)
    entered = await visit.entered()
    filters = entered.under(FILTER, register.machine.facets)
    identifiers = entered.under(IDENTIFIER, _searches(visit, register))
    ask = Ask(register.name, filters, identifiers, entered.text(TEXT))
    if not (identifiers or ask.text):
        return redirect(visit.console, _address(register, filters))
    return await _answer(_Shown(visit, desk, register, ask))


async def _answer(shown: _Shown) -> Response[bytes]:
    visit = shown.visit
    try:
        found = await visit.do(lambda: shown.desk.tables.show(visit.asker, shown.ask))
    except Refusal as refusal:
        faults = faults_in(refusal, _names(shown), _paths(shown))
        newest = Ask(shown.register.name)
        found = await visit.do(lambda: shown.desk.tables.show(visit.asker, newest))
        return visit.page("register", _view(shown, found, faults), status=422)
    return visit.page("register", _view(shown, found))


def _names(shown: _Shown) -> set[str]:
    return {one.name for one in _inputs(shown, Table((), b"", crowded=False, counted=False, facets=()))}


def _paths(shown: _Shown) -> dict[str, str]:
    """Where the engine's paths stand in this form; it may say the name of a part alone."""
    searches = _searches(shown.visit, shown.register)
    identifiers = {f"identifiers.{key}": IDENTIFIER + key for key in searches}
    filters = {f"filters.{name}": FILTER + name for name in shown.register.machine.facets}
    return {**identifiers, **filters, "q": TEXT}


def _searches(visit: Visit, register: Register) -> dict[str, Search]:
    known = visit.host.vocabulary.searches()
    return {key: one for key, one in known.items() if register.name in one.registers}


def _address(register: Register, filters: Mapping[str, str], before: bytes = b"") -> str:
    asked = {**filters, **({BEFORE: before.hex()} if before else {})}
    return f"/en/registers/{register.name}{'?' + urlencode(asked) if asked else ''}"


def _view(shown: _Shown, found: Table, errors: tuple[Fault, ...] = ()) -> RegisterPage:
    register, ask = shown.register, shown.ask
    entered: dict[str, str] = {
        **{IDENTIFIER + key: value for key, value in ask.identifiers.items()},
        **{FILTER + name: value for name, value in ask.filters.items()},
        TEXT: ask.text,
    }
    return RegisterPage(
        name=register.name,
        label=words(register.plural),
        holds=words(register.description),
        columns=tuple(one.shown_label() for name in register.featured if (one := field_of(register, name))),
        rows=tuple(_row(register, row) for row in found.rows),
        inputs=filled(_inputs(shown, found), entered, errors),
        errors=errors,
        asked=bool(ask.identifiers or ask.text) and not errors,
        chosen=tuple(_chosen(shown)) if not errors else (),
        warnings=tuple(
            Reason(sentence=one.sentence, asked=one.asked, record=one.held) for one in found.warnings
        ),
        more=_address(register, ask.filters, found.after) if found.after and not errors else "",
        crowded=found.crowded,
        may_write=may_write(shown.visit, shown.desk, register),
    )


def _row(register: Register, row: TableRow) -> RegisterRow:
    fields = [one for name in register.featured if (one := field_of(register, name))]
    return RegisterRow(
        href=f"/en/records/{row.record_id.hex()}",
        title=row.caption,
        cells=tuple(cell_of(field, getattr(row.body, field.name)) for field in fields),
        owner=row.owner,
        reference=row.ref,
        published_ms=row.published_ms,
    )


def _chosen(shown: _Shown) -> list[Link]:
    """Each chosen filter, with the way to the table without it."""
    register, filters = shown.register, shown.ask.filters
    links = []
    for name, value in filters.items():
        field = field_of(register, name)
        label = field.shown_label() if field else name
        others = {one: given for one, given in filters.items() if one != name}
        caption = shown_value(element_of(register.machine.types[name]), value)
        links.append(Link(f"{label}: {caption}", _address(register, others)))
    return links


# -- what may be asked


def _inputs(shown: _Shown, found: Table) -> tuple[Input, ...]:
    facets = {one.field: one for one in found.facets}
    register = shown.register
    inputs = [_identifier(key, one) for key, one in _searches(shown.visit, register).items()]
    if register.machine.text:
        hint = _("Every word must stand in the record.")
        inputs.append(Input(name=TEXT, label=_("Words"), kind="search", max_length=400, hint=hint))
    for name in register.machine.facets:
        chosen = shown.ask.filters.get(name, "")
        inputs.append(_filter(shown, name, facets.get(name), found.counted, chosen))
    return tuple(inputs)


def _identifier(key: str, search: Search) -> Input:
    hints = [_("Put the country first: XAV AB123.")] if search.beside else []
    if search.partial:
        hints.append(_("? is one unknown character, * any number of them."))
    label = words(search.label)
    return Input(name=IDENTIFIER + key, label=label, kind="literal", max_length=400, hint=" ".join(hints))


def _filter(shown: _Shown, name: str, facet: Facet | None, counted: bool, chosen: str) -> Input:
    register = shown.register
    field, kind = field_of(register, name), element_of(register.machine.types[name])
    label = field.shown_label() if field else name
    if counted:
        options = _counted(kind, facet, chosen)
    elif isinstance(kind, Code):
        options = tuple(Option(code, kind.caption(code)) for code in kind.terms)
    elif isinstance(kind, Country):
        options = places(shown.visit.console)
    else:
        return Input(name=FILTER + name, label=label, max_length=200)
    return Input(name=FILTER + name, label=label, kind="select", options=options, blank=_("Any"))


def _counted(kind: FieldType, facet: Facet | None, chosen: str) -> tuple[Option, ...]:
    values = {one.value.rstrip("/"): one for one in facet.values} if facet else {}
    if isinstance(kind, Folder):
        counts = {
            code: sum(one.count for value, one in values.items() if f"{value}/".startswith(f"{code}/"))
            for code in kind.terms
        }
        found = [(code, kind.caption(code), count) for code, count in counts.items() if count]
    else:
        found = [(value, one.caption, one.count) for value, one in values.items()]
    if chosen and chosen not in {value for value, _caption, _count in found}:
        found.append((chosen, shown_value(kind, chosen), 0))
    return tuple(Option(value, f"{caption} ({count:,})") for value, caption, count in found)


HANDLERS = [table, find]
