"""The API as strangers and wrong roles meet it: refused, in one form, and nothing changed."""

from typing import Any

import pytest
from tests.attack.calling import PURPOSE, Caller, problem
from tests.attack.endpoints import EACH, ENDPOINTS, EVERYONE, LETTER, OUTSIDERS, address, state
from tests.web.console_network import OWNER, POST, Browser, Network

from allpoints.identity.officers import OUTSIDER


def test_every_endpoint_of_the_api_stands_in_this_table(town: Network) -> None:
    framework: Any = town.apps[OWNER].framework
    served = {
        (method, route.path)
        for route in framework.routes
        if route.path.startswith("/api/v1")
        for method in route.methods - {"OPTIONS"}
    }
    assert served | {("POST", "/api/v1/checks"), ("POST", "/api/v1/checks/batch")} == set(ENDPOINTS)


@EACH
def test_nobody_gets_anything_without_sign_in(callers: dict[str, Caller], method: str, path: str) -> None:
    endpoint = ENDPOINTS[method, path]
    caller = callers[endpoint.node]
    before = state(caller.town, endpoint.node)
    answer = caller.call(method, address(path, endpoint), json=endpoint.body)
    assert problem(answer, 401) == "NOT-SIGNED-IN"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["hint"]
    forged = caller.call(
        method,
        address(path, endpoint),
        json=endpoint.body,
        headers={"Authorization": "Bearer ap_" + "x" * 43},
    )
    assert problem(forged, 401) == "NOT-SIGNED-IN"
    assert state(caller.town, endpoint.node) == before


@EACH
def test_only_the_roles_it_is_for_get_past_an_endpoint(
    callers: dict[str, Caller], method: str, path: str
) -> None:
    endpoint = ENDPOINTS[method, path]
    caller = callers[endpoint.node]
    for role in sorted(EVERYONE - endpoint.roles):
        before = state(caller.town, endpoint.node)
        answer = caller.call(method, address(path, endpoint), role, json=endpoint.body)
        assert problem(answer, 403) == "NOT-ALLOWED", role
        assert state(caller.town, endpoint.node) == before
    for role in sorted(endpoint.roles):
        answer = caller.call(method, address(path, endpoint), role, json=endpoint.body)
        assert answer.status_code < 500, (role, answer.text)
        assert answer.status_code != 401, role
        if answer.status_code >= 400:
            assert problem(answer, answer.status_code) not in {"NOT-ALLOWED", "NO-PURPOSE"}, role


@EACH
def test_an_outsider_is_nobody_at_every_address_but_two(
    callers: dict[str, Caller], method: str, path: str
) -> None:
    endpoint = ENDPOINTS[method, path]
    if endpoint.roles == OUTSIDERS:
        return
    caller = callers[endpoint.node]
    before = state(caller.town, endpoint.node)
    nobody = caller.call(method, address(path, endpoint), json=endpoint.body)
    outsider = caller.call(method, address(path, endpoint), OUTSIDER, json=endpoint.body)
    assert (outsider.status_code, outsider.content, outsider.headers.items()) == (
        nobody.status_code,
        nobody.content,
        nobody.headers.items(),
    )
    assert problem(outsider, 401) == "NOT-SIGNED-IN"
    assert state(caller.town, endpoint.node) == before


@EACH
def test_where_a_purpose_is_due_there_is_no_answer_without_one(
    callers: dict[str, Caller], method: str, path: str
) -> None:
    endpoint = ENDPOINTS[method, path]
    caller, role = callers[endpoint.node], min(endpoint.roles)
    for headers in ({}, {"Allpoints-Purpose": "curiosity"}):
        before = state(caller.town, endpoint.node)
        answer = caller.call(
            method, address(path, endpoint), role, purpose=False, json=endpoint.body, headers=headers
        )
        if endpoint.purpose:
            assert problem(answer, 403) == "NO-PURPOSE"
            assert state(caller.town, endpoint.node) == before
        elif answer.status_code >= 400:
            assert answer.json()["code"] != "NO-PURPOSE"


OTHERWISE = {"/api/v1/members", "/api/v1/checks/batch"}
"""What is no single JSON object; in a batch each question is refused by itself (``tests/web/test_check_workers.py``)."""
WITH_FIELDS = [key for key, one in ENDPOINTS.items() if one.body and key[1] not in OTHERWISE]


@pytest.mark.parametrize(("method", "path"), WITH_FIELDS, ids=lambda part: part)
def test_a_field_that_is_not_known_is_refused_and_so_is_what_is_no_json(
    callers: dict[str, Caller], method: str, path: str
) -> None:
    endpoint = ENDPOINTS[method, path]
    caller, role = callers[endpoint.node], min(endpoint.roles)
    before = state(caller.town, endpoint.node)
    bodies: list[bytes] = [
        b"",
        b"[]",
        b"\x00",
        b"{",
        b'"\\ud800"',
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b"\xff\xfe{}",
    ]
    for body in bodies:
        answer = caller.call(method, address(path, endpoint), role, content=body)
        assert problem(answer, 413 if answer.status_code == 413 else 400)
    surplus = endpoint.body | {"surplus": 1}
    answer = caller.call(method, address(path, endpoint), role, json=surplus)
    assert answer.status_code in {400, 422}
    assert "surplus" in answer.text
    assert problem(answer, answer.status_code)
    assert state(caller.town, endpoint.node) == before


@pytest.mark.parametrize(("method", "path"), WITH_FIELDS, ids=lambda part: part)
def test_who_may_not_act_is_refused_before_the_body_is_read(
    callers: dict[str, Caller], method: str, path: str
) -> None:
    endpoint = ENDPOINTS[method, path]
    caller = callers[endpoint.node]
    for body in (b"", b"{", b"[]"):
        assert problem(caller.call(method, address(path, endpoint), content=body), 401) == "NOT-SIGNED-IN"
        for role in sorted(EVERYONE - endpoint.roles):
            refused = caller.call(method, address(path, endpoint), role, content=body)
            assert problem(refused, 403) == "NOT-ALLOWED", role
        allowed = caller.call(method, address(path, endpoint), min(endpoint.roles), content=body)
        assert problem(allowed, 400)


def test_a_browsers_session_reads_through_the_api_but_does_not_act(town: Network) -> None:
    browser = Browser(town, OWNER, "dana")
    assert browser.get("/api/v1/hits", **PURPOSE).status_code == 200
    refused = town.run(browser.client.post("/api/v1/messages", json=LETTER))
    assert problem(refused, 403) == "TOKEN-NEEDED"


def test_a_form_token_that_is_no_ascii_is_a_wrong_token(town: Network) -> None:
    browser = Browser(town, OWNER, "dana")
    for token in ("ё", "\u0000", "x" * 5_000, ""):
        refused = town.run(
            browser.client.post("/en/purpose", data={"csrf": token, "purpose": "border-control", "case": "C"})
        )
        assert refused.status_code == 403, token
    browser.look_for()


def test_no_address_from_a_request_ends_a_header(town: Network) -> None:
    browser = Browser(town, OWNER, "dana").look_for()
    answer = browser.post("/en/notices/submissions/a%0d%0aX-Evil:%201%D1%91", {"act": "submit"})
    assert "x-evil" not in answer.headers
    assert "\r" not in answer.headers.get("location", "")
    for onward in ("//evil.example/en/", "https://evil.example/en/x", "/en/\r\nX-Evil: 1", "/\\evil"):
        signed_in = Browser(town, OWNER).sign_in("dana", onward=onward)
        assert signed_in.headers["location"] == "/en/desk"


def test_a_post_answers_only_checks_and_its_own_state(callers: dict[str, Caller]) -> None:
    caller = callers[POST]
    for path in (
        "/api/v1/hits",
        "/api/v1/search?name=a",
        "/api/v1/notices",
        "/api/v1/messages",
        "/api/v1/members",
    ):
        assert problem(caller.call("GET", path, "desk"), 404) == "NOT-AT-POST"
    assert caller.call("GET", "/api/v1/status", "border").status_code == 200
