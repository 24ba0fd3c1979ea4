"""What is written inside a TLS connection arrives whole and in order, however the two sides pause, close or vanish."""

import asyncio
import hashlib

import pytest
from tests.node import calling_tls
from tests.node.calling_tls import Heard, Server, caller, dial, said_back, serving
from tests.node.surroundings import Clock

from allpoints.node import tls_stream

MIB = 1024 * 1024


def run_with(server: Server, play: object) -> None:
    async def run() -> None:
        async with serving(server):
            await play(server)  # type: ignore[operator]  # a coroutine function of the server

    asyncio.run(run())


def test_much_is_said_and_said_back_as_it_was() -> None:
    sent = hashlib.shake_256(b"much").digest(5 * MIB)

    async def play(server: Server) -> None:
        heard = await dial(server, caller("XAV", server.clock))
        heard.transport.write(sent)
        assert await heard.until(len(sent)) == sent
        heard.transport.close()
        await heard.lost.wait()

    run_with(Server(Clock()), play)


def test_who_pauses_is_handed_nothing_until_it_goes_on_and_then_all_in_order() -> None:
    """It pauses anew with each piece that it is handed, in the middle of what came at once."""
    sent = hashlib.shake_256(b"slow").digest(3 * MIB)

    class Slow(Heard):
        def data_received(self, data: bytes) -> None:
            assert self.transport.get_extra_info("sslcontext")
            super().data_received(data)
            self.transport.pause_reading()
            asyncio.get_running_loop().call_soon(self.transport.resume_reading)

    async def play(server: Server) -> None:
        heard = await dial(server, caller("XAV", server.clock))
        heard.transport.write(sent)
        heard.transport.close()
        inner = await server.first()
        await inner.lost.wait()
        assert bytes(inner.heard) == sent

    server = Server(Clock())
    server.inner = Slow
    run_with(server, play)


def test_what_was_written_before_the_end_still_arrives_and_nothing_after_it() -> None:
    async def play(server: Server) -> None:
        heard = await dial(server, caller("XAV", server.clock))
        heard.transport.write(b"last words")
        heard.transport.close()
        heard.transport.write(b"and some more")
        assert heard.transport.is_closing()
        inner = await server.first()
        await inner.lost.wait()
        assert bytes(inner.heard) == b"last words"

    server = Server(Clock())
    server.inner = Heard
    run_with(server, play)


def test_a_side_that_vanishes_ends_the_other() -> None:
    async def play(server: Server) -> None:
        heard = await dial(server, caller("XAV", server.clock))
        server.streams[0].abort()
        await heard.lost.wait()

    run_with(Server(Clock()), play)


def test_a_caller_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds a place among those that shake hands; after a while it has none."""
    monkeypatch.setattr(tls_stream, "HANDSHAKE_SECONDS", 0.01)

    async def play(server: Server) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert await reader.read() == b""
        writer.close()
        assert server.opened == []
        assert server.streams[0].made.exception() is not None

    run_with(Server(Clock()), play)


def test_altered_bytes_end_the_connection_and_hand_nothing_on() -> None:
    async def play(server: Server) -> None:
        heard = await dial(server, caller("XAV", server.clock))
        stream = server.streams[0]
        heard.transport.write(b"true")
        assert await heard.until(4) == b"true"
        stream.data_received(b"\x17\x03\x03\x00\x20" + bytes(32))
        assert server.refused == ["TLS-FAILED"]
        await heard.lost.wait()
        assert bytes(heard.heard) == b"true"

    run_with(Server(Clock()), play)


def test_callers_are_told_apart_by_what_they_showed() -> None:
    async def play(server: Server) -> None:
        for name in calling_tls.ADMITTED:
            await said_back(server, caller(name, server.clock))
        peers = [one.secured.peer for one in server.opened]
        assert [one.name for one in peers if one is not None] == list(calling_tls.ADMITTED)

    run_with(Server(Clock()), play)
