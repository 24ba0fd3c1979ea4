"""One record: its fields, its history, its hits; the owner may withdraw it."""

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.border.hit import HitView
from allpoints.ground.refusal import Fault, Refusal
from allpoints.node.bureau import Bureau
from allpoints.registers import history
from allpoints.registers.reading import ReadRecord
from allpoints.registers.record import PUT
from allpoints.registers.store import LIVE
from allpoints.vocabulary.register import Register
from allpoints.web.pages.hits import row_of
from allpoints.web.pages.record_files import links_of, pictures_of
from allpoints.web.pages.showing import (
    clock_to,
    identity_of,
    name_of,
    record_state,
    sections_of,
    sentence,
    term,
)
from allpoints.web.pages.visit import AnyRequest, Visit, faults_in
from allpoints.web.views.common import Cell, Event, Section, Tone
from allpoints.web.views.desk import RecentRecord
from allpoints.web.views.searching import RecordPage
from allpoints.web.words import _

_ACTS: dict[str, tuple[str, Tone]] = {
    "put": (_("Entered"), "info"),
    "withdraw": (_("Withdrawn"), "warn"),
    "achieve": (_("Purpose achieved"), "warn"),
    "expire": (_("Retention ended"), "warn"),
    "block": (_("Blocked for examination"), "warn"),
    "unblock": (_("Unblocked"), "info"),
}


@get("/en/records/{identifier:str}")
async def record(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    identity = _identity(identifier)
    found, hits = await visit.do(lambda: _read(visit, desk, identity))
    return visit.page("record", _view(visit, desk, found, hits))


def _read(visit: Visit, desk: Bureau, identity: bytes) -> tuple[ReadRecord, list[HitView]]:
    """The record, and the hits on it."""
    found = desk.records.read(visit.asker, identity)
    hits = desk.hits.list_(visit.asker)
    return found, [view for view in hits if view.hit.record == identity.hex()]


@post("/en/records/{identifier:str}", status_code=200)
async def act(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    entered = await visit.entered()
    identity, reason = _identity(identifier), entered.text("reason")

    def withdraw() -> ReadRecord:
        found = desk.records.read(visit.asker, identity)
        if found.owner != desk.me.member:
            raise Refusal("NOT-OWNER", f"Only {found.owner} may withdraw this record.", status=403)
        desk.records.withdraw(visit.asker, found.register, found.ref, reason)
        return found

    try:
        found = await visit.do(withdraw)
    except Refusal as refusal:
        faults = faults_in(refusal, {"reason"})
        held, hits = await visit.do(lambda: _read(visit, desk, identity))
        return visit.page("record", _view(visit, desk, held, hits, reason, faults), status=422)
    text = _("Every member's index loses it as soon as the ledger reaches it.")
    return visit.go(f"/en/records/{identity.hex()}", _("Record withdrawn"), text, reference=found.ref)


def _identity(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removesuffix(".json"))
    except ValueError:
        raise Refusal("UNKNOWN-RECORD", "There is no such record here.", status=404) from None


def _view(
    visit: Visit,
    desk: Bureau,
    found: ReadRecord,
    hits: list[HitView],
    reason: str = "",
    errors: tuple[Fault, ...] = (),
) -> RecordPage:
    vocabulary = visit.host.vocabulary
    register = desk.records.register(found.register)
    state = record_state(found.status, register, found.body)
    handling = term(vocabulary.handling, found.handling)
    identifier = found.record_id.hex()
    valid = found.status in LIVE and found.body is not None
    _remember(visit, found, register)
    return RecordPage(
        register=found.register,
        register_label=register.label["en"],
        id=identifier,
        reference=f"{found.owner} {found.ref}",
        identity=identity_of(register, found.body, state, handling),
        owner=found.owner,
        handling=handling,
        purpose=term(vocabulary.purposes, found.purpose),
        version=found.version,
        published_ms=found.published_ms,
        sections=_sections(register, found),
        pictures=pictures_of(register, found),
        files=links_of(register, found),
        history=tuple(_event(event) for event in found.history),
        retention=clock_to(_("kept for"), found.expires_ms, visit.now_ms)
        if valid and found.expires_ms
        else None,
        hits=tuple(row_of(view) for view in hits),
        may_withdraw=valid and found.owner == desk.me.member and visit.may("desk"),
        reason=reason,
        errors=errors,
    )


def _remember(visit: Visit, found: ReadRecord, register: Register) -> None:
    """Keep it among the records that this session saw last."""
    name = name_of(found.body) if found.body is not None else ""
    visit.memory.saw(
        RecentRecord(
            title=name or found.caption or found.ref,
            href=f"/en/records/{found.record_id.hex()}",
            register=register.label["en"],
            state=record_state(found.status, register, found.body),
            seen_ms=visit.now_ms,
        )
    )


def _event(event: history.Event) -> Event:
    title, tone = _ACTS.get(event.op, (sentence(event.op), "info"))
    if event.op == PUT and event.version > 1:
        title = _("Renewed or changed") if event.reason else _("Changed")
    by = event.by_role or event.member
    return Event(at_ms=event.at_ms, title=title, by=by, text=event.reason, tone=tone)


def _sections(register: Register, found: ReadRecord) -> tuple[Section, ...]:
    if found.body is None:
        return ()
    if not found.expires_ms:
        return sections_of(register, found.body)
    kept = Section(_("Retention"), (Cell(_("Kept until"), found.expires_ms, "time"),))
    return (*sections_of(register, found.body), kept)


HANDLERS = [record, act]
