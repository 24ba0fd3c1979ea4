"""Members whose keys rotate, are stolen, revoked and recovered, and who are suspended and restored, in bad weather.

No posts and no mail here: what is looked at is who signs for whom, from which entry on, and that nobody's records are lost.
"""

import os
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.simulator import keys
from tests.simulator.federation import Federation
from tests.simulator.node import Crashed
from tests.simulator.people import People

from allpoints.ground.clock import DAY, HOUR, MINUTE, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import approve
from allpoints.identity.known import COOLING, Member
from allpoints.identity.officers import Asker
from allpoints.identity.order_file import Order, act_of, write_order
from allpoints.identity.recovery import COOLING_MS, Recovery, Revocation
from allpoints.identity.root import key_hash
from allpoints.identity.standing import Restoration, new_id
from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Header, compose
from allpoints.ledger.facts import CLEAR
from allpoints.node import frames, membership
from allpoints.node.orders import MeasureOrder
from allpoints.registers.entering import Carriage

ADMIN = Asker("anna", frozenset({"desk", "administrator"}), "border-control", "C-1")
WHY = ("Keys were stolen", "Holders of the root")
ACT_EVERY_MS = 600
LOOK_MS = 2 * SECOND


class Fates:
    """What happens to members, and what was done meanwhile."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        self.world = federation.world
        self.luck = random.Random(f"{self.world.seed}/fates")
        self.people = People(self.luck)
        self.working = True
        self.entered: set[str] = set()
        self.forged: set[bytes] = set()
        self.done: dict[str, int] = {}
        self._offered: dict[bytes, int] = {}
        """The numbers of the keys by which members are to be recovered, by their identifiers."""
        self._fresh = 0
        self.acts: list[tuple[int, Callable[[str], bool]]] = [
            (14, self.enter),
            (2, self.rotate),
            (2, self.revoke),
            (3, self.recover),
            (2, self.object),
            (1, self.suspend),
            (2, self.restore),
            (3, self.forge),
            (2, self.pass_hours),
        ]
        self.world.later(2 * SECOND, self._go_on)
        self.world.later(LOOK_MS, self._come_back)

    def _go_on(self) -> None:
        if not self.working:
            return
        self.world.later(self.luck.randint(1, 2 * ACT_EVERY_MS), self._go_on)
        weights = [weight for weight, _ in self.acts]
        (_, act), *_ = self.luck.choices(self.acts, weights)
        member = self.luck.choice(keys.BUREAUS)
        try:
            if act(member):
                self.done[act.__name__] = self.done.get(act.__name__, 0) + 1
                self.world.note(member, "act", "", act.__name__)
        except Crashed:
            self.world.note(member, "act", "", f"{act.__name__} crashed")
        except Refusal as refusal:
            self.world.note(member, "act", "", f"{act.__name__} refused {refusal.code}")

    def _member(self, member: str) -> Member | None:
        return self.federation.bureau(keys.DESK).following.directory.member(member)

    def _act(self, name: str, work: Callable[[], Any]) -> None:
        self.federation.act(name, work)

    # -- what happens

    def enter(self, member: str) -> bool:
        bureau, ref = self.federation.bureau(member), f"{member}-{len(self.entered):04}"
        fields, carriage = (
            self.people.travel_document(member, ref),
            Carriage("border-control", "official-use"),
        )
        self._act(member, lambda: bureau.records.enter(ADMIN, "travel-documents", fields, carriage))
        self.entered.add(ref)
        return True

    def rotate(self, member: str) -> bool:
        bureau, papers = self.federation.bureau(member), self.federation.papers
        following = papers.following(member, bureau.clock.now())
        self._act(member, lambda: bureau.keys.rotations.write(following))
        papers.rotated(member, following)
        self._start_again(member)
        return True

    def revoke(self, member: str) -> bool:
        found = self._member(member)
        return (
            found is not None
            and found.revoked is None
            and self._order(Revocation(new_id(), member, self._key(member), *WHY))
        )

    def recover(self, member: str) -> bool:
        """By the next key at once, or by another one after the time to object."""
        if self._member(member) is None:
            return False
        at_once, now = self.luck.random() < 0.4, self.federation.bureau(keys.DESK).clock.now()
        self._fresh += 100
        number = self._number(member) + 1 if at_once else self._fresh
        certificate = self.federation.papers.by(member, number, now)
        until_ms = 0 if at_once else now + COOLING_MS + self.luck.randint(1, 9) * HOUR
        self._offered[certificate.verify_key.key_id] = number
        return self._order(Recovery(new_id(), member, self._key(member), until_ms, certificate, *WHY))

    def object(self, member: str) -> bool:
        bureau = self.federation.bureau(member)
        self._act(member, lambda: bureau.keys.recoveries.object(ADMIN, member))
        return True

    def suspend(self, member: str) -> bool:
        desk = self.federation.bureau(keys.DESK)
        self._act(keys.DESK, lambda: desk.orders.limit(ADMIN, member, MeasureOrder(*WHY)))
        return True

    def restore(self, member: str) -> bool:
        found = self._member(member)
        lifts = sorted(one.measure.id for one in found.measures if not one.lifted) if found else []
        return bool(lifts) and self._order(Restoration(new_id(), member, tuple(lifts), *WHY))

    def forge(self, member: str) -> bool:
        """A thief hands in an entry under a key of the member's that counts no more, with no line to stop him."""
        relay = self.federation.relay()
        now = relay.directory.verify_key(member)
        old = [one.verify_key for one in relay.directory.signers(member) if one.verify_key not in {None, now}]
        if not old:
            return False
        key = self.luck.choice(old)
        number = next(one for one in range(10_000) if keys.numbered(member, one).signing.public == key)
        head = ledger_store.head(relay.db, member)
        header = Header(
            id=os.urandom(16),
            kind=membership.EPOCH,
            author=member,
            created_ms=relay.clock.now(),
            author_seq=head.author_seq + 1,
            prev=head.commitment,
            sealing=CLEAR,
            salt=bytes(32),
        )
        entry = compose(header, None, b"\x80", keys.numbered(member, number).signing)
        self.forged.add(header.id)
        frame = frames.encode(frames.Append([entry.encoded]))
        self.federation.nodes[keys.RELAY].run([lambda: relay.receive(member, frame)])
        return True

    def pass_hours(self, _member: str) -> bool:
        self.world.passed_ms += self.luck.choice((1, 9, 30)) * HOUR
        return True

    # -- how it is done

    def _key(self, member: str) -> bytes:
        latest = self.federation.bureau(keys.DESK).following.directory.latest(member)
        return key_hash(latest.verify_key) if latest else bytes(32)

    def _number(self, member: str) -> int:
        """The number of the key that the desk knows."""
        key = self._key(member)
        return next(
            one for one in range(10_000) if key_hash(keys.numbered(member, one).signing.public) == key
        )

    def _order(self, order: Order) -> bool:
        desk, data = self.federation.bureau(keys.DESK), order.to_bytes()
        root = self.federation.papers.root
        word = approve(root, keys.holder(root.version), act_of(order), data, desk.clock.now() + 300 * DAY)
        given = [word.to_bytes()]
        self._act(keys.DESK, partial(desk.orders.order, ADMIN, write_order(order), given))
        return True

    def _come_back(self) -> None:
        """Administrators whose new keys hold start their nodes with them."""
        self.world.later(LOOK_MS, self._come_back)
        if not self.federation.alive(keys.RELAY):
            return
        for member in keys.BUREAUS:
            directory, papers = self.federation.relay().directory, self.federation.papers
            held = directory.certificate(member)
            number = self._offered.get(held.verify_key.key_id) if held else None
            if held is None or number is None or membership.may_call(directory, papers.certificate(member)):
                continue
            papers.took(member, number, held)
            self.world.note(member, "act", "", f"comes back with key {number}")
            self._start_again(member)

    def _start_again(self, member: str) -> None:
        node = self.federation.nodes[member]
        if node.engine is not None:
            self.federation.crash(node)
            node.start()

    def homecoming(self) -> None:
        """Whoever is shut out is let in again, and the time to object passes."""
        for member in keys.BUREAUS:
            found = self._member(member)
            self.restore(member)
            under_way = found is not None and any(one.state == COOLING for one in found.recoveries)
            if found is not None and found.revoked is not None and not under_way:
                self.recover(member)


WAIT_MS = 2 * MINUTE
"""How long the world goes on between two things that administrators do at the end."""
