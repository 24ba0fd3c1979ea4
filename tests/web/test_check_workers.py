"""Check workers answer what finds nothing, just as the node would, and leave everything else to it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.web.check_process import CHECKS, Process
from tests.web.console_network import OWNER, SEARCHER, Network

from allpoints.border import store
from allpoints.identity import officers, tokens
from allpoints.identity.officers import Asker
from allpoints.vocabulary.mrz import Fields, build

CLEAN = {"number": "CW000001", "issuer": OWNER}


def scanned(number: str, name: str = "Sorin") -> dict[str, str]:
    zone = Fields(
        format="TD3",
        issuer=OWNER,
        number=number,
        family_name=name,
        given_names="Maro",
        nationality=OWNER,
        birth_date="1979-03-14",
        sex="M",
        expiry_date="2030-01-01",
    )
    return {"mrz": "\n".join(build(zone))}


@pytest.fixture(scope="module")
def process(network: Network) -> Iterator[Process]:
    made = Process(network)
    yield made
    made.close()


def bare(answer: httpx.Response) -> dict[str, Any]:
    """An answer without what is another one's each time."""
    told = dict(answer.json())
    for name in ("check", "asked_ms", "as_of_ms", "took_us"):
        told.pop(name, None)
    for match in told.get("matches", ()):
        match.pop("hit", None)
    return told


MISSES = {
    "a scanned passport": scanned("CW000002"),
    "a scanned passport in one line": {"mrz": scanned("CW000002")["mrz"].replace("\n", "")},
    "a typed number": CLEAN,
    "a name and a birth date": {"family_name": "Nobody", "given_names": "Known", "birth_date": "1990-01-02"},
    "a plate": {"identifiers": {"plate": f"{OWNER} QQ 4711"}},
    "a passport, its bearer and a plate": {
        **scanned("CW000006"),
        "identifiers": {"plate": f"{OWNER} QQ 4712"},
    },
    "a zone with a typed number beside it": {**scanned("CW000003"), "number": "CW9", "issuer": OWNER},
}


@pytest.mark.parametrize("question", MISSES)
def test_a_check_that_finds_nothing_is_answered_as_the_node_answers_it(
    process: Process, question: str
) -> None:
    worker, node = process.both(MISSES[question])
    assert worker.status_code == node.status_code == 200
    assert worker.json()["verdict"] == "clear"
    assert bare(worker) == bare(node)
    assert set(worker.json()) == set(node.json())


def test_the_audit_line_is_written_when_the_answer_comes_and_stands_in_the_log_soon(process: Process) -> None:
    check = process.ask(CLEAN).json()["check"]
    assert process.written(check)
    process.until_taken(check)
    assert process.in_audit(check) == 1
    assert process.ask(CLEAN, "?durable=true").json()["verdict"] == "clear"


def test_a_hit_is_raised_by_the_node_and_told_as_ever(network: Network, process: Process) -> None:
    network.report("CW100001")
    before = len(store.list_hits(process.host.office.db))
    worker, node = process.both({"number": "CW100001", "issuer": OWNER})
    assert worker.json()["verdict"] == "document"
    assert worker.json()["matches"][0]["caption"]
    assert bare(worker) == bare(node)
    assert len(store.list_hits(process.host.office.db)) == before + 2


def test_a_record_is_found_by_the_very_next_check_and_after_its_end_by_none(
    network: Network, process: Process
) -> None:
    question = {"number": "CW200001", "issuer": OWNER}
    for number in range(5):
        question = {"number": f"CW20000{number}", "issuer": OWNER}
        assert process.ask(question).json()["verdict"] == "clear"
        network.report(question["number"])
        assert process.ask(question).json()["verdict"] == "document"
    owner = network.hosts[OWNER].desk()
    asker = Asker("dana", frozenset({"desk"}), "border-control", "C-1")
    network.do(
        OWNER,
        lambda: owner.records.withdraw(asker, "travel-documents", "ref-CW200004", "Found again."),
    )
    wanted = "XAV|CW200004"
    network.until(lambda: not process.host.desk().index.lookup("document", wanted))
    assert process.ask(question).json()["verdict"] == "clear"


def test_near_numbers_and_unreadable_zones_are_answered_by_the_node(
    network: Network, process: Process
) -> None:
    network.report("CW300001")
    near = process.both({"number": "CW3OOOO1".replace("OOOO", "000O"), "issuer": OWNER})
    assert near.worker.json()["warnings"]
    assert bare(near.worker) == bare(near.node)
    zone = scanned("CW000004")["mrz"]
    misread = process.both({"mrz": zone[:-1] + ("1" if zone[-1] != "1" else "2")})
    assert misread.worker.json()["verdict"] == "unreadable"
    assert bare(misread.worker) == bare(misread.node)


REFUSED: dict[str, tuple[object, dict[str, str]]] = {
    "nobody": (CLEAN, {"authorization": ""}),
    "a token that is not known": (CLEAN, {"authorization": "Bearer ap_nothing"}),
    "a session that is not known": (CLEAN, {"authorization": "", "cookie": "allpoints_session=abc"}),
    "no purpose": (CLEAN, {"allpoints-purpose": ""}),
    "an unknown purpose": (CLEAN, {"allpoints-purpose": "curiosity"}),
    "no JSON": (b"{", {}),
    "no UTF-8": (b'{"mrz":"\xff"}', {}),
    "an unknown field": ({"mrz": "x", "colour": "red"}, {}),
    "nothing asked": ({}, {}),
    "no zone": ({"mrz": "P<XAV"}, {}),
    "no issuer": ({"number": "AB1"}, {}),
    "an unknown issuer": ({"number": "AB1", "issuer": "1AA"}, {}),
    "an unknown identifier": ({"identifiers": {"shoe-size": "44"}}, {}),
    "a long field": ({"number": "A" * 81, "issuer": OWNER}, {}),
    "a body that is too large": ({"mrz": "x" * 5_000}, {}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_node_refuses_a_worker_refuses_in_the_same_words(process: Process, case: str) -> None:
    question, headers = REFUSED[case]
    worker, node = process.both(question, **headers)
    assert worker.status_code == node.status_code >= 400
    assert worker.json() == node.json()
    names = ("content-type", "cache-control", "www-authenticate", "x-content-type-options")
    assert [worker.headers.get(name) for name in names] == [node.headers.get(name) for name in names]


def test_an_officer_of_another_role_is_refused_as_at_the_node(process: Process) -> None:
    db = process.host.office.db
    token = process.network.do(SEARCHER, lambda: tokens.issue_token(db, "abel", 1))
    worker, node = process.both(CLEAN, authorization=f"Bearer {token}")
    assert worker.status_code == node.status_code == 403
    assert worker.json() == node.json()
    assert process.ask(CLEAN).status_code == 200


def test_a_token_that_ended_and_a_role_that_was_taken_count_at_the_very_next_check(process: Process) -> None:
    db = process.host.office.db

    def do(work: Any) -> Any:
        return process.network.do(SEARCHER, work)

    do(lambda: officers.add_officer(db, "tess", ["border"], 1))
    for _ in range(3):
        token = do(lambda: tokens.issue_token(db, "tess", 1))
        assert process.ask(CLEAN, authorization=f"Bearer {token}").status_code == 200
        do(lambda: tokens.revoke_token(db, "tess"))
        assert process.ask(CLEAN, authorization=f"Bearer {token}").status_code == 401
    token = do(lambda: tokens.issue_token(db, "tess", 1))
    assert process.ask(CLEAN, authorization=f"Bearer {token}").status_code == 200
    do(lambda: officers.set_roles(db, "tess", ["administrator"]))
    assert process.ask(CLEAN, authorization=f"Bearer {token}").json()["code"] == "NOT-ALLOWED"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", CHECKS, 405), ("POST", "/en/sign-in", 404)])
def test_nothing_but_checks_is_answered(process: Process, method: str, path: str, status: int) -> None:
    answer = process.send(method, path, CLEAN, {}).worker
    assert answer.status_code == status
    assert process.ask(CLEAN).status_code == 200


def test_a_worker_that_hears_nothing_of_its_engine_says_that_it_could_not_check(process: Process) -> None:
    assert process.ask(scanned("CW000005")).status_code == 200
    silent = process.while_silent(lambda: process.ask(scanned("CW000005")))
    assert (silent.status_code, silent.json()["code"]) == (503, "CHECK-UNABLE")
    assert "verdict" not in silent.json()
    assert process.ask(scanned("CW000005")).status_code == 200


def test_a_worker_is_busy_while_too_much_waits_to_be_taken_in(process: Process) -> None:
    live = process.host.desk().index.live
    assert live is not None
    process.network.run(process.sharing._one_round.acquire())
    live.hold(held=True)
    busy = process.ask(CLEAN)
    live.hold(held=False)
    process.network._loop.call_soon_threadsafe(process.sharing._one_round.release)
    assert (busy.status_code, busy.json()["code"]) == (429, "TOO-BUSY")
    assert busy.headers["retry-after"] == "1"
    assert process.ask(CLEAN).status_code == 200


def test_what_a_worker_refused_is_counted_by_the_node(process: Process) -> None:
    def counted() -> bool:
        return 'allpoints_refusals_total{code="CHECK-EMPTY"}' in process.app.measures.text().decode()

    process.ask({})
    process.network.until(counted)


def test_a_worker_that_is_killed_is_started_again_and_loses_nothing_that_it_answered(
    process: Process,
) -> None:
    checks = [process.ask(scanned(f"CW4000{number:02}")).json()["check"] for number in range(20)]
    ended = process.workers.ended
    process.kill_worker()
    process.network.until(lambda: process.workers.ended == ended + 1)
    process.until_ready()
    assert process.ask(CLEAN).status_code == 200
    for check in checks:
        process.until_taken(check)
        assert process.in_audit(check) == 1


# -- batches


def plain(told: dict[str, Any]) -> dict[str, Any]:
    kept = {
        name: value
        for name, value in told.items()
        if name not in {"check", "asked_ms", "as_of_ms", "took_us"}
    }
    return kept | {"matches": [{**one, "hit": ""} for one in told.get("matches", ())]}


@pytest.mark.parametrize("packed", [False, True])
def test_a_batch_is_answered_in_order_as_the_node_answers_it_whatever_each_question_is(
    network: Network, process: Process, packed: bool
) -> None:
    number = f"CB10000{int(packed)}"
    network.report(number)
    zone = scanned("CB000001")["mrz"]
    questions = [
        scanned("CB000001"),
        {"number": number, "issuer": OWNER},
        scanned(number),
        {},
        {"mrz": zone[:-1] + ("1" if zone[-1] != "1" else "2")},
        {"number": "CB2", "issuer": "1AA"},
        {"colour": "red"},
        {"mrz": "x" * 5_000},
        *MISSES.values(),
        *(scanned(f"CB3{at:05}") for at in range(300)),
        {"number": number, "issuer": OWNER},
    ]
    worker, node = process.batch(questions, packed=packed)
    assert len(worker) == len(node) == len(questions)
    assert [plain(one) for one in worker] == [plain(one) for one in node]
    assert [one.get("verdict") or one["code"] for one in worker[:8]] == [
        "clear",
        "document",
        "document",
        "CHECK-EMPTY",
        "unreadable",
        "CHECK-ISSUER",
        "CHECK-UNREADABLE",
        "TOO-LARGE",
    ]
    for one in worker:
        if "check" in one:
            process.until_taken(one["check"])
            assert process.in_audit(one["check"]) == 1


def test_a_record_that_comes_within_a_batch_is_found_by_what_is_answered_after_it(
    network: Network, process: Process
) -> None:
    worker, _ = process.batch([scanned("CB400001")], query="?durable=true")
    assert worker[0]["verdict"] == "clear"
    network.report("CB400001")
    worker, _ = process.batch([scanned("CB400001")] * 2)
    assert [one["verdict"] for one in worker] == ["document"] * 2


def test_a_line_that_no_journal_holds_is_written_by_the_node_and_hides_none_after_it(
    process: Process,
) -> None:
    long = {**scanned("CB500001"), "given_names": "\x01" * 3_900}
    worker, node = process.batch([long, scanned("CB500002")], packed=True)
    assert [one.get("code") for one in worker] == [one.get("code") for one in node]
    assert worker[1]["verdict"] == "clear"
    process.until_taken(worker[1]["check"])
    assert process.ask(CLEAN).status_code == 200


BATCHES: dict[str, tuple[bytes, dict[str, str]]] = {
    "nobody": (b"{}", {"authorization": ""}),
    "no purpose": (b"{}", {"allpoints-purpose": ""}),
    "nothing": (b"", {}),
    "empty lines": (b"\n\n", {}),
    "too many": (b"{}\n" * 10_001, {}),
    "no MessagePack": (b"\xc1", {"content-type": "application/msgpack"}),
    "no array": (b"\x81\xa3mrz\xa1x", {"content-type": "application/msgpack"}),
    "too large": (b" " * (8 * 1024 * 1024 + 1), {}),
}


@pytest.mark.parametrize("case", BATCHES)
def test_what_is_no_batch_is_refused_as_at_the_node(process: Process, case: str) -> None:
    body, headers = BATCHES[case]
    worker, node = process.send("POST", f"{CHECKS}/batch", body, headers, node=True)
    assert worker.status_code == node.status_code >= 400
    assert worker.json() == node.json()
    assert process.ask(CLEAN).status_code == 200


def test_a_batch_of_a_worker_whose_engine_is_silent_is_no_answer(process: Process) -> None:
    assert process.batch([CLEAN])[0][0]["verdict"] == "clear"
    body = b'{"number":"CB1","issuer":"XAV"}'
    silent = process.while_silent(lambda: process.send("POST", f"{CHECKS}/batch", body, {}).worker)
    assert (silent.status_code, silent.json()["code"]) == (503, "CHECK-UNABLE")


# -- the protocol


def request(process: Process, body: bytes, *more: str, version: str = "1.1", path: str = CHECKS) -> bytes:
    lines = (
        f"POST {path} HTTP/{version}",
        "Host: worker.example",
        f"Authorization: Bearer {process.token}",
        "Allpoints-Purpose: border-control",
        *(more or (f"Content-Length: {len(body)}",)),
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


BODY = b'{"number":"CW500001","issuer":"XAV"}'


def verdicts(found: bytes) -> list[bytes]:
    return re.findall(rb'"check":"[0-9a-f]+","verdict":"(\w+)"', found)


def test_a_request_may_come_in_pieces_and_many_may_come_at_once(process: Process) -> None:
    one = request(process, BODY)
    assert verdicts(process.raw(one)) == [b"clear"]
    assert verdicts(process.raw(*(one[at : at + 40] for at in range(0, len(one), 40)))) == [b"clear"]
    assert verdicts(process.raw(one * 7, answers=7)) == [b"clear"] * 7


def test_answers_come_in_the_order_of_their_requests_whichever_way_each_takes(
    network: Network, process: Process
) -> None:
    network.report("CW600001")
    bodies = [BODY, b'{"number":"CW600001","issuer":"XAV"}', BODY, b"{}", BODY]
    found = process.raw(b"".join(request(process, body) for body in bodies), answers=5)
    statuses = [part[:3] for part in found.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"200", b"422", b"200"]
    assert verdicts(found) == [b"clear", b"document", b"clear", b"clear"]


def test_chunked_bodies_expectations_and_closing_connections_are_served(process: Process) -> None:
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    head = request(process, b"", "Transfer-Encoding: chunked")
    assert verdicts(process.raw(head, chunked)) == [b"clear"]
    expecting = request(process, BODY, f"Content-Length: {len(BODY)}", "Expect: 100-continue")
    assert verdicts(process.raw(expecting, answers=2)) == [b"clear"]
    closing = process.raw(request(process, BODY, f"Content-Length: {len(BODY)}", "Connection: close"))
    assert verdicts(closing) == [b"clear"]
    assert b"connection: close" in closing


def test_a_body_that_goes_on_and_on_is_refused_and_the_connection_stays_in_order(process: Process) -> None:
    large = request(process, b'{"mrz":"' + b"x" * 6_000 + b'"}')
    found = process.raw(large, request(process, BODY), answers=2)
    assert [part[:3] for part in found.split(b"HTTP/1.1 ")[1:]] == [b"413", b"200"]


def test_no_http_is_answered_as_such(process: Process) -> None:
    assert process.raw(b"hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")
