"""No purpose, no answer: whatever names a person, a document or a thing that was asked about is said for a purpose only."""

import re
from collections.abc import Iterable, Iterator
from itertools import product

import httpx
import pytest
from tests.attack.calling import Caller
from tests.attack.endpoints import ENDPOINTS, NOBODY, Endpoint
from tests.attack.seeding import NAME, NUMBER, SUBJECT, UNDER_REVIEW, Seeded, seeded
from tests.web.console_network import OWNER, POST, SEARCHER, SECRETARIAT, Browser, Network

CENTRAL = (OWNER, SEARCHER, SECRETARIAT)
GETS = {path: one for (method, path), one in ENDPOINTS.items() if method == "GET"}
QUERIES = {
    "/api/v1/search": (f"?name={NAME}", f"?number={NUMBER}&issuer={OWNER}"),
    "/api/v1/notices": ("", f"?text={NAME}"),
    "/api/v1/messages": ("", "?folder=sent"),
}
DISCLOSING = {
    "/api/v1/audit/sample",
    "/api/v1/search",
    "/api/v1/records/{record:str}",
    "/api/v1/registers/{name:str}/export/{form:str}",
    "/api/v1/imports/{identifier:str}",
    "/api/v1/notices",
    "/api/v1/notices/{notice:str}",
    "/api/v1/review/{case:str}",
    "/api/v1/hits",
    "/api/v1/hits/{hit:str}",
    "/api/v1/traces",
    "/api/v1/traces/{trace:str}",
    "/api/v1/messages",
    "/api/v1/messages/{reference:str}",
    "/api/v1/alerts",
    "/api/v1/audit",
}
"""Where an allowed officer with a purpose reads a name or a number of what was seeded."""


@pytest.fixture(scope="module")
def seed(town: Network, callers: dict[str, Caller]) -> Seeded:
    return seeded(town, callers)


def addresses(path: str, endpoint: Endpoint, seed: Seeded) -> Iterator[str]:
    """A path with everything that was seeded in the places of its names."""
    group = path.split("/")[3]
    choices = []
    for part in path.split("/"):
        name = part.strip("{}").removesuffix(":str")
        own = seed.identifiers.get(f"{group}/{name}") or seed.identifiers.get(name)
        choices.append((own or (NOBODY,)) if part.startswith("{") else (part,))
    for parts in product(*choices):
        for query in QUERIES.get(path, (endpoint.query,)):
            yield "/".join(parts) + query


def named(answer: httpx.Response, seed: Seeded) -> list[str]:
    return [word for word in seed.words if word.casefold() in answer.text.casefold()]


@pytest.mark.parametrize("path", GETS)
def test_no_answer_of_the_api_names_anybody_without_a_purpose_and_the_allowed_read_it_with_one(
    callers: dict[str, Caller], seed: Seeded, path: str
) -> None:
    endpoint = GETS[path]
    shown = set()
    for node, role, address in product(CENTRAL, sorted(endpoint.roles), addresses(path, endpoint, seed)):
        for headers in ({}, {"Allpoints-Purpose": "curiosity", "Allpoints-Case": "C-1"}):
            answer = callers[node].call("GET", address, role, purpose=False, headers=headers)
            # What was asked is said again in no refusal either.
            assert not named(answer, seed), (node, role, address, answer.text)
            assert not endpoint.purpose or answer.status_code in {403, 404}
        shown |= {*named(callers[node].call("GET", address, role), seed)}
    # Only what was anchored by now is exported.
    assert path == "/api/v1/audit/export" or bool(shown) is (path in DISCLOSING), shown


def test_alerts_say_what_happened_without_a_purpose_and_whom_it_is_about_with_one(
    callers: dict[str, Caller], seed: Seeded
) -> None:
    del seed
    told = {
        purpose: callers[OWNER].call("GET", "/api/v1/alerts", "desk", purpose=purpose).json()
        for purpose in (False, True)
    }
    assert [one["id"] for one in told[False]] == [one["id"] for one in told[True]]
    assert all(
        full["title"].startswith(one["title"]) for one, full in zip(told[False], told[True], strict=True)
    )
    hit = next(one for one in reversed(told[False]) if one["kind"] == "hit")
    assert hit["title"] == f"Hit on our record at {SEARCHER}"
    assert hit["link"].startswith("/en/hits/")


def test_the_audit_log_says_who_asked_without_a_purpose_and_what_was_asked_with_one(
    callers: dict[str, Caller], seed: Seeded
) -> None:
    del seed
    path = "/api/v1/audit?limit=1000"
    lines = {
        purpose: callers[OWNER].call("GET", path, "administrator", purpose=purpose).json()
        for purpose in (False, True)
    }
    searched = {
        purpose: next(
            one for one in told if one["event"] == "search:asked" and one["officer"] == "attacker-desk"
        )
        for purpose, told in lines.items()
    }
    assert searched[False]["detail"] == {}
    query = searched[True]["detail"]["query"]
    assert query["number"] or query["name"]
    same = ("number", "officer", "purpose", "case", "leaf")
    assert [searched[False][name] for name in same] == [searched[True][name] for name in same]


PAGES = (
    "desk", "hits", "hits/{hit}", "traces", "traces/{trace}", "search", "notices", "notices/{notice}",
    "notices/submissions/{submissions/identifier}", "review", "review/{case}", "messages", "messages/{reference}",
    "records/{record}", "imports", "imports/{imports/identifier}", "audit", "border", "state", "members",
    "emergency", "why",
)  # fmt: skip


def filled(pages: Iterable[str], seed: Seeded) -> list[str]:
    """Pages of the console with what was seeded in the places of their names."""
    return [
        "/en/" + re.sub(r"\{(.+?)\}", lambda found: seed.identifiers[found[1]][0], page) for page in pages
    ]


OFFICERS = (
    (OWNER, "dana"),
    (OWNER, "cleo"),
    (SEARCHER, "dirk"),
    (SEARCHER, "bea"),
    (SECRETARIAT, "rita"),
    (SECRETARIAT, "cora"),
)


@pytest.mark.parametrize(("node", "name"), OFFICERS, ids="-".join)
def test_no_page_of_the_console_names_anybody_before_purpose_and_case_are_chosen(
    town: Network, seed: Seeded, node: str, name: str
) -> None:
    """The same pages name them afterwards: those that this officer may read."""
    browser = Browser(town, node, name)
    addressed = filled(PAGES, seed)
    for path in addressed:
        for ending in ("", ".json"):
            answer = browser.get(path + ending)
            assert not named(answer, seed), (path + ending, answer.text)
    browser.look_for()
    assert any(named(browser.get(path), seed) for path in addressed)


def test_a_desk_without_purpose_and_case_offers_to_choose_them_and_shows_what_waits_afterwards(
    town: Network, seed: Seeded
) -> None:
    browser = Browser(town, OWNER, "dana")
    before = browser.get("/en/desk").text
    assert 'href="/en/purpose?next=/en/desk"' in before
    assert f"Hit on our record at {SEARCHER}" in before
    after = browser.look_for().get("/en/desk").text
    assert 'href="/en/purpose?next=/en/desk"' not in after
    assert NUMBER in after
    administrator = Browser(town, OWNER, "ada").get("/en/desk").text
    assert 'href="/en/purpose?next=/en/desk"' not in administrator


def test_a_posts_list_of_hits_asks_for_a_purpose_and_leaves_a_line(town: Network, seed: Seeded) -> None:
    del seed
    browser = Browser(town, POST, "pia")
    assert browser.get("/en/hits").headers["location"] == "/en/purpose?next=/en/hits"
    assert browser.look_for().get("/en/hits").status_code == 200
    db = town.hosts[POST].office.db
    line = town.do(
        POST,
        lambda: db.execute(
            "SELECT event, officer, purpose FROM office_audit ORDER BY number DESC"
        ).fetchone(),
    )
    assert line == ("hit:listed", "pia", "border-control")


def test_a_subject_and_a_case_under_review_are_among_what_was_looked_for(
    callers: dict[str, Caller], seed: Seeded
) -> None:
    """The tests above look for words that are really there."""
    told = callers[SEARCHER].call("GET", "/api/v1/alerts", "desk").text
    assert SUBJECT in told
    case = seed.identifiers["case"][1]
    assert UNDER_REVIEW in callers[SECRETARIAT].call("GET", f"/api/v1/review/{case}", "reviewer").text
