"""Signing in and out, and the purpose and case that an officer works for."""

import asyncio

import msgspec
from litestar import Response, get, post

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import passkeys, password_sign_in, sessions
from allpoints.identity.officers import NAME_LIMIT_CHARACTERS, Asker
from allpoints.identity.sessions import SignedIn
from allpoints.ledger import audit
from allpoints.web.pages import proving
from allpoints.web.pages.console import Console
from allpoints.web.pages.proving import inside
from allpoints.web.pages.showing import purposes
from allpoints.web.pages.visit import AnyRequest, Entered, Visit
from allpoints.web.views.common import filled
from allpoints.web.views.desk import SignInPage
from allpoints.web.views.purpose import PurposePage, purpose_inputs
from allpoints.web.words import _

CASE_LIMIT = 64


@get("/en/sign-in")
async def form(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    return shown(request, console, SignInPage(next=inside(request.query_params.get("next", ""))))


@post("/en/sign-in")
async def sign_in(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    _visitor, entered = await proving.visitor_entered(request)
    name, onward = entered.text("name")[:NAME_LIMIT_CHARACTERS], inside(entered.text("next"))
    if not console.passwords:
        raise passwords_off()
    outcome = await _tried(console, name, entered.raw("password"))
    if isinstance(outcome, Refusal):
        locked = (
            password_sign_in.locked_until_ms(console.host.office.db, name) if outcome.status == 429 else 0
        )
        view = SignInPage(name=name, next=onward, error=outcome.sentence, locked_until_ms=locked)
        return shown(request, console, view, outcome.status)
    return proving.signed_in(console, outcome, onward)


@post("/en/sign-in/options", status_code=200)
async def options(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    visitor, _entered = await proving.visitor_entered(request)
    made = await console.host.do(lambda: proving.assertion_options(console, passkeys.SIGN_IN, visitor))
    return proving.options_answer(console, made)


@post("/en/sign-in/passkey")
async def with_passkey(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    visitor, entered = await proving.visitor_entered(request)
    onward = inside(entered.text("next"))
    outcome = await _proved(console, entered.raw("answer"), visitor)
    if isinstance(outcome, Refusal):
        return shown(request, console, SignInPage(next=onward, error=outcome.sentence), outcome.status)
    return proving.signed_in(console, outcome, onward)


async def _proved(console: Console, text: str, visitor: str) -> SignedIn | Refusal:
    host = console.host

    def finish() -> SignedIn | Refusal:
        proved = proving.prove(console, text, passkeys.SIGN_IN, visitor)
        if isinstance(proved, Refusal):
            return proved
        return proving.begin(console, proved.officer, passkeys.PASSKEY)

    try:
        return await host.do(finish)
    except Refusal as refusal:
        code = refusal.code
        nobody = Asker("", frozenset())
        await host.do(
            lambda: audit.record(host.office.db, "officer:refused", nobody, host.clock.now(), reason=code)
        )
        return refusal


def passwords_off() -> Refusal:
    return Refusal(
        "PASSWORDS-OFF",
        "Officers of this node sign in without passwords.",
        hint="Use a passkey. The setting officers.passwords decides it.",
        status=403,
    )


async def _tried(console: Console, name: str, password: str) -> SignedIn | Refusal:
    host = console.host
    db = host.office.db
    stretched = await stretched_for(console, name, password)

    def finish() -> SignedIn | Refusal:
        now = host.clock.now()
        refused = password_sign_in.check_stretched(db, name, stretched, now)
        if refused is None:
            return proving.begin(console, password_sign_in.typed(name), password_sign_in.PASSWORD)
        audit.record(db, "officer:refused", Asker(name, frozenset()), now, reason=refused.code)
        return refused

    try:
        return await host.do(finish)
    except Refusal as refusal:
        # Returned, it left the count of failures; given back by the engine it is raised like any other.
        return refusal


async def stretched_for(console: Console, name: str, password: str) -> bytes:
    """What stretching makes of a password, beside the engine and a few at a time."""
    db = console.host.office.db
    async with console.stretching:
        how = await console.host.do(lambda: password_sign_in.stretching(db, name))
        return await asyncio.to_thread(how.stretch, password)


def shown(request: AnyRequest, console: Console, view: SignInPage, status: int = 200) -> Response[bytes]:
    view = msgspec.structs.replace(
        view, passwords=console.passwords, cards=console.cards, provider=proving.provider_label(console)
    )
    return proving.shown_to_visitor(request, console, "sign-in", view, status)


@post("/en/sign-out")
async def sign_out(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request, outsiders=True)
    await visit.entered()
    db = visit.host.office.db
    method = sessions.method_of(db, visit.secret)

    def end() -> None:
        sessions.sign_out(db, visit.secret)
        audit.record(db, "officer:signed-out", visit.asker, visit.now_ms)

    await visit.do(end)
    visit.console.forget(visit.secret)
    answer = await proving.left(visit, method)
    proving.drop_cookie(answer, visit.console, visit.console.access.cookie)
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


HANDLERS = [form, sign_in, options, with_passkey, sign_out, purpose, choose]
