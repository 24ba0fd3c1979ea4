"""A whole federation in one process: the real engines, folders of their own, and a carrier that waits to be told.

Frames lie in ``Wire`` until ``pump`` hands them over, so that a test decides what is lost, doubled or delayed. Keys are
made once in a process, since making them is what takes long.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tests.node.samples import (
    ANNA,
    CENTRE,
    MEMBERS,
    NETWORK,
    PASSPORT,
    POST,
    PURPOSE,
    RELAY,
    approved,
    centre_certificate,
    certificate,
    credentials,
    post_certificate,
    relay_certificate,
    root,
    vocabulary,
)
from tests.node.surroundings import Clock, Sent, Wire

from allpoints.border.question import Question
from allpoints.border.verdict import Answer
from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import ReceptionPublic
from allpoints.identity.officers import Asker
from allpoints.identity.order_file import write_order
from allpoints.identity.standing import Measure, Restoration
from allpoints.messages import own_keys
from allpoints.node import frames, membership
from allpoints.node.bureau import Bureau
from allpoints.node.credentials import Credentials
from allpoints.node.orders import MeasureOrder, MeasureView, OrderedView, RestorationOrder
from allpoints.node.post import Post
from allpoints.node.relay import Relay
from allpoints.registers.entering import Carriage
from allpoints.sealing.reception import read_bundle
from allpoints.vocabulary.register import Vocabulary

PUMP_LIMIT = 20_000

AnyNode = Relay | Bureau | Post
N = TypeVar("N", Relay, Bureau, Post)
MakeDisk = Callable[[Path], FolderDisk]


def _quick(folder: Path) -> FolderDisk:
    return FolderDisk(folder, synchronous="OFF")


class Federation:
    """Relay, secretariat, members and posts, connected and admitted."""

    def __init__(
        self,
        folder: Path,
        members: tuple[str, ...] = MEMBERS,
        posts: tuple[str, ...] = (),
        disks: dict[str, MakeDisk] | None = None,
        words: Vocabulary | None = None,
    ) -> None:
        self.folder = folder
        self.words = words or vocabulary()
        self.clock = Clock()
        self.wire = Wire()
        self.disks = disks or {}
        self.nodes: dict[str, AnyNode] = {}
        self.own: dict[str, Credentials] = {}
        """Who a node is since it rotated its keys."""
        self.cut: set[str] = set()
        self.start(RELAY)
        self.start(CENTRE)
        self._found()
        for name in members:
            self.admit(name)
            self.start(name)
            self.connect(name)
        for name in posts:
            self.add_post(name)
        self.pump()

    # -- who is in it

    @property
    def relay(self) -> Relay:
        return self._one(RELAY, Relay)

    @property
    def centre(self) -> Bureau:
        return self.bureau(CENTRE)

    def bureau(self, name: str) -> Bureau:
        return self._one(name, Bureau)

    def post(self, name: str = POST) -> Post:
        return self._one(name, Post)

    def _one(self, name: str, kind: type[N]) -> N:
        node = self.nodes[name]
        if not isinstance(node, kind):
            raise TypeError(name)
        return node

    def start(self, name: str) -> AnyNode:
        """Start a node, or start it again from what lies on its disk."""
        me = self.own.get(name) or credentials(name)
        disk = self.disks.get(name, _quick)(self.folder / name.replace("/", "-"))
        carrier = self.wire.carrier(name)
        node: AnyNode
        if name == RELAY:
            node = Relay(disk, self.clock, carrier, me)
        elif "/" in name:
            node = Post(disk, self.clock, carrier, me, self.words)
        else:
            node = Bureau(disk, self.clock, carrier, me, self.words)
        self.nodes[name] = node
        return node

    def restart(self, name: str) -> None:
        """Stop a node as a power cut would, lose its frames, start it again and connect it."""
        self.nodes[name].close()
        self.wire.queue = deque(one for one in self.wire.queue if name not in {one.sender, one.to})
        self.start(name)
        self.connect(name)

    def _found(self) -> None:
        founding = membership.Founding(
            NETWORK, root().to_bytes(), centre_certificate().to_bytes(), relay_certificate().to_bytes()
        )
        centre = self.centre
        self.connect(CENTRE)
        centre.do(lambda: centre.outbox.write_clear(membership.FOUNDED, frames.pack(founding)))
        self.pump()

    def admit(self, name: str) -> None:
        centre = self.centre
        body = approved(certificate(name, "bureau"))
        centre.do(lambda: centre.outbox.write_clear(membership.ADMITTED, body))
        self.pump()

    def suspend(self, name: str, **fields: Any) -> MeasureView:
        """Order a measure against a member, a suspension unless ``fields`` say otherwise."""
        centre, order = self.centre, MeasureOrder("Keys may be stolen", "Duty officer", **fields)
        view: MeasureView = centre.do(lambda: centre.orders.limit(ANNA, name, order))
        self.pump()
        return view

    def restore(self, name: str) -> None:
        centre, order = self.centre, RestorationOrder("Cleared", "GA-2026-94-RES-07")
        centre.do(lambda: centre.orders.restore(ANNA, name, order))
        self.pump()

    def order(self, order: Measure | Restoration, *approvals: bytes) -> str:
        """Write an order about a member as the secretariat's administrator does, with these approvals."""
        centre, text = self.centre, write_order(order)
        ordered: OrderedView = centre.do(lambda: centre.orders.order(ANNA, text, approvals))
        self.pump()
        return ordered.sentence

    def add_post(self, name: str = POST) -> Post:
        bureau = self.bureau(name[:3])
        bureau.do(lambda: bureau.posts.admit(post_certificate(name), self.clock.now()))
        self.start(name)
        self.connect(name)
        return self.post(name)

    # -- lines

    def _upper(self, name: str) -> str:
        return name[:3] if "/" in name else RELAY

    def connect(self, name: str) -> None:
        """The line of a node to the one above it is up, at both ends; the relay has nobody above it."""
        if name == RELAY:
            return
        upper = self._upper(name)
        self.cut.discard(name)
        self.nodes[upper].run([lambda: self.nodes[upper].connected(name)])
        self.nodes[name].run([lambda: self.nodes[name].connected(upper)])
        self.pump()

    def disconnect(self, name: str) -> None:
        """The line of a node to the one above it is down; what was on its way is lost."""
        upper = self._upper(name)
        self.cut.add(name)
        self.wire.queue = deque(one for one in self.wire.queue if {one.sender, one.to} != {name, upper})
        self.nodes[upper].run([lambda: self.nodes[upper].departed(name)])
        self.nodes[name].run([lambda: self.nodes[name].departed(upper)])

    def _is_cut(self, one: Sent) -> bool:
        below = max(one.sender, one.to, key=lambda name: (name != RELAY, "/" in name))
        return below in self.cut

    def pump(self) -> list[tuple[Sent, Refusal]]:
        """Hand over every frame, and those that come of it; gives what was refused."""
        refused: list[tuple[Sent, Refusal]] = []
        for _ in range(PUMP_LIMIT):
            if not self.wire.queue:
                return refused
            one = self.wire.queue.popleft()
            outcome = None if self._is_cut(one) else self.hand_over(one)
            if isinstance(outcome, Refusal):
                refused.append((one, outcome))
        raise AssertionError("the federation does not come to rest")

    def hand_over(self, one: Sent) -> Any:
        node = self.nodes[one.to]
        return node.run([lambda: node.receive(one.sender, one.data)])[0]

    def tell(self, sender: str, to: str, frame: frames.Frame) -> Any:
        """Give one frame to a node as if ``sender`` had sent it; its outcome, or the refusal."""
        return self.hand_over(Sent(sender, to, frames.encode(frame)))

    def tick(self, ms: int = 1_000) -> None:
        self.clock.now_ms += ms
        for node in self.nodes.values():
            node.run([node.tick])
        self.pump()

    def key_of(self, name: str) -> ReceptionPublic:
        """The daily key that a bureau publishes."""
        published = own_keys.published(self.bureau(name).db)
        assert published is not None
        return ReceptionPublic.from_bytes(read_bundle(published.bundle).daily)

    # -- what officers do

    def enter(
        self,
        member: str = "XAV",
        raw: dict[str, Any] | None = None,
        *,
        register: str = "travel-documents",
        excluded: tuple[str, ...] = (),
        **fields: Any,
    ) -> str:
        """Enter a record and let everybody learn of it; gives its identifier in hexadecimal."""
        bureau = self.bureau(member)
        carriage = Carriage(PURPOSE, "official-use", excluded)
        whole = (PASSPORT if raw is None else raw) | fields
        identifier = bureau.do(lambda: bureau.records.enter(ANNA, register, whole, carriage))
        self.pump()
        return str(identifier)

    def check(self, member: str, question: Question, asker: Asker = ANNA) -> Answer:
        """A check by an officer of a bureau."""
        bureau = self.bureau(member)
        answer: Answer = bureau.do(lambda: bureau.check(asker, question))
        self.pump()
        return answer

    def check_at_post(self, question: Question, name: str = POST) -> list[Answer | Refusal]:
        """A check at a post; what the officer was shown, as often as something was shown."""
        post = self.post(name)
        shown: list[Answer | Refusal] = []
        post.do(lambda: post.check(ANNA, question, shown.append))
        self.pump()
        return shown

    def refusals(self) -> dict[str, dict[str, int]]:
        """What each node refused, by code."""
        return {name: dict(node.refusals) for name, node in self.nodes.items() if node.refusals}


def dump(db: sqlite3.Connection) -> list[str]:
    """Everything in a database, as text, to compare before and after."""
    return list(db.iterdump())
