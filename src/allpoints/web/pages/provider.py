"""Signing in, and confirming that it is you, at an OpenID provider.

Cookies here are sent with requests of this site alone. So the way back ends on a page that leads on by itself: the
browser's own step from there carries the cookie that the answer is bound to.
"""

from urllib.parse import urlencode

from litestar import Response, get, post

from allpoints.ground.refusal import Refusal
from allpoints.identity import journey, vouched
from allpoints.identity.journey import Journey
from allpoints.identity.officers import Asker
from allpoints.identity.sessions import SignedIn
from allpoints.ledger import audit
from allpoints.node.provider import Provider, Returned
from allpoints.node.provider_settings import BACK
from allpoints.web.api.vouching import provider_off
from allpoints.web.pages import proving
from allpoints.web.pages.console import Console
from allpoints.web.pages.proving import inside
from allpoints.web.pages.signing_in import shown
from allpoints.web.pages.verifying import again, by_session, go_on, renewed
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.desk import SignInPage
from allpoints.web.views.proving import OnwardPage
from allpoints.web.words import _

SIGN_IN, VERIFY = "sign-in", "verify"
LIMITS = {"code": 2_048, "state": journey.STATE_LIMIT_CHARACTERS, "iss": 500, "error": 100}
"""Characters of what a provider sends back; all else of it is left behind."""


def provider_of(console: Console) -> Provider:
    """The provider of this node; raises Refusal PROVIDER-OFF."""
    if console.provider is None:
        raise provider_off()
    return console.provider


async def _set_out(
    request: AnyRequest, console: Console, use: str, bound: str, onward: str
) -> Response[bytes]:
    host, provider = console.host, provider_of(console)
    begun = await host.do(lambda: journey.begin(host.office.db, use, bound, inside(onward), host.clock.now()))
    href = await provider.address(begun, anew=use == VERIFY)
    view = OnwardPage(title=_("To the provider"), href=href, label=_("Go on to the provider"))
    return proving.onward_page(request, console, view)


@post("/en/sign-in/provider", status_code=200)
async def set_out(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    visitor, entered = await proving.visitor_entered(request)
    onward = entered.text("next")
    try:
        return await _set_out(request, console, SIGN_IN, visitor, onward)
    except Refusal as refusal:
        return shown(
            request, console, SignInPage(next=inside(onward), error=refusal.sentence), refusal.status
        )


@post("/en/verify/provider", status_code=200)
async def set_out_to_verify(request: AnyRequest) -> Response[bytes]:
    visit = by_session(request)
    entered = await visit.entered()
    try:
        return await _set_out(request, visit.console, VERIFY, visit.secret, entered.text("next"))
    except Refusal as refusal:
        return again(visit, inside(entered.text("next")), refusal)


@get(BACK)
async def back(request: AnyRequest) -> Response[bytes]:
    given = request.query_params
    kept = {name: str(given[name])[: limit + 1] for name, limit in LIMITS.items() if name in given}
    verify = journey.use_of(kept.get("state", "")) == VERIFY
    path = "/en/verify/provider" if verify else "/en/sign-in/provider"
    view = OnwardPage(title=_("Back from the provider"), href=f"{path}?{urlencode(kept)}", label=_("Go on"))
    return proving.onward_page(request, Console.of(request.app.state), view)


def _returned(request: AnyRequest) -> tuple[str, Returned]:
    """The state, and what came with it; what is longer than anything a provider sends is nothing."""
    given = {
        name: text if len(text) <= limit else ""
        for name, limit in LIMITS.items()
        for text in (str(request.query_params.get(name, "")),)
    }
    return given["state"], Returned(given["code"], given["iss"], given["error"])


async def _came_back(request: AnyRequest, console: Console, use: str, bound: str) -> tuple[Journey, str]:
    """Where to go on, and the subject that came back; the state is used up before anybody is asked."""
    host, provider = console.host, provider_of(console)
    state, returned = _returned(request)
    came = await host.do(lambda: journey.arrive(host.office.db, use, bound, state, host.clock.now()))
    return came, await provider.subject(returned, came, anew=use == VERIFY)


def _officer(console: Console, subject: str) -> str:
    """Whose subject it is; raises Refusal NOT-VOUCHED: nobody becomes an officer by signing in elsewhere."""
    host = console.host
    value = vouched.of_provider(provider_of(console).issuer, subject)
    name = vouched.officer_of(host.office.db, vouched.PROVIDER, value, host.clock.now())
    if not name:
        raise Refusal(
            "NOT-VOUCHED",
            f"The provider knows you as {subject}, and that is no officer of this node.",
            hint="Ask the administrator of this node.",
            status=403,
        )
    return name


async def _told(console: Console, refusal: Refusal, who: Asker) -> None:
    """Who was turned away, and why, is on record."""
    host, reason = console.host, f"{refusal.code} {refusal.path}".strip()
    await host.do(
        lambda: audit.record(host.office.db, "officer:refused", who, host.clock.now(), reason=reason)
    )


def _renewed(visit: Visit, subject: str) -> SignedIn:
    """The session goes on, if it is this officer's subject; run in the engine."""
    if _officer(visit.console, subject) != visit.asker.officer:
        raise Refusal(
            "PROVIDER-SOMEONE-ELSE",
            "At the provider you are somebody else than here.",
            hint="Sign in there as yourself.",
            status=403,
        )
    return renewed(visit, vouched.PROVIDER)


@get("/en/sign-in/provider")
async def sign_in(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    visitor = proving.visitor_of(request)
    try:
        came, subject = await _came_back(request, console, SIGN_IN, visitor)
        begun = await console.host.do(
            lambda: proving.begin(console, _officer(console, subject), vouched.PROVIDER)
        )
    except Refusal as refusal:
        await _told(console, refusal, Asker("", frozenset()))
        return shown(request, console, SignInPage(error=refusal.sentence), refusal.status)
    return proving.signed_in(console, begun, inside(came.onward))


@get("/en/verify/provider")
async def verify(request: AnyRequest) -> Response[bytes]:
    visit = by_session(request)
    try:
        came, subject = await _came_back(request, visit.console, VERIFY, visit.secret)
        outcome = await visit.do(lambda: _renewed(visit, subject))
    except Refusal as refusal:
        await _told(visit.console, refusal, visit.asker)
        return again(visit, "", refusal)
    return go_on(visit, outcome, inside(came.onward))


HANDLERS = [set_out, set_out_to_verify, back, sign_in, verify]
