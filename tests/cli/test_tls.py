"""Real nodes whose lines, pages and API go over TLS with the network's own certificates."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
import websockets
from tests.cli.processes import Town, free_ports, until

from allpoints.ground.clock import SystemClock
from allpoints.ground.refusal import Refusal
from allpoints.node import dialling, setting_up, settings, tls
from allpoints.node.credentials import Credentials
from allpoints.sealing.line import Initiator, Peer

pytestmark = pytest.mark.network

HYBRID = "TLSv1.3, X25519MLKEM768"
NOBODY = ssl.create_default_context()
NOBODY.check_hostname = False
NOBODY.verify_mode = ssl.CERT_NONE


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A secretariat, two bureaus and a post of one of them; TLS ends in their processes."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.environment |= {"ALLPOINTS_TLS_SERVE": "true", "ALLPOINTS_TLS_UPPER": "tree"}
    ports = [str(port) for port in free_ports(4)]
    try:
        town.done(
            *("init", "--dir", "xsc", "--role", "secretariat", "--name", "XSC", "--port", ports[0]),
            *("--label", "General Secretariat", "--network", "example.allpoints"),
        )
        town.serve("xsc")
        for node, port in zip(("xav", "xbm"), ports[1:3], strict=True):
            made = ("init", "--dir", node, "--role", "bureau", "--name", node.upper())
            town.done(*made, "--label", "Bureau", "--port", port)
            town.done("member", "admit", f"{node}/join-request.json", "--out", f"{node}.json", "--dir", "xsc")
            town.done("join", f"{node}.json", "--dir", node)
            town.serve(node)
        post = ("init", "--dir", "airport", "--role", "post", "--name", "XBM/airport", "--label", "Airport")
        town.done(*post, "--port", ports[3])
        town.done("post", "admit", "airport/join-request.json", "--out", "airport.json", "--dir", "xbm")
        town.done("join", "airport.json", "--dir", "airport")
        town.serve("airport")
        yield town
    finally:
        town.close()


def test_lines_of_bureaus_and_posts_go_over_tls_with_keys_of_a_hybrid_exchange(town: Town) -> None:
    for node in ("xav", "xbm", "airport"):
        assert until(lambda node=node: _health(town, node)["line"])
        assert _health(town, node)["tls"] == HYBRID
        assert HYBRID in town.done("status", "--dir", node).out
    assert _health(town, "xsc")["tls"] == ""
    for node, least in (("xsc", 2), ("xbm", 1)):
        assert _measured(town, node, 'allpoints_tls_connections{group="X25519MLKEM768",shown="yes"}') >= least


def test_a_message_goes_through_and_a_traveller_is_checked_all_over_tls(town: Town) -> None:
    town.done("message", "send", "--to", "XBM", "--subject", "Hello", "--text", "By TLS", "--dir", "xav")
    assert until(lambda: "Hello" in town.done("message", "inbox", "--dir", "xbm").out)
    asked = ("check", "--number", "AB123456", "--issuer", "XAV", "--dir", "airport")
    assert town.type(*asked).code == 0


def test_a_browser_without_a_certificate_gets_pages_and_no_line(town: Town) -> None:
    """It is shown the node's certificate too, and nobody's authority vouches for that one."""
    host, port = _place(town, "xsc")
    answered = httpx.get(f"https://{host}:{port}/health", verify=NOBODY)
    assert msgspec.json.decode(answered.content)["node"] == "XSC"
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://{host}:{port}/health", verify=ssl.create_default_context())
    before = _measured(town, "xsc", 'allpoints_refusals_total{code="TLS-NO-CERTIFICATE"}')

    async def call() -> None:
        async with websockets.connect(f"wss://{host}:{port}/line", ssl=NOBODY, proxy=None) as connection:
            await connection.send(_hello(_credentials(town, "xav")))
            await connection.recv()

    with pytest.raises(websockets.ConnectionClosed):
        asyncio.run(call())
    assert _measured(town, "xsc", 'allpoints_refusals_total{code="TLS-NO-CERTIFICATE"}') == before + 1


def test_an_older_tls_and_no_tls_are_refused_beside_the_present_one(town: Town) -> None:
    host, port = _place(town, "xsc")
    old, present = (ssl.create_default_context() for _ in range(2))
    for one in (old, present):
        one.check_hostname, one.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection((host, port)) as plain, present.wrap_socket(plain) as made:
        assert made.version() == "TLSv1.3"
    with (
        socket.create_connection((host, port)) as plain,
        pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"),
    ):
        old.wrap_socket(plain)
    with socket.create_connection((host, port)) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTP" not in plain.recv(4096)


def test_a_member_says_hello_in_its_own_connection_and_not_in_anothers(town: Town) -> None:
    """TLS with XBM's keys and a hello of XAV is refused; XAV's hello in XAV's own connection is answered."""
    own, other = _credentials(town, "xav"), _credentials(town, "xbm")

    async def call(shown: Credentials) -> str | bytes:
        made = await _connected(town, own, shown)
        try:
            await made.connection.send(_hello(own))
            return await made.connection.recv()
        finally:
            await made.connection.close()

    assert asyncio.run(call(own))
    with pytest.raises(websockets.ConnectionClosed):
        asyncio.run(call(other))
    assert _measured(town, "xsc", 'allpoints_refusals_total{code="TLS-OTHER-PEER"}') == 1


def test_a_stranger_gets_no_connection_and_a_member_does(town: Town, tmp_path: Path) -> None:
    """A node of another network has a certificate just like ours, and is nobody here."""
    made = ("init", "--dir", str(tmp_path / "xsd"), "--role", "secretariat", "--name", "XSD")
    town.done(*made, "--label", "Another", "--network", "another.allpoints")
    stranger = setting_up.credentials(settings.load(tmp_path / "xsd", {}))
    own = _credentials(town, "xav")

    async def call(shown: Credentials) -> None:
        made = await _connected(town, own, shown)
        await made.connection.close()

    asyncio.run(call(own))
    with pytest.raises((Refusal, OSError, websockets.WebSocketException)):
        asyncio.run(call(stranger))
    assert _measured(town, "xsc", 'allpoints_refusals_total{code="CALLER-UNKNOWN"}') == 1


def test_a_node_that_takes_known_callers_alone_still_obeys_its_own_commands(town: Town) -> None:
    host, port = _place(town, "xav")
    assert httpx.get(f"https://{host}:{port}/health", verify=NOBODY).status_code == 200
    assert town.stop("xav") == 0
    town.environment["ALLPOINTS_TLS_CLIENTS"] = "known"
    try:
        town.serve("xav")
    finally:
        del town.environment["ALLPOINTS_TLS_CLIENTS"]
    with pytest.raises(httpx.TransportError):
        httpx.get(f"https://{host}:{port}/health", verify=NOBODY)
    assert until(lambda: _health(town, "xav")["tls"] == HYBRID)


def test_a_command_speaks_with_its_own_node_and_with_no_other(town: Town) -> None:
    """Another program on the node's port is refused, although it speaks TLS and is of the network."""
    assert town.stop("xav") == 0
    _host, port = _place(town, "xav")
    elsewhere = town.environment | {"ALLPOINTS_WEB_PORT": str(port)}
    held, town.environment = town.environment, elsewhere
    assert town.stop("xbm") == 0
    try:
        town.serve("xbm")
        refused = town.type("status", "--dir", "xav")
    finally:
        town.environment = held
    assert (refused.code, "XAV was called, and XBM answered" in refused.err) == (1, True)
    assert town.stop("xbm") == 0
    town.serve("xbm")
    town.serve("xav")
    assert town.type("status", "--dir", "xav").code == 0


def _credentials(town: Town, node: str) -> Credentials:
    return setting_up.credentials(settings.load(town.folder / node, {}))


def _place(town: Town, node: str) -> tuple[str, int]:
    read = settings.load(town.folder / node, {})
    return read.text("web.host"), read.number("web.port")


def _health(town: Town, node: str) -> dict[str, object]:
    found: dict[str, object] = town.done("status", "--dir", node, "--json").json["health"]
    return found


def _measured(town: Town, node: str, name: str) -> float:
    host, port = _place(town, node)
    text = httpx.get(f"https://{host}:{port}/metrics", verify=NOBODY).text
    return next((float(line.split()[-1]) for line in text.splitlines() if line.startswith(name)), 0.0)


def _hello(me: Credentials) -> bytes:
    assert me.upper is not None
    peer = Peer(me.upper.subject, me.upper.verify_key)
    initiator = Initiator(me.certificate.to_bytes(), me.signing, peer, me.upper.reception_key)
    return initiator.hello(SystemClock().now())


async def _connected(town: Town, caller: Credentials, shown: Credentials) -> dialling.Made:
    """A connection to the caller's upper node, made with the keys of ``shown``."""
    assert caller.upper is not None
    identity = tls.Identity(shown.certificate, shown.signing, SystemClock())
    address = dialling.line_address(caller.address)
    return await dialling.connect(address, identity.dial(tls.is_peer(caller.upper)), dialling.TREE)
