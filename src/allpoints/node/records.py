"""Records at a node: what its own officers enter, and what every owner's entries fold into."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.ledger.entry import Entry
from allpoints.matching.posting import Posting
from allpoints.node import membership
from allpoints.node.audience import Audience
from allpoints.node.check_index import CheckIndex
from allpoints.node.checks import Known
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.exclusions import ExcludedMember, Exclusions, Outstanding
from allpoints.node.following import Following
from allpoints.node.indexing import Indexing
from allpoints.node.record_files import OpenedFile, RecordFiles
from allpoints.registers import (
    entering,
    folding,
    reading,
    searching,
    visibility,
    withdrawing,
)
from allpoints.registers import store as record_store
from allpoints.registers.entering import Carriage, Writer
from allpoints.registers.finding import Sight
from allpoints.registers.folding import Published
from allpoints.registers.reading import Reader, ReadRecord
from allpoints.registers.record import (
    DECLARATION,
    PUT,
    Batch,
    RecordOp,
    decode_batch,
    encode_batch,
    record_id,
)
from allpoints.registers.searching import Query, SearchResult
from allpoints.vocabulary.register import Register, Vocabulary

Prepare = Callable[[sqlite3.Connection, Register, str, str, str, str], RecordOp | None]
"""Makes the act on a member's own record: database, register, member, reference, reason, role."""


class OwnAct(NamedTuple):
    """An act on one of this member's own records: which, why, what the policies call it, the event of its line."""

    ref: str
    reason: str
    act: Act
    event: str


class Records:
    """One node's registers."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        vocabulary: Vocabulary,
        following: Following,
        audience: Audience,
        index: CheckIndex,
    ) -> None:
        self.engine = engine
        self.me = me
        self.vocabulary = vocabulary
        self.audience = audience
        self.index = index
        self.indexing = Indexing(index)
        following.openers[membership.RECORDS] = self._fold
        self.following = following
        self.files = RecordFiles(engine, me, vocabulary, following, audience)
        self.exclusions = Exclusions(engine, me, following, audience, self.indexing)
        self.counts = {"entered": 0, "folded": 0}

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def register(self, name: str) -> Register:
        """A register by name, for the node itself; what an officer may know of is said by ``known_register``."""
        register = self.vocabulary.registers.get(name)
        if register is None:
            raise Refusal("UNKNOWN-REGISTER", f"There is no register {name!r}.", path="register", status=404)
        return register

    def known(self, asker: Asker) -> Mapping[str, Register]:
        """The registers that this officer is told of."""
        return visibility.known(self.vocabulary, asker)

    def known_register(self, asker: Asker, name: str) -> Register:
        """The register of this name, refused alike when it is closed to this officer and when there is none."""
        return visibility.known_register(self.vocabulary, asker, name)

    def _fold(self, entry: Entry, body: bytes, seq: int) -> None:
        batch = decode_batch(body)
        if self.me.name in batch.excluded:
            raise Refusal(
                "EXCLUDED-READER", "This member was given records that its author excludes it from."
            )
        header, secretariat = entry.header, self.me.secretariat.subject
        published = Published(header.author, seq, header.created_ms, secretariat)
        report = folding.apply_batch(self.db, self.vocabulary, batch, published)
        for fault in report.faults:
            self.following.refuse(seq, fault.path, Refusal(fault.code, fault.sentence))
        self.files.folded(entry)
        self.counts["folded"] += (
            0 if visibility.closed(self.vocabulary, batch.register) else len(report.applied)
        )
        self.indexing.applied(report.applied)

    def seal(self, register: Register, ops: Sequence[RecordOp], excluded: tuple[str, ...]) -> None:
        """Let acts of this member's out, for everyone but the excluded; who could read until now is told to delete."""
        self.exclusions.order(register)
        for group in self.files.sealed(register, ops, excluded):
            batch = encode_batch(Batch(register.name, DECLARATION, tuple(group), excluded))
            self.audience.write(membership.RECORDS, batch, excluded)
        self.counts["entered"] += len(ops)

    def writer(self) -> Writer:
        """The member of this node, writing now."""
        return Writer(self.me.member, self.me.secretariat.subject, self.engine.clock.now())

    def reader(self) -> Reader:
        """The member of this node, reading now."""
        return Reader(self.me.member, self.me.secretariat.subject, self.engine.clock.now())

    def enter(self, asker: Asker, name: str, raw: Mapping[str, object], carriage: Carriage) -> str:
        """Enter or change one record of this member's; returns its identifier in hexadecimal."""
        policy.require(self.vocabulary, asker, Act.ENTER)
        register = self.known_register(asker, name)
        entering.check_carriage(self.vocabulary, self.me.member, carriage)
        op = entering.prepare_put(self.db, register, self.writer(), raw, carriage)
        ref = op.ref if op is not None else str(raw.get("source_ref", "")).strip()
        identifier = record_id(register.name, self.me.member, ref).hex()
        event = "record:entered" if op is None or op.op == PUT else "record:achieved"
        audit.record(self.db, event, asker, self.engine.clock.now(), register=name, record=identifier)
        if op is not None:
            self.seal(register, [op], withdrawing.excluded_of(self.db, register, self.me.member, ref))
        return identifier

    def withdraw(self, asker: Asker, name: str, ref: str, reason: str) -> None:
        """Withdraw a record of this member's, for exactly those who hold it."""
        self.act(
            asker, name, OwnAct(ref, reason, Act.WITHDRAW, "record:withdrawn"), withdrawing.prepare_withdraw
        )

    def act(self, asker: Asker, name: str, what: OwnAct, prepare: Prepare) -> None:
        """Let one act on a record of this member's out, written down first, for exactly those who hold the record."""
        policy.require(self.vocabulary, asker, what.act)
        register, ref = self.known_register(asker, name), what.ref
        op = prepare(self.db, register, self.me.member, ref, what.reason, f"desk of {self.me.member}")
        audit.record(
            self.db,
            what.event,
            asker,
            self.engine.clock.now(),
            register=name,
            ref=ref,
            reason=what.reason,
        )
        if op is not None:
            self.seal(register, [op], withdrawing.excluded_of(self.db, register, self.me.member, ref))

    def search(self, asker: Asker, query: Query) -> SearchResult:
        policy.require(self.vocabulary, asker, Act.SEARCH)
        now = self.engine.clock.now()
        audit.record(self.db, "search:asked", asker, now, query=msgspec.to_builtins(query))
        sight = Sight(visibility.readable(self.vocabulary, asker), now)
        return searching.search(self.db, self.vocabulary, self.lookup, query, sight)

    def lookup(self, kind: str, value: str) -> list[bytes]:
        return [posting.record_id for posting in self.index.find(kind, value)]

    def read(self, asker: Asker, identifier: bytes, **about: str) -> ReadRecord:
        policy.require(self.vocabulary, asker, Act.READ)
        now = self.engine.clock.now()
        visibility.may_read(self.vocabulary, asker, record_store.register_of(self.db, identifier))
        found = reading.read(self.db, self.vocabulary, identifier, self.reader())
        audit.record(self.db, "record:read", asker, now, record=identifier.hex(), **about)
        return found

    def readers(self, asker: Asker, identifier: bytes) -> list[ExcludedMember]:
        """Whom this member shut out of a record of its own, read under the same conditions as the record."""
        found = self.read(asker, identifier, readers="listed")
        if found.owner != self.me.member:
            raise Refusal(
                "NOT-OWNER", f"Only {found.owner} knows who may read its record.", path="record", status=403
            )
        return self.exclusions.of_record(identifier)

    def outstanding(self, asker: Asker) -> list[Outstanding]:
        """Members that were shut out of records of this member's and have not said yet that they deleted them."""
        policy.require(self.vocabulary, asker, Act.LIST_OWN)
        audit.record(self.db, "record:listed", asker, self.engine.clock.now(), exclusions="outstanding")
        return self.exclusions.outstanding([one.code for one in self.known(asker).values()])

    def read_file(self, asker: Asker, identifier: bytes, sha256: str) -> OpenedFile:
        """One file of a record, under the same conditions and with the same line as the record itself."""
        found = self.read(asker, identifier, file=sha256)
        return self.files.opened(self.register(found.register), found, sha256)

    def counted(self, asker: Asker) -> dict[str, int]:
        """How many records of each register and status this node holds: ``travel-documents:valid``."""
        names = {register.code: register.name for register in self.known(asker).values()}
        counts = record_store.counts(self.db)
        return {f"{names[code]}:{status}": count for (code, status), count in counts.items() if code in names}

    def behind(self, posting: Posting) -> Known | None:
        """Caption and reference of the record behind a posting, for an answer that was audited already."""
        try:
            found = reading.read(self.db, self.vocabulary, posting.record_id, self.reader())
        except Refusal:
            return None
        register = self.register(found.register)
        held = found.caption if register.person_data else ""
        return Known(f"{register.label['en']}: {found.caption}", f"{found.owner} {found.ref}", held)
