"""The API as strangers, wrong roles and careless programs meet it: refused, in one form, and nothing changed."""

from typing import Any, NamedTuple

import pytest
from tests.attack.calling import Caller, problem
from tests.web.console_network import OWNER, POST, SEARCHER, SECRETARIAT, Browser, Network

from allpoints.identity.officers import ROLES
from allpoints.ledger import audit
from allpoints.node import correspondence, frames, hits
from allpoints.web.app import BODY_LIMIT_BYTES
from allpoints.web.asgi import QUESTION_LIMIT_BYTES

NOBODY = "0" * 32
EVERYONE = frozenset(ROLES)
DESK = frozenset({"desk"})
READERS = frozenset({"desk", "command"})
CHECKERS = frozenset({"border", "desk", "command"})
NOTICES = frozenset({"desk", "command", "reviewer"})
REVIEW = frozenset({"reviewer", "command"})
REVIEWERS = frozenset({"reviewer"})
ADMINISTRATORS = frozenset({"administrator"})
OVERSIGHT = frozenset({"administrator", "command"})


class Endpoint(NamedTuple):
    """Who may call it at which node, whether a purpose is due, and a body that is understood."""

    roles: frozenset[str]
    purpose: bool = False
    body: Any = None
    node: str = OWNER
    query: str = ""


RECORD = {"document_number": "AA000001", "issuer": OWNER, "document_type": "passport", "fraud": "stolen", "source_ref": "x"}
NOTICE = {"owner_ref": "N-9", "body": {"family_name": "Bellweather"}, "kind": "red"}
ENDING = {"code": "OTHER", "reason": "Over."}
LETTER = {"to": [SEARCHER], "subject": "s", "text": "t"}
OPINION = {"verdict": "refuse", "codes": ["NEUTRALITY"], "text": "t"}

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "/api/v1/checks"): Endpoint(CHECKERS, True, {"number": "AA000001", "issuer": OWNER}),
    ("GET", "/api/v1/search"): Endpoint(READERS, True, query="?number=AA000001&issuer=XAV"),
    ("GET", "/api/v1/records/{record:str}"): Endpoint(READERS, True),
    ("GET", "/api/v1/registers"): Endpoint(EVERYONE),
    ("GET", "/api/v1/registers/{name:str}"): Endpoint(EVERYONE),
    ("GET", "/api/v1/registers/{name:str}/template.csv"): Endpoint(EVERYONE),
    ("POST", "/api/v1/registers/{name:str}/records"): Endpoint(DESK, True, RECORD),
    ("POST", "/api/v1/registers/{name:str}/withdrawals"): Endpoint(DESK, True, {"ref": "x", "reason": "y"}),
    ("POST", "/api/v1/imports"): Endpoint(DESK, True, query="?register=travel-documents"),
    ("GET", "/api/v1/imports"): Endpoint(DESK),
    ("GET", "/api/v1/imports/{identifier:str}"): Endpoint(DESK),
    ("POST", "/api/v1/imports/{identifier:str}/{act:str}"): Endpoint(DESK),
    ("GET", "/api/v1/notices"): Endpoint(NOTICES),
    ("POST", "/api/v1/notices"): Endpoint(DESK, True, NOTICE),
    ("GET", "/api/v1/notices/{notice:str}"): Endpoint(NOTICES, True),
    ("POST", "/api/v1/notices/{notice:str}/withdrawal"): Endpoint(DESK, True, ENDING),
    ("GET", "/api/v1/submissions"): Endpoint(NOTICES),
    ("GET", "/api/v1/submissions/{identifier:str}"): Endpoint(NOTICES),
    ("POST", "/api/v1/submissions/{identifier:str}"): Endpoint(DESK, True, NOTICE),
    ("POST", "/api/v1/submissions/{identifier:str}/withdrawal"): Endpoint(DESK, False, ENDING),
    ("GET", "/api/v1/review"): Endpoint(REVIEW, node=SECRETARIAT),
    ("GET", "/api/v1/review/{case:str}"): Endpoint(REVIEWERS, node=SECRETARIAT),
    ("POST", "/api/v1/review/{case:str}/decisions"): Endpoint(REVIEWERS, False, OPINION, SECRETARIAT),
    ("POST", "/api/v1/review/{case:str}/waivers"): Endpoint(
        REVIEWERS, False, {"gate": "g", "why": "w"}, SECRETARIAT
    ),
    ("POST", "/api/v1/review/{case:str}/screening"): Endpoint(REVIEWERS, node=SECRETARIAT),
    ("POST", "/api/v1/cancellations"): Endpoint(REVIEWERS, False, {"notice": "2026/1", **ENDING}, SECRETARIAT),
    ("GET", "/api/v1/hits"): Endpoint(CHECKERS),
    ("GET", "/api/v1/hits/{hit:str}"): Endpoint(CHECKERS, True),
    ("POST", "/api/v1/hits/{hit:str}/answer"): Endpoint(READERS, True, {"state": "refuted", "reason": "r"}),
    ("GET", "/api/v1/messages"): Endpoint(NOTICES),
    ("POST", "/api/v1/messages"): Endpoint(NOTICES, True, LETTER),
    ("GET", "/api/v1/messages/{reference:str}"): Endpoint(NOTICES),
    ("GET", "/api/v1/members"): Endpoint(EVERYONE),
    ("POST", "/api/v1/members"): Endpoint(ADMINISTRATORS, False, {}, SECRETARIAT),
    ("GET", "/api/v1/posts"): Endpoint(EVERYONE),
    ("POST", "/api/v1/posts"): Endpoint(ADMINISTRATORS, False, {}),
    ("GET", "/api/v1/alerts"): Endpoint(EVERYONE),
    ("GET", "/api/v1/status"): Endpoint(EVERYONE),
    ("GET", "/api/v1/settings"): Endpoint(ADMINISTRATORS),
    ("GET", "/api/v1/officers"): Endpoint(ADMINISTRATORS),
    ("POST", "/api/v1/officers"): Endpoint(ADMINISTRATORS, False, {"name": "attacker-border", "roles": ["desk"]}),
    ("POST", "/api/v1/officers/{name:str}/token"): Endpoint(ADMINISTRATORS),
    ("POST", "/api/v1/officers/{name:str}/password"): Endpoint(ADMINISTRATORS),
    ("DELETE", "/api/v1/officers/{name:str}"): Endpoint(ADMINISTRATORS),
    ("GET", "/api/v1/audit"): Endpoint(OVERSIGHT),
}
EACH = pytest.mark.parametrize(("method", "path"), ENDPOINTS, ids=lambda part: part)


def address(path: str, endpoint: Endpoint) -> str:
    names = {"{name:str}": "travel-documents" if "registers" in path else "nobody", "{act:str}": "stop", "{notice:str}": "2026-99"}
    parts = [names.get(part, NOBODY if part.startswith("{") else part) for part in path.split("/")]
    return "/".join(parts) + endpoint.query


def settled(town: Network) -> None:
    """Wait until no node has anything to do or to send."""

    def quiet() -> bool:
        hosts = town.hosts.values()
        drivers = [one for host in hosts for one in (host.driver, host._relay_driver) if one is not None]
        desks = [host.bureau for host in hosts if host.bureau is not None]
        return all(one._queue.empty() for one in drivers) and not any(
            one.outbox.waiting("mail") + one.outbox.waiting() for one in desks
        )

    town.until(quiet)


def state(town: Network, node: str) -> dict[str, int]:
    """How many rows each table has, once nothing is under way in the network any more."""
    settled(town)
    db = town.hosts[node].office.db
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table' AND name <> 'sqlite_sequence'")]
    return {one: db.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in tables}


def test_every_endpoint_of_the_api_stands_in_this_table(town: Network) -> None:
    framework: Any = town.apps[OWNER].framework
    served = {
        (method, route.path)
        for route in framework.routes
        if route.path.startswith("/api/v1")
        for method in route.methods - {"OPTIONS"}
    }
    assert served | {("POST", "/api/v1/checks")} == set(ENDPOINTS)


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
        method, address(path, endpoint), json=endpoint.body, headers={"Authorization": "Bearer ap_" + "x" * 43}
    )
    assert problem(forged, 401) == "NOT-SIGNED-IN"
    assert state(caller.town, endpoint.node) == before


@EACH
def test_only_the_roles_it_is_for_get_past_an_endpoint(callers: dict[str, Caller], method: str, path: str) -> None:
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


WITH_FIELDS = [key for key, one in ENDPOINTS.items() if one.body and key[1] != "/api/v1/members"]


@pytest.mark.parametrize(("method", "path"), WITH_FIELDS, ids=lambda part: part)
def test_a_field_that_is_not_known_is_refused_and_so_is_what_is_no_json(
    callers: dict[str, Caller], method: str, path: str
) -> None:
    endpoint = ENDPOINTS[method, path]
    caller, role = callers[endpoint.node], min(endpoint.roles)
    before = state(caller.town, endpoint.node)
    bodies: list[bytes] = [b"", b"[]", b"\x00", b"{", b'"\\ud800"', b"[" * 50_000, b'{"a":' * 20_000, b"\xff\xfe{}"]
    for body in bodies:
        answer = caller.call(method, address(path, endpoint), role, content=body)
        assert problem(answer, 413 if answer.status_code == 413 else 400)
    surplus = endpoint.body | {"surplus": 1}
    answer = caller.call(method, address(path, endpoint), role, json=surplus)
    assert answer.status_code in {400, 422}
    assert "surplus" in answer.text
    assert problem(answer, answer.status_code)
    assert state(caller.town, endpoint.node) == before


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
        b'{"source_ref": "A", "family_name": "B", "sex": "M", "status_of_person": "wanted", "height_cm": 1' + b"0" * 400 + b"}",
        b'{"source_ref": "A", "height_cm": 1' + b"0" * 5_000 + b"}",
        b'{"source_ref": {"a": [1, null]}, "family_name": [[[]]], "sex": 0.5, "documents": {"number": {}}}',
        b'{"source_ref": "\\u0000", "family_name": "\\u202e", "sex": "M", "status_of_person": "wanted"}',
    ],
    "/api/v1/registers/travel-documents/withdrawals": [HUGE, b'{"ref": "' + b"x" * 9_000 + b'", "reason": "y"}'],
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
        answer = caller.call("POST", "/api/v1/officers", "administrator", json={"name": name, "roles": ["desk"]})
        assert problem(answer, 422) == "BAD-OFFICER-NAME"
    for roles in ([], ["king"], ["desk", ""]):
        answer = caller.call("POST", "/api/v1/officers", "administrator", json={"name": "new", "roles": roles})
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
    assert problem(caller.call("POST", "/api/v1/checks", "border", content=question), 413) == "CHECK-TOO-LARGE"
    small = {"number": "AA000001", "issuer": OWNER}
    assert caller.call("POST", "/api/v1/checks", "border", json=small).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/nowhere", "/api/v2/hits", "/api/v1/hits/a/b/c"])
def test_what_is_not_there_is_a_problem_too(callers: dict[str, Caller], path: str) -> None:
    answer = callers[OWNER].call("GET", path, "desk")
    assert problem(answer, 404) == "NOT-FOUND"
    assert answer.json()["hint"]
    assert problem(callers[OWNER].call("PATCH", "/api/v1/hits", "desk"), 405) == "METHOD-NOT-ALLOWED"


def test_a_browsers_session_reads_through_the_api_but_does_not_act(town: Network) -> None:
    browser = Browser(town, OWNER, "dana")
    assert browser.get("/api/v1/hits").status_code == 200
    refused = town.run(browser.client.post("/api/v1/messages", json=LETTER))
    assert problem(refused, 403) == "TOKEN-NEEDED"


def test_a_form_token_that_is_no_ascii_is_a_wrong_token(town: Network) -> None:
    browser = Browser(town, OWNER, "dana")
    for token in ("ё", "\u0000", "x" * 5_000, ""):
        refused = town.run(browser.client.post("/en/purpose", data={"csrf": token, "purpose": "border-control", "case": "C"}))
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


# -- who is told what


def alerts(callers: dict[str, Caller], node: str, role: str) -> list[dict[str, Any]]:
    answer = callers[node].call("GET", "/api/v1/alerts", role)
    assert answer.status_code == 200
    return list(answer.json())


def test_alerts_reach_only_the_roles_that_may_read_what_they_name(
    town: Network, callers: dict[str, Caller]
) -> None:
    town.report("AL000001")
    hit = callers[SEARCHER].call("POST", "/api/v1/checks", "border", json={"number": "AL000001", "issuer": OWNER})
    assert hit.json()["verdict"] == "document"
    letter = {"to": [SEARCHER], "subject": "About Bellweather", "text": "t"}
    assert callers[OWNER].call("POST", "/api/v1/messages", "desk", json=letter).status_code == 201
    db = town.hosts[SEARCHER].office.db
    town.until(lambda: db.execute("SELECT 1 FROM office_alerts WHERE kind='message'").fetchone() is not None)
    kinds = {role: {one["kind"] for one in alerts(callers, SEARCHER, role)} for role in ROLES}
    assert {"hit", "message"} <= kinds["desk"]
    assert "hit" in kinds["border"]
    assert "message" not in kinds["border"]
    assert "hit" not in kinds["reviewer"]
    assert kinds["administrator"] == set()


DISCLOSING = {
    "/api/v1/hits": ("hit:listed", OWNER, "desk"),
    "/api/v1/submissions": ("submission:listed", OWNER, "desk"),
    "/api/v1/notices": ("notice:listed", OWNER, "desk"),
    "/api/v1/messages": ("message:listed", OWNER, "desk"),
    "/api/v1/review": ("review:listed", SECRETARIAT, "command"),
    "/api/v1/audit": ("audit:read", OWNER, "command"),
    "/api/v1/alerts": ("alert:listed", SEARCHER, "desk"),
    "/api/v1/search?name=bellweather": ("search:asked", OWNER, "desk"),
}


@pytest.mark.parametrize("path", DISCLOSING)
def test_every_list_that_names_somebody_leaves_a_line_in_the_audit_log(
    town: Network, callers: dict[str, Caller], path: str
) -> None:
    event, node, role = DISCLOSING[path]
    if path == "/api/v1/alerts":
        test_alerts_reach_only_the_roles_that_may_read_what_they_name(town, callers)
    db = town.hosts[node].office.db
    before = db.execute("SELECT max(number) FROM office_audit").fetchone()[0] or 0
    assert callers[node].call("GET", path, role).status_code == 200
    after = [line for line in town.do(node, lambda: audit.lines(db, limit=5)) if line.number > before]
    assert [(line.event, line.officer) for line in after] == [(event, f"attacker-{role}")]


def test_strangers_measure_the_node_but_not_what_it_found(town: Network, callers: dict[str, Caller]) -> None:
    caller = callers[SEARCHER]
    town.report("ME000001")
    open_text = caller.call("GET", "/metrics").text
    caller.call("POST", "/api/v1/checks", "border", json={"number": "ME000001", "issuer": OWNER})
    assert "allpoints_line 1.0" in open_text
    for name in ("hits", "checks", "records_folded"):
        assert f"allpoints_{name} " not in caller.call("GET", "/metrics").text
        assert f"allpoints_{name} " not in caller.call("GET", "/metrics", "border").text
        assert f"allpoints_{name} " in caller.call("GET", "/metrics", "administrator").text
    health = caller.call("GET", "/health").json()
    assert set(health) == {"status", "version", "node", "role", "up_ms", "line", "behind_ms", "ledger", "waiting"}
    refused = caller.call("GET", "/metrics", headers={"Authorization": "Bearer ap_wrong"})
    assert problem(refused, 401) == "NOT-SIGNED-IN"


def test_what_was_refused_is_counted_where_everyone_can_see_that_it_was(callers: dict[str, Caller]) -> None:
    caller = callers[OWNER]

    def counted() -> float:
        lines = caller.call("GET", "/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("allpoints_refusals_total"))

    before = counted()
    problem(caller.call("POST", "/api/v1/checks", "border", purpose=False, json={"number": "A1", "issuer": OWNER}), 403)
    assert counted() > before


# -- what a hostile member sends must not keep a desk from reading the rest


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (hits.RAISED, {"verdict": "clear"}),
        (hits.RAISED, {"verdict": "<script>"}),
        (hits.RAISED, {"record": "zz"}),
        (hits.RAISED, {"caption": "a\r\nb"}),
        (hits.RAISED, {"raised_ms": 253_402_300_799_999, "deadline_ms": 253_402_300_799_999}),
        (hits.RAISED, {"deadline_ms": 1}),
        (hits.RAISED, {"post": "x" * 5_000}),
        (correspondence.LETTER, {"subject": "a\nb"}),
        (correspondence.LETTER, {"subject": "x" * 5_000}),
        (correspondence.LETTER, {"text": "x" * 200_000}),
        (correspondence.LETTER, {"language": "\0"}),
    ],
    ids=str,
)
def test_a_members_absurd_hit_or_letter_is_refused_and_a_sound_one_is_shown(
    town: Network, callers: dict[str, Caller], kind: str, body: dict[str, Any]
) -> None:
    sound = sound_hit(town) if kind == hits.RAISED else sound_letter()
    bureau = town.hosts[SEARCHER].desk()
    refused = sum(bureau.refusals.values())
    before = state(town, SEARCHER)
    mailed(town, kind, sound | body)
    after = state(town, SEARCHER)
    assert sum(bureau.refusals.values()) == refused + 1
    assert {name for name in after if after[name] != before[name]} <= {"office_outbox", "office_receipts"}
    mailed(town, kind, sound)
    assert state(town, SEARCHER)["office_alerts"] > before["office_alerts"]
    browser = Browser(town, SEARCHER, "dirk").look_for()
    for page in ("/en/hits", "/en/messages", "/en/desk"):
        assert browser.get(page).status_code == 200
    assert callers[SEARCHER].call("GET", "/api/v1/hits", "desk").status_code == 200


def mailed(town: Network, kind: str, body: dict[str, Any]) -> None:
    sender = town.hosts[OWNER].desk()
    town.do(OWNER, lambda: sender.mail.send(kind, [SEARCHER], frames.pack(body)))


def sound_hit(town: Network) -> dict[str, Any]:
    now = town.hosts[OWNER].clock.now()
    check, record = f"{now:024x}", "ab" * 16
    return {
        "hit": hits.hit_id(check, record), "check": check, "record": record, "version": 1, "register": "persons",
        "verdict": "bearer", "owner": SEARCHER, "searcher": OWNER, "post": "", "reference": "R-1", "caption": "Person: <b>",
        "asked": "XAV AB1", "reason": "Same.", "checked_ms": now, "raised_ms": now, "deadline_ms": now + 30 * 60_000,
    }  # fmt: skip


def sound_letter() -> dict[str, Any]:
    return {"subject": "<i>Hello</i>", "text": "<script>alert(1)</script>", "case": "C", "by": "desk", "language": "en"}


def test_a_post_answers_only_checks_and_its_own_state(callers: dict[str, Caller]) -> None:
    caller = callers[POST]
    for path in ("/api/v1/hits", "/api/v1/search?name=a", "/api/v1/notices", "/api/v1/messages", "/api/v1/members"):
        assert problem(caller.call("GET", path, "desk"), 404) == "NOT-AT-POST"
    assert caller.call("GET", "/api/v1/status", "border").status_code == 200
