"""The server's patience: heads that never end or come too slowly, and more connections than there is room for."""

import resource
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import uvicorn

from allpoints.web import patience
from allpoints.web.patience import FILES_KEPT, HEAD_LIMIT_BYTES, Patient

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SECONDS = 5.0


class Hasty(Patient):
    head_seconds = 0.2
    connections_limit = 3


async def hello(scope: dict[str, Any], _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
    if scope["type"] == "http":
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"hi"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app: Any = hello
        server = uvicorn.Server(uvicorn.Config(app, http=Hasty, lifespan="off", log_config=None))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def dialled(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), SECONDS)


def rest(peer: socket.socket) -> bytes:
    """Everything until the server hangs up; a reset is one way to do so."""
    got = b""
    try:
        while part := peer.recv(65_536):
            got += part
    except ConnectionResetError:
        pass
    return got


def answered(peer: socket.socket) -> bool:
    peer.sendall(REQUEST)
    return peer.recv(4_096).endswith(b"hi")


def test_a_request_is_answered_and_so_is_the_next_on_the_same_connection(port: int) -> None:
    with dialled(port) as peer:
        assert answered(peer)
        assert answered(peer)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_who_does_not_finish_a_head_in_time_is_hung_up_on(port: int, begun: bytes) -> None:
    with dialled(port) as peer:
        peer.sendall(begun)
        assert rest(peer) == b""


def test_a_further_request_has_its_own_time(port: int) -> None:
    with dialled(port) as peer:
        assert answered(peer)
        peer.sendall(b"GET / HT")
        assert rest(peer) == b""


def test_a_head_larger_than_its_limit_is_refused_and_one_below_it_is_not(port: int) -> None:
    with dialled(port) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (HEAD_LIMIT_BYTES // 2) + b"\r\n\r\n")
        assert peer.recv(4_096).endswith(b"hi")
    with dialled(port) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (HEAD_LIMIT_BYTES + 1))
        assert rest(peer)[:12] in {b"HTTP/1.1 431", b""}


def test_no_more_connections_are_held_than_there_is_room_for(port: int) -> None:
    held = [dialled(port) for _ in range(Hasty.connections_limit)]
    assert all(answered(peer) for peer in held)
    with dialled(port) as one_more:
        assert rest(one_more) == b""
    for peer in held:
        peer.close()
    for _ in range(50):
        with dialled(port) as peer:
            peer.sendall(REQUEST)
            if rest_of_one(peer).endswith(b"hi"):
                return
    pytest.fail("room is not given back")


def rest_of_one(peer: socket.socket) -> bytes:
    try:
        return peer.recv(4_096)
    except ConnectionResetError:
        return b""


def test_the_nodes_own_files_stay_free_whatever_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    for limits, expected in (
        ((1_024, 1_024), 768),
        ((256, 300), 44),
        ((1_024, resource.RLIM_INFINITY), 2_000),
    ):
        asked: list[tuple[int, int]] = []
        monkeypatch.setattr(resource, "getrlimit", lambda _what, found=limits: found)
        monkeypatch.setattr(resource, "setrlimit", lambda _what, wanted, to=asked: to.append(wanted))
        assert patience.connections_limit() == expected
        assert asked[0][0] - FILES_KEPT >= expected
