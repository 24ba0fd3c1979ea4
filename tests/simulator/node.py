"""One simulated node: a folder that outlives its engines, an inbox, and what can go wrong with a batch."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from tests.registers.exhibits import FOLDER as EXHIBITS
from tests.simulator import keys
from tests.simulator.lines import Lines, named
from tests.simulator.world import SkewedClock, World

from allpoints.ground.clock import SECOND
from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.node.bureau import Bureau
from allpoints.node.engine import Work
from allpoints.node.post import Post
from allpoints.node.relay import Relay
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Vocabulary

TICK_MS = {"relay": 2 * SECOND, "secretariat": 2 * SECOND, "bureau": 2 * SECOND, "post": 1 * SECOND}

LIGHT = frozenset({b"Beat", b"Followed", b"ExtractStamp", b"Follow"})

BUSY_MS = 400
"""A busy node takes what has come in meanwhile in one batch."""

Running = Relay | Bureau | Post


class Crashed(Exception):  # noqa: N818 - what happened, not a malfunction of the play
    """The node went down, or its disk failed, before what was to be done was on the disk."""


@cache
def vocabulary() -> Vocabulary:
    return load([EXHIBITS])


class Around(Protocol):
    """What a node needs of the federation it stands in."""

    world: World
    lines: Lines
    folder: Path
    papers: keys.Papers

    def started(self, node: "Node") -> None: ...

    def crash(self, node: "Node") -> None: ...

    def refusals(self, node: "Node") -> None: ...


class Carrier:
    """One engine's carrier; a muted one belongs to a node that dies between its commit and its frames."""

    def __init__(self, lines: Lines, name: str) -> None:
        self.lines = lines
        self.name = name
        self.muted = False

    def send(self, peer: str, frame: bytes) -> None:
        if not self.muted:
            self.lines.carry(self.name, peer, frame)


class Node:
    """One node: its folder outlives its engines."""

    def __init__(self, federation: "Around", name: str, skew_ms: int) -> None:
        self.federation = federation
        self.name = name
        self.role = keys.role(name)
        self.clock = SkewedClock(federation.world, skew_ms)
        self.folder = federation.folder / name.replace("/", "-")
        self.engine: Running | None = None
        self.carrier = Carrier(federation.lines, name)
        self.inbox: list[tuple[str, str, bytes]] = []
        self.draining = False
        self.refused: Counter[str] = Counter()
        """What officers were refused since the engine started: their own mistakes, not the node's."""
        self.misfortune = ""
        """What goes wrong with the next batch: its commit, or everything after it."""

    def start(self) -> None:
        credentials = self.federation.papers.credentials(self.name)
        disk = FolderDisk(self.folder, synchronous="OFF")
        self.carrier = Carrier(self.federation.lines, self.name)
        self.inbox, self.draining, self.refused = [], False, Counter()
        if self.role == "relay":
            self.engine = Relay(disk, self.clock, self.carrier, credentials)
        elif self.role == "post":
            self.engine = Post(disk, self.clock, self.carrier, credentials, vocabulary())
        else:
            self.engine = Bureau(disk, self.clock, self.carrier, credentials, vocabulary())
        self.federation.world.note(self.name, "start")
        self.federation.started(self)

    def stop(self, event: str = "crash") -> None:
        """Drop connection and memory; what was not committed is gone."""
        if self.engine is None:
            return
        self.federation.refusals(self)
        engine, self.engine = self.engine, None
        self.inbox = []
        self.carrier.muted = True
        self.federation.world.note(self.name, event)
        engine.close()

    def take(self, event: str, peer: str, data: bytes) -> None:
        if self.engine is None:
            return
        self.inbox.append((event, peer, data))
        if not self.draining:
            self.draining = True
            world = self.federation.world
            # A new line is when what waited in the node and what comes in meet in one batch.
            busy_ms = BUSY_MS if world.chance(0.5 if event == "connected" else 0.1) else 2
            world.later(world.luck.randint(0, busy_ms), self._drain)

    def _drain(self) -> None:
        self.draining = False
        if self.engine is not None and self.inbox:
            try:
                self.run([])
            except Crashed:
                return

    def run(self, acts: Sequence[Work]) -> list[Any]:
        """Run what has come in, and then these acts, in one batch; the acts' outcomes."""
        engine = self.engine
        if engine is None:
            raise Crashed
        batch, self.inbox = self.inbox, []
        works = [self._work(engine, *one) for one in batch]
        misfortune = ""
        if self.misfortune and (acts or any(_weighty(*one) for one in batch)):
            misfortune, self.misfortune = self.misfortune, ""
        if misfortune == "commit":
            engine.db.set_authorizer(_once_denied())
        self.carrier.muted = misfortune == "silence"
        try:
            # An officer's act may come before or after what lines bring into the same batch.
            first = bool(acts) and self.federation.world.chance(0.5)
            outcomes = engine.run([*acts, *works] if first else [*works, *acts])
            outcomes = [*outcomes[len(acts) :], *outcomes[: len(acts)]] if first else outcomes
        except sqlite3.DatabaseError as error:
            if misfortune != "commit" or "authoriz" not in str(error):
                raise
            self._failed(engine)
            raise Crashed from error
        if self.federation.world.tell is not None:
            self._account(batch, outcomes)
        if misfortune == "silence":
            # The officer had the answer, and then the power failed before any frame had left.
            self.federation.crash(self)
        done = outcomes[len(works) :]
        self.refused.update(one.code for one in done if isinstance(one, Refusal))
        return done

    def _work(self, engine: Running, event: str, peer: str, data: bytes) -> Work:
        if event == "frame":
            return lambda: engine.receive(peer, data)
        if event == "tick":
            return engine.tick
        return (lambda: engine.connected(peer)) if event == "connected" else (lambda: engine.departed(peer))

    def _failed(self, engine: Running) -> None:
        engine.db.set_authorizer(None)
        self.federation.world.note(self.name, "disk-fail")
        if self.federation.world.chance(0.7):
            self.federation.crash(self)

    def _account(self, batch: list[tuple[str, str, bytes]], outcomes: list[Any]) -> None:
        for (event, peer, data), outcome in zip(batch, outcomes, strict=False):
            detail = named(data) if event == "frame" else ""
            if isinstance(outcome, Refusal):
                detail += f" refused {outcome.code}"
            if event != "tick" or detail:
                self.federation.world.note(self.name, event, peer, detail)


def _weighty(event: str, _peer: str, data: bytes) -> bool:
    """Whether something would be lost if this went wrong; a misfortune waits for such a batch."""
    return event == "connected" or (event == "frame" and data[2 : 2 + (data[1] & 31)] not in LIGHT)


def _once_denied() -> Callable[..., int]:
    left = [1]

    def judge(action: int, first: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_TRANSACTION and first == "COMMIT" and left:
            left.clear()
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    return judge
