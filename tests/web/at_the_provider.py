"""What an officer's browser does on the way to an OpenID provider and back."""

import re
from html import unescape
from urllib.parse import urlsplit

import httpx
import msgspec
from tests.web.console_network import OWNER, Browser, Network, token_in
from tests.web.markup import Page
from tests.web.oidc_provider import OidcProvider

from allpoints.ledger import audit
from allpoints.node.provider_settings import BACK


def led_to(answer: httpx.Response) -> str:
    """Where a page leads on to by itself."""
    found = re.search(r'<meta http-equiv="refresh" content="0;url=([^"]+)">', answer.text)
    assert found is not None, answer.text
    return unescape(found[1])


def set_out(browser: Browser, page: str = "/en/sign-in", onward: str = "/en/state") -> str:
    """The provider's address that the console sends this browser to."""
    token = token_in(browser.get(page).text)
    fields = {"csrf": token, "next": onward}
    answer = browser.network.run(browser.client.post(f"{page}/provider", data=fields))
    assert answer.status_code == 200, answer.text
    return led_to(answer)


def come_back(browser: Browser, address: str) -> httpx.Response:
    """Follow the provider's answer over the page that leads on."""
    parts = urlsplit(address)
    assert parts.path == BACK
    stranger = Browser(browser.network, OWNER)
    bounced = stranger.get(f"{parts.path}?{parts.query}")
    assert "set-cookie" not in bounced.headers
    assert Page(bounced.text).faults == []
    return browser.get(led_to(bounced))


def signed_in(network: Network, provider: OidcProvider) -> tuple[Browser, httpx.Response]:
    browser = Browser(network, OWNER)
    return browser, come_back(browser, provider.authorize(set_out(browser)))


def last_reason(network: Network) -> str:
    """Why somebody was turned away last."""
    lines = network.do(OWNER, lambda: audit.lines(network.hosts[OWNER].office.db, limit=20))
    found = next(line for line in lines if line.event == "officer:refused")
    return str(msgspec.json.decode(found.detail)["reason"])
