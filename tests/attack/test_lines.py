"""Real processes under attack from outside: whatever comes over their sockets, they live on and serve everyone else."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from tests.cli.processes import Town, free_ports, until
from websockets.sync.client import ClientConnection, connect

from allpoints.ground.clock import DAY, HOUR, MINUTE, SystemClock
from allpoints.identity.certificate import Holder, issue
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.keystore import KeyStore
from allpoints.node import frames, setting_up
from allpoints.node import settings as node_settings
from allpoints.node.credentials import Credentials
from allpoints.node.lines import SOCKET_LIMIT_BYTES
from allpoints.sealing.line import Initiator, Line, Peer
from allpoints.web.patience import HEAD_LIMIT_BYTES

pytestmark = pytest.mark.network

NOW = SystemClock().now
SECONDS = 5.0
HALF_OPEN = 100


class Site:
    """A secretariat and one bureau, both served, and what an attacker knows of them."""

    def __init__(self, folder: Path) -> None:
        self.town = Town(folder)
        self.ports = dict(zip(("xsc", "xav"), free_ports(2), strict=True))
        centre = (
            "--role",
            "secretariat",
            "--name",
            "XSC",
            "--network",
            "attacked.example",
            "--label",
            "Secretariat",
        )
        self._init("xsc", centre)
        self.town.serve("xsc")
        self._init("xav", ("--role", "bureau", "--name", "XAV", "--label", "Bureau of Arvandia"))
        self._admit("xav")
        self.town.serve("xav")
        self.member = self.credentials("xav")

    def _init(self, name: str, words: tuple[str, ...]) -> None:
        self.town.done("init", "--dir", name, *words, "--port", str(self.ports[name]))

    def _admit(self, name: str) -> None:
        request, answer = f"{name}/join-request.json", f"{name}-admission.json"
        self.town.done("member", "admit", request, "--out", answer, "--dir", "xsc")
        self.town.done("join", answer, "--dir", name)

    def credentials(self, name: str) -> Credentials:
        return setting_up.credentials(node_settings.load(self.town.folder / name, {}))

    def health(self, name: str = "xsc") -> dict[str, Any]:
        answer = httpx.get(f"http://127.0.0.1:{self.ports[name]}/health", timeout=SECONDS, trust_env=False)
        assert answer.status_code == 200
        return dict(answer.json())

    def refused(self, name: str = "xsc") -> dict[str, int]:
        """What the node refused so far, by code."""
        text = httpx.get(
            f"http://127.0.0.1:{self.ports[name]}/metrics", timeout=SECONDS, trust_env=False
        ).text
        found = (
            line.partition('code="')[2].partition('"} ')
            for line in text.splitlines()
            if "refusals_total{" in line
        )
        return {code: int(float(count)) for code, _quote, count in found}

    def raw(self, name: str = "xsc") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.ports[name]), SECONDS)

    def line(self, name: str = "xsc") -> ClientConnection:
        address = f"ws://127.0.0.1:{self.ports[name]}/line"
        return connect(
            address, proxy=None, compression=None, max_size=None, open_timeout=SECONDS, close_timeout=SECONDS
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"))
    yield made
    made.town.close()


@pytest.fixture(autouse=True)
def _alive(site: Site) -> Iterator[None]:
    """After every attack both processes are the same as before, answer, and have their line."""
    before = {name: site.town.running[name].pid for name in site.ports}
    up = {name: site.health(name)["up_ms"] for name in site.ports}
    yield
    for name, pid in before.items():
        process = site.town.running[name]
        assert (process.pid, process.poll()) == (pid, None), site.town.log(name)[-2_000:]
        assert site.health(name)["up_ms"] >= up[name]
    _back(site)
    assert "Traceback" not in site.town.log("xsc"), site.town.log("xsc")[-4_000:]


def ended(peer: socket.socket) -> bytes:
    """Everything until the other side closes; fails when it keeps the connection open."""
    peer.settimeout(SECONDS)
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while part := peer.recv(65_536):
            got += part
    return got


GARBAGE = {
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "binary": bytes(range(256)) * 8,
    "no method": b"\r\n\r\n\r\n\x00\r\n",
    "bad version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "no url": b"GET\r\n\r\n",
    "url of bytes": b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "bad header": b"GET / HTTP/1.1\r\nHost: x\r\n\x00bad: \x01\r\n\r\n",
    "two lengths": b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\n",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "huge chunk": b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "folded header": b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_instead_of_a_request_is_refused_and_the_connection_ended(site: Site, name: str) -> None:
    with site.raw() as peer:
        peer.sendall(GARBAGE[name])
        with contextlib.suppress(OSError):
            peer.shutdown(socket.SHUT_WR)
        answer = ended(peer)
    assert not answer or answer.startswith(
        (b"HTTP/1.1 400", b"HTTP/1.1 401", b"HTTP/1.1 3", b"HTTP/1.1 404")
    ), answer[:200]


@pytest.mark.parametrize("head", [b"GET /health HTTP/1.1\r\nX: ", b"GET /", b"GET /health HTTP/1.1\r\n"])
def test_a_head_without_end_is_cut_off_before_it_fills_the_memory(site: Site, head: bytes) -> None:
    endless = b"a" * 16_384 if not head.endswith(b"\n") else b"X-A: b\r\n" * 2_048
    sent = len(head)
    with site.raw() as peer:
        peer.sendall(head)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(4_000):
                peer.sendall(endless)
                sent += len(endless)
        with contextlib.suppress(ConnectionResetError):
            answer = ended(peer)
            assert not answer or answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400")), answer[:80]
    # What lies in the sockets' own buffers was sent too.
    assert sent < HEAD_LIMIT_BYTES + 16 * 1024 * 1024


def test_a_hundred_half_open_connections_keep_nobody_out(site: Site) -> None:
    with contextlib.ExitStack() as held:
        for at in range(HALF_OPEN):
            peer = held.enter_context(site.raw())
            peer.sendall(
                (b"", b"GET /health HT", b"POST /api/v1/checks HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")[
                    at % 3
                ]
            )
        lines = [held.enter_context(site.line()) for _ in range(20)]
        began = time.monotonic()
        for _ in range(5):
            assert site.health()["line"]
        assert time.monotonic() - began < 2.0
        assert len(lines) == 20
        assert site.town.type("status", "--dir", "xsc").code == 0


HANDSHAKES = {
    "no key": b"GET /line HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "short key": b"GET /line HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: YQ==\r\n\r\n",
    "old version": b"GET /line HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "http 1.0": b"GET /line HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "post": b"POST /line HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 0\r\n\r\n",
    "other path": b"GET /lines HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_malformed_websocket_handshake_is_refused(site: Site, name: str) -> None:
    with site.raw() as peer:
        peer.sendall(HANDSHAKES[name])
        peer.settimeout(SECONDS)
        answer = peer.recv(4_096)
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 2")) or not answer, answer
    assert b"101" not in answer[:16]


# -- hellos


def initiator(
    me: Credentials, certificate: bytes | None = None, to: str = "", key: SigningKey | None = None
) -> Initiator:
    assert me.upper is not None
    peer = Peer(to or me.upper.subject, me.upper.verify_key)
    return Initiator(
        certificate or me.certificate.to_bytes(), key or me.signing, peer, me.upper.reception_key
    )


def foreign(name: str, role: str, issuer: str, key: SigningKey) -> bytes:
    """A certificate that nobody admitted."""
    holder = Holder(name, role, name[:3], "Nobody", key.public, ReceptionKey.generate().public)
    now = NOW()
    return issue(issuer, key, holder, not_before_ms=now - HOUR, not_after_ms=now + DAY).to_bytes()


STRANGER = SigningKey.generate()
HELLOS: dict[str, tuple[Callable[[Credentials], bytes], str]] = {
    "empty": (lambda _me: b"", "CBOR-UNREADABLE"),
    "noise": (lambda _me: bytes(range(256)) * 20, "CBOR-UNREADABLE"),
    "too large": (lambda _me: bytes(200_000), "CBOR-TOO-LARGE"),
    "cut off": (lambda me: initiator(me).hello(NOW())[:-5], "CBOR-UNREADABLE"),
    "one byte changed": (lambda me: initiator(me).hello(NOW())[:-1] + b"\x00", "BAD-SIGNATURE"),
    "of yesterday": (lambda me: initiator(me).hello(NOW() - DAY), "CLOCK-SKEW"),
    "of tomorrow": (lambda me: initiator(me).hello(NOW() + 10 * MINUTE), "CLOCK-SKEW"),
    "for somebody else": (lambda me: initiator(me, to="XBM").hello(NOW()), "WRONG-PEER"),
    "of a stranger": (
        lambda me: initiator(me, foreign("XDV", "bureau", "XDV", STRANGER), key=STRANGER).hello(NOW()),
        "CALLER-UNKNOWN",
    ),
    "under a member's name": (
        lambda me: initiator(me, foreign("XAV", "bureau", "XAV", STRANGER), key=STRANGER).hello(NOW()),
        "CALLER-UNKNOWN",
    ),
    "of an unknown post": (
        lambda me: initiator(me, foreign("XAV/post-9", "post", "XAV", STRANGER), key=STRANGER).hello(NOW()),
        "CALLER-UNKNOWN",
    ),
    "with another's key": (lambda me: initiator(me, key=STRANGER).hello(NOW()), "BAD-SIGNATURE"),
    "with the secretariat's certificate": (
        lambda me: initiator(me, me.secretariat.to_bytes()).hello(NOW()),
        "CALLER-UNKNOWN",
    ),
}


@pytest.mark.parametrize("name", HELLOS)
def test_a_hello_that_is_not_a_members_own_and_of_now_is_refused_and_counted(site: Site, name: str) -> None:
    make, code = HELLOS[name]
    before = site.refused().get(code, 0)
    with site.line() as line:
        line.send(make(site.member))
        with pytest.raises(websockets.ConnectionClosed):
            line.recv(timeout=SECONDS)
    assert site.refused().get(code, 0) == before + 1


def test_a_text_instead_of_a_hello_ends_the_line(site: Site) -> None:
    with site.line() as line:
        line.send("hello")
        with pytest.raises(websockets.ConnectionClosed):
            line.recv(timeout=SECONDS)


@pytest.mark.parametrize("first", [b"", bytes(16), bytes(4_096), b"x" * (SOCKET_LIMIT_BYTES - 16)], ids=len)
def test_who_repeats_a_members_hello_takes_no_line_away(site: Site, first: bytes) -> None:
    recorded = initiator(site.member).hello(NOW())
    log = len(site.town.log("xav"))
    before = site.refused().get("LINE-BROKEN", 0) + site.refused().get("FRAME-TOO-LARGE", 0)
    with site.line() as line:
        line.send(recorded)
        assert line.recv(timeout=SECONDS)
        assert site.health("xav")["line"]
        line.send(first)
        with pytest.raises(websockets.ConnectionClosed):
            line.recv(timeout=SECONDS)
    assert site.refused().get("LINE-BROKEN", 0) + site.refused().get("FRAME-TOO-LARGE", 0) == before + 1
    assert "line" not in site.town.log("xav")[log:]


def heard(line: ClientConnection) -> bytes:
    message = line.recv(timeout=SECONDS)
    assert isinstance(message, bytes)
    return message


def told_beside_beats(line: ClientConnection, sealed: Line) -> frames.Frame:
    """The next frame that is no beat: a beat comes whenever its second is there."""
    told = frames.decode(sealed.open(heard(line)))
    while isinstance(told, frames.Beat):
        told = frames.decode(sealed.open(heard(line)))
    return told


@contextlib.contextmanager
def as_member(site: Site) -> Iterator[tuple[ClientConnection, Line]]:
    """A line as the member's own keys make it: an admitted member that has turned hostile."""
    caller = initiator(site.member)
    with site.line() as line:
        line.send(caller.hello(NOW()))
        yield line, caller.finish(heard(line))


HOSTILE = {
    "noise": bytes(range(256)),
    "a stranger's entry": frames.encode(frames.Append([b"\x00" * 100])),
    "far ahead": frames.encode(frames.Follow(2**53)),
    "an extract": frames.encode(frames.ExtractKey(bytes(32))),
    "too many": frames.pack(["Took", list(range(100_000))]),
    "a number without end": frames.pack(["Followed", 2**63]),
    "not its own mail": frames.encode(frames.Deposit(bytes(300))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_an_admitted_member_sends_amiss_is_refused_and_counted(site: Site, name: str) -> None:
    before = sum(site.refused().values())
    with as_member(site) as (line, sealed):
        line.send(sealed.seal(HOSTILE[name]))
        line.send(sealed.seal(frames.encode(frames.Follow(1))))
        told = told_beside_beats(line, sealed)
        while isinstance(told, frames.NotDeposited | frames.NotAppended):
            told = told_beside_beats(line, sealed)
        assert isinstance(told, frames.Entries)
    assert sum(site.refused().values()) >= before + 1
    _back(site)


def test_an_acknowledgement_from_the_future_does_not_open_the_window(site: Site) -> None:
    with as_member(site) as (line, sealed):
        line.send(sealed.seal(frames.encode(frames.Follow(1))))
        line.send(sealed.seal(frames.encode(frames.Followed(2**53))))
        assert isinstance(told_beside_beats(line, sealed), frames.Entries)
    _back(site)


def test_a_frame_that_is_said_twice_or_too_large_ends_the_line(site: Site) -> None:
    with as_member(site) as (line, sealed):
        once = sealed.seal(frames.encode(frames.Follow(1)))
        line.send(once)
        line.send(once)
        assert not list(line)[64:]
    with as_member(site) as (line, _sealed):
        with contextlib.suppress(websockets.ConnectionClosed):
            line.send(bytes(SOCKET_LIMIT_BYTES + 1))
        with pytest.raises(websockets.ConnectionClosed):
            line.recv(timeout=SECONDS)
    _back(site)


def _back(site: Site) -> None:
    """A node that lost its line to the one with the same name makes it again."""
    for name in site.ports:
        assert until(lambda name=name: site.health(name)["line"]), site.town.log(name)[-2_000:]


def test_the_keys_on_the_disk_are_the_owners_alone(site: Site) -> None:
    for name in site.ports:
        folder = site.town.folder / name
        assert folder.stat().st_mode & 0o077 == 0
        KeyStore(folder).load()
        for path in folder.glob("*.key"):
            assert path.stat().st_mode & 0o077 == 0
        assert (folder / setting_up.TOKEN_FILE).stat().st_mode & 0o077 == 0
