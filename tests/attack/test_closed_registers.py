"""An uncertified officer and an outsider cannot tell by anything a node says whether a closed register has records.

Whole answers are compared with those of a node that is the same but for these records.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.attack.calling import PURPOSE, Caller
from tests.attack.twins import ALIKE, BLOCKED, OTHER, SECRET, Twin, differences, made, shape
from tests.registers.readers import CLOSED, OPEN, PLAIN, thing
from tests.web.console_network import SECRETARIAT, Browser

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.registers.record import record_id

ROLES = ("desk", "command", "border", "reviewer", "administrator", "outsider")
IDS = [one.hex() for one in (ALIKE, OTHER, BLOCKED)]
PAPERS = ("PP0001000", "PP000100O", "QQ0009000", "QQ000900O")


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Twin, Twin]]:
    pair = (
        made(tmp_path_factory.mktemp("with"), secrets=True),
        made(tmp_path_factory.mktemp("without"), secrets=False),
    )
    yield pair
    for one in pair:
        one.close()


@pytest.fixture(scope="module")
def callers(twins: tuple[Twin, Twin]) -> tuple[Caller, Caller]:
    left, right = (Caller(twin, SECRETARIAT) for twin in twins)
    return left, right


SEARCHES = [
    *(f"number={paper}&issuer=XAV" for paper in PAPERS),
    *(f"id=thing-tag:{tag}" for tag in ("AV12340", "ZZ77777", "ZZ7777%3F", "Z*", "*777", "ZZ77771")),
    *(f"id=hidden-tag:{tag}" for tag in ("HID98765", "HID11111")),
    *(f"name={name}" for name in ("Osric+Bramble", "Ysolde", "Fenwick")),
    *(f"ref={ref}" for ref in ("T-1", "S-1", "never")),
    *(f"text={text}" for text in ("quillfeather", "nightjar", "glass+cabinet", "quay")),
    *(
        f"register={register}&{part}"
        for register in (CLOSED, PLAIN, OPEN, "never-things")
        for part in ("ref=S-1", "filter=kind:violin", "filter=kind:painting", "filter=keeper:Vault+of+Karst")
    ),
    "text=violin&limit=1",
]
PATHS = [
    *(f"/api/v1/search?{search}" for search in SEARCHES),
    *(f"/api/v1/open/search?{search}" for search in ("text=nightjar", "id=thing-tag:ZZ77777", f"register={CLOSED}&text=x")),
    *(f"/api/v1/{where}/{one}" for one in IDS for where in ("records", "open/records")),
    *(f"/api/v1/why?question=may+rita+search+{one}+for+border-control" for one in (CLOSED, PLAIN, "never-things")),
    *(f"/api/v1/records/{one}/{part}" for one in (*IDS, record_id(PLAIN, SECRETARIAT, "T-1").hex()) for part in ("links", "readers")),
    *(f"/api/v1/records/{IDS[0]}/files/{'0' * 64}",),
    *(f"/api/v1/registers/{CLOSED}{part}" for part in ("", "/form", "/schema", "/template.csv", "/export/csv")),
    *(f"/api/v1/{one}/never" for one in ("notices", "submissions", "review", "hits", "traces", "messages")),
    "/api/v1/registers", "/api/v1/status", "/api/v1/alerts", "/api/v1/hits", "/api/v1/imports", "/api/v1/notices",
    "/api/v1/messages", "/api/v1/submissions", "/api/v1/traces", "/api/v1/members", "/api/v1/posts", "/metrics", "/api/v1/posts/withdrawn",
    "/api/v1/expiring?within=36500", f"/api/v1/expiring?within=36500&register={CLOSED}", "/health", "/api/v1/review",
    "/api/v1/emergencies", "/api/v1/exclusions", f"/api/v1/messages/never/files/{'0' * 32}",
    f"/api/v1/message-uploads/{'0' * 32}",
]  # fmt: skip
ACTS: list[tuple[str, Any]] = [
    *(("/api/v1/checks", {"number": paper, "issuer": "XAV"}) for paper in PAPERS),
    *(("/api/v1/checks", {"identifiers": {"thing-tag": tag}}) for tag in ("AV12340", "ZZ77777", "ZZ77771")),
    (f"/api/v1/registers/{CLOSED}/records", thing("S-1", **SECRET)),
    (f"/api/v1/registers/{CLOSED}/withdrawals", {"ref": "S-1", "reason": "Found."}),
    (f"/api/v1/registers/{CLOSED}/renewals", {"ref": "S-1", "reason": "Sought."}),
    (f"/api/v1/registers/{CLOSED}/achievements", {"ref": "S-1", "reason": "Found."}),
    *((f"/api/v1/records/{one}/block", {"reason": "Doubts."}) for one in IDS),
    *((f"/api/v1/records/{one}/unblock", {"reason": "Sound."}) for one in IDS),
    ("/api/v1/links", {"source": IDS[1], "target": IDS[0], "relation": "same-as", "reason": "Same."}),
    (f"/api/v1/imports?register={CLOSED}", None),
]


def both(
    callers: tuple[Caller, Caller], method: str, path: str, role: str, **options: Any
) -> list[httpx.Response]:
    return [caller.call(method, path, role, **options) for caller in callers]


@pytest.fixture(autouse=True)
def _asked_seldom(twins: tuple[Twin, Twin]) -> None:
    for twin in twins:
        twin.do(SECRETARIAT, lambda twin=twin: twin.desk.db.execute("DELETE FROM office_outside_questions"))  # type: ignore[misc]


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_of_the_api_is_that_of_a_node_without_them(
    callers: tuple[Caller, Caller], role: str
) -> None:
    for path in PATHS:
        left, right = both(callers, "GET", path, role)
        assert shape(left) == shape(right), (path, role, differences(left, right))
        assert left.status_code < 500


@pytest.mark.parametrize("role", ROLES)
def test_every_act_ends_as_at_a_node_without_them(callers: tuple[Caller, Caller], role: str) -> None:
    for path, body in ACTS:
        left, right = both(callers, "POST", path, role, json=body)
        assert shape(left) == shape(right), (path, body, role)
        if "/checks" not in path:
            assert left.status_code >= 400, (path, role)


QUESTIONS = ("XAV QQ0009000", "XAV QQ000900O", "Ysolde Fenwick", "S-1", "T-1", "Osric Bramble")
LISTS = (
    "border", "search", "state", "desk", "hits", "records/expiring", "members", "notices", "messages", "traces",
    "registers", "review", "imports", "emergency", "why",
)  # fmt: skip
PAGES = [
    *(f"/en/{one}{twin}" for one in LISTS for twin in ("", ".json")),
    *(f"/en/records/{one}" for one in (*IDS, record_id(PLAIN, SECRETARIAT, "T-1").hex())),
    *(f"/en/records/{IDS[0]}/{part}" for part in ("change", "link", f"links/{'0' * 32}/undo", f"files/{'0' * 64}")),
    *(f"/en/registers/{one}{part}" for one in (CLOSED, PLAIN, OPEN) for part in ("", "/new", "/template.csv")),
    f"/en/registers/{PLAIN}?kind=painting", f"/en/registers/{CLOSED}?q=nightjar", f"/en/registers/{PLAIN}?q=nightjar",
    "/en/notices/new", "/en/messages/new", "/en/traces/new", "/en/components", "/en/nothing", "/en/purpose",
    "/en/sign-in", "/en/open", f"/en/open/records/{IDS[0]}", *(f"/en/{one}/never" for one in ("hits", "traces", "notices", "messages", "review")),
    f"/en/messages/never/files/{'0' * 32}", "/en/notices/submissions/never", "/en/notices/submissions/never/edit",
]  # fmt: skip


ELSEWHERE = {
    "/api/v1/audit": "oversight: whoever may read the audit log sees what the certified asked",
    "/api/v1/audit/sample": "the same",
    "/api/v1/audit/export": "the same",
    "/api/v1/openings": "counts of what other members opened; asking takes any register that is not for them alike",
    "/api/v1/watch": "oversight: how officers ask, and not what they found",
    "/api/v1/watch/protected": "labels that overseers gave",
    "/api/v1/audit/growth": "hashes of the audit log",
    "/api/v1/audit/verification": "how far the audit log was read",
    "/en/audit": "as the audit log of the API",
    "/en/oversight": "the same",
    "/en/watch": "as the insider watch of the API",
    "/api/v1/settings": "nothing of it comes from records",
    "/api/v1/members/{member:str}/measures": "nothing of it comes from records",
    "/api/v1/members/{member:str}/keys": "the same",
    "/api/v1/members/{member:str}/reach": "the same",
    "/api/v1/witnesses": "the same",
    "/api/v1/evidence": "the same",
    "/api/v1/officers": "says who is certified, to administrators",
    "/api/v1/officers/{name:str}/passkeys": "nothing of it comes from records",
    "/api/v1/officers/{name:str}/vouched": "the same",
    "/en/sign-in/provider": "the way back from a provider, before anybody is signed in",
    "/en/sign-in/provider/back": "the same",
    "/en/verify/provider": "the same, of somebody who is",
    "/en/officers": "says who is certified, to administrators",
    "/en/officers/{name:str}": "the same",
    "/en/account": "one's own proofs and sessions; nothing of it comes from records",
    "/en/verify": "the same",
    "/en/enrol": "the same, before anybody is signed in",
    "/api/v1/imports/{identifier:str}": "an import is found by its own identifier; see the tests of imports",
    "/en/imports/{identifier:str}": "the same",
    "/en/feed": "a stream; what it tells is what the list of alerts tells",
}


def test_every_address_that_answers_is_among_those_compared(twins: tuple[Twin, Twin]) -> None:
    framework: Any = twins[0].apps[SECRETARIAT].framework
    asked = {path.partition("?")[0] for path in (*PATHS, *PAGES)}
    left_out = []
    for route in framework.routes:
        known = re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(route.path)))
        served = "GET" in route.methods and route.path.startswith(("/api/v1/", "/en/"))
        if served and not any(known.fullmatch(path) for path in asked):
            left_out.append(route.path)
    strange = [path for path in left_out if path.removesuffix(".json") not in ELSEWHERE]
    assert not strange, " ".join(strange)


@pytest.mark.parametrize("name", ["dana", "cora", "rita"])
def test_every_page_is_that_of_a_node_without_them(twins: tuple[Twin, Twin], name: str) -> None:
    browsers = [Browser(twin, SECRETARIAT, name).look_for() for twin in twins]
    for path in PAGES:
        left, right = (one.get(path) for one in browsers)
        assert shape(left) == shape(right), (path, differences(left, right))
    for question in QUESTIONS:
        for register in ("", CLOSED):
            form = {"q": question, "register": register, "purpose": "border-control", "case": "C-1"}
            left, right = (one.post("/en/search", form) for one in browsers)
            assert shape(left) == shape(right), (form, differences(left, right))


def asks(path: str) -> bool:
    """Whether an answer may repeat what was asked."""
    return "?" in path or CLOSED in path


def test_nothing_that_closed_records_say_is_told_anywhere(callers: tuple[Caller, Caller]) -> None:
    told = "".join(
        callers[0].call("GET", path, role).text for role in ROLES for path in PATHS if not asks(path)
    )
    for word in ("Nightjar", "Ysolde", "Karst", "quay", "ZZ77777", "HID11111", "QQ0009000", CLOSED):
        assert word not in told, word


def test_a_refused_question_takes_as_many_steps_for_a_record_that_is_there(twins: tuple[Twin, Twin]) -> None:
    """Steps of the database's machine, since an officer could measure what they come to."""
    desk = twins[0].desk
    role = frozenset({"desk"})

    def steps(record: bytes) -> int:
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        def work() -> None:
            desk.db.set_progress_handler(count, 1)
            try:
                with pytest.raises(Refusal):
                    desk.records.read(Asker("dana", role, "border-control", "C-1"), record)
            finally:
                desk.db.set_progress_handler(None, 0)

        twins[0].do(SECRETARIAT, work)
        return counted

    assert abs(steps(OTHER) - steps(bytes(16))) <= 5


def test_those_who_are_certified_find_what_there_is(twins: tuple[Twin, Twin]) -> None:
    answers = []
    for twin in twins:
        browser = Browser(twin, SECRETARIAT, "carla").look_for()
        browser.client.headers.update(PURPOSE)
        answers.append(
            (
                browser.get(f"/en/records/{OTHER.hex()}").status_code,
                [one["register"] for one in browser.get("/api/v1/search?ref=S-1").json()["results"]],
                browser.get("/api/v1/status").json()["records"].get(f"{CLOSED}:blocked", 0),
                "under examination" in browser.get("/api/v1/alerts").text,
            )
        )
    assert answers == [(200, [CLOSED], 1, True), (404, [], 0, False)]
