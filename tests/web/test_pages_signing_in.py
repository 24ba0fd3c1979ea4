import re
from functools import partial

import httpx
import pytest
from tests.web.console_network import (
    OWNER,
    PASSWORD,
    POST,
    ROLES,
    SECRETARIAT,
    Browser,
    Network,
    add_officer,
    token_in,
)
from tests.web.markup import Page

from allpoints.identity import tokens
from allpoints.identity.password_sign_in import FAILURES_LIMIT
from allpoints.ledger import audit
from allpoints.web.access import COOKIE, csrf_token
from allpoints.web.pages.console import country_of
from allpoints.web.pages.proving import inside
from allpoints.web.views.session import Banner


def events(network: Network, node: str, officer: str) -> list[str]:
    lines = network.do(node, lambda: audit.lines(network.hosts[node].office.db, limit=500))
    return [line.event for line in lines if line.officer == officer]


def test_a_page_without_sign_in_leads_to_sign_in_and_back_to_it(network: Network) -> None:
    browser = Browser(network, OWNER)
    answer = browser.get("/en/hits?state=open")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/en/sign-in?next=/en/hits%3Fstate%3Dopen"
    form = browser.get(answer.headers["location"])
    assert form.status_code == 200
    assert Page(form.text).faults == []
    signed_in = browser.sign_in("dana", onward="/en/hits?state=open")
    assert signed_in.headers["location"] == "/en/hits?state=open"
    asked = browser.get("/en/hits?state=open")
    assert asked.headers["location"] == "/en/purpose?next=/en/hits%3Fstate%3Dopen"
    assert browser.look_for().get("/en/hits?state=open").status_code == 200


def test_the_cookie_of_a_session_is_out_of_reach_of_scripts_and_other_sites(network: Network) -> None:
    answer = Browser(network, OWNER).sign_in("dana")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/en/desk"
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "secure" not in cookie.lower().replace("insecure", "")
    assert "Max-Age" not in cookie


def test_where_cookies_must_be_secure_they_are_and_browsers_are_held_to_tls(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = network.console(OWNER)
    monkeypatch.setattr(console, "secure", True)
    answer = Browser(network, OWNER, scheme="https").sign_in("dana")
    assert "; Secure" in next(one for one in answer.headers.get_list("set-cookie") if COOKIE in one)


def test_a_wrong_password_says_no_more_than_that_and_keeps_the_name(network: Network) -> None:
    known = Browser(network, OWNER).sign_in("cleo", "a wrong password here")
    unknown = Browser(network, OWNER).sign_in("nobody", "a wrong password here")
    assert known.status_code == unknown.status_code == 401
    assert "Name and password do not belong together." in known.text
    assert 'value="cleo"' in known.text
    assert "a wrong password" not in known.text
    shape = re.compile(r"cleo|nobody|value=\"[0-9a-f]{32}\"|<time.*?</time>")
    assert shape.sub("", known.text) == shape.sub("", unknown.text)
    assert "officer:refused" in events(network, OWNER, "cleo")
    assert Browser(network, OWNER).sign_in("cleo").status_code == 303


def test_after_too_many_tries_a_name_waits_and_is_told_until_when(network: Network) -> None:
    network.do(OWNER, partial(add_officer, network.hosts[OWNER], "luca", "desk"))
    for _ in range(FAILURES_LIMIT):
        assert Browser(network, OWNER).sign_in("luca", "a wrong password here").status_code == 401
    locked = Browser(network, OWNER).sign_in("luca")
    assert locked.status_code == 429
    assert "This account is locked" in locked.text
    assert re.search(r"Try again after .*UTC", locked.text)
    assert COOKIE not in locked.headers.get("set-cookie", "")
    assert Browser(network, OWNER).sign_in("dana").status_code == 303


def test_a_sign_in_form_of_another_site_is_refused_and_ones_own_is_not(network: Network) -> None:
    browser = Browser(network, OWNER)
    fields = {"name": "dana", "password": PASSWORD, "next": ""}
    # The token of no cookie at all can be worked out by anyone.
    forged = {**fields, "csrf": "d1b25d4e2ea7c7d7f0a3f1f5c29fbd6a"}
    assert network.run(browser.client.post("/en/sign-in", data=forged)).status_code == 403
    empty = {**fields, "csrf": csrf_token("")}
    assert network.run(browser.client.post("/en/sign-in", data=empty)).status_code == 403
    assert browser.sign_in("dana").status_code == 303


def test_a_form_without_the_sessions_token_is_refused_beside_one_with_it(network: Network) -> None:
    browser = Browser(network, OWNER, "dana")
    fields = {"purpose": "warn", "case": "C-9"}
    without = network.run(browser.client.post("/en/purpose", data=fields))
    other = Browser(network, OWNER, "bo")
    foreign = browser.post("/en/purpose", {**fields, "csrf": other.token()})
    assert without.status_code == foreign.status_code == 403
    assert "not of your session" in without.text
    assert browser.post("/en/purpose", fields).status_code == 303


def test_signing_out_ends_the_session_at_once_and_is_on_record(network: Network) -> None:
    browser = Browser(network, OWNER, "cleo")
    held = browser.client.cookies[COOKIE]
    assert browser.post("/en/sign-out", {}).headers["location"] == "/en/sign-in"
    browser.client.cookies.set(COOKIE, held, domain="node.example")
    assert browser.get("/en/desk").status_code == 303
    assert {"officer:signed-in", "officer:signed-out"} <= set(events(network, OWNER, "cleo"))


def test_a_border_officer_starts_at_the_border_everyone_else_at_the_desk(network: Network) -> None:
    assert Browser(network, OWNER).sign_in("bo").headers["location"] == "/en/border"
    assert Browser(network, OWNER).sign_in("ada").headers["location"] == "/en/desk"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/en/hits?state=open", True),
        ("//evil.example/en/", False),
        ("https://evil.example/en/desk", False),
        ("/en\\evil", False),
        ("/api/v1/hits", False),
        ("/en/sign-in", False),
        ("/en/desk\nLocation: x", False),
        ("", False),
    ],
)
def test_sign_in_goes_on_to_pages_of_this_console_only(path: str, kept: bool) -> None:
    assert inside(path) == (path if kept else "")


def test_pages_about_persons_ask_for_purpose_and_case_once(network: Network) -> None:
    browser = Browser(network, OWNER, "dana")
    record = network.report("PQ1000001")
    first = browser.get(f"/en/records/{record}")
    assert first.status_code == 303
    assert first.headers["location"] == f"/en/purpose?next=/en/records/{record}"
    form = browser.get(first.headers["location"])
    assert Page(form.text).faults == []
    wrong = browser.post("/en/purpose", {"purpose": "curiosity", "case": "", "next": f"/en/records/{record}"})
    assert wrong.status_code == 422
    assert "Choose the purpose." in wrong.text
    assert f'name="next" value="/en/records/{record}"' in wrong.text
    right = browser.post(
        "/en/purpose", {"purpose": "investigate", "case": "C-77", "next": f"/en/records/{record}"}
    )
    assert right.headers["location"] == f"/en/records/{record}"
    assert browser.get(f"/en/records/{record}").status_code == 200
    lines = network.do(OWNER, lambda: audit.lines(network.hosts[OWNER].office.db, limit=5))
    read = next(line for line in lines if line.event == "record:read")
    assert (read.officer, read.purpose, read.case_ref) == ("dana", "investigate", "C-77")


@pytest.mark.parametrize("node", [SECRETARIAT, OWNER, POST])
def test_every_page_carries_the_policy_and_is_not_kept(network: Network, node: str) -> None:
    browser = Browser(network, node, ROLES[node][0][0])
    for path in ("/en/desk", "/en/state", "/en/sign-in", "/en/nowhere"):
        headers = browser.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; ")
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


def test_the_front_door_leads_to_the_desk(network: Network) -> None:
    browser = Browser(network, OWNER, "dana")
    assert [browser.get(path).headers["location"] for path in ("/", "/en")] == ["/en/desk"] * 2


def test_a_member_is_named_by_its_country() -> None:
    assert country_of("National Central Bureau of Arvandia") == "Arvandia"
    assert country_of("Secretariat") == "Secretariat"


def test_a_banner_is_shown_once(network: Network) -> None:
    browser = Browser(network, OWNER, "dana")
    console = network.console(OWNER)
    secret = browser.client.cookies[COOKIE]
    console.memory(secret).banner = Banner(title="Something was done")
    assert "Something was done" in browser.get("/en/state").text
    assert "Something was done" not in browser.get("/en/state").text


def test_a_token_reads_pages_too(network: Network) -> None:
    host = network.hosts[OWNER]
    token = network.do(OWNER, lambda: tokens.issue_token(host.office.db, "ada", 0))
    browser = Browser(network, OWNER)
    answer: httpx.Response = browser.get("/en/state.json", authorization=f"Bearer {token}")
    assert answer.status_code == 200
    assert answer.json()["settings"]


def test_the_form_token_is_in_pages_and_never_in_their_twins(network: Network) -> None:
    browser = Browser(network, OWNER, "dana")
    page = browser.get("/en/desk").text
    assert token_in(page) not in browser.get("/en/desk.json").text
