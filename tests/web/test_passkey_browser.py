"""Passkeys in a real browser with a virtual security key, the content security policy enforced."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright
from tests.web.console_network import OWNER, Network, Server
from tests.web.sample_server import AXE, CHROMIUM, FLAGS

from allpoints.identity import enrolment, officers
from allpoints.identity.ceremonies import Policy
from allpoints.identity.officers import FRESH_MS

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WAIT_MS = 10_000


class Desk:
    """A browser at the console, with a security key that can be told what its user does."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.page.on("console", lambda message: self._heard(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.cdp: CDPSession = self.context.new_cdp_session(self.page)
        self.cdp.send("WebAuthn.enable")
        self.key = self.plug_in()

    def _heard(self, text: str) -> None:
        # The browser would like RSA too, for old devices; only ES256 and Ed25519 are taken here.
        if "pub_key_cred_params" not in text:
            self.complaints.append(text)

    def plug_in(self) -> str:
        """A security key."""
        options: dict[str, Any] = {
            "protocol": "ctap2",
            "transport": "usb",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return str(made["authenticatorId"])

    def change_key(self) -> None:
        """Another security key in place of the one."""
        self.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.key})
        self.key = self.plug_in()

    def user_is(self, *, verified: bool) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.key, "isUserVerified": verified})

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_selector("html.scripted")
        return self.page

    def accessible(self) -> None:
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 390
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        report = self.page.evaluate("rules => axe.run({runOnly: rules})", RULES)
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in report["violations"]] == []


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = Network(tmp_path_factory.mktemp("passkeys"), built=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(network: Network) -> Iterator[str]:
    server = network.run(Server.start(network.apps[OWNER]))
    # A passkey is bound to a name, never to a number.
    address = server.address.replace("127.0.0.1", "localhost")
    network.console(OWNER).passkeys = Policy("localhost", (address,))
    yield address
    network.run(server.stop())


@pytest.fixture
def desk(address: str) -> Iterator[Desk]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        made = Desk(browser, address)
        yield made
        browser.close()


def code_for(network: Network, name: str) -> str:
    host = network.hosts[OWNER]

    def made() -> str:
        officers.add_officer(host.office.db, name, ["desk"], host.clock.now())
        return enrolment.issue_code(host.office.db, name, host.clock.now())

    return network.do(OWNER, made)


def enrol(desk: Desk, name: str, code: str) -> None:
    page = desk.go(f"/en/enrol?name={name}")
    page.locator("#field-code").fill(code)
    page.locator("#field-label").fill("Blue key")
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/en/desk")
    expect(page.locator("header")).to_contain_text(name)


def sign_out(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Sign out").click()
    desk.page.wait_for_url("**/en/sign-in")
    desk.page.wait_for_selector("html.scripted")


def test_an_officer_enrols_signs_out_and_in_and_adds_a_second_key(network: Network, desk: Desk) -> None:
    desk.go("/en/enrol")
    desk.accessible()
    enrol(desk, "freya", code_for(network, "freya"))
    sign_out(desk)
    desk.accessible()
    desk.page.get_by_role("button", name="Sign in with a passkey").click()
    desk.page.wait_for_url("**/en/desk")
    page = desk.go("/en/account")
    desk.accessible()
    expect(page.locator("table").first).to_contain_text("Blue key")
    desk.change_key()
    page.locator("#field-label").fill("Red key")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("main")).to_contain_text("Your account was changed.")
    expect(page.locator("table").first).to_contain_text("Red key")
    assert desk.complaints == []


def test_who_is_not_verified_by_the_key_stays_outside_beside_who_is(network: Network, desk: Desk) -> None:
    enrol(desk, "fritz", code_for(network, "fritz"))
    sign_out(desk)
    desk.user_is(verified=False)
    button = desk.page.get_by_role("button", name="Sign in with a passkey")
    button.click()
    expect(desk.page.locator("passkey-button [role=alert]")).to_contain_text("The passkey was not used.")
    assert desk.page.url.endswith("/en/sign-in")
    desk.user_is(verified=True)
    button.click()
    desk.page.wait_for_url("**/en/desk")


def test_a_wrong_code_is_said_at_the_button(network: Network, desk: Desk) -> None:
    code_for(network, "frida")
    page = desk.go("/en/enrol?name=frida")
    page.locator("#field-code").fill("wrong")
    page.locator("#field-label").fill("Blue key")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.locator("passkey-button [role=alert]")).to_contain_text("do not belong together")


def test_an_old_proof_is_renewed_with_the_key_before_the_account_is_changed(
    network: Network, desk: Desk
) -> None:
    enrol(desk, "fiona", code_for(network, "fiona"))
    db = network.hosts[OWNER].office.db
    network.do(
        OWNER, lambda: db.execute("UPDATE office_sessions SET verified_ms = verified_ms - ?", (FRESH_MS,))
    )
    network.console(OWNER).access.forget()
    page = desk.go("/en/account")
    expect(page.get_by_role("button", name="Make a new token")).to_have_count(0)
    desk.accessible()
    page.get_by_role("link", name="Confirm that it is you").click()
    page.wait_for_selector("html.scripted")
    desk.accessible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/en/account")
    page.get_by_role("button", name="Make a new token").click()
    expect(page.locator("main")).to_contain_text("ap_")
    assert desk.complaints == []
