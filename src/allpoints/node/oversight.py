"""The data-protection officer's desk: reads, samples, exports and verifies the node's audit log, itself on record."""

import os
import sqlite3

import msgspec

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit, audit_export, audit_reading, audit_tree, checkpoint
from allpoints.ledger.anchor import origin
from allpoints.ledger.audit_export import FORMAT, Head, Proved
from allpoints.ledger.audit_reading import Filter, Sample
from allpoints.ledger.audit_tree import broken
from allpoints.ledger.audit_verify import Verification
from allpoints.ledger.checkpoint import Checkpoint
from allpoints.ledger.merkle import Frontier
from allpoints.node.anchors import Anchors, Standing
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.vocabulary.register import Vocabulary

EXPORTED_AT_ONCE = 500
VERIFIED_AT_ONCE = 2_000
"""Lines that are verified in one tick: some 20 ms, so that nothing waits for it."""
ERASED_AT_ONCE = 2_000
KEPT_DAYS = 1_825

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_audit_verification (
    one INTEGER PRIMARY KEY CHECK (one = 1), started_ms INTEGER NOT NULL, frontier BLOB NOT NULL,
    erased INTEGER NOT NULL, anchored INTEGER NOT NULL, finished_ms INTEGER, code TEXT NOT NULL,
    sentence TEXT NOT NULL);
"""


class Part(msgspec.Struct, frozen=True):
    """A part of an export: the head, lines with their proofs, and the number after which the next part begins."""

    head: Head
    lines: list[Proved]
    after: int


class Progress(msgspec.Struct, frozen=True):
    """How far a verification is; ``finished_ms`` is 0 while it goes on, and ``fault`` says where it ended badly."""

    started_ms: int
    finished_ms: int
    verified: int
    total: int
    erased: int
    anchored: int
    fault: Fault | None


class Growth(msgspec.Struct, frozen=True):
    """Two neighbouring anchored heads and the proof, in hexadecimal, that the later tree begins with the earlier."""

    log: str
    generation: int
    first: int
    first_root: str
    first_entry: int
    second: int
    second_root: str
    second_entry: int
    path: list[str]


class Oversight:
    """What an overseer does with the audit log. Every look at it is a line of it."""

    def __init__(self, engine: Engine, me: Credentials, anchors: Anchors, vocabulary: Vocabulary) -> None:
        self.engine = engine
        self.me = me
        self.anchors = anchors
        self.vocabulary = vocabulary
        self.kept_days = KEPT_DAYS

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def sample(self, asker: Asker, wanted: Filter, seed: str, size: int, count: int) -> Sample:
        """Draw lines at random; seed and size that are given draw the same lines as before."""
        policy.require(self.vocabulary, asker, Act.SAMPLE_AUDIT)
        seed = seed or os.urandom(16).hex()
        size = size or audit.size(self.db)
        now = self.engine.clock.now()
        audit.record(
            self.db, "audit:sampled", asker, now, filter=wanted.stated(), seed=seed, size=size, count=count
        )
        return audit_reading.draw(self.db, wanted, seed, size, count)

    def export(self, asker: Asker, wanted: Filter, after: int, size: int) -> Part:
        """Anchored lines with their proofs, from the one after a number; ``size`` keeps to the head of a first part."""
        # For a purpose: a line proves itself only as a whole, with what was asked of persons.
        policy.require(self.vocabulary, asker, Act.EXPORT_AUDIT)
        held = self._anchored(size)
        now = self.engine.clock.now()
        audit.record(
            self.db, "audit:exported", asker, now, filter=wanted.stated(), after=after, size=held.size
        )
        lines = audit_reading.after(self.db, wanted, after, held.size, EXPORTED_AT_ONCE)
        proved = [audit_export.prove(self.db, one, held.size) for one in lines]
        return Part(self._head(held), proved, lines[-1].number if len(lines) == EXPORTED_AT_ONCE else 0)

    def _anchored(self, size: int) -> Standing:
        history = self.anchors.history(self.me.name, self.anchors.generation())
        found = [one for one in history if not size or one.size == size]
        if not found:
            raise Refusal(
                "AUDIT-NOT-ANCHORED",
                "No such head of this node's audit log stands in the ledger.",
                path="size",
                hint="A changed log is anchored within ten minutes, while the line is up.",
                status=409,
            )
        return found[-1]

    def _head(self, held: Standing) -> Head:
        source = origin(self.me.network, held.log, held.generation)
        text = checkpoint.sign(Checkpoint(source, held.size, held.root), self.me.signing)
        return Head(
            FORMAT,
            held.log,
            self.me.network,
            held.generation,
            held.size,
            held.root.hex(),
            held.seq,
            text,
            self.me.certificate.to_bytes().hex(),
        )

    def growth(self, asker: Asker, size: int) -> Growth:
        """The proof that an anchored head (by its size, or the newest) goes on from the one anchored before it."""
        policy.require(self.vocabulary, asker, Act.READ_AUDIT)
        later = self._anchored(size)
        earlier = [one for one in self.anchors.history(later.log, later.generation) if one.size < later.size]
        if not earlier:
            raise Refusal(
                "AUDIT-FIRST-ANCHOR", "No head is anchored before this one.", path="size", status=409
            )
        first = earlier[-1]
        path = audit_tree.consistency(self.db, first.size, later.size)
        audit.record(self.db, "audit:proved", asker, self.engine.clock.now(), size=later.size)
        return Growth(
            later.log,
            later.generation,
            first.size,
            first.root.hex(),
            first.seq,
            later.size,
            later.root.hex(),
            later.seq,
            [one.hex() for one in path],
        )

    def begin_again(self, asker: Asker, reason: str) -> int:
        """Begin a new generation of a log that lost what was anchored; returns its number."""
        policy.require(self.vocabulary, asker, Act.ADMINISTER_NETWORK)
        if not 8 <= len(reason.strip()) <= 500:
            raise Refusal("REASON-NEEDED", "Say in 8 to 500 letters why.", path="reason")
        fault = self.anchors.fault
        generation = self.anchors.begin_again()
        audit.record(
            self.db,
            "audit:begun-again",
            asker,
            self.engine.clock.now(),
            generation=generation,
            reason=reason.strip(),
            fault=fault.sentence if fault else "",
        )
        return generation

    # -- verifying

    def verify(self, asker: Asker) -> Progress:
        """Begin to verify the whole log, a piece at a time; one that goes on already goes on."""
        policy.require(self.vocabulary, asker, Act.VERIFY_AUDIT)
        now = self.engine.clock.now()
        audit.record(self.db, "audit:verified", asker, now, size=audit.size(self.db))
        going = self.db.execute(
            "SELECT 1 FROM office_audit_verification WHERE finished_ms IS NULL"
        ).fetchone()
        if going is None:
            row = (1, now, Frontier().to_bytes(), 0, 0, None, "", "")
            self.db.execute("INSERT OR REPLACE INTO office_audit_verification VALUES (?,?,?,?,?,?,?,?)", row)
        return self._progress()

    def progress(self, asker: Asker) -> Progress:
        """How the last verification stands."""
        policy.require(self.vocabulary, asker, Act.VERIFY_AUDIT)
        return self._progress()

    def _progress(self) -> Progress:
        row = self.db.execute("SELECT * FROM office_audit_verification").fetchone()
        if row is None:
            raise Refusal("AUDIT-NOT-VERIFIED", "This log was never verified here.", status=404)
        _, started, frontier, erased, anchored, finished, code, sentence = row
        fault = Fault(code, sentence) if code else None
        done = Frontier.from_bytes(frontier).size
        return Progress(started, finished or 0, done, audit.size(self.db), erased, anchored, fault)

    def tick(self, now_ms: int) -> None:
        """Go on with a verification."""
        row = self.db.execute(
            "SELECT frontier, erased, anchored FROM office_audit_verification WHERE finished_ms IS NULL"
        ).fetchone()
        if row is None:
            return
        frontier, erased, anchored = row
        reading = Verification(self.db, self.anchors.own_heads(), Frontier.from_bytes(frontier))
        reading.erased, reading.anchored = erased, anchored
        fault, more = None, False
        try:
            more = reading.step(VERIFIED_AT_ONCE)
        except Refusal as refusal:
            fault = refusal
            self.anchors.found(refusal if refusal.code.startswith("AUDIT-") else broken(reading.done + 1))
        self.db.execute(
            "UPDATE office_audit_verification SET frontier=?, erased=?, anchored=?, finished_ms=?, code=?, sentence=?",
            (
                reading.frontier.to_bytes(),
                reading.erased,
                reading.anchored,
                None if more else now_ms,
                fault.code if fault else "",
                fault.sentence if fault else "",
            ),
        )

    # -- erasing

    def erase(self, now_ms: int) -> int:
        """Erase what is personal in lines that are older than they are kept; what was erased is on record."""
        if self.kept_days <= 0:
            return 0
        erased = audit.erase(self.db, now_ms - self.kept_days * DAY, ERASED_AT_ONCE)
        if erased:
            clock = Asker("", frozenset())
            audit.record(self.db, "audit:erased", clock, now_ms, count=erased, kept_days=self.kept_days)
        return erased
