"""What one address may ask over HTTP, over real sockets from two addresses of this machine."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.node.surroundings import Clock
from tests.web.console_network import OWNER, Network, Server

from allpoints.ground.refusal import Refusal
from allpoints.node import settings as node_settings
from allpoints.node.setting import blocks
from allpoints.web import quotas
from allpoints.web.quotas import AddressQuotas, TooMuch, caller

MINE, OTHERS = "127.0.0.1", "127.0.0.2"
NARROW = {"CHECKS": "2", "SIGN_INS": "3", "OPEN_REQUESTS": "4"}
CHECK = ("POST", "/api/v1/checks")
SIGN_IN = ("POST", "/en/sign-in")


class Door:
    """A node's real server, with narrow quotas and a clock that stands still."""

    def __init__(self, network: Network, folder: Path, **own: str) -> None:
        self.network = network
        self.clock = Clock()
        self.app = network.apps[OWNER]
        given = {f"ALLPOINTS_HTTP_{name}": value for name, value in {**NARROW, **own}.items()}
        settings = node_settings.load(folder, given)
        self.before, self.app.quotas = self.app.quotas, AddressQuotas(settings, self.clock)
        self.server = network.run(Server.start(self.app))

    def ask(self, what: tuple[str, str], address: str = MINE, **headers: str) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.AsyncHTTPTransport(local_address=address)
            async with httpx.AsyncClient(transport=transport, base_url=self.server.address) as client:
                return await client.request(*what, headers=headers, content=b"{}")

        return self.network.run(asked())

    def close(self) -> None:
        self.network.run(self.server.stop())
        self.app.quotas = self.before


@pytest.fixture
def door(network: Network) -> Iterator[Door]:
    made = Door(network, network.folder / OWNER)
    yield made
    made.close()


def test_an_address_that_checks_too_often_is_told_when_again_and_another_is_answered(door: Door) -> None:
    statuses = [door.ask(CHECK).status_code for _ in range(8)]
    assert statuses == [401] * 8
    refused = door.ask(CHECK)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["code"] == "ADDRESS-TOO-FAST"
    assert refused.headers["content-type"] == "application/problem+json"
    assert door.ask(CHECK, OTHERS).status_code == 401
    door.clock.now_ms += 500
    assert door.ask(CHECK).status_code == 401
    assert 'allpoints_refusals_total{code="ADDRESS-TOO-FAST"}' in door.ask(("GET", "/metrics")).text


@pytest.mark.parametrize("path", ["/en/sign-in", "/en/enrol", "/en/verify/passkey"])
def test_an_address_that_signs_in_too_often_waits_and_another_does_not(door: Door, path: str) -> None:
    step = ("POST", path)
    assert 429 not in {door.ask(step).status_code for _ in range(3)}
    refused = door.ask(step)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
    assert "try again in 20 s" in refused.text
    assert "content-security-policy" in refused.headers
    assert door.ask(step, OTHERS).status_code != 429
    assert door.ask(("GET", "/en/sign-in")).status_code == 200
    door.clock.now_ms += 20_000
    assert door.ask(step).status_code != 429
    assert door.ask(step).status_code == 429


def test_what_a_stranger_says_of_where_it_comes_from_is_believed_of_trusted_proxies_alone(
    network: Network, door: Door
) -> None:
    def forwarded(at: Door, number: int) -> int:
        return at.ask(SIGN_IN, **{"X-Forwarded-For": f"198.51.100.{number}"}).status_code

    assert [forwarded(door, number) for number in range(4)][-1] == 429
    door.close()
    behind = Door(network, network.folder / OWNER, TRUSTED_PROXIES="127.0.0.0/8")
    assert 429 not in {forwarded(behind, number) for number in range(8)}
    assert [forwarded(behind, 99) for _ in range(4)][-1] == 429
    behind.close()
    door.server = network.run(Server.start(door.app))


def test_requests_under_way_have_a_bound_for_each_address(door: Door) -> None:
    quota = door.app.quotas
    mine, others = {"client": (MINE, 1), "headers": []}, {"client": (OTHERS, 1), "headers": []}
    held = [quota.under_way(mine) for _ in range(4)]
    for one in held:
        one.__enter__()
    refused = door.ask(("GET", "/health"))
    assert (refused.status_code, refused.json()["code"]) == (429, "ADDRESS-BUSY")
    assert door.ask(("GET", "/health"), OTHERS).status_code == 200
    with pytest.raises(TooMuch), quota.under_way(mine):
        pass
    with quota.under_way(others):
        held.pop().__exit__(None, None, None)
    assert door.ask(("GET", "/health")).status_code == 200
    for one in held:
        one.__exit__(None, None, None)
    assert not quota._open


def test_addresses_that_are_remembered_are_so_many(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "ADDRESSES_LIMIT", 3)
    for number in range(10):
        door.app.quotas.check(f"198.51.100.{number}")
    assert list(door.app.quotas._checks._buckets) == ["198.51.100.7", "198.51.100.8", "198.51.100.9"]


TRUSTED = blocks("10.0.0.0/24, 2001:db8:1::/48")


@pytest.mark.parametrize(
    ("peer", "forwarded", "counts"),
    [
        ("203.0.113.9", b"198.51.100.1", "203.0.113.9"),
        ("10.0.0.5", b"", "10.0.0.5"),
        ("10.0.0.5", b"198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", b"192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", b"192.0.2.66, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
        ("10.0.0.5", b"192.0.2.66, nonsense, 10.0.0.7", "10.0.0.7"),
        ("10.0.0.5", b"10.0.0.9", "10.0.0.9"),
        ("::ffff:10.0.0.5", b"198.51.100.1", "198.51.100.1"),
        ("2001:db8:1::5", b"2001:db8:7:7:1::1", "2001:db8:7:7::/64"),
        ("2001:db8:7:7:1::2", b"", "2001:db8:7:7::/64"),
    ],
)
def test_a_request_counts_for_the_last_address_before_the_trusted_proxies(
    peer: str, forwarded: bytes, counts: str
) -> None:
    headers = [(b"X-Forwarded-For", forwarded)] if forwarded else []
    assert caller({"client": (peer, 1), "headers": headers}, TRUSTED) == counts
    assert caller({"client": (peer, 1), "headers": headers}, ()) == caller({"client": (peer, 1)}, ())


@given(st.text(max_size=20), st.lists(st.binary(max_size=60), max_size=4))
def test_no_header_and_no_peer_breaks_the_counting(peer: str, forwarded: list[bytes]) -> None:
    headers = [(b"x-forwarded-for", one) for one in forwarded]
    assert caller({"client": ("10.0.0.5", 1), "headers": headers}, TRUSTED)
    assert caller({"client": (peer, 1), "headers": headers}, TRUSTED) is not None
    assert caller({"client": None, "headers": headers}, TRUSTED) == ""


@pytest.mark.parametrize("given", ["nonsense", "10.0.0.1/99", "10.0.0.1/8"])
def test_proxies_that_are_no_addresses_stop_the_start(network: Network, given: str) -> None:
    with pytest.raises(Refusal) as refused:
        node_settings.load(network.folder / OWNER, {"ALLPOINTS_HTTP_TRUSTED_PROXIES": given})
    assert refused.value.faults[0].path == "http.trusted_proxies"
    fine = node_settings.load(network.folder / OWNER, {"ALLPOINTS_HTTP_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})
    assert len(blocks(fine.text("http.trusted_proxies"))) == 2
