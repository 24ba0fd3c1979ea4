"""For whom a node seals: every active member and the secretariat, less those whom the owner excludes."""

import sqlite3

from allpoints.ground.refusal import Refusal
from allpoints.identity.directory import Directory
from allpoints.identity.keys import ReceptionPublic
from allpoints.identity.standing import SUSPENDED
from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry
from allpoints.ledger.stub import read
from allpoints.node import frames, membership
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following, Widening
from allpoints.node.outbox import Outbox

WIDEN_AT_ONCE = 20_000
"""Content keys in one widening entry: 48 bytes each, below the entry's limit."""


class Audience:
    """Chooses recipients, and gives a newcomer the keys of what this node wrote before it came."""

    def __init__(self, engine: Engine, me: Credentials, following: Following, outbox: Outbox) -> None:
        self.engine = engine
        self.me = me
        self.following = following
        self.outbox = outbox
        self.owes = True
        """Whether somebody may lack keys that could not be written to the ledger when they were due."""
        following.on_admitted.append(self.widen)
        following.on_ordered.append(self._ordered)

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    @property
    def directory(self) -> Directory:
        return self.following.directory

    def recipients(self, excluded: tuple[str, ...]) -> dict[str, ReceptionPublic]:
        """Reception keys by member, this node's own always among them."""
        now = self.engine.clock.now()
        chosen = {self.me.name: self.me.reception.public}
        for name in (member.code for member in self.directory.members()):
            certificate = self.directory.certificate(name)
            if certificate is None or name in excluded:
                continue
            # A newcomer whose clock is ahead of this one was admitted all the same, and is not widened twice.
            if self.directory.is_active(name, max(now, certificate.not_before_ms)):
                chosen[name] = certificate.reception_key
        secretariat = self.me.secretariat
        if secretariat.subject not in excluded:
            chosen[secretariat.subject] = secretariat.reception_key
        return chosen

    def addressed(self, seq: int, name: str) -> bool:
        """Whether the entry at this place was sealed for ``name`` by its author; not, if it cannot be read."""
        (data,) = ledger_store.encoded(self.db, seq, seq)
        try:
            item = read(data)
        except Refusal:
            # A damaged copy must neither stop a check nor tell anybody what may be kept from them.
            return False
        return isinstance(item, Entry) and any(member == name for member, _ in item.audience)

    def _ordered(self, member: str) -> None:
        """An order about a member: what it kept from others, or others from it, is made up for once it has ended."""
        if member != self.me.name and self._to_be_left_out(member):
            self.outbox.begin_leaving_out(member)
        else:
            self.make_up()

    def _to_be_left_out(self, member: str) -> bool:
        now, found = self.engine.clock.now(), self.directory.member(member)
        ordered = found.measures if found else ()
        return any(one.measure.mode == SUSPENDED and one.may_count(now) for one in ordered)

    def make_up(self) -> None:
        """Give newcomers what could not be written when they came, and members whose suspension has ended the keys
        of what was sealed meanwhile without them.
        """
        if self.outbox.limit(membership.WIDENED) is not None:
            return
        for one in self.directory.members():
            if one.code != self.me.name:
                self.widen(one.code)
        for member, number in self.outbox.left_out().items():
            if not self._to_be_left_out(member):
                self._give(member, self.outbox.own_entries(member, number))
                self.outbox.end_leaving_out(member)
        self.engine.after(lambda: setattr(self, "owes", False))

    def sweep(self) -> None:
        """Now and then: a measure may have run out by itself, against this member or another."""
        self.outbox.let_go()
        self.owes = True

    def tick(self) -> None:
        if self.owes:
            self.make_up()

    def widen(self, newcomer: str) -> None:
        """Write the content keys of this node's own earlier entries, sealed to the newcomer alone, once."""
        if self.outbox.limit(membership.WIDENED) is not None:
            self.owes = True
            return
        if not self.outbox.first_widening(newcomer):
            return
        self._give(newcomer, self.outbox.own_entries(newcomer))

    def _give(self, newcomer: str, keys: list[tuple[bytes, bytes]]) -> None:
        certificate = self.directory.certificate(newcomer)
        if certificate is None:
            return
        for start in range(0, len(keys), WIDEN_AT_ONCE):
            body = frames.pack(Widening(keys[start : start + WIDEN_AT_ONCE]))
            # These keys are for the newcomer alone: a later one gets its own, without what excludes it.
            self.outbox.write(membership.WIDENED, body, {newcomer: certificate.reception_key}, None)
