"""The API as careless and hostile programs meet it: absurd questions and bodies are refused with their fault."""

import pytest
from tests.attack.calling import Caller, problem
from tests.attack.endpoints import state
from tests.web.console_network import OWNER, SECRETARIAT

from allpoints.web.app import BODY_LIMIT_BYTES
from allpoints.web.plain_answers import QUESTION_LIMIT_BYTES

ABSURD = [
    "9" * 40, "-1", "1e9", "", "%00", "%ff%fe", "%ed%a0%80", "%0d%0aX-Evil:1", "..%2f..%2fetc%2fpasswd", "x" * 3_000, "%F0%9F%92%A9",
    "18446744073709551616", "' OR 1=1 --", "%c0%ae", "null", "[]",
]  # fmt: skip
QUERIES = [
    "/api/v1/alerts?after={}", "/api/v1/audit?before={}", "/api/v1/audit?limit={}", "/api/v1/search?number={}&issuer=XAV",
    "/api/v1/search?name={}", "/api/v1/search?ref={}", "/api/v1/search?name=a&birth_year={}", "/api/v1/search?name=a&limit={}",
    "/api/v1/search?name=a&register={}", "/api/v1/search?number=1&issuer={}", "/api/v1/records/{}", "/api/v1/registers/{}",
    "/api/v1/imports/{}", "/api/v1/notices/{}", "/api/v1/notices?state={}", "/api/v1/notices?owner={}", "/api/v1/notices?text={}",
    "/api/v1/submissions/{}", "/api/v1/hits/{}", "/api/v1/hits?open={}", "/api/v1/messages/{}", "/api/v1/messages?folder={}",
    "/api/v1/review/{}", "/static/assets/{}",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_absurd_questions_are_answered_or_refused_and_the_node_lives_on(
    callers: dict[str, Caller], query: str
) -> None:
    caller = callers[SECRETARIAT]
    role = {"/api/v1/audit": "command", "/api/v1/imports": "desk", "/api/v1/review": "reviewer"}.get(
        query.split("?", maxsplit=1)[0].rsplit("/", 1)[0], "command"
    )
    for absurd in ABSURD:
        answer = caller.call("GET", query.format(absurd), role)
        assert answer.status_code < 500, (query, absurd, answer.text)
        assert "x-evil" not in answer.headers
        assert "root:" not in answer.text
        if answer.status_code >= 400 and query.startswith("/api"):
            assert problem(answer, answer.status_code)
    assert caller.call("GET", "/api/v1/status", role).status_code == 200


HUGE = b'{"ref": 1' + b"0" * 300 + b', "reason": "x"}'
BODIES = {
    "/api/v1/registers/persons/records": [
        b'{"source_ref": "A", "family_name": "B", "sex": "M", "status_of_person": "wanted", "height_cm": 1'
        + b"0" * 400
        + b"}",
        b'{"source_ref": "A", "height_cm": 1' + b"0" * 5_000 + b"}",
        b'{"source_ref": {"a": [1, null]}, "family_name": [[[]]], "sex": 0.5, "documents": {"number": {}}}',
        b'{"source_ref": "\\u0000", "family_name": "\\u202e", "sex": "M", "status_of_person": "wanted"}',
    ],
    "/api/v1/registers/travel-documents/withdrawals": [
        HUGE,
        b'{"ref": "' + b"x" * 9_000 + b'", "reason": "y"}',
    ],
    "/api/v1/notices": [
        b'{"owner_ref": "N", "body": {"height_cm": 1' + b"0" * 400 + b', "urgent": {"a": 1}}}',
        b'{"owner_ref": "' + b"x" * 9_000 + b'", "body": {}}',
        b'{"owner_ref": "N", "body": {"warrants": [[], {}, null, 7]}, "excluded": ["\\u0000"], "updates": "no"}',
    ],
    "/api/v1/messages": [
        b'{"to": ["XBM"], "subject": "a\\r\\nb", "text": "t"}',
        b'{"to": ["XBM"], "subject": "s", "text": "t", "reply_to": "zz"}',
        b'{"to": [], "subject": "", "text": "", "priority": "x", "handling": "x"}',
    ],
    "/api/v1/checks": [
        b'{"mrz": "' + b"<" * 3_000 + b'"}',
        b'{"number": "' + b"A" * 3_000 + b'", "issuer": "XAV"}',
        b'{"number": "\\u0000", "issuer": "XAV"}',
        b'{"family_name": "\\u0000", "birth_date": "1979-99-99"}',
        b"{}",
    ],
}


@pytest.mark.parametrize("path", BODIES)
def test_absurd_bodies_are_refused_with_their_fault_and_enter_nothing(
    callers: dict[str, Caller], path: str
) -> None:
    caller = callers[OWNER]
    for body in BODIES[path]:
        before = state(caller.town, OWNER)
        answer = caller.call("POST", path, "desk", content=body)
        assert 400 <= answer.status_code < 500, (body[:80], answer.text)
        assert problem(answer, answer.status_code)
        assert state(caller.town, OWNER) == before


def test_an_administrators_own_absurdities_are_refused(callers: dict[str, Caller]) -> None:
    caller = callers[OWNER]
    for name in ("", "A", "a" * 900, "../x", "a\u0000b", "a b", "ё"):
        answer = caller.call(
            "POST", "/api/v1/officers", "administrator", json={"name": name, "roles": ["desk"]}
        )
        assert problem(answer, 422) == "BAD-OFFICER-NAME"
    for roles in ([], ["king"], ["desk", ""]):
        answer = caller.call(
            "POST", "/api/v1/officers", "administrator", json={"name": "new", "roles": roles}
        )
        assert problem(answer, 422) == "BAD-ROLE"
    for node, path in ((SECRETARIAT, "/api/v1/members"), (OWNER, "/api/v1/posts")):
        for body in (b"", b"{}", b"[" * 9_000, b"\xff", b"x" * 200_000, b'{"allpoints": "join-request/1"}'):
            answer = callers[node].call("POST", path, "administrator", content=body)
            assert 400 <= answer.status_code < 500
            assert problem(answer, answer.status_code)


def test_a_body_larger_than_its_limit_is_cut_off(callers: dict[str, Caller]) -> None:
    caller = callers[OWNER]
    large = b'{"to": ["XBM"], "subject": "s", "text": "' + b"x" * BODY_LIMIT_BYTES + b'"}'
    assert problem(caller.call("POST", "/api/v1/messages", "desk", content=large), 413)
    question = b'{"mrz": "' + b"<" * QUESTION_LIMIT_BYTES + b'"}'
    assert problem(caller.call("POST", "/api/v1/checks", "border", content=question), 413) == "TOO-LARGE"
    small = {"number": "AA000001", "issuer": OWNER}
    assert caller.call("POST", "/api/v1/checks", "border", json=small).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/nowhere", "/api/v2/hits", "/api/v1/hits/a/b/c"])
def test_what_is_not_there_is_a_problem_too(callers: dict[str, Caller], path: str) -> None:
    answer = callers[OWNER].call("GET", path, "desk")
    assert problem(answer, 404) == "NOT-FOUND"
    assert answer.json()["hint"]
    assert problem(callers[OWNER].call("PATCH", "/api/v1/hits", "desk"), 405) == "METHOD-NOT-ALLOWED"
