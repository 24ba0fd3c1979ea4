"""An audit line that cannot be written: whatever was asked, there is no answer; and with a sound disk there is one."""

import asyncio
import sqlite3
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import httpx
import pytest
from tests.attack.calling import PURPOSE, Caller
from tests.attack.endpoints import EACH, ENDPOINTS, address
from tests.attack.seeding import NAME, Seeded, seeded
from tests.attack.test_purposes import PAGES, addresses, filled
from tests.web.console_network import OWNER, POST, SECRETARIAT, Browser, Network

MOST_LINES = 20
UNANSWERED = "no answer"
UNRECORDED = {
    ("GET", "/api/v1/imports"),
    ("GET", "/api/v1/imports/{identifier:str}"),
    ("POST", "/api/v1/imports/{identifier:str}/{act:str}"),
}
"""Where an officer with a purpose is answered without a line: how an import stands is asked five times a second, and
what it quotes is what this node's own desks sent, under the line of the import's beginning."""


class FullDisk:
    """A disk on which the n-th audit line cannot be written; 0 is a sound one. Counts the lines that are tried.

    Lines of the clock, which name no officer, are passed over: they come whenever it is time.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self.fails_at = self.tried = 0
        db.create_function("audit_line", 0, self.write)
        db.execute(
            "CREATE TEMP TRIGGER audit_disk BEFORE INSERT ON main.office_audit WHEN NEW.officer <> ''"
            " BEGIN SELECT audit_line(); END"
        )

    def write(self) -> int:
        self.tried += 1
        if self.tried == self.fails_at:
            raise OSError("No space left on device")
        return 0


class Attempt(NamedTuple):
    answer: httpx.Response | None
    lines: int
    """Lines that were tried."""


class Fallible:
    """One node of a network whose audit log can be made to fail; it starts again after each failure."""

    def __init__(self, town: Network, node: str) -> None:
        self.town = town
        self.host = town.hosts[node]
        self.ended: list[BaseException] = []
        self.host.fail = self.ended.append  # type: ignore[assignment, method-assign]
        self.disk = town.do(node, lambda: FullDisk(self.host.office.db))

    def ask(self, request: Any, fails_at: int) -> Attempt:
        return self.town.run(self._ask(request, fails_at))

    async def _ask(self, request: Any, fails_at: int) -> Attempt:
        self.disk.fails_at, self.disk.tried = fails_at, 0
        self.ended.clear()
        asked = asyncio.create_task(request())
        while not asked.done() and not self.ended:  # noqa: ASYNC110 - no event tells of both
            await asyncio.sleep(0.002)
        tried, self.disk.fails_at = self.disk.tried, 0
        if not self.ended:
            return Attempt(await asked, tried)
        # What a node in a process of its own does is to end; here it goes on from what is on the disk.
        assert isinstance(self.ended[0], sqlite3.OperationalError), self.ended
        assert not asked.done()
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        self.host._begin(self.host.driver.run())
        return Attempt(None, tried)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network of its own: its nodes are stopped by failures again and again."""
    made = Network(tmp_path_factory.mktemp("town"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def callers(town: Network) -> dict[str, Caller]:
    return {node: Caller(town, node) for node in town.hosts}


@pytest.fixture(scope="module")
def seed(town: Network, callers: dict[str, Caller]) -> Seeded:
    return seeded(town, callers)


@pytest.fixture(scope="module")
def nodes(town: Network, seed: Seeded) -> dict[str, Fallible]:
    del seed
    return {node: Fallible(town, node) for node in town.hosts}


def never_without_its_lines(node: Fallible, request: Any) -> Attempt:
    """Ask with a failure at line 1, 2, 3 … until none is met; gives what was answered then."""
    for number in range(1, MOST_LINES):
        attempt = node.ask(request, number)
        if attempt.answer is not None:
            assert attempt.lines < number, "an answer although a line could not be written"
            return attempt
        assert attempt.lines == number
    pytest.fail(f"still failing after {MOST_LINES} lines")


@EACH
def test_no_endpoint_answers_when_its_line_cannot_be_written(
    callers: dict[str, Caller], nodes: dict[str, Fallible], seed: Seeded, method: str, path: str
) -> None:
    endpoint = ENDPOINTS[method, path]
    caller, role = callers[endpoint.node], min(endpoint.roles)
    headers = {"Authorization": f"Bearer {caller.tokens[role]}", **PURPOSE}
    places = addresses(path, endpoint, seed) if method == "GET" else [address(path, endpoint)]
    for place in {*places}:
        request = partial(caller.client.request, method, place, headers=headers, json=endpoint.body)
        answered = never_without_its_lines(nodes[endpoint.node], request)
        assert answered.answer is not None
        assert answered.answer.status_code < 500, answered.answer.text
        told = endpoint.purpose and answered.answer.status_code == 200
        assert not told or answered.lines or (method, path) in UNRECORDED, place


@pytest.mark.parametrize(
    ("node", "name"), [(OWNER, "dana"), (SECRETARIAT, "rita"), (POST, "pia")], ids="-".join
)
def test_no_page_is_shown_when_its_line_cannot_be_written(
    town: Network, nodes: dict[str, Fallible], seed: Seeded, node: str, name: str
) -> None:
    browser = Browser(town, node, name).look_for()
    seen = 0
    for path in chain.from_iterable((one, f"{one}.json") for one in filled(PAGES, seed)):
        attempt = never_without_its_lines(nodes[node], partial(browser.client.get, path))
        assert attempt.answer is not None
        if attempt.answer.status_code == 200 and NAME.casefold() in attempt.answer.text.casefold():
            assert attempt.lines or path.startswith("/en/imports/"), path
            seen += 1
    assert seen > 3 or node == POST


def test_a_check_is_answered_only_with_its_line_and_its_hit_comes_once(
    callers: dict[str, Caller], nodes: dict[str, Fallible], seed: Seeded
) -> None:
    """The hottest path of all, with a hit behind it."""
    caller, number = callers[OWNER], seed.words[2]
    headers = {"Authorization": f"Bearer {caller.tokens['border']}", **PURPOSE}
    body = {"number": number, "issuer": OWNER}
    request = partial(caller.client.request, "POST", "/api/v1/checks", headers=headers, json=body)
    lines = "SELECT count(*) FROM office_audit WHERE event='check:asked'"
    db = nodes[OWNER].host.office.db
    before = db.execute(lines).fetchone()[0]
    assert nodes[OWNER].ask(request, 1).answer is None
    assert db.execute(lines).fetchone()[0] == before
    answered = nodes[OWNER].ask(request, 0).answer
    assert answered is not None
    assert answered.json()["matches"]
    assert db.execute(lines).fetchone()[0] == before + 1
