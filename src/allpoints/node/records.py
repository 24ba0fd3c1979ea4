"""Records at a node: what its own officers enter, and what every owner's entries fold into."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker, require, require_purpose
from allpoints.ledger import audit
from allpoints.ledger.entry import Entry
from allpoints.matching.posting import Posting
from allpoints.node import membership
from allpoints.node.audience import Audience
from allpoints.node.check_index import CheckIndex
from allpoints.node.checks import Known
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.indexing import Indexing
from allpoints.node.outbox import Outbox
from allpoints.node.record_files import OpenedFile, RecordFiles
from allpoints.registers import (
    chunking,
    entering,
    folding,
    import_job,
    importing,
    reading,
    searching,
    withdrawing,
)
from allpoints.registers import store as record_store
from allpoints.registers.chunking import Chunk, Source
from allpoints.registers.entering import Carriage, Writer
from allpoints.registers.finding import Sight
from allpoints.registers.folding import Published
from allpoints.registers.import_job import ImportJob
from allpoints.registers.importing import Order
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

FILES_LIMIT = 100_000
"""Imports looked through for those that have not ended."""
IMPORT_WINDOW = 24
"""Entries of an import that may wait for the relay before the next rows are read."""

Prepare = Callable[[sqlite3.Connection, Register, str, str, str, str], RecordOp | None]
"""Makes the act on a member's own record: database, register, member, reference, reason, role."""


class OwnAct(NamedTuple):
    """An act on one of this member's own records: which, why, and the event of its audit line."""

    ref: str
    reason: str
    event: str


class Records:
    """One node's registers."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        vocabulary: Vocabulary,
        following: Following,
        outbox: Outbox,
        audience: Audience,
        index: CheckIndex,
    ) -> None:
        self.engine = engine
        self.me = me
        self.vocabulary = vocabulary
        self.outbox = outbox
        self.audience = audience
        self.index = index
        self.indexing = Indexing(index)
        following.openers[membership.RECORDS] = self._fold
        self.following = following
        self.files = RecordFiles(engine, me, following, outbox, audience)
        self.counts = {"entered": 0, "folded": 0}

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def register(self, name: str) -> Register:
        register = self.vocabulary.registers.get(name)
        if register is None:
            raise Refusal(
                "UNKNOWN-REGISTER",
                f"There is no register {name!r}.",
                path="register",
                hint="Known are: " + ", ".join(sorted(self.vocabulary.registers)) + ".",
                status=404,
            )
        return register

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
        self.counts["folded"] += len(report.applied)
        self.indexing.applied(report.applied)

    def seal(self, register: Register, ops: Sequence[RecordOp], excluded: tuple[str, ...]) -> None:
        recipients = self.audience.recipients(excluded)
        for group in self.files.sealed(register, ops, excluded):
            batch = encode_batch(Batch(register.name, DECLARATION, tuple(group), excluded))
            self.outbox.write(membership.RECORDS, batch, recipients, excluded)
        self.counts["entered"] += len(ops)

    def writer(self) -> Writer:
        """The member of this node, writing now."""
        return Writer(self.me.member, self.me.secretariat.subject, self.engine.clock.now())

    def reader(self) -> Reader:
        """The member of this node, reading now."""
        return Reader(self.me.member, self.me.secretariat.subject, self.engine.clock.now())

    def enter(self, asker: Asker, name: str, raw: Mapping[str, object], carriage: Carriage) -> str:
        """Enter or change one record of this member's; returns its identifier in hexadecimal."""
        require(asker, "desk")
        require_purpose(asker, self.vocabulary.purposes)
        register = self.register(name)
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
        self.act(asker, name, OwnAct(ref, reason, "record:withdrawn"), withdrawing.prepare_withdraw)

    def act(self, asker: Asker, name: str, what: OwnAct, prepare: Prepare) -> None:
        """Let one act on a record of this member's out, written down first, for exactly those who hold the record."""
        require(asker, "desk")
        require_purpose(asker, self.vocabulary.purposes)
        register, ref = self.register(name), what.ref
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

    def may_import(self, asker: Asker, register: str = "") -> None:
        """Refuse whoever may not import, before a file of theirs is taken."""
        require(asker, "desk")
        if register:
            require_purpose(asker, self.vocabulary.purposes)
            self.register(register)

    def begin_import(self, asker: Asker, source: Source, order: Order) -> ImportJob:
        require(asker, "desk")
        require_purpose(asker, self.vocabulary.purposes)
        now = self.engine.clock.now()
        audit.record(self.db, "import:started", asker, now, register=source.register, sha256=source.sha256)
        return importing.begin(self.db, self.vocabulary, source, order, now)

    def imports_going(self) -> list[ImportJob]:
        """Imports to go on with, unless the relay is far behind what was signed already."""
        if self.outbox.waiting() >= IMPORT_WINDOW:
            return []
        return import_job.going(self.db)

    def read_import(self, job: ImportJob) -> Chunk:
        """Read and clean the next rows; touches no database, so that a worker thread may do it."""
        return chunking.read_chunk(job, self.register(job.register), self.writer())

    def commit_import(self, job: ImportJob, chunk: Chunk) -> ImportJob:
        """Take a chunk: what it enters is sealed and kept in the same transaction as how far the file is read."""
        register = self.register(job.register)
        committed = importing.commit_chunk(self.db, job, chunk, register, self.engine.clock.now())
        for excluded, ops in importing.by_audience(committed).items():
            self.seal(register, ops, excluded)
        self._unspool(committed.job)
        return committed.job

    def fail_import(self, job: ImportJob, why: Refusal) -> ImportJob:
        failed = importing.fail(self.db, job.id, why, self.engine.clock.now())
        self._unspool(failed)
        return failed

    def _unspool(self, job: ImportJob) -> None:
        """Erase the file of an import that has ended: what it says lies in the clear."""
        path = Path(job.path)
        if job.ended_ms and path.parent == self.spool():
            self.engine.after(lambda: path.unlink(missing_ok=True))

    def tidy_spool(self, now_ms: int) -> None:
        """Erase files that no import waits for: a kill came between their arrival, or their end, and this."""
        waiting = {Path(job.path).name for job in import_job.newest(self.db, FILES_LIMIT) if not job.ended_ms}
        for path in self.spool().iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.name not in waiting and path.stat().st_mtime * 1_000 < now_ms - DAY:
                    path.unlink()

    def spool(self) -> Path:
        """Where files to import wait; they stay until the import has ended."""
        folder = self.engine.disk.folder / "spool"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def search(self, asker: Asker, query: Query) -> SearchResult:
        require(asker, "desk", "command")
        require_purpose(asker, self.vocabulary.purposes)
        now = self.engine.clock.now()
        audit.record(self.db, "search:asked", asker, now, query=msgspec.to_builtins(query))
        sight = Sight(frozenset(one.code for one in self.vocabulary.registers.values()), now)
        return searching.search(self.db, self.vocabulary, self._lookup, query, sight)

    def _lookup(self, kind: str, value: str) -> list[bytes]:
        return [posting.record_id for posting in self.index.lookup(kind, value)]

    def read(self, asker: Asker, identifier: bytes, **about: str) -> ReadRecord:
        require(asker, "desk", "command")
        require_purpose(asker, self.vocabulary.purposes)
        now = self.engine.clock.now()
        found = reading.read(self.db, self.vocabulary, identifier, self.reader())
        audit.record(self.db, "record:read", asker, now, record=identifier.hex(), **about)
        return found

    def read_file(self, asker: Asker, identifier: bytes, sha256: str) -> OpenedFile:
        """One file of a record, under the same conditions and with the same line as the record itself."""
        found = self.read(asker, identifier, file=sha256)
        return self.files.opened(self.register(found.register), found, sha256)

    def counted(self) -> dict[str, int]:
        """How many records of each register and status this node holds: ``travel-documents:valid``."""
        names = {register.code: register.name for register in self.vocabulary.registers.values()}
        counts = record_store.counts(self.db)
        return {f"{names.get(code, code)}:{status}": count for (code, status), count in counts.items()}

    def behind(self, posting: Posting) -> Known | None:
        """Caption and reference of the record behind a posting, for an answer that was audited already."""
        try:
            found = reading.read(self.db, self.vocabulary, posting.record_id, self.reader())
        except Refusal:
            return None
        register = self.register(found.register)
        held = found.caption if register.person_data else ""
        return Known(f"{register.label['en']}: {found.caption}", f"{found.owner} {found.ref}", held)


def new_import_id() -> str:
    return os.urandom(8).hex()
