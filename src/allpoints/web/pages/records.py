"""One record: its fields, links, history and hits; its owner renews or ends it, and sees which ones end before long."""

from collections.abc import Callable
from typing import NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.border.hit import HitView
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.node.exclusions import ExcludedMember
from allpoints.node.record_life import EndingRecord
from allpoints.node.record_links import LinkView
from allpoints.registers import history
from allpoints.registers.reading import ReadRecord
from allpoints.registers.record import PUT
from allpoints.registers.retention import NOTICE_MS
from allpoints.registers.store import LIVE
from allpoints.vocabulary.register import Register
from allpoints.web.pages.hits import row_of
from allpoints.web.pages.record_files import links_of, pictures_of
from allpoints.web.pages.showing import (
    advice_of,
    clock_to,
    decoded_of,
    identity_of,
    name_of,
    record_state,
    register_label,
    sections_of,
    sentence,
    term,
)
from allpoints.web.pages.visit import AnyRequest, Visit, faults_in
from allpoints.web.views.common import Cell, Countdown, Event, Input, Option, Section, State, Tone
from allpoints.web.views.desk import RecentRecord
from allpoints.web.views.searching import (
    BLOCK,
    LIFE_ACTS,
    UNBLOCK,
    EndingRow,
    ExpiringPage,
    KeptFrom,
    LinkedRecord,
    RecordPage,
    life_inputs,
)
from allpoints.web.words import _

_GONE = _("Every member's index loses it as soon as the ledger reaches it.")
_TOLD = {
    "renew": (_("Record renewed"), _("Its retention begins anew.")),
    "achieve": (_("Record ended"), _GONE),
    "withdraw": (_("Record withdrawn"), _GONE),
    "block": (_("Record blocked"), _("It is found by nothing as soon as the ledger reaches a member.")),
    "unblock": (_("Examination ended"), _("The record can be found again as soon as the ledger says so.")),
}
_EXAMINING = {BLOCK.value, UNBLOCK.value}
_ACTS: dict[str, tuple[str, Tone]] = {
    "put": (_("Entered"), "info"),
    "withdraw": (_("Withdrawn"), "warn"),
    "achieve": (_("Purpose achieved"), "warn"),
    "expire": (_("Retention ended"), "warn"),
    "block": (_("Blocked for examination"), "warn"),
    "unblock": (_("Unblocked"), "info"),
}


class _Opened(NamedTuple):
    """A record, its links and the hits on it; of an own one, who may not read it."""

    record: ReadRecord
    links: list[LinkView]
    hits: list[HitView]
    excluded: list[ExcludedMember]


@get(["/en/records/expiring", "/en/records/expiring.json"])
async def expiring(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    listed = await visit.do(lambda: desk.life.ending(visit.asker, visit.now_ms + NOTICE_MS))
    rows = tuple(_ending(visit, one) for one in listed.records)
    return visit.page("expiring", ExpiringPage(rows=rows, more=listed.more))


def _ending(visit: Visit, one: EndingRecord) -> EndingRow:
    register = register_label(visit.host.vocabulary, one.register)
    title, href = one.caption or one.ref, f"/en/records/{one.record}"
    return EndingRow(title=title, href=href, register=register, reference=one.ref, ends_ms=one.expires_ms)


@get("/en/records/{identifier:str}")
async def record(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    identity = identity_in(identifier)
    return visit.page("record", _view(visit, desk, await visit.do(lambda: _read(visit, desk, identity))))


def _read(visit: Visit, desk: Bureau, identity: bytes) -> _Opened:
    found, links = desk.links.read(visit.asker, identity)
    _remember(visit, found, desk.records.register(found.register))
    hits = [view for view in desk.hits.list_(visit.asker) if view.hit.record == identity.hex()]
    own = found.owner == desk.me.member
    return _Opened(found, links, hits, desk.records.exclusions.of_record(identity) if own else [])


@post("/en/records/{identifier:str}", status_code=200)
async def act(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look()
    entered = await visit.entered()
    identity, chosen, reason = identity_in(identifier), entered.text("act"), entered.text("reason")

    def carry_out() -> ReadRecord:
        found = desk.records.read(visit.asker, identity)
        if chosen in _EXAMINING:
            examine = desk.blocks.block if chosen == BLOCK.value else desk.blocks.unblock
            examine(visit.asker, identity, reason)
            return found
        if found.owner != desk.me.member:
            raise Refusal("NOT-OWNER", f"Only {found.owner} may do this with its record.", status=403)
        _acts(desk, chosen)(visit.asker, found.register, found.ref, reason)
        return found

    try:
        found = await visit.do(carry_out)
    except Refusal as refusal:
        faults = faults_in(refusal, {"reason", "act"})
        opened = await visit.do(lambda: _read(visit, desk, identity))
        missing = next((one.sentence for one in faults if one.path == "reason"), "")
        inputs = life_inputs(_offered(visit, desk, opened.record), chosen, reason, missing)
        return visit.page("record", _view(visit, desk, opened, inputs, faults), status=422)
    told, text = _TOLD[chosen]
    return visit.go(f"/en/records/{identity.hex()}", told, text, reference=found.ref)


def _acts(desk: Bureau, chosen: str) -> Callable[[Asker, str, str, str], None]:
    acts = {
        "renew": desk.life.renew,
        "achieve": desk.life.achieve,
        "withdraw": desk.records.withdraw,
    }
    if chosen not in acts:
        raise Refusal("ACT-UNKNOWN", "Choose what becomes of this record.", path="act")
    return acts[chosen]


def identity_in(text: str) -> bytes:
    """The record that an address names; raises Refusal UNKNOWN-RECORD (404)."""
    try:
        return bytes.fromhex(text.removesuffix(".json"))
    except ValueError:
        raise Refusal("UNKNOWN-RECORD", "There is no such record here.", status=404) from None


def _view(
    visit: Visit,
    desk: Bureau,
    opened: _Opened,
    inputs: tuple[Input, ...] = (),
    errors: tuple[Fault, ...] = (),
) -> RecordPage:
    found, register = opened.record, desk.records.register(opened.record.register)
    state = record_state(found.status, register, found.body)
    desks, address = visit.may(Act.ENTER), f"/en/records/{found.record_id.hex()}"
    writes = _is_there(found) and desks
    own = found.owner == desk.me.member and desks
    acts, handling = _offered(visit, desk, found), term(visit.host.vocabulary.handling, found.handling)
    return RecordPage(
        register=found.register,
        register_label=register.label["en"],
        id=found.record_id.hex(),
        reference=f"{found.owner} {found.ref}",
        identity=identity_of(register, found.body, state, handling),
        owner=found.owner,
        handling=handling,
        purpose=term(visit.host.vocabulary.purposes, found.purpose),
        version=found.version,
        published_ms=found.published_ms,
        sections=_sections(register, found),
        pictures=pictures_of(register, found),
        files=links_of(register, found),
        history=tuple(_event(event) for event in found.history),
        retention=_retention(visit, found),
        hits=tuple(row_of(view) for view in opened.hits),
        blocked=found.blocked,
        kept_from=tuple(_kept_from(one) for one in opened.excluded),
        links=tuple(linked(visit, desk, found.record_id, link) for link in opened.links),
        inputs=(inputs or life_inputs(acts)) if acts else (),
        examines=bool(acts) and acts[0].value in _EXAMINING,
        enter_link=f"{address}/link" if writes else "",
        change=f"{address}/change" if writes and own else "",
        advice=advice_of(register, found.body) if own else (),
        errors=errors,
    )


def _kept_from(one: ExcludedMember) -> KeptFrom:
    """A member that may not read an own record, and what has become of the copy that it had."""
    if not one.ordered_ms:
        return KeptFrom(member=one.member, state=State(_("Never had it")))
    if one.obeyed_ms:
        return KeptFrom(member=one.member, state=State(_("Has deleted it"), "good"), since_ms=one.obeyed_ms)
    word = _("Suspended: told when it is restored") if one.suspended else _("Has not said that it deleted it")
    return KeptFrom(member=one.member, state=State(word, "warn"), since_ms=one.ordered_ms)


def _is_there(found: ReadRecord) -> bool:
    """Whether the record still says something."""
    return found.status in LIVE and found.body is not None


def _retention(visit: Visit, found: ReadRecord) -> Countdown | None:
    """The clock of a record that is there and ends before long."""
    if not _is_there(found) or not found.expires_ms:
        return None
    return clock_to(_("kept for"), found.expires_ms, visit.now_ms)


def _offered(visit: Visit, desk: Bureau, found: ReadRecord) -> tuple[Option, ...]:
    """What this officer may do with a record: its examination comes before what an owner does."""
    if not _is_there(found):
        return ()
    acts: tuple[Option, ...] = ()
    if desk.me.is_secretariat and visit.may(Act.BLOCK):
        acts = (UNBLOCK if found.blocked else BLOCK,)
    if found.owner == desk.me.member and visit.may(Act.ENTER):
        acts += LIFE_ACTS
    return acts


def linked(visit: Visit, desk: Bureau, record: bytes, link: LinkView) -> LinkedRecord:
    """A link as the page of ``record`` shows it."""
    mine = link.author == desk.me.member and visit.may(Act.LINK) and not link.undone_ms
    return LinkedRecord(
        undo=f"/en/records/{record.hex()}/links/{link.link}/undo" if mine else "",
        phrase=link.phrase,
        title=link.caption or link.ref,
        href=f"/en/records/{link.record}",
        register=register_label(visit.host.vocabulary, link.register),
        owner=link.owner,
        author=link.author,
        reason=link.reason,
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
    sections = (*sections_of(register, found.body), *decoded_of(register, found.body))
    if not found.expires_ms:
        return sections
    return (*sections, Section(_("Retention"), (Cell(_("Kept until"), found.expires_ms, "time"),)))


HANDLERS = [expiring, record, act]
