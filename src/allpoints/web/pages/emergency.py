"""Emergency access: an officer opens and ends it, an administrator ends and reviews it."""

from litestar import Response, get, post

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import emergency
from allpoints.identity.emergency import Emergency
from allpoints.identity.policy import Act
from allpoints.node.emergency_desk import PAGE
from allpoints.web.api.emergencies import emergency_desk
from allpoints.web.pages.account import fresh
from allpoints.web.pages.showing import register_label
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Countdown, Input, Option, State, filled
from allpoints.web.views.emergency import AccessRow, EmergencyPage
from allpoints.web.words import _

NAMES = ("register", "role", "reason", "verdict", "text")
_DONE = {
    "open": _("Emergency access is open. The administrators have been told."),
    "end": _("The emergency access has ended."),
    "review": _("The review was kept."),
}
_STATES = {
    "": State(_("To review"), "bad"),
    emergency.JUSTIFIED: State(_("Justified"), "good"),
    emergency.NOT_JUSTIFIED: State(_("Not justified"), "warn"),
}


def inputs() -> tuple[Input, ...]:
    """What is opened, and why. Registers are not listed: to whom one is closed, it does not exist."""
    hint = _("Its name, such as travel-documents. Leave it empty to open the work of a desk.")
    desk = Option("desk", _("Search and read as a desk does, but for closed registers"))
    return (
        Input(name="register", label=_("Register"), kind="literal", max_length=100, hint=hint),
        Input(name="role", label=_("Or the work of a desk"), kind="checkboxes", options=(desk,)),
        Input(
            name="reason",
            label=_("Why it cannot wait"),
            kind="textarea",
            required=True,
            max_length=emergency.TEXT_LIMIT_CHARACTERS,
        ),
    )


def review_inputs() -> tuple[Input, ...]:
    """The verdict, and what it rests on."""
    verdicts = tuple(Option(one, _STATES[one].word) for one in emergency.VERDICTS)
    limit = emergency.TEXT_LIMIT_CHARACTERS
    return (
        Input(name="verdict", label=_("Verdict"), kind="select", options=verdicts, required=True),
        Input(name="text", label=_("What it rests on"), kind="textarea", required=True, max_length=limit),
    )


@get([PAGE, f"{PAGE}.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    return visit.page("emergency", await _view(visit))


async def _view(
    visit: Visit, entered: Entered | None = None, faults: tuple[Fault, ...] = ()
) -> EmergencyPage:
    desk = emergency_desk(visit.host)
    found = await visit.do(lambda: desk.list_(visit.asker))
    waits = any(one.officer == visit.asker.officer and not one.verdict for one in found)
    opens = desk.terms.allowed and not waits and visit.may(Act.OPEN_EMERGENCY)
    rows = tuple(_row(visit, one) for one in found)
    kept = entered.values(NAMES) if entered is not None else {}
    chosen = entered.text("number") if entered is not None else visit.query("review")
    to_review = [one.number for one in rows if one.reviews]
    return EmergencyPage(
        allowed=desk.terms.allowed,
        fresh=fresh(visit),
        waits=waits,
        inputs=filled(inputs(), kept, faults) if opens else (),
        review=filled(review_inputs(), kept, faults),
        reviewing=next((one for one in to_review if str(one) == chosen), (to_review or [0])[0]),
        rows=rows,
        errors=faults,
    )


def _row(visit: Visit, one: Emergency) -> AccessRow:
    reviews = visit.may(Act.REVIEW_EMERGENCY)
    own = one.officer == visit.asker.officer
    waits = not one.verdict and not one.open
    return AccessRow(
        number=one.number,
        officer=one.officer,
        opened=register_label(visit.host.vocabulary, one.register) if one.register else _("Work of a desk"),
        reason=one.reason,
        opened_ms=one.opened_ms,
        ends_ms=one.ends_ms,
        ended_by=one.ended_by,
        clock=Countdown(label=_("ends in"), ends_ms=one.ends_ms, starts_ms=one.opened_ms)
        if one.open
        else None,
        state=State(_("Open"), "bad") if one.open else _STATES[one.verdict],
        reviewer=one.reviewer,
        review=one.review,
        ends=one.open and (own or visit.may(Act.END_EMERGENCY)),
        reviews=reviews and waits and not own,
    )


@post(PAGE, status_code=200)
async def change(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    entered = await visit.entered()
    wanted = entered.text("act")
    if wanted not in _DONE:
        raise Refusal("NOT-FOUND", "There is no such act.", status=404)
    try:
        await visit.do(lambda: _acted(visit, wanted, entered))
    except Refusal as refusal:
        faults = faults_in(refusal, NAMES)
        return visit.page("emergency", await _view(visit, entered, faults), status=422)
    visit.console.access.forget()
    return visit.go(PAGE, _DONE[wanted])


def _acted(visit: Visit, wanted: str, entered: Entered) -> None:
    desk, asker = emergency_desk(visit.host), visit.asker
    if wanted == "open":
        desk.open(asker, entered.text("register"), entered.text("role"), entered.text("reason"))
        return
    number = entered.text("number")
    if not (number.isascii() and number.isdecimal() and len(number) <= 15):
        raise emergency.unknown()
    if wanted == "end":
        desk.end(asker, int(number))
    else:
        desk.review(asker, int(number), entered.text("verdict"), entered.text("text"))


HANDLERS = [index, change]
