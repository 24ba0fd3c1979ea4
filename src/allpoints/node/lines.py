"""Real lines between nodes: one long-lived WebSocket each, everything in it sealed by the line session.

The side that dials says hello with its certificate; the side that is dialled decides whether it knows it. After
that both send frames whenever they have some. A line that breaks is dialled again, each time after a longer wait.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog
import websockets

from allpoints.ground.carrier import FRAME_LIMIT_BYTES
from allpoints.ground.clock import SECOND, Clock, SystemClock
from allpoints.ground.refusal import Refusal
from allpoints.node.credentials import Credentials
from allpoints.node.quotas import LineLimits, Quotas
from allpoints.sealing.line import Line, Peer, Responder

QUEUE_LIMIT_BYTES = 64 * 1024 * 1024
"""A peer that does not take what is sent is cut off before it fills this node's memory."""
HANDSHAKE_SECONDS = 10.0
SOCKET_LIMIT_BYTES = FRAME_LIMIT_BYTES + 64 * 1024

log = structlog.get_logger("line")


class Socket(Protocol):
    """A message socket, from either side."""

    async def receive(self) -> bytes | None:
        """The next message, or None when the line is gone."""
        ...

    async def send(self, message: bytes) -> None: ...

    async def close(self) -> None: ...


class Ends(Protocol):
    """The node at this end of its lines."""

    def line_up(self, peer: str) -> None: ...

    def frame(self, peer: str, data: bytes) -> None: ...

    async def room(self, peer: str) -> None:
        """Wait until this end can take another frame of ``peer``."""
        ...

    def line_down(self, peer: str) -> None: ...


class Lines:
    """All lines of one engine; as its carrier, sends to whoever is connected and loses what is for nobody."""

    def __init__(
        self, quotas: Quotas | None = None, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """``pause`` waits for so many seconds."""
        self.refusals: Counter[str] = Counter()
        self.slowed = 0
        self.secured: dict[str, str] = {}
        """By which TLS this end dialled a peer, in words; nothing for a line without any."""
        self.quotas = quotas or Quotas(SystemClock(), LineLimits())
        self._pause = pause
        self._open: dict[str, _Open] = {}
        self._local: dict[str, Callable[[bytes], None]] = {}

    def send(self, peer: str, frame: bytes) -> None:
        local = self._local.get(peer)
        if local is not None:
            local(frame)
            return
        held = self._open.get(peer)
        if held is not None:
            held.put(frame)

    def join_local(self, peer: str, take: Callable[[bytes], None]) -> None:
        """Join another engine in this very process: no socket and no seal between them."""
        self._local[peer] = take

    def drop(self, peer: str) -> None:
        """End the line to a peer once what waits on it has been sent; whoever dialled it dials again."""
        held = self._open.get(peer)
        if held is not None:
            held.stop()

    def peers(self) -> list[str]:
        return sorted(self._open)

    async def carry(self, line: Line, socket: Socket, ends: Ends, first: bytes | None = None) -> None:
        """Carry frames both ways until the line breaks; a newer line to the same peer replaces an older.

        ``first`` is the frame by which the caller showed that it is no replay, if it was the other side that called.
        """
        try:
            self.quotas.of(line.peer).call(self.quotas.clock.now())
        except Refusal as refusal:
            self.refused(refusal, line.peer)
            await socket.close()
            return
        older = self._open.pop(line.peer, None)
        if older is not None:
            older.stop()
        held = _Open(line, socket)
        self._open[line.peer] = held
        ends.line_up(line.peer)
        if first is not None:
            ends.frame(line.peer, first)
        sending = asyncio.create_task(held.run())
        try:
            await self._receive(line, socket, ends)
        finally:
            held.stop()
            await sending
            if self._open.get(line.peer) is held:
                del self._open[line.peer]
                ends.line_down(line.peer)

    async def _receive(self, line: Line, socket: Socket, ends: Ends) -> None:
        peer, quota, now = line.peer, self.quotas.of(line.peer), self.quotas.clock.now
        try:
            while True:
                await ends.room(peer)
                frame = await self.opened(line, socket)
                if frame is None:
                    return
                ends.frame(peer, frame)
                await self._held_back(quota.frame(len(frame), now()))
        except Refusal as refusal:
            self.refused(refusal, peer)

    async def _held_back(self, wait_ms: int) -> None:
        """Do not read a peer that is over its quota: what it sends waits at its own end."""
        if wait_ms:
            self.slowed += 1
            await self._pause(wait_ms / SECOND)

    async def opened(self, line: Line, socket: Socket) -> bytes | None:
        """The next frame on a line, or None when it is gone or carried something that does not open."""
        sealed = await socket.receive()
        if sealed is None:
            return None
        try:
            return line.open(sealed)
        except Refusal as refusal:
            self.refused(refusal, line.peer)
            return None

    def refused(self, refusal: Refusal, peer: str = "") -> None:
        """Count and log a caller or a frame that was not let in."""
        self.refusals[refusal.code] += 1
        log.warning("line refused", peer=peer, code=refusal.code)

    def stop(self) -> None:
        for held in list(self._open.values()):
            held.stop()


class _Open:
    """What waits to be sent on one line."""

    def __init__(self, line: Line, socket: Socket) -> None:
        self.line = line
        self.socket = socket
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._bytes = 0
        self._stopped = False

    def put(self, frame: bytes) -> None:
        if self._stopped:
            return
        self._bytes += len(frame)
        if self._bytes > QUEUE_LIMIT_BYTES:
            log.warning("peer too slow", peer=self.line.peer)
            self.stop()
            return
        self._frames.put_nowait(frame)

    def stop(self) -> None:
        self._stopped = True
        self._frames.put_nowait(None)

    async def run(self) -> None:
        try:
            while (frame := await self._frames.get()) is not None:
                self._bytes -= len(frame)
                await self.socket.send(self.line.seal(frame))
        except (OSError, Refusal, websockets.ConnectionClosed) as error:
            log.info("line broke", peer=self.line.peer, why=type(error).__name__)
        # A socket that is gone already cannot be closed, and must not keep its line from being given up.
        with contextlib.suppress(OSError, websockets.ConnectionClosed):
            await self.socket.close()


Admit = Callable[[bytes, int], Peer]


async def answer(
    own: Lines, me: Credentials, clock: Clock, admit: Admit, socket: Socket
) -> tuple[Line, bytes] | None:
    """The dialled side's half of the handshake: the line and its first frame.

    None, and the socket closed, when the caller is not admitted, takes too long, or cannot seal a frame: whoever
    only repeats another's hello gets no further, and takes no line away from whoever said it first.
    """
    with contextlib.suppress(OSError, TimeoutError, Refusal):
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            made = await _answered(own, me, clock, admit, socket)
        if made is not None:
            return made
    with contextlib.suppress(OSError):
        await socket.close()
    return None


async def _answered(
    own: Lines, me: Credentials, clock: Clock, admit: Admit, socket: Socket
) -> tuple[Line, bytes] | None:
    hello = await socket.receive()
    if hello is None:
        return None
    try:
        answered = Responder(me.name, me.signing, me.reception, admit).answer(hello, clock.now())
    except Refusal as refusal:
        own.refused(refusal)
        return None
    await socket.send(answered.reply)
    first = await own.opened(answered.line, socket)
    return None if first is None else (answered.line, first)
