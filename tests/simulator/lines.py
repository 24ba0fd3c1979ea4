"""The lines between simulated nodes: they break, are cut, lose, double, delay and reorder what they carry."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from tests.simulator import keys
from tests.simulator.world import CALM, Weather, World

from allpoints.ground.clock import SECOND
from allpoints.node import frames


class Ends(Protocol):
    """What the lines need of the federation."""

    def alive(self, name: str) -> bool: ...

    def knows(self, upper: str, lower: str) -> bool:
        """Whether ``upper`` would answer a call from ``lower``."""
        ...

    def take(self, name: str, event: str, peer: str, data: bytes) -> None: ...


class Line:
    """The line of one node to the one that it dials."""

    def __init__(self, lower: str, upper: str) -> None:
        self.lower = lower
        self.upper = upper
        self.up = False
        self.number = 0
        self.cut_until_ms = 0
        self.last_ms = {lower: 0, upper: 0}

    @property
    def local(self) -> bool:
        """The secretariat's desk and its relay are one process."""
        return self.lower == keys.DESK


class Lines:
    """All lines of a federation."""

    def __init__(self, world: World, ends: Ends) -> None:
        self.world = world
        self.ends = ends
        self.lines: dict[str, Line] = {}
        self.watch: Callable[[str, str, bytes], None] = lambda _source, _target, _frame: None

    def open(self, lower: str) -> None:
        """A node starts to dial."""
        upper = keys.upper(lower)
        if upper is not None and lower not in self.lines:
            self.lines[lower] = Line(lower, upper)
            self.world.later(self.world.luck.randint(1, 500), lambda: self._dial(lower))

    def between(self, one: str, other: str) -> Line | None:
        for lower, upper in ((one, other), (other, one)):
            line = self.lines.get(lower)
            if line is not None and line.upper == upper:
                return line
        return None

    def of(self, name: str) -> list[Line]:
        return [line for line in self.lines.values() if name in {line.lower, line.upper}]

    def _weather(self, line: Line) -> Weather:
        return CALM if line.local else self.world.weather

    def _dial(self, lower: str) -> None:
        line, world = self.lines[lower], self.world
        if line.up:
            return
        ready = self.ends.alive(line.lower) and self.ends.alive(line.upper)
        if not ready or world.now_ms < line.cut_until_ms or not self.ends.knows(line.upper, line.lower):
            world.later(world.luck.randint(200, 3_000), lambda: self._dial(lower))
            return
        line.up = True
        line.number += 1
        world.note(lower, "line-up", line.upper)
        self.ends.take(line.upper, "connected", line.lower, b"")
        self.ends.take(line.lower, "connected", line.upper, b"")

    def down(self, line: Line) -> None:
        """The line breaks; each end that lives notices in its own time, the lower one dials again."""
        if not line.up:
            return
        line.up = False
        number, world = line.number, self.world
        world.note(line.lower, "line-down", line.upper)
        for name, peer in ((line.lower, line.upper), (line.upper, line.lower)):
            world.later(
                world.luck.randint(1, 2 * SECOND),
                partial(self._notice, line, number, name, peer),
            )
        world.later(world.luck.randint(200, 4 * SECOND), lambda: self._dial(line.lower))

    def _notice(self, line: Line, number: int, name: str, peer: str) -> None:
        if line.number == number and not line.up:
            self.ends.take(name, "departed", peer, b"")

    def cut(self, line: Line, for_ms: int, *, noticed: bool) -> None:
        """Nothing passes for a while; whether the ends notice is chance."""
        line.cut_until_ms = self.world.now_ms + for_ms
        self.world.note(line.lower, "cut", line.upper, f"{for_ms / 1000:.1f} s")
        if noticed:
            self.down(line)

    def carry(self, source: str, target: str, frame: bytes) -> None:
        self.watch(source, target, frame)
        line, world = self.between(source, target), self.world
        if line is None or not line.up or world.now_ms < line.cut_until_ms:
            return
        weather = self._weather(line)
        if world.chance(weather.loss):
            world.note(source, "lost", target, named(frame) if world.tell else "")
            return
        for _ in range(2 if world.chance(weather.double) else 1):
            at_ms = world.now_ms + (1 if line.local else world.delay())
            if weather.orderly:
                at_ms = line.last_ms[source] = max(line.last_ms[source], at_ms)
            arrive = partial(self._arrive, line, line.number, (source, target), frame)
            world.later(at_ms - world.now_ms, arrive)

    def _arrive(self, line: Line, number: int, way: tuple[str, str], frame: bytes) -> None:
        ends_with_line = line.local or self.world.weather.orderly
        if self.world.now_ms < line.cut_until_ms or (
            ends_with_line and (not line.up or line.number != number)
        ):
            return
        self.world.frames += 1
        self.ends.take(way[1], "frame", way[0], frame)


def named(data: bytes) -> str:
    """A frame as the account shows it: no identifiers, which differ from run to run."""
    frame = frames.decode(data)
    shown = {
        "first_seq": "from",
        "next_seq": "from",
        "seq": "seq",
        "seqs": "seqs",
        "size": "size",
        "numbers": "numbers",
        "number": "number",
        "last": "last",
        "restart": "restart",
        "state": "state",
    }
    details = [f"{word}={getattr(frame, field)}" for field, word in shown.items() if hasattr(frame, field)]
    fault = getattr(frame, "fault", None)
    if fault is not None:
        details.append(fault.code)
    if isinstance(frame, frames.Append):
        details.append(f"entries={len(frame.entries)}")
    return " ".join([type(frame).__name__, *details])
