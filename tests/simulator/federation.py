"""Real engines in a simulated world: one relay, the secretariat's desk, five bureaus, four posts."""

from functools import partial
from pathlib import Path
from typing import Any

from tests.simulator import keys
from tests.simulator.lines import Lines
from tests.simulator.node import TICK_MS, Crashed, Node, Running
from tests.simulator.world import World

from allpoints.ground.clock import SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import ADMISSION, approve
from allpoints.node import frames, membership
from allpoints.node.bureau import Bureau
from allpoints.node.engine import Work
from allpoints.node.post import Post
from allpoints.node.relay import Relay


class Federation:
    """All nodes, their misfortunes, and what the relay has acknowledged."""

    def __init__(self, world: World, folder: Path, posts: tuple[str, ...] = keys.POSTS) -> None:
        self.world = world
        self.posts = posts
        self.folder = folder
        self.papers = keys.Papers()
        self.lines = Lines(world, self)
        self.lines.watch = self._watch
        self.nodes: dict[str, Node] = {}
        self.acknowledged: set[bytes] = set()
        self.refused: dict[str, set[str]] = {}
        self.troubled = True
        luck = world.luck
        self.late = luck.choice(keys.BUREAUS)
        skew = world.weather.skew_ms
        for name in (keys.RELAY, keys.DESK, *keys.BUREAUS, *posts):
            self.nodes[name] = Node(self, name, luck.randint(-skew, skew) if skew else 0)
        self.desk_papers()
        for name in (keys.RELAY, keys.DESK):
            self.nodes[name].start()
        self._found()
        for name in keys.BUREAUS:
            delay = luck.randint(20, 60) * SECOND if name == self.late else 0
            world.later(delay, partial(self._join, name))
        self._trouble()

    def desk_papers(self) -> None:
        now = self.nodes[keys.DESK].clock.now()
        for name in (keys.DESK, keys.RELAY):
            self.papers.certificate(name, now)

    def bureau(self, name: str) -> Bureau:
        engine = self.nodes[name].engine
        if not isinstance(engine, Bureau):
            raise Crashed
        return engine

    def post(self, name: str) -> Post:
        engine = self.nodes[name].engine
        if not isinstance(engine, Post):
            raise Crashed
        return engine

    def relay(self) -> Relay:
        engine = self.nodes[keys.RELAY].engine
        if not isinstance(engine, Relay):
            raise Crashed
        return engine

    def alive(self, name: str) -> bool:
        return self.nodes[name].engine is not None

    def knows(self, upper: str, lower: str) -> bool:
        if upper == keys.RELAY:
            offered = self.papers.certificate(lower)
            return lower == keys.DESK or membership.may_call(self.relay().directory, offered)
        return self.bureau(upper).posts.certificate(lower) is not None

    def take(self, name: str, event: str, peer: str, data: bytes) -> None:
        if event == "connected" and self.troubled and self.world.chance(0.05):
            self.nodes[name].misfortune = "commit"
        self.nodes[name].take(event, peer, data)

    def act(self, name: str, work: Work) -> Any:
        """Do something at a node; a refusal is raised, and so is that it crashed before it was done."""
        (outcome,) = self.nodes[name].run([work])
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def _found(self) -> None:
        desk, certificate = self.bureau(keys.DESK), self.papers.certificate
        founding = membership.Founding(
            keys.NETWORK,
            keys.root().to_bytes(),
            certificate(keys.DESK).to_bytes(),
            certificate(keys.RELAY).to_bytes(),
        )
        self.act(keys.DESK, lambda: desk.outbox.write_clear(membership.FOUNDED, frames.pack(founding)))

    def _join(self, name: str) -> None:
        """A bureau makes its certificate, the desk admits it, the bureau and its post begin to work."""
        certificate = self.papers.certificate(name, self.nodes[name].clock.now())
        data, ends_ms = certificate.to_bytes(), certificate.not_after_ms
        root = self.papers.root
        approval = approve(root, keys.holder(root.version), ADMISSION, data, ends_ms).to_bytes()
        body = frames.pack(membership.Admitting(data, [approval]))
        try:
            desk = self.bureau(keys.DESK)
            self.act(keys.DESK, lambda: desk.outbox.write_clear(membership.ADMITTED, body))
        except Crashed:
            self.world.later(SECOND, lambda: self._join(name))
            return
        self._begin(name)

    def _begin(self, name: str) -> None:
        self.nodes[name].start()
        post = f"{name}/post-1"
        if post in self.nodes:
            self._join_post(name, post)

    def _join_post(self, name: str, post: str) -> None:
        certificate = self.papers.certificate(post, self.nodes[name].clock.now())
        try:
            bureau = self.bureau(name)
            self.act(name, lambda: bureau.posts.admit(certificate, bureau.clock.now()))
        except Crashed:
            self.world.later(SECOND, lambda: self._join_post(name, post))
            return
        self.nodes[post].start()

    def started(self, node: Node) -> None:
        self.lines.open(node.name)
        engine = node.engine
        if isinstance(engine, Relay):
            engine.on_key_ended = lambda member: self.lines.down(self.lines.lines[member])
        self.world.later(self.world.luck.randint(1, TICK_MS[node.role]), lambda: self._tick(node, engine))

    def _tick(self, node: Node, engine: Running | None) -> None:
        if node.engine is engine and engine is not None:
            node.take("tick", "", b"")
            self.world.later(TICK_MS[node.role], lambda: self._tick(node, engine))

    def _trouble(self) -> None:
        world = self.world
        world.later(world.about(world.weather.crash_every_ms), self._misfortune)
        world.later(world.about(world.weather.cut_every_ms), self._cut)

    def _misfortune(self) -> None:
        if not self.troubled:
            return
        world = self.world
        # The relay is one of eleven nodes, and every frame passes it.
        node = self.nodes[world.luck.choice([*sorted(self.nodes), keys.RELAY, keys.RELAY])]
        how = world.luck.choice(("crash", "commit", "commit", "silence"))
        if node.engine is not None:
            if how == "crash":
                self.crash(node)
            else:
                node.misfortune = how
        world.later(world.about(world.weather.crash_every_ms), self._misfortune)

    def _cut(self) -> None:
        if not self.troubled:
            return
        world = self.world
        lines = [line for line in self.lines.lines.values() if not line.local]
        if lines:
            line = world.luck.choice(lines)
            self.lines.cut(line, world.luck.randint(SECOND, 30 * SECOND), noticed=world.chance(0.7))
        world.later(world.about(world.weather.cut_every_ms), self._cut)

    def crash(self, node: Node) -> None:
        """A node dies at once, and starts again from its disk some time later."""
        node.stop()
        for line in self.lines.of(node.name):
            self.lines.down(line)
        self.world.later(self.world.luck.randint(SECOND, 20 * SECOND), lambda: self._restart(node))

    def _restart(self, node: Node) -> None:
        if node.engine is None:
            node.start()

    def _watch(self, source: str, _target: str, frame: bytes) -> None:
        if source == keys.RELAY and b"Appended" in frame[:11] and b"NotAppended" not in frame[:14]:
            told = frames.decode(frame)
            if isinstance(told, frames.Appended):
                self.acknowledged.update(told.ids)

    def refusals(self, node: Node) -> None:
        """Remember what a node refused of what others sent it."""
        if node.engine is not None:
            codes = node.engine.refusals - node.refused
            self.refused.setdefault(node.name, set()).update(codes)

    def close(self) -> None:
        self.troubled = False
        for node in self.nodes.values():
            node.stop("stop")
