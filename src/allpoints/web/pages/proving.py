"""What pages share on which officers prove who they are: cookies, passkeys' answers, and where to go then."""

import secrets
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Response
from litestar.enums import MediaType

from allpoints.ground.refusal import Refusal
from allpoints.identity import ceremonies, challenges, passkeys, sessions, vouched
from allpoints.identity.officers import Asker
from allpoints.identity.passkeys import Proved
from allpoints.identity.sessions import SignedIn
from allpoints.ledger import audit
from allpoints.web.access import check_csrf
from allpoints.web.pages.console import Console
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, frame_of, html_answer, redirect
from allpoints.web.views.common import View
from allpoints.web.views.proving import OnwardPage
from allpoints.web.words import _

VISITOR = "allpoints_visitor"
"""A cookie of the forms before sign-in alone, so that no other site can sign a browser in."""
NOT_BACK_TO = ("/en/sign-in", "/en/enrol", "/en/verify")


def inside(path: str) -> str:
    """The address to go on to: a page of this console, or nothing."""
    parts = urlsplit(path)
    foreign = parts.scheme or parts.netloc or "\\" in path or not path.isprintable()
    return "" if foreign or not parts.path.startswith("/en/") or parts.path in NOT_BACK_TO else path


def set_cookie(answer: Response[bytes], console: Console, name: str, value: str) -> None:
    """A cookie out of reach of scripts and other sites.

    Without an end of its own it goes with the browser; the server ends the session before that.
    """
    answer.set_cookie(name, value, path="/", httponly=True, samesite="strict", secure=console.secure)


def drop_cookie(answer: Response[bytes], console: Console, name: str) -> None:
    """Take a cookie back; one of a secure name is only taken back by a secure answer."""
    answer.set_cookie(name, "", path="/", httponly=True, samesite="strict", secure=console.secure, max_age=0)


def visitor_of(request: AnyRequest) -> str:
    """The secret of a browser in which nobody is signed in yet; a new one where there is none."""
    return request.cookies.get(VISITOR) or secrets.token_urlsafe(16)


async def visitor_entered(request: AnyRequest) -> tuple[str, Entered]:
    """Whose form before sign-in it is, and what it says; refuses FORM-STALE (403) a form of another site."""
    entered = Entered.parse(await request.body())
    # Without the cookie there is a new secret: anyone can work out the token of no cookie at all.
    visitor = visitor_of(request)
    check_csrf(visitor, entered.text("csrf"))
    return visitor, entered


def shown_to_visitor(
    request: AnyRequest, console: Console, page: str, view: View, status: int = 200
) -> Response[bytes]:
    """A page for whom nobody knows yet."""
    visitor = visitor_of(request)
    frame = frame_of(request, console, None, visitor)
    answer = html_answer(console, console.pages.render(page, view, session=frame), status)
    set_cookie(answer, console, VISITOR, visitor)
    return answer


def signed_in(console: Console, outcome: SignedIn, onward: str) -> Response[bytes]:
    """Into the console, with the session's cookie."""
    if outcome.asker.outside:
        onward = "/en/open"
    only_border = outcome.asker.roles == {"border"}
    answer = redirect(console, onward or ("/en/border" if only_border else "/en/desk"))
    set_cookie(answer, console, console.access.cookie, outcome.secret)
    drop_cookie(answer, console, VISITOR)
    return answer


def provider_label(console: Console) -> str:
    """What the provider is called at which officers sign in; empty where there is none."""
    provider = console.provider
    if provider is None:
        return ""
    return console.host.settings.text("provider.label") or urlsplit(provider.issuer).netloc


async def left(visit: Visit, method: str) -> Response[bytes]:
    """To the sign-in, and for whom a provider vouched over the end of the session there."""
    console = visit.console
    if method == vouched.PROVIDER and console.provider is not None:
        try:
            away = await console.provider.leaving(f"{console.host.settings.address}/en/sign-in")
        except Refusal:
            away = ""
        if away:
            view = OnwardPage(
                title=_("You are signed out here"), href=away, label=_("Sign out at the provider too")
            )
            return onward_page(visit.request, console, view)
    return redirect(console, "/en/sign-in")


def onward_page(request: AnyRequest, console: Console, view: OnwardPage) -> Response[bytes]:
    """A page that leads on by itself. No cookie is set: on the way back from elsewhere none was sent either."""
    frame = frame_of(request, console, None, "")
    return html_answer(console, console.pages.render("onward", view, session=frame))


def begin(console: Console, name: str, method: str, *, fresh: bool = True) -> SignedIn:
    """Begin a session, with the officer's grant and its audit line; run in the engine.

    ``fresh`` says that the person was there just now, rather than a card that stayed in its reader.
    """
    office, now = console.host.office, console.host.clock.now()
    begun = sessions.begin(office.db, name, method, now, fresh=fresh)
    serial = office.grants.of(begun.asker).serial.hex()
    audit.record(office.db, "officer:signed-in", begun.asker, now, method=method, grant=serial)
    return begun


def options_answer(console: Console, options: dict[str, Any]) -> Response[bytes]:
    """Options of a passkey, for the page's script."""
    return Response(msgspec.json.encode(options), media_type=MediaType.JSON, headers=console.headers)


def assertion_options(console: Console, use: str, bound: str, name: str = "") -> dict[str, Any]:
    """What a browser needs to ask for a passkey; run in the engine."""
    db, now = console.host.office.db, console.host.clock.now()
    challenge = challenges.make(db, use, bound, now)
    return passkeys.assertion_options(db, console.passkeys, challenge, name)


def registration_options(console: Console, use: str, bound: str, name: str) -> dict[str, Any]:
    """What a browser needs to make a passkey; run in the engine."""
    db, now = console.host.office.db, console.host.clock.now()
    challenge = challenges.make(db, use, bound, now)
    network = console.host.me.network or "allpoints"
    return passkeys.registration_options(db, name, console.passkeys, network, challenge)


def enrol_passkey(console: Console, name: str, entered: Entered, use: str, bound: str) -> None:
    """Keep the passkey that a form brings; run in the engine, which undoes all of it when it is refused."""
    db, now = console.host.office.db, console.host.clock.now()
    answer = ceremonies.read(entered.raw("answer"))
    challenges.use_up(db, answer.challenge, use, bound, now)
    made = passkeys.enrol(db, name, answer, console.passkeys, entered.text("label"), now)
    who = Asker(name, frozenset())
    audit.record(db, "officer:passkey-added", who, now, name=name, passkey=made.id, model=made.model)


def prove(console: Console, text: str, use: str, bound: str) -> Proved | Refusal:
    """Who answered with a passkey; run in the engine.

    A passkey of which there may be a copy is refused by what is *returned*: raised, it would undo the alert.
    """
    office, now = console.host.office, console.host.clock.now()
    proved = passkeys.prove(office.db, ceremonies.read(text), console.passkeys, use, bound, now)
    if not proved.regressed:
        return proved
    who = Asker(proved.officer, frozenset())
    audit.record(office.db, "officer:passkey-copied", who, now, name=proved.officer, passkey=proved.passkey)
    head = f"A passkey of {proved.officer} counts backwards: there may be a copy"
    office.alerts.raise_(now, "officer", head, f"/en/officers/{proved.officer}", urgent=True)
    return ceremonies.refused()
