"""Drives one engine: gathers work from lines, officers and clocks into batches, and gives the outcomes back."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

import structlog

from allpoints.ground.refusal import Refusal
from allpoints.node.engine import Engine, Work
from allpoints.node.quotas import MIB

BATCH_LIMIT = 512
QUEUE_LIMIT = 20_000
FRAMES_LIMIT_BYTES = 64 * MIB
"""Frames that wait to be taken, from all lines together; beyond it the lines are not read."""
PEER_LIMIT_BYTES = 16 * MIB
"""Frames of one peer that wait to be taken; beyond it its line is not read, and the others are."""
FRAME_OVERHEAD_BYTES = 512
"""What the smallest frame costs while it waits."""
TICK_SECONDS = 1.0

T = TypeVar("T")
log = structlog.get_logger("driver")


class Running(Protocol):
    """What a driver needs of an engine beyond running work."""

    def receive(self, peer: str, data: bytes) -> None: ...

    def connected(self, peer: str) -> None: ...

    def departed(self, peer: str) -> None: ...

    def tick(self) -> None: ...


class Driver:
    """One engine's loop. Everything that touches the engine goes through here, one batch at a time."""

    def __init__(self, engine: Engine, running: Running, tick_seconds: float = TICK_SECONDS) -> None:
        self.engine = engine
        self.running = running
        self.tick_seconds = tick_seconds
        self._queue: asyncio.Queue[tuple[Work, asyncio.Future[Any] | None]] = asyncio.Queue()
        self.peer_limit_bytes = PEER_LIMIT_BYTES
        self._frame_bytes: Counter[str] = Counter()
        self._taken = asyncio.Event()
        self.batches = 0
        self.items = 0

    async def do(self, work: Callable[[], T]) -> T:
        """Run one item in the next batch; returns, or raises its refusal, once the batch is on disk."""
        if self._queue.qsize() >= QUEUE_LIMIT:
            raise Refusal(
                "TOO-BUSY",
                "This node has more to do than it can take.",
                hint="Try again shortly.",
                status=429,
            )
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((work, future))
        outcome = await future
        if isinstance(outcome, Refusal):
            raise outcome
        return cast("T", outcome)

    def post(self, work: Work) -> None:
        """Run one item in the next batch; nobody waits for it."""
        self._queue.put_nowait((work, None))

    def line_up(self, peer: str) -> None:
        self.post(lambda: self.running.connected(peer))

    def frame(self, peer: str, data: bytes) -> None:
        self._frame_bytes[peer] += len(data) + FRAME_OVERHEAD_BYTES
        self.post(lambda: self._receive(peer, data))

    def _receive(self, peer: str, data: bytes) -> None:
        self._frame_bytes[peer] -= len(data) + FRAME_OVERHEAD_BYTES
        if not self._frame_bytes[peer]:
            del self._frame_bytes[peer]
        self.running.receive(peer, data)

    async def room(self, peer: str) -> None:
        """Wait until another frame of ``peer`` can be taken: who sends faster than this node writes has to wait."""
        while not self._has_room(peer):
            self._taken.clear()
            await self._taken.wait()

    def _has_room(self, peer: str) -> bool:
        own, all_ = self._frame_bytes[peer], self._frame_bytes.total()
        return own < self.peer_limit_bytes and all_ < FRAMES_LIMIT_BYTES

    def line_down(self, peer: str) -> None:
        self.post(lambda: self.running.departed(peer))

    async def run(self) -> None:
        """Run until cancelled; what is queued then is dropped, unacknowledged."""
        ticker = asyncio.create_task(self._tick())
        try:
            while True:
                batch = [await self._queue.get()]
                # One turn of the loop lets every request that is already there join this disk sync.
                await asyncio.sleep(0)
                while len(batch) < BATCH_LIMIT and not self._queue.empty():
                    batch.append(self._queue.get_nowait())
                self._run(batch)
        finally:
            ticker.cancel()

    def _run(self, batch: list[tuple[Work, asyncio.Future[Any] | None]]) -> None:
        outcomes = self.engine.run([work for work, _ in batch])
        self.batches += 1
        self.items += len(batch)
        self._taken.set()
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future is None:
                if isinstance(outcome, Refusal):
                    # The sentence may repeat what was sent, and that may be about a person.
                    log.warning("refused", code=outcome.code)
            elif not future.done():
                future.set_result(outcome)

    async def _tick(self) -> None:
        while True:
            self.post(self.running.tick)
            await asyncio.sleep(self.tick_seconds)
