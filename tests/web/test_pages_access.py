import re

import pytest
from tests.web.console_network import OWNER, POST, ROLES, SEARCHER, SECRETARIAT, Browser, Network
from tests.web.markup import Page

NODES = (SECRETARIAT, OWNER, SEARCHER, POST)
PAGES = {
    "/en/desk": {"border", "desk", "reviewer", "command", "administrator", "overseer"},
    "/en/state": {"border", "desk", "reviewer", "command", "administrator", "overseer"},
    "/en/purpose": {"border", "desk", "reviewer", "command", "administrator", "overseer"},
    "/en/border": {"border", "desk", "command"},
    "/en/hits": {"border", "desk", "command"},
    "/en/traces": {"desk", "command"},
    "/en/registers": {"desk", "command"},
    "/en/registers/stolen-vehicles": {"desk", "command"},
    "/en/registers/stolen-vehicles/new": {"desk"},
    "/en/search": {"desk", "reviewer", "command"},
    "/en/notices": {"desk", "reviewer", "command"},
    "/en/messages": {"desk", "reviewer", "command"},
    "/en/messages/new": {"desk", "reviewer", "command"},
    "/en/notices/new": {"desk"},
    "/en/imports": {"desk"},
    "/en/records/expiring": {"desk"},
    "/en/review": {"reviewer", "command"},
    "/en/members": {"command", "administrator"},
    "/en/audit": {"overseer", "command", "administrator"},
    "/en/components": {"administrator"},
    "/en/account": {"border", "desk", "reviewer", "command", "administrator", "overseer"},
    "/en/verify": {"border", "desk", "reviewer", "command", "administrator", "overseer"},
    "/en/emergency": {"border", "desk", "reviewer", "command", "administrator", "overseer"},
    "/en/officers": {"administrator"},
    "/en/oversight": {"overseer"},
    "/en/watch": {"overseer", "administrator"},
    "/en/why": {"border", "desk", "reviewer", "command", "administrator", "overseer"},
}
AT_POST = {
    "/en/desk",
    "/en/state",
    "/en/purpose",
    "/en/border",
    "/en/hits",
    "/en/audit",
    "/en/components",
    "/en/account",
    "/en/verify",
    "/en/officers",
    "/en/why",
}
"""A post has no registers, notices, letters or members of its own."""


def expected(node: str, path: str, role: str) -> int:
    if node == POST and path not in AT_POST:
        return 404
    if path == "/en/review" and node != SECRETARIAT:
        return 404
    return 200 if role in PAGES[path] else 403


@pytest.mark.parametrize(("node", "name", "role"), [(n, *who) for n in NODES for who in ROLES[n]])
def test_every_page_opens_for_its_roles_and_for_no_other(
    network: Network, node: str, name: str, role: str
) -> None:
    browser = Browser(network, node, name).look_for()
    for path in PAGES:
        answer = browser.get(path)
        assert answer.status_code == expected(node, path, role), (path, answer.text)
        assert Page(answer.text).faults == [], path
        if answer.status_code == 403:
            assert "This is for officers with the role" in answer.text
            assert "Not allowed" in answer.text


@pytest.mark.parametrize(("node", "name", "role"), [(n, *who) for n in NODES for who in ROLES[n]])
def test_whatever_the_navigation_offers_opens(network: Network, node: str, name: str, role: str) -> None:
    browser = Browser(network, node, name).look_for()
    offered = set(re.findall(r'(?:href|data-href)="(/en/[a-z/-]+)"', browser.get("/en/desk").text))
    assert "/en/state" in offered
    for path in offered - {"/en/sign-in"}:
        assert browser.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "path",
    [
        "/en/desk",
        "/en/border",
        "/en/hits",
        "/en/search",
        "/en/registers",
        "/en/registers/stolen-vehicles",
        "/en/notices",
        "/en/messages",
        "/en/imports",
        "/en/records/expiring",
        "/en/state",
    ],
)
def test_a_page_has_a_json_twin_at_its_address(network: Network, path: str) -> None:
    browser = Browser(network, OWNER, "dana").look_for()
    twin = browser.get(f"{path}.json")
    assert twin.status_code == 200
    assert twin.headers["content-type"] == "application/json"
    assert isinstance(twin.json(), dict)


def test_a_twin_refuses_with_a_problem_and_not_with_a_page(network: Network) -> None:
    stranger = Browser(network, OWNER).get("/en/desk.json")
    assert (stranger.status_code, stranger.json()["code"]) == (401, "NOT-SIGNED-IN")
    browser = Browser(network, OWNER, "bo")
    assert browser.get("/en/audit.json").json()["code"] == "NOT-ALLOWED"
    assert browser.get("/en/hits/none.json").json()["code"] == "NO-PURPOSE"
    assert browser.get("/en/desk.json").status_code == 200


def test_an_address_that_is_not_there_is_a_page_that_says_so(network: Network) -> None:
    browser = Browser(network, OWNER, "dana").look_for()
    for path in (
        "/en/nothing",
        "/en/records/zz",
        f"/en/records/{'00' * 16}",
        "/en/notices/red",
        "/en/hits/x",
    ):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert Page(answer.text).faults == []
        assert "Nothing here for you" in answer.text
    assert Browser(network, OWNER).get("/en/nothing").headers["location"] == "/en/sign-in?next=/en/nothing"


def test_alerts_about_persons_are_not_told_to_administrators(network: Network) -> None:
    network.report("AL1000001")
    border = Browser(network, SEARCHER, "bea").look_for()
    scan = {"act": "manual", "number": "AL1000001", "issuer": "XAV", "type": "passport"}
    answer = border.post("/en/border", {**scan, "purpose": "border-control", "case": "S-1"})
    assert 'data-verdict="document"' in answer.text
    network.until(lambda: len(network.hosts[OWNER].office.alerts.recent(50)) > 0)
    desk = Browser(network, OWNER, "dana").look_for().get("/en/desk").text
    administrator = Browser(network, OWNER, "ada").get("/en/desk").text
    assert "AL1000001" in desk
    assert "AL1000001" not in administrator
    assert "AL1000001" not in Browser(network, OWNER, "ada").get("/en/audit").text


def test_settings_are_shown_to_administrators_only(network: Network) -> None:
    assert "web.secure_cookies" in Browser(network, OWNER, "ada").get("/en/state").text
    assert "web.secure_cookies" not in Browser(network, OWNER, "dana").get("/en/state").text
