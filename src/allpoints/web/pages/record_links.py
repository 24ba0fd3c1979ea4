"""Linking a record to another, and taking a link back; both with a reason that every reader sees."""

import re

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.node.record_links import RELATIONS, LinkView
from allpoints.registers.linking import Between
from allpoints.registers.reading import ReadRecord
from allpoints.registers.searching import Query
from allpoints.web.pages.records import identity_in, linked
from allpoints.web.pages.showing import options
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Input, filled
from allpoints.web.views.searching import LinkPage, LinkUndoPage
from allpoints.web.words import _

NAMES = {"record", "relation", "reason"}
PATHS = {"target": "record", "source": "record", "ref": "record"}
"""What the part calls the one field that names the other record."""
REASON_LIMIT = 500
_ADDRESS = re.compile(r"(?:\S*/)?([0-9a-f]{32})")


@get("/en/records/{identifier:str}/link")
async def form(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit, desk, identity = _opened(request, identifier)
    found = await visit.do(lambda: desk.records.read(visit.asker, identity))
    return visit.page("link", _page(visit, found))


@post("/en/records/{identifier:str}/link", status_code=200)
async def enter(request: AnyRequest, identifier: FromPath[str]) -> Response[bytes]:
    visit, desk, identity = _opened(request, identifier)
    entered = await visit.entered()

    def carry_out() -> str:
        target = _meant(visit, desk, entered.needed("record", _("Say which record it belongs to.")))
        return desk.links.enter(
            visit.asker, Between(identity, target, entered.text("relation"), entered.text("reason"), "")
        )

    try:
        link = await visit.do(carry_out)
    except Refusal as refusal:
        faults = faults_in(refusal, NAMES, PATHS)
        found = await visit.do(lambda: desk.records.read(visit.asker, identity))
        return visit.page("link", _page(visit, found, entered, faults), status=422)
    told = _("Who may read both records sees it as soon as the ledger reaches them.")
    return visit.go(f"/en/records/{identity.hex()}", _("Records linked"), told, reference=link)


@get("/en/records/{identifier:str}/links/{link:str}/undo")
async def undo_form(request: AnyRequest, identifier: FromPath[str], link: FromPath[str]) -> Response[bytes]:
    visit, desk, identity = _opened(request, identifier)
    found, said = await visit.do(lambda: _link(visit, desk, identity, link))
    return visit.page("link-undo", _undo_page(visit, desk, found, said))


@post("/en/records/{identifier:str}/links/{link:str}/undo", status_code=200)
async def undo(request: AnyRequest, identifier: FromPath[str], link: FromPath[str]) -> Response[bytes]:
    visit, desk, identity = _opened(request, identifier)
    entered = await visit.entered()
    found, said = await visit.do(lambda: _link(visit, desk, identity, link))
    try:
        reason = entered.text("reason")
        await visit.do(lambda: desk.links.undo(visit.asker, bytes.fromhex(said.link), reason))
    except Refusal as refusal:
        faults = faults_in(refusal, {"reason"})
        return visit.page("link-undo", _undo_page(visit, desk, found, said, entered, faults), status=422)
    told = _("That it was there stays known.")
    return visit.go(f"/en/records/{identity.hex()}", _("Link taken back"), told, reference=said.link)


def _opened(request: AnyRequest, identifier: str) -> tuple[Visit, Bureau, bytes]:
    visit = Visit.open(request)
    desk = visit.desk()
    visit.require_reason_to_look(Act.LINK)
    return visit, desk, identity_in(identifier)


def _meant(visit: Visit, desk: Bureau, text: str) -> bytes:
    """The other record: by its address or identifier, or by a reference that one record alone has."""
    if address := _ADDRESS.fullmatch(text):
        return bytes.fromhex(address[1])
    found = desk.records.search(visit.asker, Query(ref=text[:100])).results
    if len(found) != 1:
        raise Refusal(
            "RECORD-NOT-ONE",
            _("No record that you may see has this reference.")
            if not found
            else _("Several records have this reference."),
            path="record",
            hint=_("Give the address of the record's page."),
        )
    return found[0].record_id


def _link(visit: Visit, desk: Bureau, identity: bytes, link: str) -> tuple[ReadRecord, LinkView]:
    found, links = desk.links.read(visit.asker, identity)
    said = next((one for one in links if one.link == link and one.author == desk.me.member), None)
    if said is None:
        raise Refusal("UNKNOWN-LINK", "There is no such link of ours on this record.", status=404)
    return found, said


def _page(
    visit: Visit, found: ReadRecord, entered: Entered | None = None, errors: tuple[Fault, ...] = ()
) -> LinkPage:
    inputs = (
        Input(
            name="record",
            label=_("The other record"),
            kind="code",
            required=True,
            max_length=200,
            hint=_("Its reference, or the address of its page."),
        ),
        Input(
            name="relation",
            label=_("How this record belongs to it"),
            kind="select",
            options=options(visit.host.vocabulary.terms(RELATIONS)),
            required=True,
            blank=_("Choose how they belong together"),
        ),
        _reason(),
    )
    given = entered.values(NAMES) if entered else {}
    return LinkPage(
        title=found.caption or found.ref,
        back=f"/en/records/{found.record_id.hex()}",
        inputs=filled(inputs, given, errors),
        errors=errors,
    )


def _undo_page(
    visit: Visit,
    desk: Bureau,
    found: ReadRecord,
    said: LinkView,
    entered: Entered | None = None,
    errors: tuple[Fault, ...] = (),
) -> LinkUndoPage:
    given = entered.values({"reason"}) if entered else {}
    return LinkUndoPage(
        record=found.caption or found.ref,
        back=f"/en/records/{found.record_id.hex()}",
        link=linked(visit, desk, found.record_id, said),
        inputs=filled((_reason(),), given, errors),
        errors=errors,
    )


def _reason() -> Input:
    return Input(name="reason", label=_("Reason"), kind="textarea", required=True, max_length=REASON_LIMIT)


HANDLERS = [form, enter, undo_form, undo]
