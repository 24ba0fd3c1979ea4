"""Signing in and out, and the purpose and case that an officer works for."""

import asyncio
import secrets
from urllib.parse import urlsplit

from litestar import Response, get, post

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import sessions
from allpoints.identity.officers import NAME_LIMIT_CHARACTERS, Asker
from allpoints.identity.sessions import SignedIn
from allpoints.ledger import audit
from allpoints.web.access import COOKIE, check_csrf
from allpoints.web.pages.console import Console
from allpoints.web.pages.showing import purposes
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, frame_of, html_answer, redirect
from allpoints.web.views.common import filled
from allpoints.web.views.desk import SignInPage
from allpoints.web.views.purpose import PurposePage, purpose_inputs
from allpoints.web.words import _

VISITOR = "allpoints_visitor"
"""A cookie of the sign-in form alone, so that no other site can sign a browser in."""
CASE_LIMIT = 64


def inside(path: str) -> str:
    """The address to go on to: a page of this console, or nothing."""
    parts = urlsplit(path)
    foreign = parts.scheme or parts.netloc or "\\" in path or not path.isprintable()
    return "" if foreign or not parts.path.startswith("/en/") or parts.path == "/en/sign-in" else path


@get("/en/sign-in")
async def form(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    return _shown(request, console, SignInPage(next=inside(request.query_params.get("next", ""))))


@post("/en/sign-in")
async def sign_in(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    entered = Entered.parse(await request.body())
    visitor = request.cookies.get(VISITOR, "")
    # Anyone can work out the token of no cookie at all.
    check_csrf(visitor or secrets.token_urlsafe(16), entered.text("csrf"))
    name, onward = entered.text("name")[:NAME_LIMIT_CHARACTERS], inside(entered.text("next"))
    outcome = await _tried(console, name, entered.raw("password"))
    if isinstance(outcome, Refusal):
        locked = sessions.locked_until_ms(console.host.office.db, name) if outcome.status == 429 else 0
        view = SignInPage(name=name, next=onward, error=outcome.sentence, locked_until_ms=locked)
        return _shown(request, console, view, outcome.status)
    if outcome.asker.outside:
        onward = "/en/open"
    only_border = outcome.asker.roles == {"border"}
    answer = redirect(console, onward or ("/en/border" if only_border else "/en/desk"))
    _set(answer, console, COOKIE, outcome.secret)
    answer.delete_cookie(VISITOR)
    return answer


async def _tried(console: Console, name: str, password: str) -> SignedIn | Refusal:
    host = console.host
    db = host.office.db
    async with console.stretching:
        how = await host.do(lambda: sessions.stretching(db, name))
        stretched = await asyncio.to_thread(how.stretch, password)

    def finish() -> SignedIn | Refusal:
        now = host.clock.now()
        outcome = sessions.finish_sign_in(db, name, stretched, now)
        if isinstance(outcome, Refusal):
            audit.record(db, "officer:refused", Asker(name, frozenset()), now, reason=outcome.code)
        else:
            audit.record(db, "officer:signed-in", outcome.asker, now)
        return outcome

    try:
        return await host.do(finish)
    except Refusal as refusal:
        # Returned, it left the count of failures; given back by the engine it is raised like any other.
        return refusal


def _shown(request: AnyRequest, console: Console, view: SignInPage, status: int = 200) -> Response[bytes]:
    visitor = request.cookies.get(VISITOR) or secrets.token_urlsafe(16)
    frame = frame_of(request, console, None, visitor)
    answer = html_answer(console, console.pages.render("sign-in", view, session=frame), status)
    _set(answer, console, VISITOR, visitor)
    return answer


def _set(answer: Response[bytes], console: Console, name: str, value: str) -> None:
    # Without an end of its own the cookie goes with the browser; the server ends the session before that.
    answer.set_cookie(name, value, path="/", httponly=True, samesite="strict", secure=console.secure)


@post("/en/sign-out")
async def sign_out(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request, outsiders=True)
    await visit.entered()
    db = visit.host.office.db

    def end() -> None:
        sessions.sign_out(db, visit.secret)
        audit.record(db, "officer:signed-out", visit.asker, visit.now_ms)

    await visit.do(end)
    visit.console.forget(visit.secret)
    answer = redirect(visit.console, "/en/sign-in")
    answer.delete_cookie(COOKIE)
    return answer


@get("/en/purpose")
async def purpose(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    inputs = purpose_inputs(purposes(visit.host))
    kept = {"purpose": visit.asker.purpose, "case": visit.asker.case}
    view = PurposePage(inputs=filled(inputs, kept), next=inside(visit.query("next")))
    return visit.page("purpose", view)


@post("/en/purpose")
async def choose(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    entered = await visit.entered()
    onward = inside(entered.text("next"))
    faults = take_purpose(visit, entered)
    if faults:
        kept = {"purpose": entered.text("purpose"), "case": entered.text("case")}
        inputs = filled(purpose_inputs(purposes(visit.host)), kept, faults)
        return visit.page("purpose", PurposePage(inputs=inputs, next=onward, errors=faults), status=422)
    return visit.go(onward or "/en/desk")


def take_purpose(visit: Visit, entered: Entered) -> tuple[Fault, ...]:
    """Use the purpose and case of a form from now on, or say what is wrong with them."""
    purpose_code, case = entered.text("purpose"), entered.text("case")
    faults = []
    if purpose_code not in visit.host.vocabulary.purposes:
        faults.append(Fault("NO-PURPOSE", _("Choose the purpose."), "purpose"))
    if not case:
        faults.append(Fault("NO-CASE", _("Enter the number of the case or shift."), "case"))
    elif len(case) > CASE_LIMIT or not case.isprintable():
        sentence = _("A case has at most 64 characters on one line.")
        faults.append(Fault("CASE-TOO-LONG", sentence, "case"))
    if not faults:
        visit.use(purpose_code, case)
    return tuple(faults)


HANDLERS = [form, sign_in, sign_out, purpose, choose]
