"""Members shut out of records at a node: as an owner it orders them to delete a record, as one of them it obeys."""

import sqlite3
from collections.abc import Sequence

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.directory import Directory
from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry
from allpoints.node import membership
from allpoints.node.audience import Audience, Origin
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.indexing import Indexing
from allpoints.registers import excluding, exclusion_store, standing, store
from allpoints.registers.exclusion import Exclusion, Named, ShutOut, decode_order, encode_order
from allpoints.registers.exclusion_store import Answer
from allpoints.vocabulary.register import Register

OUTSTANDING_LIMIT = 1_000
UNKNOWN = Origin(0, frozenset())
"""An entry of which nothing is known but that it is there."""


class ExcludedMember(msgspec.Struct, frozen=True):
    """A member that may not read one of this member's records.

    It was ordered to delete the record at ``ordered_ms``: 0 for one that never was given it. ``obeyed_ms`` is when it says
    that it did, 0 while it has not said so. One that is ``suspended`` is told once it is restored.
    """

    member: str
    ordered_ms: int = 0
    obeyed_ms: int = 0
    suspended: bool = False


class Outstanding(msgspec.Struct, frozen=True):
    """An order to delete a record of this member's that a member has not obeyed since ``ordered_ms``."""

    record: str
    ref: str
    member: str
    ordered_ms: int
    suspended: bool


class Exclusions:
    """One node's orders, those it gives and those it is given."""

    def __init__(
        self, engine: Engine, me: Credentials, following: Following, audience: Audience, indexing: Indexing
    ) -> None:
        self.engine = engine
        self.me = me
        self.audience = audience
        self.indexing = indexing
        following.openers[membership.EXCLUDED] = self._fold

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    @property
    def directory(self) -> Directory:
        return self.audience.directory

    # -- given by this member

    def order(self, register: Register) -> None:
        """Tell whoever is shut out by acts that are sealed now; called before they are, in the same transaction."""
        shut_out = exclusion_store.undecided(self.db)
        if not shut_out:
            return
        now = self.engine.clock.now()
        told = self._told(shut_out)
        exclusion_store.decide(self.db, shut_out, now)
        for members, group in excluding.orders(told):
            named = {Named(register.name, one.ref, one.below) for one in group}
            commitment = self.audience.write_to(membership.EXCLUDED, encode_order(named), members)
            exclusion_store.decide(self.db, group, now, commitment)

    def _told(self, shut_out: Sequence[ShutOut]) -> list[ShutOut]:
        """Those who were ever given a key of what they are shut out of: to any other, an order would betray the record."""
        reached = self.audience.reached()
        once = {(one.record_id, one.below): one for one in shut_out}
        origins = {place: self._origins(one) for place, one in once.items()}
        return [
            one
            for one in shut_out
            if any(
                origin.was_given_to(one.member, reached.get(one.member, 0))
                for origin in origins[one.record_id, one.below]
            )
        ]

    def _origins(self, one: ShutOut) -> list[Origin]:
        """The entries with the earlier versions of a record."""
        rows = store.rows_of(self.db, [one.record_id])
        past = store.history(self.db, rows[0].row) if rows else []
        entries = (
            ledger_store.id_at(self.db, act.seq, self.me.name) for act in past if act.version < one.below
        )
        found = [self.audience.origin(entry_id) for entry_id in entries if entry_id is not None]
        # Of one that has not come back from the ledger yet it is not known whom it left out: all are told who may have it.
        return found if rows and rows[0].version >= one.below - 1 else [*found, UNKNOWN]

    def of_record(self, record_id: bytes) -> list[ExcludedMember]:
        """Who may not read a record of this member's, and who of them has obeyed."""
        told = exclusion_store.of_record(self.db, record_id)
        now = standing.standing_of(self.db, [record_id]).get(record_id, standing.NEW)
        return [self._member(name, told.get(name)) for name in now.excluded]

    def _member(self, name: str, last: Exclusion | None) -> ExcludedMember:
        suspended = self._is_suspended(name)
        if last is None or not last.commitment:
            return ExcludedMember(name, suspended=suspended)
        return ExcludedMember(name, last.at_ms, last.obeyed_ms, suspended)

    def outstanding(self, registers: Sequence[int]) -> list[Outstanding]:
        """Orders that were not obeyed yet, on records of these registers, the oldest first."""
        return [
            Outstanding(one.record_id.hex(), one.ref, one.member, one.at_ms, self._is_suspended(one.member))
            for one in exclusion_store.outstanding(self.db, registers, OUTSTANDING_LIMIT)
        ]

    def _is_suspended(self, name: str) -> bool:
        return self.directory.suspended_at(name, self.engine.clock.now()) is not None

    # -- given to this member

    def _fold(self, entry: Entry, body: bytes, seq: int) -> None:
        named, author = decode_order(body), entry.header.author
        if author == self.me.name:
            raise Refusal("ORDER-TO-ITSELF", "An owner is not shut out of records of its own.")
        done = excluding.obey(self.db, named, author, seq, own_words=self.me.is_secretariat)
        self.indexing.ended((one.record_id, one.version) for one in done.deleted)
        # A link of this member's to what it may not read counts for nobody.
        self.audience.give_no_more(done.links)
        exclusion_store.keep_obeyed(self.db, Answer(entry.commitment, author, self.engine.clock.now()))
