"""What the islands do in a real browser, with the content security policy enforced."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.web.sample_server import AXE, CHROMIUM, FLAGS, served
from tests.web.sample_views import all_samples

pytestmark = pytest.mark.browser

PASSPORT = ("P<XAVORHANLI<<SELIM<<<<<<<<<<<<<<<<<<<<<<<<<", "AV71930045XAV7903142M3104118<<<<<<<<<<<<<<06")
CARD = ("I<XBMD231458907<<<<<<<<<<<<<<<", "7408122F1204159XBM<<<<<<<<<<<6", "TERLAN<<ANNA<MARIA<<<<<<<<<<<<")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ONE_OF_EACH = tuple({sample.template: sample.name for sample in reversed(all_samples())}.values())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.fixture
def border(page: Page, address: str) -> Page:
    page.goto(f"{address}/sample/border")
    page.wait_for_selector("html.scripted")
    return page


def scan(page: Page, lines: tuple[str, ...], ending: str) -> None:
    for line in lines:
        page.keyboard.type(line)
        if ending:
            page.keyboard.press(ending)


@pytest.mark.parametrize("ending", ["Enter", "Tab", ""], ids=["enter", "tab", "nothing"])
def test_a_scan_is_sent_by_itself_however_the_scanner_ends_its_lines(border: Page, ending: str) -> None:
    scan(border, PASSPORT, ending)
    expect(border.locator("#verdict")).to_have_attribute("data-verdict", "bearer")
    expect(border.locator("#field-scan")).to_be_focused()
    expect(border.locator("#field-scan")).to_have_value("")
    expect(border.locator("scan-field [role=alert]")).to_contain_text("subject of a notice")


def test_a_card_of_three_lines_is_sent_after_the_third(border: Page) -> None:
    scan(border, CARD[:2], "Enter")
    assert border.locator("#verdict[data-verdict]").count() == 0
    scan(border, CARD[2:], "")
    expect(border.locator("#verdict")).to_have_attribute("data-verdict", "clear")
    expect(border.locator("scan-field [role=status]")).to_have_text("No hit")


def test_a_failure_never_leaves_the_answer_of_the_traveller_before(border: Page) -> None:
    scan(border, CARD, "Enter")
    expect(border.locator("#verdict")).to_have_attribute("data-verdict", "clear")
    scan(border, ("X" * 44, "X" * 44), "Enter")
    expect(border.locator("#verdict")).to_have_attribute("data-verdict", "unable")
    assert border.locator("#verdict").count() == 1
    scan(border, PASSPORT, "Enter")
    expect(border.locator("#verdict")).to_have_attribute("data-verdict", "bearer")


@pytest.mark.parametrize("way", ["Escape", "button"])
def test_the_next_traveller_starts_with_an_empty_field_in_focus(border: Page, way: str) -> None:
    scan(border, PASSPORT, "Enter")
    expect(border.locator("#verdict")).to_have_attribute("data-verdict", "bearer")
    if way == "button":
        border.locator("[data-next]").click()
    else:
        border.keyboard.press("Escape")
    expect(border.locator("#verdict-title")).to_have_count(0)
    expect(border.locator("#field-scan")).to_be_focused()
    scan(border, CARD, "Enter")
    expect(border.locator("#verdict")).to_have_attribute("data-verdict", "clear")


def test_the_feed_shows_new_alerts_once_and_never_moves_the_focus(page: Page, address: str) -> None:
    page.goto(f"{address}/sample/desk")
    pause = page.locator("alert-feed button")
    pause.focus()
    first = page.locator(".alerts > li").first
    expect(first).to_have_attribute("data-id", "4900")
    expect(page.locator("alert-feed [role=status]")).to_contain_text("MAVRIDIS Andreas")
    with page.expect_response("**/en/feed?**"):
        pass
    expect(page.locator('.alerts > li[data-id="4900"]')).to_have_count(1)
    expect(pause).to_be_focused()
    pause.press("Enter")
    expect(page.locator(".alert-feed-state")).to_have_text("Paused")
    expect(pause).to_have_text("Go on")


def test_the_jump_menu_opens_by_key_filters_and_says_how_many(page: Page, address: str) -> None:
    page.goto(f"{address}/sample/notices")
    page.wait_for_selector("html.scripted")
    dialog = page.locator(".jump-dialog")
    page.keyboard.press("/")
    expect(dialog).to_be_visible()
    page.keyboard.type("message")
    expect(dialog.locator("[role=status]")).to_have_text("2 choices")
    first = dialog.locator("[role=option]:visible").first.get_attribute("id") or ""
    assert first.startswith("jump-")
    expect(page.locator("#jump-text")).to_have_attribute("aria-activedescendant", first)
    page.locator("#jump-text").fill("2026-4812-1")
    expect(dialog.locator("[role=option]:visible")).to_have_text("Notice 2026-4812-1")
    dialog.locator("[type=checkbox]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(dialog).to_be_visible()


def test_a_refused_form_takes_the_focus_to_its_summary(page: Page, address: str) -> None:
    page.goto(f"{address}/sample/notice-form-refused")
    expect(page.locator("error-summary")).to_be_focused()
    page.locator("error-summary a").first.click()
    expect(page.locator("#field-birth-date")).to_be_focused()


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_page_keeps_the_policy_the_width_and_the_rules_of_accessibility(
    page: Page, address: str, name: str
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.extend([request.url][request.url.startswith(address) :]))
    page.goto(f"{address}/sample/{name}")
    page.wait_for_selector("html.scripted")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate(AXE.read_text(encoding="utf-8"))
    report = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in report["violations"]] == []
    assert said == []
