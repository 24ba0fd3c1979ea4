"""A whole federation in one process: the real engines, folders of their own, and a carrier that waits to be told.

Frames lie in ``Wire`` until ``pump`` hands them over, so that a test decides what is lost, doubled or delayed. Keys are
made once in a process, since making them is what takes long.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from allpoints.border.question import Question
from allpoints.border.verdict import Answer
from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate, Holder, issue
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.officers import Asker
from allpoints.node import frames, membership
from allpoints.node.bureau import Bureau
from allpoints.node.credentials import Credentials
from allpoints.node.post import Post
from allpoints.node.relay import Relay
from allpoints.registers.entering import Carriage
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Vocabulary

NOW_MS = 1_790_000_000_000
NETWORK = "test.allpoints"
CENTRE, RELAY, POST = "XSC", "XSC/relay", "XBM/post-1"
MEMBERS = ("XAV", "XBM", "XCS")
PURPOSE = "border-control"
PUMP_LIMIT = 20_000

ALL_ROLES = frozenset({"border", "desk", "reviewer", "command", "administrator"})
ANNA = Asker("anna", ALL_ROLES, PURPOSE, "C-17")
"""An officer who may do everything, with a purpose and a case."""
CARRIAGE = Carriage(PURPOSE, "official-use")

PASSPORT = {
    "source_ref": "AV-1",
    "document_number": "AB 123456",
    "issuer": "XAV",
    "document_type": "passport",
    "fraud": "stolen",
}
ASKS_PASSPORT = Question(number="AB123456", issuer="XAV", document_type="passport")

PERSON = {
    "source_ref": "P-1",
    "family_name": "Bellweather",
    "given_names": "Tomas",
    "sex": "M",
    "birth_date": "1979-03-14",
    "nationalities": ["XAV"],
    "documents": [{"number": "P1234567", "issuer": "XAV", "type": "passport"}],
    "status_of_person": "wanted",
}
RED = PERSON | {
    "source_ref": "N-1",
    "offences": ["ILM"],
    "facts": "On 3 May 2026 in Port Arven the subject shot and killed a shopkeeper during a robbery and fled"
    " across the border by sea the same night.",
    "charge": "Murder",
    "law": "Criminal code art. 112",
    "request_for": "prosecution",
    "maximum_penalty_months": 240,
    "warrants": [
        {
            "reference": "W-1",
            "authority": "District Court of Port Arven",
            "issued_on": "2026-05-10",
            "country": "XAV",
            "judicial": True,
        }
    ],
    "extradition_assured": True,
    "international_interest": "Believed to travel in the region",
    "urgent": True,
    "public_extract": False,
    "contact": "bureau@xav.example",
    "marks": "Scar on left cheek",
    "height_cm": 182,
}


class Clock:
    """A clock that moves when it is told."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now_ms = now_ms

    def now(self) -> int:
        return self.now_ms


class Sent(NamedTuple):
    sender: str
    to: str
    data: bytes

    @property
    def frame(self) -> frames.AnyFrame:
        return frames.decode(self.data)


class Wire:
    """Every frame on its way, in order, from everybody to everybody."""

    def __init__(self) -> None:
        self.queue: deque[Sent] = deque()
        self.seen: list[Sent] = []

    def carrier(self, sender: str) -> "Line":
        return Line(self, sender)


class Line:
    def __init__(self, wire: Wire, sender: str) -> None:
        self.wire = wire
        self.sender = sender

    def send(self, peer: str, frame: bytes) -> None:
        one = Sent(self.sender, peer, frame)
        self.wire.queue.append(one)
        self.wire.seen.append(one)


@cache
def vocabulary() -> Vocabulary:
    return load()


@cache
def keys(name: str) -> tuple[SigningKey, ReceptionKey]:
    return SigningKey.generate(), ReceptionKey.generate()


@cache
def certificate(name: str, role: str, issuer: str = "", days: int = 365) -> Certificate:
    signing, reception = keys(name)
    holder = Holder(name, role, name[:3], f"Office {name}", signing.public, reception.public)
    return issue(
        issuer or name,
        keys(issuer or name)[0],
        holder,
        not_before_ms=NOW_MS - HOUR,
        not_after_ms=NOW_MS + days * DAY,
    )


def centre_certificate() -> Certificate:
    return certificate(CENTRE, "secretariat")


def relay_certificate() -> Certificate:
    return certificate(RELAY, "relay", CENTRE)


def post_certificate(name: str = POST) -> Certificate:
    return certificate(name, "post", name[:3], 30)


def credentials(name: str) -> Credentials:
    """Who a node of the test federation is: XSC, XSC/relay, XAV or XBM/post-1."""
    signing, reception = keys(name)
    centre = centre_certificate()
    if name == RELAY:
        own, role, upper = relay_certificate(), "relay", None
    elif name == CENTRE:
        own, role, upper = centre, "secretariat", relay_certificate()
    elif "/" in name:
        own, role, upper = post_certificate(name), "post", certificate(name[:3], "bureau")
    else:
        own, role, upper = certificate(name, "bureau"), "bureau", relay_certificate()
    index_key = name.encode().ljust(32, b"k")
    return Credentials(name, role, name[:3], NETWORK, signing, reception, own, centre, upper, "", index_key)


class FailingConnection(sqlite3.Connection):
    """Fails at the n-th statement (counted from 1) once armed, and from then on if it is told to stay broken."""

    fails_at = 0
    statements = 0
    stays_broken = False
    broke = ""

    def arm(self, number: int, *, stays_broken: bool = False) -> None:
        self.fails_at, self.statements, self.stays_broken = number, 0, stays_broken
        self.broke = ""

    def _count(self, sql: str) -> None:
        # A rollback needs no disk: SQLite forgets what it had not written yet.
        if not self.fails_at or sql == "ROLLBACK":
            return
        self.statements += 1
        over = self.statements > self.fails_at and self.stays_broken
        if self.statements == self.fails_at or over:
            self.broke = sql
            raise sqlite3.OperationalError("disk I/O error")

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self._count(sql)
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        self._count(sql)
        return super().executemany(sql, parameters)


class FailingDisk(FolderDisk):
    """A folder whose database can be told to fail."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, synchronous="OFF")

    def database(self, name: str) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = sqlite3.connect(self.folder / name, isolation_level=None, factory=FailingConnection)
        for pragma in ("synchronous=OFF", "journal_mode=WAL", "foreign_keys=ON"):
            db.execute(f"PRAGMA {pragma}")
        return db


AnyNode = Relay | Bureau | Post
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
    ) -> None:
        self.folder = folder
        self.clock = Clock()
        self.wire = Wire()
        self.disks = disks or {}
        self.nodes: dict[str, AnyNode] = {}
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

    def _one(self, name: str, kind: type[Any]) -> Any:
        node = self.nodes[name]
        if not isinstance(node, kind):
            raise TypeError(name)
        return node

    def start(self, name: str) -> AnyNode:
        """Start a node, or start it again from what lies on its disk."""
        me = credentials(name)
        disk = self.disks.get(name, _quick)(self.folder / name.replace("/", "-"))
        carrier = self.wire.carrier(name)
        node: AnyNode
        if name == RELAY:
            node = Relay(disk, self.clock, carrier, me)
        elif "/" in name:
            node = Post(disk, self.clock, carrier, me, vocabulary())
        else:
            node = Bureau(disk, self.clock, carrier, me, vocabulary())
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
            NETWORK, centre_certificate().to_bytes(), relay_certificate().to_bytes()
        )
        centre = self.centre
        self.connect(CENTRE)
        centre.do(lambda: centre.outbox.write_clear(membership.FOUNDED, frames.pack(founding)))
        self.pump()

    def admit(self, name: str) -> None:
        centre = self.centre
        body = frames.pack(membership.Admitting(certificate(name, "bureau").to_bytes()))
        centre.do(lambda: centre.outbox.write_clear(membership.ADMITTED, body))
        self.pump()

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
        refused = []
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
