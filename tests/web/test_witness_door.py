"""Whoever has a checkpoint may bring it to a witness, without signing in; only the relay's own word counts."""

import hashlib
from typing import Any

import httpx
import pytest
from tests.web.console_network import OWNER, POST, Browser, Network

from allpoints.ground.clock import SECOND
from allpoints.ledger import checkpoint, cosignature, serving, witnessing
from allpoints.ledger import store as ledger_store
from allpoints.ledger.checkpoint import Checkpoint
from allpoints.ledger.witnessing import Addition
from allpoints.web import witness as door

ADMINISTRATOR = "An administrator who looked into it."


def ask(network: Network, body: str, node: str = OWNER, method: str = "POST", path: str = door.ADD) -> Any:
    """One request of a stranger."""
    transport = httpx.ASGITransport(app=network.apps[node])

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            return await client.request(method, path, content=body.encode())

    return network.run(send())


@pytest.fixture(autouse=True)
def _another_second(network: Network) -> None:
    for app in network.apps.values():
        app.witness._pace._second = 0


def request_of(network: Network, old: int) -> Addition:
    def make() -> Addition:
        db = network.hosts[OWNER].desk().db
        latest = ledger_store.latest_checkpoint(db)
        assert latest is not None
        return Addition(old, tuple(serving.consistency_proof(db, old, latest[0])) if old else (), latest[1])

    return network.do(OWNER, make)


def test_a_checkpoint_of_the_relay_is_cosigned_and_served(network: Network) -> None:
    desk = network.hosts[OWNER].desk()
    held = network.do(OWNER, lambda: witnessing.held(desk.db, desk.me.network))
    request = request_of(network, held.size)
    answer = ask(network, request.text())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == door.TEXT
    point, _ = checkpoint.parse(request.checkpoint)
    key = desk.me.witness
    assert key is not None
    own = cosignature.witness_vkey(f"{desk.me.network}/witness/{OWNER}", key)
    line = cosignature.read_line(answer.text)
    assert cosignature.cosigned_at(point, own, line.signature) <= desk.clock.now() // SECOND
    again = ask(network, request_of(network, 0).text())
    assert (again.status_code, again.text, again.headers["content-type"]) == (
        409,
        f"{point.size}\n",
        door.SIZE,
    )
    origin = hashlib.sha256(desk.me.network.encode()).hexdigest()
    served = ask(network, "", method="GET", path=f"{door.PREFIX}{origin}/checkpoint")
    assert (served.status_code, served.text) == (200, request.checkpoint + answer.text)


def test_what_is_no_request_is_refused_and_says_why(network: Network) -> None:
    for body, status, code in (
        ("", 400, "WITNESS-REQUEST"),
        ("old 0\n\nnonsense", 400, "CHECKPOINT-FORMAT"),
        ("x" * (door.BODY_LIMIT_BYTES + 1), 413, "TOO-LARGE"),
    ):
        answer = ask(network, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    for method, path, status in (
        ("GET", door.ADD, 404),
        ("GET", f"{door.PREFIX}{'0' * 64}/checkpoint", 404),
        ("DELETE", door.ADD, 405),
    ):
        assert ask(network, "", method=method, path=path).status_code == status
    assert ask(network, request_of(network, 0).text(), node=POST).status_code == 404


def test_a_forged_checkpoint_is_refused_and_shown_in_the_console(network: Network) -> None:
    relay = network.hosts["XSC"].relay
    assert relay is not None
    desk = network.hosts[OWNER].desk()
    forged = checkpoint.sign(Checkpoint(desk.me.network, desk.following.size, bytes(32)), relay.me.signing)
    answer = ask(network, Addition(0, (), forged).text())
    assert (answer.status_code, answer.json()["code"]) == (422, "WITNESS-FORK")
    (kept,) = network.do(OWNER, desk.witnesses.evidence.listed)
    assert kept.theirs == forged

    def settle() -> None:
        desk.db.execute("UPDATE office_evidence SET settled_ms = 1, reason = ?", (ADMINISTRATOR,))

    page = Browser(network, OWNER, "ada").get("/en/state").text
    network.do(OWNER, settle)
    assert "The relay signed two ledgers of one size" in page
    assert forged.split("\n")[2] in page


def test_strangers_ask_only_so_often(network: Network) -> None:
    statuses = [ask(network, "").status_code for _ in range(3 * door.REQUESTS_A_SECOND)]
    assert statuses[0] == 400
    assert set(statuses) <= {400, 429}
