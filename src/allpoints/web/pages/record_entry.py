"""Entering a record at the desk, and changing one of this member's own."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.registers import withdrawing
from allpoints.registers.entering import Carriage
from allpoints.registers.reading import ReadRecord
from allpoints.registers.record import REF_FIELD
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.register import Register
from allpoints.web.access import check_csrf
from allpoints.web.pages import forms, record_form, uploads
from allpoints.web.pages.record_form import EXCLUDED, HANDLING, REASON, Around
from allpoints.web.pages.showing import options
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Link, Option, filled_sections
from allpoints.web.views.registers import RecordFormPage
from allpoints.web.words import _

Values = dict[str, str | tuple[str, ...]]
CARRIED = {"handling": HANDLING, "excluded": EXCLUDED, "reason": REASON}
ADVICE_SHOWN = 5


class _Form(NamedTuple):
    """One form in view; ``record`` is what it changes."""

    visit: Visit
    desk: Bureau
    register: Register
    record: ReadRecord | None = None


@get("/en/registers/{name:str}/new")
async def new(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    form = _opened(Visit.open(request), name)
    first = next(iter(form.visit.host.vocabulary.handling))
    return _shown(form, {HANDLING: first})


@post("/en/registers/{name:str}/new", status_code=200, request_max_body_size=uploads.FORM_FILES_LIMIT_BYTES)
async def enter(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    return await _entered(_opened(Visit.open(request), name))


@get("/en/records/{identifier:str}/change")
async def change(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    form, record = await _held(Visit.open(request), identifier)
    excluded = withdrawing.excluded_of(form.desk.db, form.register, record.owner, record.ref)
    body = msgspec.to_builtins(record.body)
    values = {**forms.values_of(form.register, body), HANDLING: record.handling, EXCLUDED: excluded}
    return _shown(form, values)


@post(
    "/en/records/{identifier:str}/change",
    status_code=200,
    request_max_body_size=uploads.FORM_FILES_LIMIT_BYTES,
)
async def changed(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    form, _record = await _held(Visit.open(request), identifier)
    return await _entered(form)


def _opened(visit: Visit, name: str) -> _Form:
    desk = visit.desk()
    visit.require(Act.ENTER)
    visit.require_reason_to_look()
    register = desk.records.known_register(visit.asker, name)
    if register.writer == "secretariat" and not desk.me.is_secretariat:
        raise Refusal(
            "NOT-SECRETARIAT",
            "Only the secretariat's analysts write this register.",
            hint="Send the secretariat a message with what you know.",
            status=403,
        )
    return _Form(visit, desk, register)


async def _held(visit: Visit, identifier: str) -> tuple[_Form, ReadRecord]:
    """The form of a record of this member's that is there to be changed."""
    desk = visit.desk()
    visit.require(Act.ENTER)
    visit.require_reason_to_look()
    try:
        identity = bytes.fromhex(identifier)
    except ValueError:
        raise Refusal("UNKNOWN-RECORD", "There is no such record here.", status=404) from None
    record = await visit.do(lambda: desk.records.read(visit.asker, identity))
    if record.owner != desk.me.member:
        raise Refusal("NOT-OWNER", f"Only {record.owner} may change this record.", status=403)
    if record.body is None:
        raise Refusal("RECORD-ENDED", "This record has ended.", hint="Enter it anew.", status=404)
    return _Form(visit, desk, desk.records.known_register(visit.asker, record.register), record), record


async def _entered(form: _Form) -> Response[bytes]:
    visit, register = form.visit, form.register
    entered, files = await _sent(visit, register)
    taken, faults = await uploads.take(visit, files)
    entered = _with_files(register, entered, taken)
    raw = forms.body_of(register, entered)
    if form.record is not None:
        raw[REF_FIELD] = form.record.ref
    carriage = Carriage(
        visit.asker.purpose,
        entered.text(HANDLING) or " ",
        entered.several(EXCLUDED),
        f"desk of {form.desk.me.member}",
        entered.text(REASON),
    )
    try:
        if faults:
            raise Refusal.of(faults)
        record = await visit.do(lambda: form.desk.records.enter(visit.asker, register.name, raw, carriage))
    except Refusal as refusal:
        return _refused(form, entered, refusal)
    return _told(form, raw, record)


async def _sent(visit: Visit, register: Register) -> tuple[Entered, dict[str, list[UploadFile]]]:
    """What a form sent, its files apart."""
    sent = await visit.request.form()
    names = {field.name for field in register.fields if record_form.is_file(field)}
    fields: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            if name in names and value.filename:
                files.setdefault(name, []).append(value)
        else:
            fields.setdefault(name, []).append(str(value))
    entered = Entered(fields)
    check_csrf(visit.secret, entered.text("csrf"))
    return entered, files


def _with_files(register: Register, entered: Entered, taken: Mapping[str, list[str]]) -> Entered:
    """The same form, the new files among those that are kept; a new one takes the place of a single one."""
    names = _names(register)
    fields = {name: list(_several(value)) for name, value in entered.values(names).items()}
    for field in register.fields:
        if field.name in taken:
            kept = entered.several(field.name + forms.KEPT)
            texts = [*kept, *taken[field.name]] if field.type.name == "list" else taken[field.name][-1:]
            fields[field.name + forms.KEPT] = texts
    return Entered(fields)


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _names(register: Register) -> set[str]:
    inputs = forms.inputs_of(register, [field.name for field in register.fields])
    kept = {field.name + forms.KEPT for field in register.fields if record_form.is_file(field)}
    return {one.name for one in inputs} | kept | set(CARRIED.values())


def _refused(form: _Form, entered: Entered, refusal: Refusal) -> Response[bytes]:
    """The form again, with its faults; that another country issued the document is a fault of the form too."""
    names = _names(form.register)
    if refusal.code == "NOT-ISSUER":
        refusal = Refusal.of([refusal.fault()])
    return _shown(form, entered.values(names), faults_in(refusal, names, CARRIED))


def _told(form: _Form, raw: Mapping[str, Any], record: str) -> Response[bytes]:
    """On to the register, with the reference and what may be wrong in what was entered."""
    register, path = form.register, f"/en/records/{record}"
    body = register.clean(raw)
    advice = [sentence for _name, sentence in register.advice(body)][:ADVICE_SHOWN]
    text = " ".join([_("Look again: ") + " ".join(advice)] if advice else [])
    title = _("Record changed") if form.record is not None else _("Record entered")
    onward = path if form.record is not None else f"/en/registers/{register.name}"
    reference = f"{form.desk.me.member} {raw[REF_FIELD]}"
    return form.visit.go(onward, title, text, reference=reference, link=Link(_("Open the record"), path))


def _shown(form: _Form, values: Values, errors: tuple[Fault, ...] = ()) -> Response[bytes]:
    visit, register, record = form.visit, form.register, form.record
    around = Around(
        options(visit.host.vocabulary.handling),
        _members(form, values),
        frozenset({REF_FIELD}) if record is not None else frozenset(),
    )
    sections = record_form.sections_of(register, around, values)
    view = RecordFormPage(
        register=register.name,
        register_label=words(register.label),
        reference=f"{record.owner} {record.ref}" if record is not None else "",
        back=Link(words(register.plural), f"/en/registers/{register.name}"),
        sections=filled_sections(sections, values, errors),
        errors=errors,
        files=any(record_form.is_file(field) for field in register.fields),
    )
    return visit.page("record-form", view, status=422 if errors else 200)


def _members(form: _Form, values: Values) -> tuple[Option, ...]:
    """Whom the form can leave out: the members, and whoever is left out already without being one yet."""
    labels = {code: code for code in _several(values.get(EXCLUDED, ()))}
    labels |= {one.code: one.label for one in form.desk.network.members()}
    return tuple(Option(code, labels[code]) for code in sorted(labels) if code != form.desk.me.member)


HANDLERS = [new, enter, change, changed]
