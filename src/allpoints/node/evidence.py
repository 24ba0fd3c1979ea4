"""Evidence that the ledger is not what it was: both signed checkpoints, kept until somebody answers for it.

While any is open this node hands nothing more over for the ledger: what is published into one of two histories may
be missing from the other. Following, checks, searches and mail go on.
"""

import base64
import hashlib
import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit, serving
from allpoints.ledger import store as ledger_store
from allpoints.ledger.merkle import EMPTY_ROOT, Frontier
from allpoints.node.alerts import Alerts
from allpoints.node.engine import Engine

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_evidence (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE, sentence TEXT NOT NULL, ours TEXT NOT NULL, theirs TEXT NOT NULL,
    proof TEXT NOT NULL, settled_ms INTEGER NOT NULL DEFAULT 0, settled_by TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '');
"""

REWRITE, ROLLBACK, FORK, SPLIT_VIEW = "rewrite", "rollback", "fork", "split-view"
HEADS = {
    REWRITE: "The ledger was rewritten",
    ROLLBACK: "The ledger was rolled back",
    FORK: "The relay signed two ledgers of one size",
    SPLIT_VIEW: "Members are shown different ledgers",
}
KEPT = 200
"""Pieces of evidence; who is shown more learns nothing new from them."""
REASON_LIMIT_CHARS = 500
PAGE = "/en/state"


class Evidence(msgspec.Struct, frozen=True):
    """One contradiction.

    ``ours`` and ``theirs`` are signed checkpoints; ``proof`` holds, one base64 line each, this node's root at the size
    of ``theirs`` and the proof that ``ours`` grew out of it: with it anyone can see that the relay signed both.
    ``source`` is whoever showed ``theirs``. ``settled_ms`` is 0 while it is open.
    """

    number: int
    at_ms: int
    kind: str
    source: str
    sentence: str
    ours: str
    theirs: str
    proof: str
    settled_ms: int
    settled_by: str
    reason: str


class EvidenceBook:
    """Keeps evidence, alerts everyone of it, and says whether any is open."""

    def __init__(self, engine: Engine, alerts: Alerts) -> None:
        self.engine = engine
        self.alerts = alerts

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def is_open(self) -> bool:
        """Whether anything contradicts the ledger that nobody has answered for yet."""
        return self.open_count() > 0

    def open_count(self) -> int:
        """How much does."""
        found = self.db.execute("SELECT count(*) FROM office_evidence WHERE settled_ms = 0").fetchone()
        return int(found[0])

    def root_at(self, size: int) -> bytes | None:
        """The root of this node's own copy at a size, or None beyond what it holds."""
        if size > ledger_store.size(self.db):
            return None
        if size == 0:
            return EMPTY_ROOT
        return Frontier.of(lambda level, place: ledger_store.node(self.db, level, place), size).root()

    def keep(self, kind: str, source: str, sentence: str, theirs: str, size: int) -> None:
        """Keep what contradicts this node's copy and raise an alert; the same again changes nothing.

        ``theirs`` is the other checkpoint's text, of ``size`` entries; empty where only a claim was made.
        """
        signed, _, _ = theirs.partition("\n\n")
        digest = hashlib.sha256(f"{kind}\n{size}\n{signed}".encode()).digest()
        if self.db.execute("SELECT 1 FROM office_evidence WHERE digest = ?", (digest,)).fetchone():
            return
        (count,) = self.db.execute("SELECT count(*) FROM office_evidence").fetchone()
        if count >= KEPT:
            return
        now = self.engine.clock.now()
        ours, proof = self._ours(size)
        self.db.execute(
            "INSERT INTO office_evidence (at_ms, kind, source, digest, sentence, ours, theirs, proof)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (now, kind, source, digest, sentence, ours, theirs, proof),
        )
        (number,) = self.db.execute("SELECT last_insert_rowid()").fetchone()
        head = f"{HEADS[kind]} (evidence {number}): {sentence}"
        self.alerts.raise_(now, "ledger", head, PAGE, urgent=True)

    def _ours(self, size: int) -> tuple[str, str]:
        """The latest signed checkpoint of this node's copy, and how it grew out of its own root at ``size``."""
        latest = ledger_store.latest_checkpoint(self.db)
        if latest is None:
            return "", ""
        held, text = latest
        root = self.root_at(size)
        if root is None or not 1 <= size <= held:
            return text, ""
        hashes = [root, *serving.consistency_proof(self.db, size, held)]
        return text, "".join(f"{base64.b64encode(one).decode()}\n" for one in hashes)

    def listed(self) -> list[Evidence]:
        """All of it, newest first."""
        columns = ", ".join(Evidence.__struct_fields__)
        rows = self.db.execute(f"SELECT {columns} FROM office_evidence ORDER BY number DESC")
        return [Evidence(*row) for row in rows]

    def settle(self, asker: Asker, number: int, reason: str) -> None:
        """An administrator answers for a piece of evidence: from then on it holds nothing back."""
        policy.require(self.alerts.vocabulary, asker, Act.ADMINISTER_NETWORK)
        if not reason.strip() or len(reason) > REASON_LIMIT_CHARS:
            raise Refusal(
                "EVIDENCE-REASON",
                f"Say in 1 to {REASON_LIMIT_CHARS} characters what was found out.",
                path="reason",
            )
        now = self.engine.clock.now()
        changed = self.db.execute(
            "UPDATE office_evidence SET settled_ms=?, settled_by=?, reason=? WHERE number=? AND settled_ms=0",
            (now, asker.officer, reason, number),
        )
        if not changed.rowcount:
            raise Refusal("EVIDENCE-UNKNOWN", f"There is no open evidence {number}.", status=404)
        audit.record(self.db, "evidence:settled", asker, now, evidence=str(number), reason=reason)
