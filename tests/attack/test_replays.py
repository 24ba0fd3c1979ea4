"""A recorded hello, said again within its minutes: without the keys it takes no line away and hears nothing."""

import asyncio

from tests.node.samples import credentials
from tests.node.surroundings import Clock

from allpoints.node import lines
from allpoints.node.lines import Lines
from allpoints.sealing.line import Initiator, Peer

MEMBER, RELAY = "XAV", "XSC/relay"


class Pipe:
    """One end of a socket in memory; ``other`` is what the far side does with it."""

    def __init__(self) -> None:
        self.arriving: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.leaving: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.closed = False

    async def receive(self) -> bytes | None:
        return None if self.closed else await self.arriving.get()

    async def send(self, message: bytes) -> None:
        self.leaving.put_nowait(message)

    async def close(self) -> None:
        self.closed = True
        self.arriving.put_nowait(None)


class Node:
    """What a relay notices of its lines."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.noticed = asyncio.Event()

    async def until(self, what: tuple[str, str]) -> None:
        """Wait until this was noticed."""
        while what not in self.seen:
            self.noticed.clear()
            await self.noticed.wait()

    def line_up(self, peer: str) -> None:
        self.seen.append(("up", peer))

    def frame(self, peer: str, data: bytes) -> None:
        self.seen.append((data.decode(), peer))
        self.noticed.set()

    async def room(self, peer: str) -> None:
        """There is always room."""

    def line_down(self, peer: str) -> None:
        self.seen.append(("down", peer))


async def serve(own: Lines, node: Node, socket: Pipe) -> None:
    relay = credentials(RELAY)
    known = credentials(MEMBER).certificate

    def admit(data: bytes, _now_ms: int) -> Peer:
        assert data == known.to_bytes()
        return Peer(MEMBER, known.verify_key)

    answered = await lines.answer(own, relay, Clock(), admit, socket)
    if answered is not None:
        await own.carry(answered[0], socket, node, answered[1])


async def hello_and_reply(node: Node, own: Lines) -> tuple[Initiator, bytes, Pipe, bytes, asyncio.Task[None]]:
    me, relay = credentials(MEMBER), credentials(RELAY)
    caller = Initiator(
        me.certificate.to_bytes(),
        me.signing,
        Peer(RELAY, relay.certificate.verify_key),
        relay.reception.public,
    )
    hello, socket = caller.hello(Clock().now()), Pipe()
    task = asyncio.create_task(serve(own, node, socket))
    socket.arriving.put_nowait(hello)
    reply = await socket.leaving.get()
    assert reply is not None
    return caller, hello, socket, reply, task


async def said_again(first: bytes | None) -> list[tuple[str, str]]:
    """A member has a line; somebody repeats its hello and then sends ``first``. What the relay notices."""
    node, own = Node(), Lines()
    caller, hello, socket, reply, task = await hello_and_reply(node, own)
    line = caller.finish(reply)
    socket.arriving.put_nowait(line.seal(b"one"))
    await node.until(("one", MEMBER))
    thief = Pipe()
    theft = asyncio.create_task(serve(own, node, thief))
    thief.arriving.put_nowait(hello)
    assert await thief.leaving.get()
    own.send(MEMBER, b"for the member alone")
    thief.arriving.put_nowait(first)
    await theft
    assert thief.closed
    assert thief.leaving.empty()
    sealed = await socket.leaving.get()
    assert sealed is not None
    assert line.open(sealed) == b"for the member alone"
    socket.arriving.put_nowait(line.seal(b"two"))
    await node.until(("two", MEMBER))
    assert own.peers() == [MEMBER]
    assert sum(own.refusals.values()) == (0 if first is None else 1)
    socket.arriving.put_nowait(None)
    await task
    return node.seen


def test_a_hello_said_again_takes_no_line_away_and_hears_nothing() -> None:
    whole = [("up", MEMBER), ("one", MEMBER), ("two", MEMBER), ("down", MEMBER)]
    assert asyncio.run(said_again(b"\x00" * 40)) == whole
    assert asyncio.run(said_again(b"")) == whole
    assert asyncio.run(said_again(None)) == whole


def test_the_member_itself_takes_its_place_again() -> None:
    async def twice() -> list[tuple[str, str]]:
        node, own = Node(), Lines()
        caller, _hello, socket, reply, task = await hello_and_reply(node, own)
        socket.arriving.put_nowait(caller.finish(reply).seal(b"one"))
        await node.until(("one", MEMBER))
        again, _, newer, reply, newer_task = await hello_and_reply(node, own)
        newer.arriving.put_nowait(again.finish(reply).seal(b"two"))
        await task
        assert socket.closed
        newer.arriving.put_nowait(None)
        await newer_task
        return node.seen

    assert asyncio.run(twice()) == [
        ("up", MEMBER),
        ("one", MEMBER),
        ("up", MEMBER),
        ("two", MEMBER),
        ("down", MEMBER),
    ]
