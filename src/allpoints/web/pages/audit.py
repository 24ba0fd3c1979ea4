"""The audit log: who asked what, when and why; reading it is a line of it too."""

import sqlite3
from collections.abc import Iterator, Mapping
from itertools import islice
from urllib.parse import urlencode

from litestar import Response, get

from allpoints.ground.refusal import Refusal
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.ledger.audit_line import Line
from allpoints.web.pages.showing import options, short, term
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.common import Input, Paging, State, filled
from allpoints.web.views.office import AuditPage, AuditRow
from allpoints.web.words import _

SHOWN = 50
LOOKED_AT = 20_000
"""Lines that one filter looks through; what lies before them is reached by the link to earlier lines."""
AT_ONCE = 500
VERIFIED_LIMIT = 20_000
"""A longer log is verified by the command, not while a page waits."""
HEAD_CHARACTERS = 16
REFERENCE_CHARACTERS = 10
FILTERS = ("officer", "event", "case")


@get(["/en/audit", "/en/audit.json"])
async def lines(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require(Act.READ_AUDIT)
    wanted = {name: visit.query(name) for name in FILTERS}
    before, db = visit.query("before"), visit.host.office.db
    view = _view(visit, wanted, before)
    asked = {"filter": wanted, "before": before}
    await visit.do(lambda: audit.record(db, "audit:read", visit.asker, visit.now_ms, **asked))
    return visit.page("audit", view)


def _view(visit: Visit, wanted: Mapping[str, str], before: str) -> AuditPage:
    db = visit.host.office.db
    start = int(before) if before.isdecimal() and len(before) < 16 else None
    last = audit.lines(db, limit=1)
    size = last[0].number if last else 0
    found = list(islice(_matching(db, start, wanted), SHOWN + 1))
    shown = found[:SHOWN]
    return AuditPage(
        chain=_chain(visit, size),
        head=last[0].leaf.hex()[:HEAD_CHARACTERS] if last else "",
        size=size,
        anchored_ms=_anchored_ms(visit),
        inputs=filled(_inputs(visit), wanted),
        rows=tuple(_row(visit, line) for line in shown),
        paging=Paging(
            total=size,
            shown=len(shown),
            next=f"/en/audit?{urlencode({**wanted, 'before': shown[-1].number})}" if found[SHOWN:] else "",
        ),
    )


def _matching(db: sqlite3.Connection, before: int | None, wanted: Mapping[str, str]) -> Iterator[Line]:
    looked_at = 0
    while looked_at < LOOKED_AT and (part := audit.lines(db, before=before, limit=AT_ONCE)):
        for line in part:
            values = {"officer": line.officer, "event": line.event, "case": line.case_ref}
            if all(not text or values[name] == text for name, text in wanted.items()):
                yield line
        looked_at += len(part)
        before = part[-1].number


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


def _inputs(visit: Visit) -> tuple[Input, ...]:
    events = options(visit.host.vocabulary.audit_events)
    return (
        Input(name="officer", label=_("Officer"), max_length=64),
        Input(name="event", label=_("Event"), kind="select", options=events, blank=_("Every event")),
        Input(name="case", label=_("Case"), kind="code", max_length=64),
    )


def _row(visit: Visit, line: Line) -> AuditRow:
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
