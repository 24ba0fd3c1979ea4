"""The insider watch: what is odd about how others ask, for overseers and administrators to settle."""

from litestar import Response, get, post

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.watch_desk import LINK, REASON_LIMIT
from allpoints.watch.store import DISMISSED, ESCALATED, OPEN, WatchAlert
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Input, Option, State, filled
from allpoints.web.views.oversight import WatchPage, WatchRow
from allpoints.web.words import _

PAGE = LINK
NAMES = ("verdict", "reason")
NUMBER_LIMIT_CHARACTERS = 15
_STATES = {
    OPEN: State(_("Waits"), "bad"),
    ESCALATED: State(_("Escalated"), "warn"),
    DISMISSED: State(_("Dismissed"), "good"),
}


def inputs() -> tuple[Input, ...]:
    """The verdict, and why."""
    verdicts = (
        Option(DISMISSED, _("Dismiss: there is a reason")),
        Option(ESCALATED, _("Escalate: ask further")),
    )
    return (
        Input(name="verdict", label=_("Verdict"), kind="select", options=verdicts, required=True),
        Input(name="reason", label=_("Why"), kind="textarea", required=True, max_length=REASON_LIMIT),
    )


@get([PAGE, f"{PAGE}.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    visit.desk()
    visit.require(Act.LOOK_AT_WATCH)
    return visit.page("watch", await _view(visit, _number(visit.query("settle"))))


async def _view(
    visit: Visit, settling: int, entered: Entered | None = None, faults: tuple[Fault, ...] = ()
) -> WatchPage:
    watch = visit.desk().audit.watch
    found = await visit.do(lambda: watch.list_(visit.asker))
    rows = tuple(_row(one) for one in found.alerts)
    to_settle = [one.number for one in rows if one.settles]
    return WatchPage(
        sound=found.sound,
        rows=rows,
        inputs=filled(inputs(), entered.values(NAMES) if entered is not None else {}, faults),
        settling=settling if settling in to_settle else (to_settle or [0])[0],
        errors=faults,
    )


def _row(one: WatchAlert) -> WatchRow:
    return WatchRow(
        number=one.number,
        officer=f"{one.officer} ({one.post})" if one.post else one.officer,
        rule=one.rule,
        sentence=one.sentence,
        at_ms=one.at_ms,
        line=one.line,
        state=_STATES[one.state],
        settled_by=one.settled_by,
        settled_ms=one.settled_ms,
        reason=one.reason,
        settles=one.state != DISMISSED,
    )


@post(PAGE, status_code=200)
async def settle(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    watch = visit.desk().audit.watch
    visit.require(Act.SETTLE_WATCH)
    entered = await visit.entered()
    number = _number(entered.text("number"))
    verdict, reason = entered.text("verdict"), entered.text("reason")
    try:
        await visit.do(lambda: watch.settle(visit.asker, number, verdict, reason))
    except Refusal as refusal:
        faults = faults_in(refusal, NAMES)
        return visit.page("watch", await _view(visit, number, entered, faults), status=422)
    return visit.go(PAGE, _("The alert was settled."))


def _number(text: str) -> int:
    """The number of an alert; 0, which no alert has, for what is none."""
    fits = text.isascii() and text.isdecimal() and len(text) <= NUMBER_LIMIT_CHARACTERS
    return int(text) if fits else 0


HANDLERS = [index, settle]
