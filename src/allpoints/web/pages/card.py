"""Signing in with a card, which the terminator before this node has had its holder prove."""

from litestar import Response, post

from allpoints.ground.refusal import Refusal
from allpoints.identity import card, vouched
from allpoints.identity.card import Card
from allpoints.identity.officers import Asker
from allpoints.identity.sessions import SignedIn
from allpoints.ledger import audit
from allpoints.node import card_settings
from allpoints.web.pages import proving
from allpoints.web.pages.console import Console
from allpoints.web.pages.proving import inside
from allpoints.web.pages.signing_in import shown
from allpoints.web.pages.visit import AnyRequest
from allpoints.web.views.desk import SignInPage

HEADER = "client-cert"
"""Left in a request by the terminator alone; see ``web.terminator``."""


def _holder(console: Console, header: str) -> Card:
    """Whose card was shown; raises the refusals of a card, and CARDS-OFF."""
    host = console.host
    terms = card_settings.terms(host.settings)
    if terms is None:
        raise Refusal(
            "CARDS-OFF",
            "Officers of this node do not sign in with cards.",
            hint="The settings of the section card decide it.",
            status=409,
        )
    return card.check(card.read(header), terms, host.clock.now())


def _begun(console: Console, held: Card) -> SignedIn:
    """A session of the officer whom the bureau said this card to be; run in the engine."""
    host = console.host
    now, db = host.clock.now(), host.office.db
    name = vouched.officer_of(db, vouched.CARD, held.fingerprint, now)
    name = name or vouched.officer_of(db, vouched.CARD_SUBJECT, held.subject, now)
    if not name:
        raise Refusal(
            "NOT-VOUCHED",
            "This card is no officer's of this node.",
            path=held.fingerprint,
            hint="Ask the administrator of this node.",
            status=403,
        )
    return proving.begin(console, name, vouched.CARD, fresh=host.settings.flag("card.fresh"))


@post("/en/sign-in/card")
async def with_card(request: AnyRequest) -> Response[bytes]:
    console = Console.of(request.app.state)
    _visitor, entered = await proving.visitor_entered(request)
    host, onward = console.host, inside(entered.text("next"))
    try:
        held = _holder(console, request.headers.get(HEADER, ""))
        begun = await host.do(lambda: _begun(console, held))
    except Refusal as refusal:
        reason = f"{refusal.code} {refusal.path}".strip()
        nobody = Asker("", frozenset())
        await host.do(
            lambda: audit.record(host.office.db, "officer:refused", nobody, host.clock.now(), reason=reason)
        )
        return shown(request, console, SignInPage(next=onward, error=refusal.sentence), refusal.status)
    return proving.signed_in(console, begun, onward)


HANDLERS = [with_card]
