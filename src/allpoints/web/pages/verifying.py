"""Confirming once more that it is you, before what needs a fresh proof."""

from litestar import Response, get, post

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import officers, passkeys, password_sign_in, sessions, vouched
from allpoints.identity.sessions import SignedIn
from allpoints.ledger import audit
from allpoints.web.pages import proving
from allpoints.web.pages.signing_in import passwords_off, stretched_for
from allpoints.web.pages.visit import AnyRequest, Visit, redirect
from allpoints.web.views.proving import VerifyPage

AFTERWARDS = "/en/account"


def _view(visit: Visit, onward: str, errors: tuple[Fault, ...] = ()) -> VerifyPage:
    held = officers.existing(visit.host.office.db, visit.asker.officer)
    return VerifyPage(
        next=onward,
        passkey=held.passkeys > 0,
        password=held.has_password and visit.console.passwords,
        provider=_own_provider(visit),
        errors=errors,
    )


def _own_provider(visit: Visit) -> str:
    """What the provider is called, for whom it vouches."""
    held = vouched.list_vouched(visit.host.office.db, visit.asker.officer)
    mine = any(one.kind == vouched.PROVIDER for one in held)
    return proving.provider_label(visit.console) if mine else ""


@get("/en/verify")
async def form(request: AnyRequest) -> Response[bytes]:
    visit = by_session(request)
    return visit.page("verify", _view(visit, proving.inside(visit.query("next"))))


@post("/en/verify/options", status_code=200)
async def options(request: AnyRequest) -> Response[bytes]:
    visit = by_session(request)
    await visit.entered()
    made = await visit.do(
        lambda: proving.assertion_options(visit.console, passkeys.VERIFY, visit.secret, visit.asker.officer)
    )
    return proving.options_answer(visit.console, made)


@post("/en/verify/passkey")
async def with_passkey(request: AnyRequest) -> Response[bytes]:
    visit = by_session(request)
    entered = await visit.entered()

    def finish() -> SignedIn | Refusal:
        proved = proving.prove(visit.console, entered.raw("answer"), passkeys.VERIFY, visit.secret)
        if isinstance(proved, Refusal):
            return proved
        if proved.officer != visit.asker.officer:
            raise Refusal(
                "PASSKEY-OTHER", "This passkey is not yours.", hint="Use one of your own.", status=403
            )
        return renewed(visit, passkeys.PASSKEY)

    try:
        outcome = await visit.do(finish)
    except Refusal as refusal:
        return again(visit, proving.inside(entered.text("next")), refusal)
    return go_on(visit, outcome, proving.inside(entered.text("next")))


@post("/en/verify")
async def with_password(request: AnyRequest) -> Response[bytes]:
    visit = by_session(request)
    entered = await visit.entered()
    if not visit.console.passwords:
        raise passwords_off()
    name = visit.asker.officer
    stretched = await stretched_for(visit.console, name, entered.raw("password"))

    def finish() -> SignedIn | Refusal:
        db = visit.host.office.db
        refused = password_sign_in.check_stretched(db, name, stretched, visit.now_ms)
        if refused is None:
            return renewed(visit, password_sign_in.PASSWORD)
        audit.record(db, "officer:refused", visit.asker, visit.now_ms, reason=refused.code)
        return refused

    try:
        outcome = await visit.do(finish)
    except Refusal as refusal:
        return again(visit, proving.inside(entered.text("next")), refusal, "password")
    return go_on(visit, outcome, proving.inside(entered.text("next")))


def renewed(visit: Visit, method: str) -> SignedIn:
    """The session goes on as freshly proved; run in the engine."""
    db, now = visit.host.office.db, visit.now_ms
    audit.record(db, "officer:verified", visit.asker, now, method=method)
    return sessions.renew(db, visit.secret, now)


def again(visit: Visit, onward: str, refusal: Refusal, path: str = "") -> Response[bytes]:
    """The page once more, with what was wrong."""
    return visit.page(
        "verify",
        _view(visit, onward, (Fault(refusal.code, refusal.sentence, path, refusal.hint),)),
        status=refusal.status,
    )


def go_on(visit: Visit, outcome: SignedIn | Refusal, onward: str) -> Response[bytes]:
    """On with the session's new secret."""
    if isinstance(outcome, Refusal):
        raise outcome
    console = visit.console
    console.goes_on(visit.secret, outcome.secret)
    answer = redirect(console, onward or AFTERWARDS)
    proving.set_cookie(answer, console, console.access.cookie, outcome.secret)
    return answer


def by_session(request: AnyRequest) -> Visit:
    """The visit of a person; a program's token proves nobody's presence."""
    visit = Visit.open(request)
    if not visit.asker.verified_ms:
        raise Refusal(
            "SESSION-NEEDED", "This is done by an officer at the console, not with a token.", status=403
        )
    return visit


HANDLERS = [form, options, with_passkey, with_password]
