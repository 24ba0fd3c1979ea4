"""Enrolling, signing in with a passkey, confirming, one's account and the administrator's officers, page by page."""

import json
import re
from functools import partial
from typing import Any

import httpx
import pytest
from tests.identity.authenticator import Authenticator
from tests.web.console_network import OWNER, PASSWORD, POST, Browser, Network, add_officer, token_in
from tests.web.markup import Page

from allpoints.identity import enrolment, officers
from allpoints.identity.ceremonies import Policy
from allpoints.identity.officers import FRESH_MS
from allpoints.ledger import audit
from allpoints.web.access import COOKIE, SECURE_COOKIE

SITE, ORIGIN = "node.example", "http://node.example"


@pytest.fixture(scope="module", autouse=True)
def _site(network: Network) -> None:
    network.console(OWNER).passkeys = Policy(SITE, (ORIGIN,))


@pytest.fixture
def admin(network: Network) -> Browser:
    return Browser(network, OWNER, "ada")


def events(network: Network, officer: str) -> list[str]:
    lines = network.do(OWNER, lambda: audit.lines(network.hosts[OWNER].office.db, limit=500))
    return [line.event for line in lines if line.officer == officer or f'"{officer}"' in str(line.detail)]


def code_for(network: Network, name: str, *roles: str) -> str:
    db, now = network.hosts[OWNER].office.db, network.hosts[OWNER].clock.now()

    def made() -> str:
        if officers.find_officer(db, name) is None:
            officers.add_officer(db, name, roles or ("desk",), now)
        return enrolment.issue_code(db, name, now)

    return network.do(OWNER, made)


def ask(browser: Browser, page: str, options: str, **fields: str) -> tuple[httpx.Response, str]:
    """What the page's script gets for its form, and the form's token."""
    token = token_in(browser.get(page).text)
    headers = {"accept": "application/json"}
    answer = browser.network.run(
        browser.client.post(options, data={"csrf": token, **fields}, headers=headers)
    )
    return answer, token


def send(browser: Browser, path: str, **fields: str) -> httpx.Response:
    return browser.network.run(browser.client.post(path, data=fields))


def enrolled(network: Network, name: str, *roles: str) -> tuple[Browser, Authenticator, httpx.Response]:
    browser, key = Browser(network, OWNER), Authenticator(SITE, ORIGIN)
    code = code_for(network, name, *roles)
    options, token = ask(browser, "/en/enrol", "/en/enrol/options", name=name, code=code)
    answer = key.make(options.json())
    done = send(browser, "/en/enrol", csrf=token, name=name, code=code, label="blue key", answer=answer)
    return browser, key, done


def sign_in(network: Network, key: Authenticator) -> tuple[Browser, httpx.Response]:
    browser = Browser(network, OWNER)
    options, token = ask(browser, "/en/sign-in", "/en/sign-in/options")
    answer = key.answer(options.json())
    return browser, send(browser, "/en/sign-in/passkey", csrf=token, answer=answer, next="/en/state")


def verify(browser: Browser, key: Authenticator, onward: str = "/en/account") -> httpx.Response:
    options, token = ask(browser, "/en/verify", "/en/verify/options")
    return send(browser, "/en/verify/passkey", csrf=token, answer=key.answer(options.json()), next=onward)


def grow_old(network: Network) -> None:
    """Every proof of this node is older than five minutes."""
    host = network.hosts[OWNER]
    network.do(
        OWNER,
        lambda: host.office.db.execute(
            "UPDATE office_sessions SET verified_ms = verified_ms - ?", (FRESH_MS,)
        ),
    )
    network.console(OWNER).access.forget()


def test_an_officer_enrols_with_a_code_and_from_then_on_signs_in_with_the_passkey(network: Network) -> None:
    browser, key, done = enrolled(network, "erna")
    assert (done.status_code, done.headers["location"]) == (303, "/en/desk")
    assert browser.get("/en/desk").status_code == 200
    again, answer = sign_in(network, key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/state")
    assert "erna" in again.get("/en/state").text
    told = events(network, "erna")
    assert "officer:passkey-added" in told
    assert told.count("officer:signed-in") == 2


def test_a_code_is_used_once_and_a_wrong_one_is_counted(network: Network) -> None:
    code = code_for(network, "emil")
    browser = Browser(network, OWNER)
    wrong, _token = ask(browser, "/en/enrol", "/en/enrol/options", name="emil", code="wrong")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "CODE-REFUSED")
    unknown, _token = ask(browser, "/en/enrol", "/en/enrol/options", name="nobody-here", code=code)
    assert unknown.json()["detail"] == wrong.json()["detail"]
    options, token = ask(browser, "/en/enrol", "/en/enrol/options", name="emil", code=code)
    key = Authenticator(SITE, ORIGIN)
    fields = {"csrf": token, "name": "emil", "code": code, "answer": key.make(options.json())}
    nameless = send(browser, "/en/enrol", **fields, label="")
    assert nameless.status_code == 422
    assert Page(nameless.text).faults == []
    assert "Give the passkey a name" in nameless.text
    options, token = ask(browser, "/en/enrol", "/en/enrol/options", name="emil", code=code)
    fields |= {"csrf": token, "answer": key.make(options.json()), "label": "key"}
    assert send(browser, "/en/enrol", **fields).status_code == 303
    second = Browser(network, OWNER)
    used, _token = ask(second, "/en/enrol", "/en/enrol/options", name="emil", code=code)
    assert used.json()["code"] == "CODE-REFUSED"
    assert "officer:refused" in events(network, "emil")


def test_a_password_is_made_for_who_has_no_key_at_hand_unless_passwords_are_off(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, browser = code_for(network, "edda"), Browser(network, OWNER)
    token = token_in(browser.get("/en/enrol?name=edda").text)
    fields = {"csrf": token, "name": "edda", "code": code}
    console = network.console(OWNER)
    monkeypatch.setattr(console, "passwords", False)
    assert "Give me a password" not in browser.get("/en/enrol").text
    assert "Password" not in browser.get("/en/sign-in").text
    assert send(browser, "/en/enrol/password", **fields).status_code == 403
    refused = Browser(network, OWNER).sign_in("dana")
    assert refused.status_code == 403
    assert "without passwords" in refused.text
    monkeypatch.setattr(console, "passwords", True)
    shown = send(browser, "/en/enrol/password", **fields)
    made = re.search(r'class="code">([a-z0-9-]{24})<', shown.text)
    assert made is not None
    assert Page(shown.text).faults == []
    assert Browser(network, OWNER).sign_in("edda", made[1]).status_code == 303
    assert send(browser, "/en/enrol/password", **fields).status_code == 401


def test_an_answer_of_another_browser_or_an_old_one_signs_nobody_in(network: Network) -> None:
    _browser, key, _done = enrolled(network, "enno")
    mine, thief = Browser(network, OWNER), Browser(network, OWNER)
    options, token = ask(mine, "/en/sign-in", "/en/sign-in/options")
    answer = key.answer(options.json())
    foreign = send(thief, "/en/sign-in/passkey", csrf=token_in(thief.get("/en/sign-in").text), answer=answer)
    assert foreign.status_code == 403
    assert COOKIE not in foreign.headers.get("set-cookie", "")
    assert Page(foreign.text).faults == []
    assert send(mine, "/en/sign-in/passkey", csrf=token, answer=answer).status_code == 303
    again = Browser(network, OWNER)
    again.client.cookies = mine.client.cookies
    replay = send(again, "/en/sign-in/passkey", csrf=token_in(again.get("/en/sign-in").text), answer=answer)
    assert replay.status_code in {401, 403}
    for text in ("", "{}", json.dumps({"id": 1})):
        page = Browser(network, OWNER)
        nothing = send(page, "/en/sign-in/passkey", csrf=token_in(page.get("/en/sign-in").text), answer=text)
        assert nothing.status_code == 400


def test_a_passkey_that_counts_backwards_is_refused_and_the_administrator_is_alerted(
    network: Network, admin: Browser
) -> None:
    _browser, key, _done = enrolled(network, "ewald")
    key.count = 40
    assert sign_in(network, key)[1].status_code == 303
    key.count = 7
    _copy, refused = sign_in(network, key)
    assert refused.status_code == 401
    assert "officer:passkey-copied" in events(network, "ewald")
    assert "A passkey of ewald counts backwards" in admin.get("/en/desk").text
    assert "ewald counts backwards" not in Browser(network, OWNER, "dana").get("/en/desk").text
    key.count = 60
    assert sign_in(network, key)[1].status_code == 303


def test_what_needs_a_fresh_proof_leads_to_it_and_back(network: Network) -> None:
    browser, key, _done = enrolled(network, "elke")
    browser.look_for()
    path, here = (
        "/en/registers/travel-documents/export",
        {"referer": f"{ORIGIN}/en/registers/travel-documents"},
    )
    assert browser.post(path, {}, **here).status_code == 200
    grow_old(network)
    stale = browser.post(path, {}, **here)
    assert stale.headers["location"] == "/en/verify?next=/en/registers/travel-documents"
    elsewhere = browser.post(path, {}, referer="https://evil.example/en/desk")
    assert elsewhere.headers["location"] == "/en/verify?next="
    assert Page(browser.get("/en/verify").text).faults == []
    before = browser.client.cookies[COOKIE]
    done = verify(browser, key, "/en/registers/travel-documents")
    assert done.headers["location"] == "/en/registers/travel-documents"
    after = browser.client.cookies[COOKIE]
    assert after != before
    assert browser.post(path, {}, **here).status_code == 200
    old = Browser(network, OWNER)
    old.client.cookies.set(COOKIE, before, domain=SITE)
    assert old.get("/en/desk").headers["location"].startswith("/en/sign-in")
    assert "officer:verified" in events(network, "elke")


def test_the_passkey_or_password_of_another_confirms_nothing(network: Network) -> None:
    browser, _key, _done = enrolled(network, "elmo")
    _other, foreign, _done = enrolled(network, "else")
    grow_old(network)
    refused = verify(browser, foreign)
    assert refused.status_code == 403
    assert "is not yours" in refused.text
    dana = Browser(network, OWNER, "dana")
    grow_old(network)
    token = token_in(dana.get("/en/verify").text)
    wrong = send(dana, "/en/verify", csrf=token, password="a wrong password here")
    assert wrong.status_code == 401
    assert Page(wrong.text).faults == []
    right = send(dana, "/en/verify", csrf=token, password=PASSWORD, next="/en/desk")
    assert (right.status_code, right.headers["location"]) == (303, "/en/desk")


def test_an_account_gains_and_loses_passkeys_but_never_the_last(network: Network) -> None:
    browser, first, _done = enrolled(network, "ella")
    page = browser.get("/en/account")
    assert Page(page.text).faults == []
    second = Authenticator(SITE, ORIGIN)
    options, token = ask(browser, "/en/account", "/en/account/options")
    add = {"csrf": token, "act": "add-passkey", "label": "red key", "answer": second.make(options.json())}
    assert send(browser, "/en/account", **add).status_code == 303
    assert sign_in(network, second)[1].status_code == 303
    remove = {"act": "remove-passkey", "passkey": first.id.hex()}
    assert browser.post("/en/account", remove).status_code == 303
    assert sign_in(network, first)[1].status_code == 401
    last = browser.post("/en/account", {"act": "remove-passkey", "passkey": second.id.hex()})
    assert last.status_code == 409
    assert "the last passkey" in last.text
    grow_old(network)
    stale, _token = ask(browser, "/en/account", "/en/account/options")
    assert stale.json()["code"] == "VERIFY-AGAIN"
    assert browser.post("/en/account", remove).headers["location"].startswith("/en/verify")


def test_sessions_are_listed_and_ended_one_by_one_and_all(network: Network) -> None:
    here, key, _done = enrolled(network, "eike")
    there, elsewhere = sign_in(network, key)[0], sign_in(network, key)[0]
    rows = here.get("/en/account.json").json()["sessions"]
    assert [row["here"] for row in rows].count(True) == 1
    one = next(row["id"] for row in rows if not row["here"])
    assert here.post("/en/account", {"act": "end-session", "session": one}).status_code == 303
    open_ = [browser.get("/en/desk").status_code for browser in (there, elsewhere)]
    assert sorted(open_) == [200, 303]
    assert here.post("/en/account", {"act": "end-others"}).status_code == 303
    assert [browser.get("/en/desk").status_code for browser in (there, elsewhere)] == [303, 303]
    assert here.get("/en/desk").status_code == 200
    assert here.post("/en/account", {"act": "something"}).status_code == 404


def test_a_token_takes_records_out_only_if_it_was_made_for_it(network: Network) -> None:
    browser, _key, _done = enrolled(network, "enya")
    program = Browser(network, OWNER)
    path = "/api/v1/registers/travel-documents/export/csv"
    purpose = {"allpoints-purpose": "border-control", "allpoints-case": "C-1"}

    def tried(**fields: Any) -> httpx.Response:
        shown = browser.post("/en/account", {"act": "issue-token", **fields}).text
        token = re.search(r"ap_[\w-]+", shown)
        assert token is not None
        headers = {"authorization": f"Bearer {token[0]}", **purpose}
        return network.run(program.client.get(path, headers=headers))

    refused = tried()
    assert (refused.status_code, refused.json()["code"]) == (403, "VERIFY-AGAIN")
    assert tried(may="export").status_code == 200
    assert browser.post("/en/account", {"act": "issue-token", "may": "administer"}).status_code == 403
    assert browser.post("/en/account", {"act": "revoke-token"}).status_code == 303
    assert not browser.get("/en/account.json").json()["has_token"]


def test_an_administrator_adds_an_officer_and_hands_over_the_code(network: Network, admin: Browser) -> None:
    page = admin.get("/en/officers")
    assert Page(page.text).faults == []
    shown = admin.post("/en/officers", {"name": "egon", "roles": "desk"})
    code = re.search(r'class="code">([a-z0-9-]{24})<', shown.text)
    assert code is not None
    twice = admin.post("/en/officers", {"name": "egon", "roles": "desk"})
    assert twice.status_code == 422
    assert "There is an officer egon already." in twice.text
    browser, key = Browser(network, OWNER), Authenticator(SITE, ORIGIN)
    options, token = ask(browser, "/en/enrol", "/en/enrol/options", name="egon", code=code[1])
    fields = {"csrf": token, "name": "egon", "code": code[1], "label": "key"}
    assert send(browser, "/en/enrol", **fields, answer=key.make(options.json())).status_code == 303
    one = admin.get("/en/officers/egon")
    assert Page(one.text).faults == []
    assert admin.post("/en/officers/egon", {"act": "certify", "register": "ballistics"}).status_code == 303
    assert admin.get("/en/officers/egon.json").json()["certified"][0]["value"] == "ballistics"
    assert admin.post("/en/officers/egon", {"act": "decertify", "register": "ballistics"}).status_code == 303
    assert browser.get("/en/desk").status_code == 303
    browser = sign_in(network, key)[0]
    assert admin.post("/en/officers/egon", {"act": "end-sessions"}).status_code == 303
    assert browser.get("/en/desk").status_code == 303
    browser = sign_in(network, key)[0]
    assert admin.post("/en/officers/egon", {"act": "roles", "roles": "border"}).status_code == 303
    assert browser.get("/en/desk").status_code == 303
    assert admin.post("/en/officers/egon", {"act": "roles"}).status_code == 422
    lost = {"act": "remove-passkey", "passkey": key.id.hex()}
    assert admin.post("/en/officers/egon", lost).status_code == 303
    assert sign_in(network, key)[1].status_code == 401
    for act in ("code", "password", "token"):
        assert admin.post("/en/officers/egon", {"act": act}).status_code == 200
    assert admin.post("/en/officers/egon", {"act": "remove"}).headers["location"] == "/en/officers"
    assert admin.get("/en/officers/egon").status_code == 404
    assert "officer:removed" in events(network, "egon")


def test_officers_are_changed_by_administrators_with_a_fresh_proof_and_nobody_else(network: Network) -> None:
    network.do(OWNER, partial(add_officer, network.hosts[OWNER], "erik", "desk"))
    dana, ada = Browser(network, OWNER, "dana"), Browser(network, OWNER, "ada")
    for fields in ({"act": "remove"}, {"act": "roles", "roles": "administrator"}, {"act": "code"}):
        assert dana.post("/en/officers/erik", fields).status_code == 403
    assert dana.post("/en/officers", {"name": "mine", "roles": "administrator"}).status_code == 403
    grow_old(network)
    for path, fields in (
        ("/en/officers/erik", {"act": "remove"}),
        ("/en/officers", {"name": "x", "roles": "desk"}),
    ):
        assert ada.post(path, fields).headers["location"].startswith("/en/verify")
    page = ada.get("/en/officers/erik")
    assert "Confirm that it is you" in page.text
    assert Page(page.text).faults == []
    assert officers.find_officer(network.hosts[OWNER].office.db, "erik") is not None


def test_a_post_has_officers_of_its_own(network: Network) -> None:
    pavel = Browser(network, POST, "pavel")
    assert "pia" in pavel.get("/en/officers").text
    assert pavel.post("/en/officers", {"name": "peer", "roles": "border"}).status_code == 200


def test_over_tls_the_cookie_has_a_name_that_binds_it_to_this_host(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = network.console(OWNER)
    monkeypatch.setattr(console, "secure", True)
    monkeypatch.setattr(console.access, "cookie", SECURE_COOKIE)
    browser = Browser(network, OWNER, scheme="https")
    answer = browser.sign_in("dana")
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(SECURE_COOKIE)]
    assert "; Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert browser.get("/en/desk").status_code == 200
    plain = Browser(network, OWNER, scheme="https")
    plain.client.cookies.set(COOKIE, browser.client.cookies[SECURE_COOKIE], domain=SITE)
    assert plain.get("/en/desk").status_code == 303
