"""Enrolling a first proof of who one is, with the code that an administrator gave."""

from collections.abc import Callable
from typing import TypeVar

from litestar import Response, get, post

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import enrolment, passkeys, passwords
from allpoints.identity.officers import NAME_LIMIT_CHARACTERS, Asker
from allpoints.identity.sessions import SignedIn
from allpoints.ledger import audit
from allpoints.web.pages import proving
from allpoints.web.pages.console import Console
from allpoints.web.pages.signing_in import passwords_off
from allpoints.web.pages.visit import AnyRequest, Entered
from allpoints.web.views.common import Input, filled
from allpoints.web.views.proving import EnrolPage, SecretPage
from allpoints.web.words import _

CODE_LIMIT_CHARACTERS = 64

T = TypeVar("T")


def passkey_label() -> Input:
    """The name by which an officer knows a passkey again."""
    return Input(
        name="label",
        label=_("Name of the passkey"),
        hint=_("How you know it again: blue key, office, say."),
        max_length=passkeys.LABEL_LIMIT_CHARACTERS,
        width=24,
        required=True,
    )


def inputs() -> tuple[Input, ...]:
    """``name``, ``code`` and ``label``."""
    return (
        Input(name="name", label=_("Name"), required=True, autocomplete="username", max_length=100),
        Input(
            name="code",
            label=_("Enrolment code"),
            kind="literal",
            required=True,
            max_length=CODE_LIMIT_CHARACTERS,
            width=28,
            hint=_(
                "The administrator of this node gave it to you. It is good for a short time and used once."
            ),
        ),
        passkey_label(),
    )


@get("/en/enrol")
async def form(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    named = {"name": str(request.query_params.get("name", ""))[:NAME_LIMIT_CHARACTERS]}
    view = EnrolPage(inputs=filled(inputs(), named), passwords=console.passwords)
    return proving.shown_to_visitor(request, console, "enrol", view)


@post("/en/enrol/options", status_code=200)
async def options(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    _visitor, entered = await proving.visitor_entered(request)
    name, code = _given(entered)
    made = await with_code(
        console, name, code, lambda: proving.registration_options(console, passkeys.ENROL, code, name)
    )
    return proving.options_answer(console, made)


@post("/en/enrol")
async def enrol(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    _visitor, entered = await proving.visitor_entered(request)
    name, code = _given(entered)
    db = console.host.office.db

    def act() -> SignedIn:
        proving.enrol_passkey(console, name, entered, passkeys.ENROL, code)
        enrolment.use_code(db, name)
        return proving.begin(console, name, passkeys.PASSKEY)

    try:
        outcome = await with_code(console, name, code, act)
    except Refusal as refusal:
        return _refused(request, console, entered, refusal)
    return proving.signed_in(console, outcome, "")


@post("/en/enrol/password", status_code=200)
async def password(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    _visitor, entered = await proving.visitor_entered(request)
    name, code = _given(entered)
    if not console.passwords:
        raise passwords_off()
    db, clock = console.host.office.db, console.host.clock

    def act() -> str:
        made = passwords.set_password(db, name)
        enrolment.use_code(db, name)
        audit.record(db, "officer:password", Asker(name, frozenset()), clock.now(), name=name)
        return made

    try:
        made = await with_code(console, name, code, act)
    except Refusal as refusal:
        return _refused(request, console, entered, refusal)
    view = SecretPage(
        title=_("Your password"),
        sentence=_("It is not shown again. Keep it where only you can read it."),
        secret=made,
        onward="/en/sign-in",
        onward_label=_("Sign in"),
    )
    return proving.shown_to_visitor(request, console, "secret", view)


def _given(entered: Entered) -> tuple[str, str]:
    name = entered.text("name").lower()[:NAME_LIMIT_CHARACTERS]
    return name, entered.text("code")[: CODE_LIMIT_CHARACTERS + 1]


async def with_code(console: Console, name: str, code: str, act: Callable[[], T]) -> T:
    """Do something that only who has the officer's code may do; a wrong code is counted and refused."""
    host = console.host

    def checked() -> T | Refusal:
        now = host.clock.now()
        refused = enrolment.check_code(host.office.db, name, code, now)
        if refused is None:
            return act()
        audit.record(host.office.db, "officer:refused", Asker(name, frozenset()), now, reason=refused.code)
        return refused

    outcome = await host.do(checked)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def _refused(request: AnyRequest, console: Console, entered: Entered, refusal: Refusal) -> Response[bytes]:
    """The form again, with what is wrong; the code is entered anew."""
    path = refusal.path if refusal.path == "label" else "code"
    fault = Fault(refusal.code, refusal.sentence, path, refusal.hint)
    kept = {"name": entered.text("name"), "label": entered.text("label")}
    view = EnrolPage(inputs=filled(inputs(), kept, (fault,)), passwords=console.passwords, errors=(fault,))
    status = refusal.status if refusal.status in {401, 429} else 422
    return proving.shown_to_visitor(request, console, "enrol", view, status)


HANDLERS = [form, options, enrol, password]
