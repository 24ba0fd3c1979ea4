"""Floods over real sockets: who sends or asks without end is slowed and turned away, and others are served meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import websockets
from tests.attack.test_replays import Node
from tests.node.samples import credentials
from tests.node.surroundings import Clock
from websockets.asyncio.server import ServerConnection, serve

from allpoints.ground.clock import SECOND
from allpoints.identity.certificate import Certificate
from allpoints.node import dialling, lines
from allpoints.node.driver import FRAMES_LIMIT_BYTES, PEER_LIMIT_BYTES, Driver
from allpoints.node.lines import Lines
from allpoints.node.quotas import BURST_SECONDS, CALL_FRAMES, LineLimits, Quotas
from allpoints.sealing.line import Initiator, Line, Peer

RELAY, FLOODER, OTHER = "XSC/relay", "XAV", "XBM"
LIMITS = LineLimits(frames_a_second=50, bytes_a_second=1_000_000, patience_s=60)
AT_ONCE = LIMITS.frames_a_second * BURST_SECONDS - CALL_FRAMES + 2
"""Frames that come without a pause: the call's own, what its cost has left, and the one that goes over it."""


class Site:
    """A relay's end of its lines, on a port of this machine; its clock and its pauses are the test's."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.node = Node()
        self.lines = Lines(Quotas(self.clock, LIMITS), self._pause)
        self.paused = asyncio.Event()
        self.released = asyncio.Semaphore(0)
        self.pauses: list[float] = []
        self.port = 0
        self.ended = False

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.paused.set()
        if not self.ended:
            await self.released.acquire()

    async def go_on(self, later_s: float) -> None:
        """Let the flooder be read again, so much later, until it has to pause once more or its line ends."""
        self.clock.now_ms += int(later_s * SECOND)
        self.paused.clear()
        self.released.release()
        await self.paused.wait()

    async def answer(self, connection: ServerConnection) -> None:
        socket = dialling._Dialled(connection)
        answered = await lines.answer(self.lines, credentials(RELAY), self.clock, admit, socket)
        if answered is not None:
            await self.lines.carry(answered[0], socket, self.node, answered[1])
        self.paused.set()

    @contextlib.asynccontextmanager
    async def called(self, name: str) -> AsyncIterator[tuple[Line, websockets.ClientConnection]]:
        """A line from a member, over a socket."""
        me, relay = credentials(name), credentials(RELAY)
        upper = Peer(RELAY, relay.certificate.verify_key)
        async with websockets.connect(
            f"ws://127.0.0.1:{self.port}/line", proxy=None, close_timeout=0.2
        ) as connection:
            caller = Initiator(me.certificate.to_bytes(), me.signing, upper, relay.reception.public)
            await connection.send(caller.hello(self.clock.now()))
            reply = await connection.recv()
            assert isinstance(reply, bytes)
            yield caller.finish(reply), connection

    def heard(self, name: str) -> int:
        return sum(peer == name and what not in {"up", "down"} for what, peer in self.node.seen)


def admit(data: bytes, _now_ms: int) -> Peer:
    offered = Certificate.from_bytes(data)
    return Peer(offered.subject, credentials(offered.subject).certificate.verify_key)


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[Site]:
    site = Site()
    async with serve(site.answer, "127.0.0.1", 0, close_timeout=0.2) as server:
        site.port = next(iter(server.sockets)).getsockname()[1]
        try:
            yield site
        finally:
            site.ended = True
            site.released.release()


async def flood(site: Site, line: Line, connection: websockets.ClientConnection, count: int) -> None:
    for _ in range(count):
        await connection.send(line.seal(b"x"))


def test_a_member_that_floods_is_not_read_and_another_is_served() -> None:
    async def story() -> None:
        async with opened() as site, site.called(FLOODER) as (line, flooding):
            await flood(site, line, flooding, AT_ONCE * 3)
            await site.paused.wait()
            assert site.heard(FLOODER) == AT_ONCE
            async with site.called(OTHER) as (other_line, other):
                await other.send(other_line.seal(b"urgent"))
                await site.node.until(("urgent", OTHER))
            assert site.heard(FLOODER) == AT_ONCE
            assert site.pauses == [1 / LIMITS.frames_a_second]
            # A second later it is heard for a second's worth, and has lost nothing.
            await site.go_on(1)
            assert site.heard(FLOODER) == AT_ONCE + LIMITS.frames_a_second
            assert (site.lines.slowed, sum(site.lines.refusals.values())) == (2, 0)

    asyncio.run(story())


def test_large_frames_count_by_their_bytes() -> None:
    async def story() -> None:
        async with opened() as site, site.called(FLOODER) as (line, flooding):
            for _ in range(10):
                await flooding.send(line.seal(b"x" * 500_000))
            await site.paused.wait()
            # The call's own, four seconds' worth, and the one that went over it.
            assert site.heard(FLOODER) == 10
            assert site.pauses == [0.5]

    asyncio.run(story())


def test_a_member_that_pushes_for_minutes_is_cut_off_until_it_has_paused() -> None:
    async def story() -> None:
        async with opened() as site:
            async with site.called(FLOODER) as (line, flooding):
                sending = asyncio.create_task(flood(site, line, flooding, 20_000))
                await site.paused.wait()
                while not site.lines.refusals:
                    await site.go_on(1)
                assert site.lines.refusals == {"LINE-FLOODED": 1}
                assert site.clock.now_ms - Clock().now_ms <= (LIMITS.patience_s + 2) * SECOND
                with contextlib.suppress(websockets.ConnectionClosed):
                    await sending
            assert await is_heard(site, OTHER)
            assert not await is_heard(site, FLOODER)
            assert site.lines.refusals == {"LINE-FLOODED": 1, "LINE-TOO-SOON": 1}
            site.clock.now_ms += 2 * BURST_SECONDS * SECOND
            assert await is_heard(site, FLOODER)

    asyncio.run(story())


async def is_heard(site: Site, name: str) -> bool:
    """Whether a call of this member leads to a line, or is closed."""
    async with site.called(name) as (line, connection):
        await connection.send(line.seal(b"hello"))
        before = ("hello", name) in site.node.seen
        heard = asyncio.create_task(site.node.until(("hello", name)))
        closed = asyncio.create_task(connection.wait_closed())
        await asyncio.wait((heard, closed), return_when=asyncio.FIRST_COMPLETED)
        assert not before
        for task in (heard, closed):
            task.cancel()
        return heard.done() and not heard.cancelled()


def test_calling_again_and_again_gives_a_member_nothing() -> None:
    async def story() -> None:
        async with opened() as site:
            calls = LIMITS.frames_a_second * BURST_SECONDS // CALL_FRAMES
            for _ in range(calls):
                assert await is_heard(site, FLOODER)
                site.node.seen.clear()
            assert not await is_heard(site, FLOODER)
            assert await is_heard(site, OTHER)

    asyncio.run(story())


def test_what_waits_of_one_member_holds_up_no_other() -> None:
    async def story() -> None:
        driver = Driver(None, None)  # type: ignore[arg-type]  # nothing is run here
        part = b"x" * (PEER_LIMIT_BYTES // 4)
        for _ in range(4):
            await driver.room(FLOODER)
            driver.frame(FLOODER, part)
        waiting = asyncio.ensure_future(driver.room(FLOODER))
        await driver.room(OTHER)
        assert not waiting.done()
        waiting.cancel()
        # All together have a bound too, whoever they are.
        for at in range(FRAMES_LIMIT_BYTES // PEER_LIMIT_BYTES):
            for _ in range(4):
                driver.frame(f"X{at}", part)
        waiting = asyncio.ensure_future(driver.room(OTHER))
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(story())


@pytest.mark.parametrize("patience_s", [1, 60, 600])
def test_who_keeps_to_its_quota_is_never_cut_off(patience_s: int) -> None:
    quota = Quotas(Clock(), LIMITS._replace(patience_s=patience_s)).of(OTHER)
    now_ms = Clock().now_ms
    quota.call(now_ms)
    for _ in range(10_000):
        now_ms += SECOND // LIMITS.frames_a_second
        assert quota.frame(100, now_ms) == 0
