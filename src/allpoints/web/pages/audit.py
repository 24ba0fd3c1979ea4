"""The audit log: who asked what, when and why; reading it is a line of it too."""

from collections.abc import Mapping
from urllib.parse import urlencode

from litestar import Response, get

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.ledger import audit, audit_reading
from allpoints.ledger.audit_line import Line
from allpoints.ledger.audit_reading import Filter
from allpoints.web.pages import audit_filters
from allpoints.web.pages.showing import short, term
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.common import Paging, State, filled
from allpoints.web.views.office import AuditPage, AuditRow
from allpoints.web.words import _

SHOWN = 50
VERIFIED_LIMIT = 20_000
"""A longer log is verified by the command, not while a page waits."""
HEAD_CHARACTERS = 16
REFERENCE_CHARACTERS = 10


@get(["/en/audit", "/en/audit.json"])
async def lines(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require(Act.READ_AUDIT)
    asked = {name: visit.query(name) for name in audit_filters.NAMES}
    before = visit.query("before")
    start = int(before) if before.isdecimal() and len(before) < 16 else 0
    try:
        wanted = audit_filters.filter_of(visit.query)
    except Refusal as refusal:
        return visit.page("audit", _view(visit, asked, None, 0, (refusal.fault(),)), status=422)
    view, db = _view(visit, asked, wanted, start), visit.host.office.db
    stated = wanted.stated()
    await visit.do(
        lambda: audit.record(
            db, "audit:read", visit.asker, visit.now_ms, filter=stated, before=start, limit=SHOWN
        )
    )
    return visit.page("audit", view)


def _view(
    visit: Visit, asked: Mapping[str, str], wanted: Filter | None, start: int, faults: tuple[Fault, ...] = ()
) -> AuditPage:
    db = visit.host.office.db
    last = audit.lines(db, limit=1)
    size = last[0].number if last else 0
    found = audit_reading.page(db, wanted, start, SHOWN) if wanted is not None else audit_reading.Page([], 0)
    return AuditPage(
        chain=_chain(visit, size),
        head=last[0].leaf.hex()[:HEAD_CHARACTERS] if last else "",
        size=size,
        anchored_ms=_anchored_ms(visit),
        inputs=filled(audit_filters.inputs(visit), asked, faults),
        rows=tuple(row(visit, line) for line in found.lines),
        paging=Paging(
            total=size,
            shown=len(found.lines),
            next=f"/en/audit?{urlencode({**asked, 'before': found.before})}" if found.before else "",
        ),
        errors=faults,
    )


def _anchored_ms(visit: Visit) -> int:
    """When the head that stands in the ledger was written; a post's bureau knows that of its log."""
    bureau = visit.host.bureau
    held = bureau.audit.anchors.latest(bureau.me.name) if bureau else None
    return held.at_ms if held else 0


def _chain(visit: Visit, size: int) -> State:
    bureau, db = visit.host.bureau, visit.host.office.db
    if bureau is not None and bureau.audit.anchors.fault is not None:
        return State(bureau.audit.anchors.fault.sentence, "bad")
    if size > VERIFIED_LIMIT:
        return State(_("Too long to verify here: run allpoints verify"), "quiet")
    try:
        audit.verify(db, bureau.audit.anchors.own_heads() if bureau else ())
    except Refusal as broken:
        return State(broken.sentence, "bad")
    return State(_("Log whole"), "good")


def row(visit: Visit, line: Line) -> AuditRow:
    """A line as pages list it: things and words of the vocabulary, and nothing that was asked about persons."""
    vocabulary = visit.host.vocabulary
    return AuditRow(
        seq=line.number,
        at_ms=line.at_ms,
        officer=_officer(visit, line),
        event=term(vocabulary.audit_events, line.event),
        purpose=term(vocabulary.purposes, line.purpose),
        case=line.case_ref,
        subject=about(line.detail),
        reference=line.leaf.hex()[:REFERENCE_CHARACTERS],
    )


def _officer(visit: Visit, line: Line) -> str:
    if line.erased:
        return _("erased")
    elsewhere = line.post and line.post != visit.host.me.name
    return f"{line.officer} ({line.post})" if elsewhere else line.officer


def about(detail: bytes) -> str:
    """What a line is about, from the parts of its detail that name a thing and no person."""
    return ", ".join(f"{name} {short(value)}" for name, value in [*audit.things(detail).items()][:2])


HANDLERS = [lines]
