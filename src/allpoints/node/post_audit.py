"""A post's audit log in the network's ledger: the post signs its head, its bureau anchors it, the post compares."""

import structlog

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.ledger import anchor, audit, audit_tree, checkpoint
from allpoints.ledger.audit_verify import rewritten, rolled_back
from allpoints.ledger.checkpoint import Checkpoint
from allpoints.node import frames
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine

SEND_MS = MINUTE
"""How often a changed head is sent; with the bureau's own clock it is anchored within ten minutes."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_audit_kept (
    one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL);
"""

log = structlog.get_logger("audit")


class PostAudit:
    """One post's word on its audit log."""

    def __init__(self, engine: Engine, me: Credentials, bureau: str, alerts: Alerts) -> None:
        self.engine = engine
        self.db = engine.db
        self.me = me
        self.bureau = bureau
        self.alerts = alerts
        self.fault: Refusal | None = None
        self._asked = False
        self._sent_ms = 0
        self._sent_size = 0

    def line_is_new(self) -> None:
        """Nothing is sent over a new line before the bureau has said what is anchored."""
        self._asked, self._sent_ms, self._sent_size = False, 0, 0

    def kept(self, frame: frames.AuditKept) -> None:
        """The bureau says what is anchored: it is kept, and the log must agree with it."""
        self.db.execute(
            "INSERT OR REPLACE INTO office_audit_kept VALUES (1,?,?,?)",
            (frame.generation, frame.size, frame.root),
        )
        fault = self._disagrees(frame.size, frame.root)
        if fault is not None and self.fault is None:
            log.error("audit log", finding=fault.sentence)
            self.alerts.raise_(self.engine.clock.now(), "anchor", fault.sentence, "/en/audit", urgent=True)
        self.fault, self._asked, self._sent_ms = fault, True, 0

    def _disagrees(self, size: int, root: bytes) -> Refusal | None:
        if not size:
            return None
        if size > audit.size(self.db):
            return rolled_back(audit.size(self.db), size)
        try:
            while audit_tree.frontier(self.db).size < size:
                audit_tree.grow(self.db)
            return None if audit_tree.root(self.db, size) == root else rewritten(size)
        except Refusal as refusal:
            return refusal

    def tick(self, now_ms: int) -> None:
        """Let the tree grow, and send its head when it changed."""
        try:
            tree = audit_tree.grow(self.db)
        except Refusal as refusal:
            self.fault = self.fault or refusal
            return
        row = self.db.execute("SELECT generation, size FROM office_audit_kept").fetchone()
        if not self._asked or self.fault is not None or row is None or tree.size in {row[1], self._sent_size}:
            return
        if 0 <= now_ms - self._sent_ms < SEND_MS:
            return
        generation, previous = row
        source = anchor.origin(self.me.network, self.me.name, generation)
        text = checkpoint.sign(Checkpoint(source, tree.size, tree.root()), self.me.signing)
        path = audit_tree.consistency(self.db, previous, tree.size)
        self.engine.send(self.bureau, frames.encode(frames.AuditHead(generation, text, previous, path)))
        self._sent_ms, self._sent_size = now_ms, tree.size
