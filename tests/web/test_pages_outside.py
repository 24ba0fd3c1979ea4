"""A museum that looks objects up: what its browser and its programs get, and that every other address is closed."""

import re
from functools import partial
from typing import Any

import httpx
import pytest
from tests.web.console_network import OWNER, POST, SEARCHER, Browser, Network, add_officer
from tests.web.markup import Page

from allpoints.identity import tokens
from allpoints.identity.officers import Asker
from allpoints.node.outside import NOTE, QUESTIONS_LIMIT
from allpoints.registers.entering import Carriage
from allpoints.registers.record import record_id

CELLO = {
    "source_ref": "XAV-A-7",
    "status": "stolen",
    "object_type": "instruments/strings/bowed/cello",
    "title": "Cello with lion's head scroll",
    "maker": "Workshop of Port Selm",
    "inventory_number": "SEL-1931-42",
    "holder": "Chapel of Karst",
}
REASON = "Offered to us for sale"
RECORD = record_id("works-of-art", OWNER, "XAV-A-7").hex()


@pytest.fixture(scope="module")
def gallery(network: Network) -> Network:
    """A bureau where a stolen cello is known, with an account for a museum."""
    desk = network.hosts[OWNER].desk()
    dana = Asker("dana", frozenset({"desk"}), "border-control", "C-1")
    carriage = Carriage("border-control", "official-use")
    network.do(OWNER, lambda: desk.records.enter(dana, "works-of-art", CELLO, carriage))
    host = network.hosts[SEARCHER]
    network.until(lambda: host.desk().records.counted(dana).get("works-of-art:valid"))
    for name in ("museum", "dealer"):
        network.do(SEARCHER, partial(add_officer, host, name, "outsider"))
    return network


@pytest.fixture
def museum(gallery: Network) -> Browser:
    host = gallery.hosts[SEARCHER]
    gallery.do(SEARCHER, lambda: host.office.db.execute("DELETE FROM office_outside_questions"))
    return MuseumBrowser(gallery, SEARCHER, "museum")


class MuseumBrowser(Browser):
    def token(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]*)"', self.get("/en/open").text)
        assert found is not None
        return found[1]


def asks(browser: Browser, **fields: str) -> httpx.Response:
    return browser.post("/en/open", {"case": REASON, **fields})


def test_signing_in_leads_to_the_one_search(museum: Browser, gallery: Network) -> None:
    answer = Browser(gallery, SEARCHER).sign_in("museum", onward="/en/desk")
    assert answer.headers["location"] == "/en/open"
    page = museum.get("/en/open")
    assert page.status_code == 200
    assert Page(page.text).faults == []
    offered = set(re.findall(r'href="(/en/[a-z/-]+)"', page.text))
    assert offered == {"/en/open"}


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "cello scroll"},
        {"kind": "inventory-number", "number": "sel 1931 42"},
        {"filter.object_type": "instruments/strings"},
        {"text": "port selm", "filter.status": "stolen"},
    ],
    ids=str,
)
def test_an_object_is_found_with_the_sentence_that_says_what_that_is_worth(
    museum: Browser, fields: dict[str, str]
) -> None:
    answer = asks(museum, **fields)
    assert answer.status_code == 200, answer.text
    assert Page(answer.text).faults == []
    assert f"/en/open/records/{RECORD}" in answer.text
    assert NOTE in answer.text
    assert "Karst" not in answer.text
    assert "XAV-A-7" not in answer.text


def test_nothing_found_says_that_this_proves_nothing(museum: Browser) -> None:
    answer = asks(museum, text="violin of karst")
    assert NOTE in answer.text
    assert "Nothing that is open to you" in answer.text


def test_what_is_wrong_with_a_question_is_said_at_its_field(museum: Browser) -> None:
    for fields, name in (
        ({"case": "", "text": "cello"}, "case"),
        ({"case": "x" * 201, "text": "cello"}, "case"),
        ({}, "text"),
        ({"text": "…"}, "text"),
        ({"kind": "inventory-number", "number": "*"}, "number"),
    ):
        answer = asks(museum, **fields)
        assert answer.status_code == 422, fields
        assert Page(answer.text).faults == []
        assert f'href="#field-{name}"' in answer.text, fields


def test_the_record_shows_what_is_public_and_nothing_else(museum: Browser) -> None:
    assert museum.get(f"/en/open/records/{RECORD}").headers["location"] == "/en/open"
    asks(museum, text="cello")
    page = museum.get(f"/en/open/records/{RECORD}")
    assert page.status_code == 200
    assert Page(page.text).faults == []
    for said in (NOTE, "Workshop of Port Selm", "1931", "Arvandia"):
        assert said.replace("'", "&#39;") in page.text, said
    for kept in ("Karst", "XAV-A-7", "dana", "border", "History"):
        assert kept not in page.text, kept
    for other in ("00" * 16, "zz", f"{RECORD}.json"):
        refused = museum.get(f"/en/open/records/{other}")
        assert refused.status_code == 404
        assert Page(refused.text).faults == []


def test_every_other_page_takes_an_outsider_for_nobody(museum: Browser, gallery: Network) -> None:
    framework: Any = gallery.apps[SEARCHER].framework
    stranger = Browser(gallery, SEARCHER)
    for route in framework.routes:
        if not route.path.startswith("/en/") or route.path.startswith(("/en/open", "/en/sign-", "/en/enrol")):
            continue
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        if "GET" in route.methods:
            nobody, outsider = stranger.get(path), museum.get(path)
            assert (outsider.status_code, outsider.headers.get("location")) == (
                nobody.status_code,
                nobody.headers.get("location"),
            ), path
            assert outsider.content == nobody.content
            assert outsider.status_code in {303, 401}
        if "POST" in route.methods:
            sent = museum.post(path, {})
            assert sent.headers.get("location", "").startswith("/en/sign-in"), path


def test_an_officer_is_refused_the_outsiders_page(gallery: Network) -> None:
    assert Browser(gallery, SEARCHER, "dirk").get("/en/open").status_code == 403
    assert Browser(gallery, POST, "pia").get("/en/open").status_code == 403
    assert Browser(gallery, SEARCHER).get("/en/open").headers["location"].startswith("/en/sign-in")


def test_signing_out_ends_it(gallery: Network) -> None:
    browser = MuseumBrowser(gallery, SEARCHER, "museum")
    assert browser.post("/en/sign-out", {}).headers["location"] == "/en/sign-in"
    assert browser.get("/en/open").headers["location"].startswith("/en/sign-in")


def test_programs_ask_by_token_with_the_reason_in_a_header(museum: Browser, gallery: Network) -> None:
    db = gallery.hosts[SEARCHER].office.db
    token = gallery.do(SEARCHER, lambda: tokens.issue_token(db, "dealer", 0))
    client = Browser(gallery, SEARCHER).client
    client.headers["authorization"] = f"Bearer {token}"

    def get(path: str, reason: str = REASON) -> httpx.Response:
        return gallery.run(client.get(path, headers={"allpoints-case": reason}))

    found = get(
        "/api/v1/open/search?register=works-of-art&text=cello&filter=object_type:instruments/strings"
    ).json()
    assert (found["note"], found["more"]) == (NOTE, False)
    assert [one["record"] for one in found["results"]] == [RECORD]
    read = get(f"/api/v1/open/records/{RECORD}").json()
    assert read["fields"]["title"] == CELLO["title"]
    assert "holder" not in read["fields"]
    assert get("/api/v1/open/search?text=cello", "").json()["code"] == "NO-REASON"
    for _ in range(QUESTIONS_LIMIT - 2):
        assert get(f"/api/v1/open/records/{'00' * 16}").status_code == 404
    slow = get("/api/v1/open/search?text=cello")
    assert (slow.status_code, slow.json()["code"]) == (429, "TOO-MANY-QUESTIONS")
    assert int(slow.headers["retry-after"]) == slow.json()["retry_s"] > 60
    assert asks(museum, text="cello").status_code == 200


def test_a_browser_that_asks_too_often_is_told_when_again(museum: Browser) -> None:
    for _ in range(QUESTIONS_LIMIT):
        asks(museum, text="cello")
    slow = asks(museum, text="cello")
    assert slow.status_code == 429
    assert int(slow.headers["retry-after"]) > 60
    assert "Ask again in" in slow.text
    assert Page(slow.text).faults == []
