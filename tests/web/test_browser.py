"""The main job in a real browser, against real nodes, with the content security policy enforced.

Pictures of the main pages, wide and narrow, light and dark, are left in ``screenshots``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.web.console_network import OWNER, PASSWORD, POST, SEARCHER, SECRETARIAT, Network, Server
from tests.web.sample_server import AXE, CHROMIUM, FLAGS
from tests.web.test_pages_border import zone
from tests.web.test_pages_notices import FACTS, notice

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WAIT_MS = 10_000
SIZES = {"desktop": (1360, 900), "phone": (390, 844)}
NUMBER = "AV7193004"


class Served(NamedTuple):
    """A network whose nodes are served on this machine."""

    network: Network
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    network = Network(tmp_path_factory.mktemp("served"), built=True)
    servers = {node: network.run(Server.start(network.apps[node])) for node in network.hosts}
    yield Served(network, {node: server.address for node, server in servers.items()})
    for server in servers.values():
        network.run(server.stop())
    network.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()


class Officer:
    """An officer at a machine: everything the browser complains of or asks elsewhere is kept."""

    def __init__(self, browser: Browser, address: str, width: int = 1360, height: int = 900) -> None:
        self.address = address
        self.context: BrowserContext = browser.new_context(viewport={"width": width, "height": height})
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith(self.address):
            self.elsewhere.append(url)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        return self.page

    def sign_in(self, name: str) -> None:
        """By keyboard alone: from the top of the page to the button."""
        self.go("/en/sign-in")
        self.page.locator("#field-name").focus()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/en/*")
        expect(self.page.locator("header")).to_contain_text(name)

    def look_for(self, purpose: str = "border-control") -> None:
        self.go("/en/purpose")
        self.page.locator("#field-purpose").select_option(purpose)
        self.page.locator("#field-case").fill("C-2026-114")
        self.page.locator("#field-case").press("Enter")
        self.page.wait_for_url("**/en/desk")

    def close(self) -> None:
        assert self.complaints == []
        assert self.elsewhere == []
        self.context.close()


def test_a_scan_at_a_post_alerts_the_owner_who_confirms_and_the_finder_hears_it(
    served: Served, browser: Browser
) -> None:
    served.network.report(NUMBER)
    owner = Officer(browser, served.addresses[OWNER])
    owner.sign_in("dana")
    expect(owner.page.locator(".alert-feed-state")).to_have_attribute("data-state", "live")
    finder = Officer(browser, served.addresses[SEARCHER])
    finder.sign_in("dirk")
    expect(finder.page.locator(".alert-feed-state")).to_have_attribute("data-state", "live")

    border = Officer(browser, served.addresses[POST])
    _scanned_by_keyboard(border)
    alert = owner.page.locator(".alert", has_text="Hit on our record").first
    expect(alert).to_be_visible()
    expect(alert).not_to_contain_text(NUMBER)
    alert.locator("a").click()
    owner.page.locator("#field-purpose").select_option("border-control")
    owner.page.locator("#field-case").fill("C-2026-114")
    owner.page.get_by_role("button", name="Continue").click()
    expect(owner.page.locator("h1")).to_contain_text(NUMBER)
    _pictures(owner.page, "hit-to-decide")
    owner.page.locator("#field-reason").fill("The number is reported stolen; keep the document.")
    owner.page.get_by_role("button", name="Confirm the hit").click()
    expect(owner.page.locator(".banner")).to_contain_text("confirmed")

    answer = finder.page.locator(".alert", has_text="confirmed").first
    expect(answer).to_be_visible()
    expect(finder.page.locator(".alert-feed [role=status]")).to_contain_text("confirmed")
    border.page.get_by_role("link", name="Open the hit").click()
    expect(border.page.locator("main")).to_contain_text("keep the document")
    for officer in (owner, finder, border):
        officer.close()


def _scanned_by_keyboard(border: Officer) -> None:
    """From sign-in to the verdict without a pointer, as a scanner and gloves do it."""
    border.sign_in("pia")
    keys = border.page.keyboard
    border.page.locator("#field-purpose").focus()
    keys.type("Border")
    keys.press("Tab")
    keys.type("SUND-2026-11-24")
    keys.press("Enter")
    expect(border.page.locator("#field-scan")).to_be_focused()
    for line in zone(NUMBER).split("\n"):
        keys.type(line)
        keys.press("Enter")
    expect(border.page.locator("#verdict")).to_have_attribute("data-verdict", "document")
    expect(border.page.locator("#field-scan")).to_be_focused()
    expect(border.page.locator("#field-scan")).to_have_value("")
    expect(border.page.locator("scan-field [role=alert]")).to_contain_text("do not accept it")
    _pictures(border.page, "border-document")


def _published(served: Served, browser: Browser) -> str:
    """A red notice, submitted at the desk's form and approved by two reviewers; its address."""
    desk = Officer(browser, served.addresses[OWNER])
    desk.sign_in("dana")
    desk.look_for("find-wanted")
    page = desk.go("/en/notices/new")
    for name, value in notice("N-BROWSER-1", "P7000001").items():
        for one in [value] if isinstance(value, str) else value:
            field = page.locator(f'[name="{name}"]').first
            kind = field.get_attribute("type") if name != "act" else "submit"
            if kind in {"radio", "checkbox"}:
                page.locator(f'[name="{name}"][value="{one}"]').check()
            elif kind != "submit" and field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(one)
            elif kind != "submit":
                field.fill(one)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".banner")).to_contain_text("submitted for review")
    identifier = page.url.rpartition("/")[2]
    desk.close()
    for name in ("rita", "ruben"):
        reviewer = Officer(browser, served.addresses[SECRETARIAT])
        reviewer.sign_in(name)
        reviewer.look_for("find-wanted")
        page = reviewer.go(f"/en/review/{identifier}")
        _pictures(page, "review-case")
        for box in page.locator("label.choice", has_text="To be weighed").all():
            box.locator("input").check()
        page.locator("#field-text").fill("Examined with the file; the facts fit the charge.")
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.locator(".banner")).to_be_visible()
        reviewer.close()
    rows = served.network.hosts[OWNER].desk().notices
    served.network.until(lambda: rows.db.execute("SELECT notice_id FROM state_notices").fetchone())
    (number,) = rows.db.execute("SELECT notice_id FROM state_notices").fetchone()
    return f"/en/notices/{number.replace('/', '-')}"


def test_a_notice_is_written_reviewed_and_read_in_the_browser(served: Served, browser: Browser) -> None:
    path = _published(served, browser)
    officer = Officer(browser, served.addresses[OWNER])
    officer.sign_in("dana")
    officer.look_for("find-wanted")
    page = officer.go(path)
    expect(page.locator("main")).to_contain_text(FACTS)
    expect(page.locator(".identity-bar")).to_contain_text("BELLWEATHER Tomas")
    page = officer.go("/en/search")
    page.locator("#field-q").fill("bellweather")
    page.locator("#field-q").press("Enter")
    expect(page.locator("#results")).to_contain_text("1 result")
    _pictures(page, "search-result")
    page.locator("#field-q").fill(f"XAV {NUMBER}")
    page.locator("#field-q").press("Enter")
    page.locator(".result a").first.click()
    expect(page.locator("h1")).to_contain_text("travel documents")
    _pictures(page, "record")
    officer.close()


MAIN_PAGES = (
    (
        OWNER,
        "dana",
        (
            "desk",
            "search",
            "registers",
            "registers/stolen-vehicles",
            "registers/works-of-art/new",
            "registers/persons/new",
            "hits",
            "notices",
            "notices/new",
            "messages",
            "messages/new",
            "imports",
            "state",
        ),
    ),
    (POST, "pia", ("desk", "border", "hits", "state")),
    (SECRETARIAT, "rita", ("desk", "review")),
    (SECRETARIAT, "adam", ("members", "audit")),
    (OWNER, "ada", ("why", "officers", "officers/dana", "account", "verify", "emergency")),
    (OWNER, "olga", ("oversight", "watch", "audit")),
)
"""Every page that is reached without a reference, by an officer of its role."""


@pytest.mark.parametrize(
    ("node", "name", "paths"), MAIN_PAGES, ids=["owner", "post", "review", "members", "officers", "oversight"]
)
def test_the_main_pages_are_accessible_fit_a_narrow_screen_and_are_pictured(
    served: Served, browser: Browser, node: str, name: str, paths: tuple[str, ...]
) -> None:
    officer = Officer(browser, served.addresses[node])
    officer.sign_in(name)
    officer.look_for()
    state = officer.context.storage_state()
    found = [f"/en/{path}" for path in paths] + _deeper(officer)
    for path in found:
        officer.go(path)
        _pictures(
            officer.page, f"{node.replace('/', '-')}-{path.removeprefix('/en/').replace('/', '-')[:40]}"
        )
        officer.page.set_viewport_size({"width": 320, "height": 700})
        wide = officer.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{path} is {wide} px wide"
        officer.page.set_viewport_size({"width": 1360, "height": 900})
    officer.close()
    # The policy forbids the script of the examination itself, so that it runs in a context of its own.
    examined = browser.new_context(bypass_csp=True, storage_state=state)
    page = examined.new_page()
    for path in found:
        page.goto(f"{served.addresses[node]}{path}")
        page.add_script_tag(path=str(AXE))
        assert _violations(page, path, RULES) == []
        page.emulate_media(color_scheme="dark")
        assert _violations(page, path, ["color-contrast"]) == []
        page.emulate_media(color_scheme="light")
    examined.close()


def _deeper(officer: Officer) -> list[str]:
    """The first hit, record, notice, message and case that the officer's lists lead to."""
    found = []
    for path in ("hits", "notices", "messages", "review"):
        answer = officer.context.request.get(f"{officer.address}/en/{path}.json")
        rows = answer.json().get("rows", []) if answer.ok else []
        found += [row["href"] for row in rows[:1]]
    return found


def _pictures(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.evaluate("document.fonts.ready")
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=PICTURES / f"{name}-{size}.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1360, "height": 900})
    page.screenshot(path=PICTURES / f"{name}-dark.png", full_page=True)
    page.emulate_media(color_scheme="light")


def _violations(page: Page, path: str, rules: list[str]) -> list[str]:
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
    return [_fault(path, one) for one in result["violations"]]


def _fault(path: str, violation: dict[str, Any]) -> str:
    places = [str(node["target"]) for node in violation["nodes"][:3]]
    return f"{path}: {violation['id']} at {', '.join(places)}"


def test_sign_in_and_its_refusals_are_accessible_too(served: Served, browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{served.addresses[OWNER]}/en/sign-in")
    page.locator("#field-name").fill("dana")
    page.locator("#field-password").fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("error-summary")).to_be_focused()
    page.add_script_tag(path=str(AXE))
    assert _violations(page, "sign-in", RULES) == []
    _pictures(page, "sign-in-refused")
    context.close()


def test_the_console_works_without_scripts(served: Served, browser: Browser) -> None:
    served.network.report("AV7193005")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.addresses[SEARCHER]}/en/sign-in")
    page.locator("#field-name").fill("bea")
    page.locator("#field-password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("#field-purpose").select_option("border-control")
    page.locator("#field-case").fill("LANE-1")
    page.get_by_role("button", name="Use for this shift").click()
    page.locator("#field-scan").fill(zone("AV7193005"))
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", "document")
    context.close()
