"""Measures against members: ordered and lifted by the secretariat, told to every desk, and shown with whom they reached."""

import sqlite3
from collections.abc import Callable, Sequence

import msgspec

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import policy, standing
from allpoints.identity.approval import MEASURE, RESTORATION
from allpoints.identity.known import Ordered
from allpoints.identity.officers import Asker
from allpoints.identity.order_file import read_order
from allpoints.identity.policy import Act, Around
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.identity.standing import Measure, Restoration
from allpoints.ledger import audit
from allpoints.node import frames, membership, own_root
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox
from allpoints.vocabulary.register import Vocabulary

LINK = "/en/members"
PUBLISH_LIMIT_MS = 24 * HOUR
"""On a view of the ledger that is older nothing is published; settings only tighten it."""
ACT_LIMIT_MS = 7 * DAY
"""On a view that is older nothing is sent and nobody admitted; the node only answers."""


class MeasureOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measure as an administrator orders it; ``until_ms`` 0 is the longest that may be ordered."""

    reason: str
    authority: str
    mode: str = standing.SUSPENDED
    kinds: tuple[str, ...] = standing.KINDS
    from_ms: int = 0
    until_ms: int = 0


class RestorationOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A restoration as an administrator orders it: every measure that was ordered before it ends."""

    reason: str
    authority: str


class MeasureView(msgspec.Struct, frozen=True):
    """A measure as it stands; ``seq`` is its place in the ledger."""

    id: str
    mode: str
    kinds: tuple[str, ...]
    from_ms: int
    until_ms: int
    reason: str
    authority: str
    seq: int
    at_ms: int
    state: str
    """in force, to come, ended or lifted."""
    sentence: str


class OrderedView(msgspec.Struct, frozen=True):
    """What an order says; after a recovery, also the file with which the member joins again."""

    sentence: str
    admission: str = ""


class Orders:
    """What the secretariat orders about members, and what every node says of it."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        vocabulary: Vocabulary,
        following: Following,
        outbox: Outbox,
        alerts: Alerts,
    ) -> None:
        self.engine = engine
        self.me = me
        self.vocabulary = vocabulary
        self.following = following
        self.outbox = outbox
        self.alerts = alerts
        self.publish_ms, self.act_ms = PUBLISH_LIMIT_MS, ACT_LIMIT_MS
        self.about_key: Callable[[Asker, Revocation | Recovery, Sequence[bytes], str], str] = _nobody
        """Writes an order about a member's key, and gives the file to join with, if there is one."""
        outbox.limit = self._limit
        following.on_decided.append(self._told)

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def _limit(self, kind: str) -> Refusal | None:
        try:
            self.following.require_view(self.publish_ms)
        except Refusal as refusal:
            return refusal
        if self.me.is_secretariat:
            return None
        directory, name = self.following.directory, self.me.name
        try:
            directory.check_signs(name)
        except Refusal as refusal:
            return refusal
        return membership.limit_of(directory, name, kind, self.engine.clock.now())

    def require_view(self) -> None:
        """Refuse acts that reach others on a view older than a week: then this node only answers."""
        self.following.require_view(self.act_ms)

    def require_direct(self, about: str) -> None:
        """Refuse what this member may not send at present."""
        now = self.engine.clock.now()
        membership.require_direct(self.following.directory, self.me.name, about, now)

    def suspended(self) -> Ordered | None:
        """The suspension of this node's own member, while one is in force."""
        return self.following.directory.suspended_at(self.me.name, self.engine.clock.now())

    def shut_out(self) -> list[tuple[int, str]]:
        """Why this node's own member is told nothing any more, and since when: suspended, or its key revoked."""
        order, revoked = self.suspended(), self.following.directory.revoked(self.me.name)
        found = [(order.at_ms, order.measure.sentence())] if order is not None else []
        return [*found, (revoked.at_ms, revoked.sentence())] if revoked is not None else found

    def limit(self, asker: Asker, member: str, order: MeasureOrder) -> MeasureView:
        """Write a measure against a member to the ledger; it counts as soon as it stands there."""
        self._may_order(asker, member)
        now = self.engine.clock.now()
        from_ms = order.from_ms or now
        measure = Measure(
            standing.new_id(),
            member,
            order.mode,
            order.kinds,
            from_ms,
            order.until_ms or from_ms + standing.URGENT_TERM_MS,
            order.reason,
            order.authority,
        )
        measure.check()
        self.following.directory.copy().limit(measure, 0, now)
        self._write(membership.LIMITED, measure.to_bytes(), [])
        audit.record(self.db, "member:limited", asker, now, member=member, mode=measure.mode)
        return _view(Ordered(measure, 0, now), now)

    def restore(self, asker: Asker, member: str, order: RestorationOrder) -> int:
        """Lift every measure against a member that is not lifted yet; how many they were.

        Only a network for trials does so at once; elsewhere the holders of the root approve it first: ``order``.
        """
        self._may_order(asker, member)
        lifts = tuple(sorted(one.measure.id for one in self._ordered(member) if not one.lifted))
        if not lifts:
            raise Refusal("NOT-LIMITED", f"No measure stands against {member}.", path="member", status=409)
        restoration = Restoration(standing.new_id(), member, lifts, order.reason, order.authority)
        restoration.check()
        self._restore(asker, restoration, ())
        return len(lifts)

    def order(self, asker: Asker, text: str, approvals: Sequence[bytes], address: str = "") -> OrderedView:
        """Write an order that holders of the root approved, read from its file."""
        self._check_desk(asker)
        order, now = read_order(text), self.engine.clock.now()
        self._known(order.member)
        if isinstance(order, Revocation | Recovery):
            return OrderedView(order.sentence(), self.about_key(asker, order, approvals, address))
        if isinstance(order, Restoration):
            self._restore(asker, order, approvals)
            return OrderedView(order.sentence())
        root, data = self.following.directory.root, order.to_bytes()
        given = own_root.approved(self.me, root, MEASURE, data, approvals, now)
        self.following.directory.copy().limit(order, 0, now, approved=True)
        self._write(membership.LIMITED, data, given)
        audit.record(self.db, "member:limited", asker, now, member=order.member, mode=order.mode)
        return OrderedView(order.sentence())

    def _restore(self, asker: Asker, restoration: Restoration, approvals: Sequence[bytes]) -> None:
        directory, now, data = self.following.directory, self.engine.clock.now(), restoration.to_bytes()
        given = own_root.approved(self.me, directory.root, RESTORATION, data, approvals, now)
        directory.copy().lift(restoration, now)
        self._write(membership.RESTORED, data, given)
        audit.record(
            self.db, "member:restored", asker, now, member=restoration.member, lifted=len(restoration.lifts)
        )

    def _may_order(self, asker: Asker, member: str) -> None:
        self._check_desk(asker)
        self._known(member)

    def _check_desk(self, asker: Asker) -> None:
        policy.require(self.vocabulary, asker, Act.ORDER_MEASURE, Around(central=self.me.is_secretariat))

    def _write(self, kind: str, order: bytes, approvals: list[bytes]) -> None:
        self.outbox.write_clear(kind, frames.pack(membership.Ordering(order, approvals)))

    def _known(self, member: str) -> None:
        if self.following.directory.member(member) is None:
            raise Refusal("MEMBER-UNKNOWN", f"There is no member {member}.", path="member", status=404)

    def _ordered(self, member: str) -> tuple[Ordered, ...]:
        found = self.following.directory.member(member)
        return found.measures if found else ()

    def measures(self, asker: Asker, member: str) -> list[MeasureView]:
        """Every measure that was ever ordered against a member, the newest first."""
        policy.require(self.vocabulary, asker, Act.SEE_MEASURES)
        self._known(member)
        now = self.engine.clock.now()
        return [_view(one, now) for one in reversed(self._ordered(member))]

    def newest(self, asker: Asker, member: str) -> tuple[int, str]:
        """The newest order against a member, a revocation of its key too: its place and its sentence; refuses if none."""
        policy.require(self.vocabulary, asker, Act.SEE_MEMBERS)
        self._known(member)
        found = [(one.seq, one.measure.sentence()) for one in self._ordered(member)]
        revoked = self.following.directory.revoked(member)
        if revoked is not None:
            found.append((revoked.seq, revoked.sentence()))
        if not found:
            raise Refusal(
                "NOT-LIMITED", f"No measure was ordered against {member}.", path="member", status=409
            )
        return max(found)

    def _told(self, kind: str, member: str) -> None:
        """An order was folded: the desk hears of it, and what a measure held back may go."""
        if kind not in {membership.LIMITED, membership.RESTORED}:
            return
        now = self.engine.clock.now()
        mine = member == self.me.name
        if mine:
            self.outbox.let_go()
        found = self.following.directory.in_force(member, now)
        head = (
            found[-1].measure.sentence() if found else f"{member} is restored: no measure stands against it"
        )
        self.alerts.raise_(now, "system", head, LINK, urgent=mine)


def _nobody(*_: object) -> str:
    raise Refusal("NOT-WIRED", "This node writes no orders about keys.", status=503)


def _view(one: Ordered, now_ms: int) -> MeasureView:
    measure = one.measure
    state = "lifted" if one.lifted else "in force" if one.in_force(now_ms) else "to come"
    if state == "to come" and measure.from_ms <= now_ms:
        state = "ended"
    return MeasureView(
        measure.id.hex(),
        measure.mode,
        measure.kinds,
        measure.from_ms,
        measure.until_ms,
        measure.reason,
        measure.authority,
        one.seq,
        one.at_ms,
        state,
        measure.sentence(),
    )
