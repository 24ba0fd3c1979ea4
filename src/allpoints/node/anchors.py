"""Heads of audit logs in the ledger: what was anchored of whom, and whether this node's own log still agrees."""

import sqlite3
from collections.abc import Callable

import msgspec
import structlog

from allpoints.ground.refusal import Refusal
from allpoints.ledger import anchor, audit, audit_tree
from allpoints.ledger.anchor import Anchor, Anchored
from allpoints.ledger.audit_tree import Head
from allpoints.ledger.audit_verify import rewritten, rolled_back
from allpoints.ledger.entry import Entry
from allpoints.ledger.facts import CLEAR
from allpoints.node import frames, membership
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following

ALERT = "anchor"
LINK = "/en/audit"
TOLD_LIMIT = 1_000
"""Sentences that are remembered, so that nobody is told the same again and again."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS state_anchors (
    log TEXT PRIMARY KEY, generation INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
    seq INTEGER NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state_own_anchors (
    log TEXT NOT NULL, generation INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
    seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (log, generation, size)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_audit_generation (
    one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL);
"""

log = structlog.get_logger("audit")


class Standing(msgspec.Struct, frozen=True):
    """A head that stands in the ledger: at which entry, and when it was written."""

    log: str
    generation: int
    size: int
    root: bytes
    seq: int
    at_ms: int

    @property
    def head(self) -> Head:
        return Head(self.size, self.root)


class Anchors:
    """One node's view of everybody's anchored audit heads; every node checks every log's every step."""

    def __init__(self, engine: Engine, me: Credentials, following: Following, alerts: Alerts) -> None:
        self.engine = engine
        self.me = me
        self.following = following
        self.alerts = alerts
        self.fault: Refusal | None = None
        """Why this node's own log is not the one that was anchored."""
        self._told: set[str] = set()
        self.on_anchored: Callable[[str], None] = lambda _log: None
        following.clear_openers[membership.ANCHORED] = self.fold

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def fold(self, entry: Entry, seq: int) -> None:
        """Take the heads of one entry; one that does not go on from what is known is refused and told aloud."""
        if entry.header.sealing != CLEAR:
            raise Refusal("ANCHOR-SEALED", "Heads of audit logs are anchored for all to see.", status=400)
        author = entry.header.author
        heads = frames.body(entry.sealed, Anchored).heads
        anchor.check_owner(author, heads)
        for head in heads:
            try:
                self._take(head, entry, seq)
            except Refusal as refusal:
                self.following.refuse(seq, f"audit head of {head.log}", refusal)
                self.tell(f"{refusal.sentence} Entry {seq} is the evidence.")
        if author == self.me.name:
            self.check_own()

    def _take(self, head: Anchor, entry: Entry, seq: int) -> None:
        known = self.latest(head.log)
        before = Anchor(known.log, known.generation, known.size, known.root) if known else None
        anchor.check_next(before, head)
        row = (head.log, head.generation, head.size, head.root, seq, entry.header.created_ms)
        self.db.execute("INSERT OR REPLACE INTO state_anchors VALUES (?,?,?,?,?,?)", row)
        if entry.header.author == self.me.name:
            self.db.execute("INSERT OR REPLACE INTO state_own_anchors VALUES (?,?,?,?,?,?)", row)
        self.engine.after(lambda: self.on_anchored(head.log))
        if known is not None and head.generation != known.generation and self.me.is_secretariat:
            self.tell(f"{head.log} began its audit log again. Entry {seq} is the evidence.")

    def latest(self, name: str) -> Standing | None:
        """The newest head of a log that stands in the ledger."""
        row = self.db.execute("SELECT * FROM state_anchors WHERE log=?", (name,)).fetchone()
        return Standing(*row) if row else None

    def history(self, name: str, generation: int) -> list[Standing]:
        """Every anchored head of a log of this node or of one of its posts, smallest first."""
        rows = self.db.execute(
            "SELECT * FROM state_own_anchors WHERE log=? AND generation=? ORDER BY size", (name, generation)
        )
        return [Standing(*row) for row in rows]

    def generation(self) -> int:
        """How often this node has begun its audit log, counted from 1."""
        row = self.db.execute("SELECT generation FROM office_audit_generation").fetchone()
        return int(row[0]) if row else 1

    def own_heads(self) -> list[Head]:
        """What the own log must agree with."""
        return [one.head for one in self.history(self.me.name, self.generation())]

    def check_own(self) -> None:
        """Compare the own log with its newest anchored head; what is found is kept, and told aloud once."""
        held = self.latest(self.me.name)
        fault = None if held is None else self._disagrees(held)
        if fault is None or held is None:
            self.fault = None
        else:
            self.found(fault, f" Entry {held.seq} of the ledger is the evidence.")

    def found(self, fault: Refusal, evidence: str = "") -> None:
        """Something is wrong with this node's own log: it is anchored no more until somebody has looked."""
        if self.fault is None:
            self.tell(fault.sentence + evidence)
        self.fault = fault

    def _disagrees(self, held: Standing) -> Refusal | None:
        if held.generation < self.generation():
            return None
        size = audit.size(self.db)
        if held.generation > self.generation() or held.size > size:
            return rolled_back(size, held.size)
        try:
            while audit_tree.frontier(self.db).size < held.size:
                audit_tree.grow(self.db)
            root = audit_tree.root(self.db, held.size)
        except Refusal as refusal:
            return refusal
        return None if root == held.root else rewritten(held.size)

    def begin_again(self) -> int:
        """Start a new generation, which everybody will see: the old one cannot be continued. Returns its number."""
        held = self.latest(self.me.name)
        if self.fault is None or held is None:
            raise Refusal(
                "AUDIT-AGREES",
                "The audit log agrees with what is anchored: there is nothing to begin again.",
                status=409,
            )
        generation = max(held.generation, self.generation()) + 1
        self.db.execute("INSERT OR REPLACE INTO office_audit_generation VALUES (1,?)", (generation,))
        self.fault = None
        return generation

    def tell(self, sentence: str) -> None:
        """Raise an alert, once for each sentence."""
        if sentence in self._told:
            return
        if len(self._told) >= TOLD_LIMIT:
            self._told.clear()
        self._told.add(sentence)
        log.error("audit log", finding=sentence)
        self.alerts.raise_(self.engine.clock.now(), ALERT, sentence, LINK, urgent=True)
