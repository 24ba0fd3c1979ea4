"""The world that a federation is played in: one clock with a skew for each node, one queue of events, bad weather."""

import heapq
import random
from collections.abc import Callable
from typing import NamedTuple

from allpoints.ground.clock import MINUTE, SECOND

EPOCH_MS = 1_790_000_000_000
"""When every play begins, in milliseconds since 1970."""


Act = Callable[[], None]


class Weather(NamedTuple):
    """What happens to frames and nodes: chances per frame, and mean times between greater misfortunes."""

    loss: float
    double: float
    late: float
    late_ms: int
    delay_ms: int
    orderly: bool
    crash_every_ms: int
    cut_every_ms: int
    skew_ms: int


CALM = Weather(0.0, 0.0, 0.0, 0, 3, True, 0, 0, 0)


def weather(luck: random.Random) -> Weather:
    """One seed's weather; real lines keep order and lose nothing between two breaks, so some seeds do too."""
    orderly = luck.random() < 0.3
    return Weather(
        loss=0.0 if orderly else luck.choice((0.0, 0.01, 0.05, 0.15)),
        double=0.0 if orderly else luck.choice((0.0, 0.02, 0.1)),
        late=0.0 if orderly else luck.choice((0.0, 0.02, 0.1)),
        late_ms=luck.choice((500, 4 * SECOND, 20 * SECOND)),
        delay_ms=luck.choice((3, 30, 150)),
        orderly=orderly,
        crash_every_ms=luck.choice((5, 10, 25)) * SECOND,
        cut_every_ms=luck.choice((15, 30, 60)) * SECOND,
        skew_ms=luck.choice((0, 2 * SECOND, 4 * MINUTE, 7 * MINUTE)),
    )


class World:
    """Time, the events to come, and the account of what happened."""

    def __init__(self, seed: int, *, tell: Callable[[str], None] | None = None) -> None:
        self.seed = seed
        self.now_ms = 0
        self.passed_ms = 0
        """Hours that passed at once, while nothing happened."""
        self.luck = random.Random(f"{seed}/weather")
        self.weather = weather(self.luck)
        self.events = 0
        self.frames = 0
        self.tell = tell
        self._queue: list[tuple[int, int, Act]] = []
        self._number = 0

    def wall_ms(self) -> int:
        return EPOCH_MS + self.now_ms + self.passed_ms

    def later(self, delay_ms: int, act: Act) -> None:
        self._number += 1
        heapq.heappush(self._queue, (self.now_ms + max(0, delay_ms), self._number, act))

    def step(self) -> None:
        """Let the next event happen."""
        self.now_ms, _, act = heapq.heappop(self._queue)
        self.events += 1
        act()

    def next_ms(self) -> int:
        """When the next event is due."""
        return self._queue[0][0] if self._queue else 1 << 62

    def chance(self, probability: float) -> bool:
        return probability > 0 and self.luck.random() < probability

    def delay(self) -> int:
        """How long one frame is on its way."""
        if self.chance(self.weather.late):
            return self.luck.randint(1, self.weather.late_ms)
        return self.luck.randint(1, self.weather.delay_ms)

    def about(self, mean_ms: int) -> int:
        return int(self.luck.expovariate(1 / mean_ms)) + 1

    def note(self, node: str, event: str, peer: str = "", detail: str = "") -> None:
        """One line of the account: time, node, event, peer, detail, in fixed columns."""
        if self.tell is None:
            return
        seconds = (self.now_ms + self.passed_ms) / 1000
        self.tell(f"{seconds:12.3f}  {node:<11}  {event:<9}  {peer:<11}  {detail}".rstrip())


class SkewedClock:
    """A node's own clock: the world's, set wrong by some minutes."""

    def __init__(self, world: World, skew_ms: int) -> None:
        self.world = world
        self.skew_ms = skew_ms

    def now(self) -> int:
        return self.world.wall_ms() + self.skew_ms
