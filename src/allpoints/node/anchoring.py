"""The clock that anchors: heads of this node's audit log and of its posts' go into the ledger while they change."""

import sqlite3

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.ledger import anchor, audit_tree, checkpoint
from allpoints.ledger import store as ledger_store
from allpoints.ledger.anchor import HEADS_LIMIT, Anchor, Anchored
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.node import frames, membership
from allpoints.node.anchors import Anchors
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.outbox import Outbox
from allpoints.node.posts import Posts

EVERY_MS = 9 * MINUTE
"""A changed log is anchored at least every ten minutes; a log that rests costs nothing."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_anchored (
    one INTEGER PRIMARY KEY CHECK (one = 1), at_ms INTEGER NOT NULL, entry BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS office_post_heads (
    post TEXT PRIMARY KEY, generation INTEGER NOT NULL, size INTEGER NOT NULL,
    checkpoint TEXT NOT NULL, anchor BLOB NOT NULL) WITHOUT ROWID;
"""
"""``office_anchored``: the last entry of this kind that was written. ``office_post_heads``: what each post signed last."""


class Anchoring:
    """Writes ``audit.anchored`` entries and takes the heads that posts send."""

    def __init__(
        self, engine: Engine, me: Credentials, outbox: Outbox, anchors: Anchors, posts: Posts
    ) -> None:
        self.engine = engine
        self.me = me
        self.outbox = outbox
        self.anchors = anchors
        self.posts = posts
        self._checked = False
        posts.take_head = self.take_head
        posts.say_kept = anchors.on_anchored = self.say_kept

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def tick(self, now_ms: int) -> None:
        """Let the tree grow; anchor when something changed, this node sees the whole ledger, and it is time."""
        try:
            audit_tree.grow(self.db)
        except Refusal as refusal:
            self.anchors.found(refusal)
            return
        if not self._checked:
            if not self.anchors.following.live:
                return
            # What the ledger holds is known only now, and the log may be of an old backup.
            self._checked = True
            self.anchors.check_own()
        written = self.db.execute("SELECT at_ms FROM office_anchored").fetchone()
        if (written is None or not 0 <= now_ms - written[0] < EVERY_MS) and not self._on_its_way():
            self._anchor(now_ms)

    def _on_its_way(self) -> bool:
        """Whether the last heads that were written do not stand in this node's copy of the ledger yet.

        That the relay has them is not enough: what comes next must go on from what every follower has seen.
        """
        row = self.db.execute("SELECT entry FROM office_anchored").fetchone()
        if row is None or ledger_store.place(self.db, row[0]) is not None:
            return False
        refused = "SELECT 1 FROM office_outbox WHERE key=? AND state='refused'"
        return self.db.execute(refused, row).fetchone() is None

    def _anchor(self, now_ms: int) -> None:
        heads = [one for one in (self._own_head(), *self._post_heads()) if one is not None][:HEADS_LIMIT]
        if not heads:
            return
        entry = self.outbox.write_clear(membership.ANCHORED, frames.pack(Anchored(tuple(heads))))
        self.db.execute("INSERT OR REPLACE INTO office_anchored VALUES (1,?,?)", (now_ms, entry))

    def _own_head(self) -> Anchor | None:
        tree, generation = audit_tree.frontier(self.db), self.anchors.generation()
        held = self.anchors.latest(self.me.name)
        if self.anchors.fault is not None or not tree.size:
            return None
        if held is None or held.generation < generation:
            return Anchor(self.me.name, generation, tree.size, tree.root())
        if held.size == tree.size:
            return None
        path = audit_tree.consistency(self.db, held.size, tree.size)
        return Anchor(self.me.name, generation, tree.size, tree.root(), held.size, tuple(path))

    def _post_heads(self) -> list[Anchor]:
        """Heads of posts that go on from what is anchored of them."""
        rows = self.db.execute("SELECT anchor FROM office_post_heads ORDER BY post").fetchall()
        heads = [frames.body(data, Anchor) for (data,) in rows]
        return [one for one in heads if one.previous == self._base(one) and not self._stands(one)]

    def _base(self, head: Anchor) -> int:
        """The size from which a head of this log and generation must prove that it grew."""
        held = self.anchors.latest(head.log)
        return held.size if held is not None and held.generation == head.generation else 0

    def _stands(self, head: Anchor) -> bool:
        held = self.anchors.latest(head.log)
        return held is not None and (held.generation, held.size) == (head.generation, head.size)

    # -- what posts say

    def take_head(self, post: str, frame: frames.AuditHead) -> None:
        """Keep the head that a post signed, if it goes on from what is anchored of it; else tell it aloud."""
        certificate = self.posts.certificate(post)
        if certificate is None:
            return
        source = anchor.origin(self.me.network, post, frame.generation)
        signed = checkpoint.verify(frame.checkpoint, RelayKeys(source, (certificate.verify_key,)))
        head = Anchor(post, frame.generation, signed.size, signed.root, frame.previous, tuple(frame.path))
        held = self.anchors.latest(post)
        known = Anchor(held.log, held.generation, held.size, held.root) if held else None
        if held is not None and held.generation == head.generation and head.previous < held.size:
            # Signed before the post heard what is anchored by now: it will sign again.
            self.engine.after(lambda: self.say_kept(post))
            return
        try:
            anchor.check_next(known, head)
        except Refusal as refusal:
            self.anchors.tell(refusal.sentence)
            self.engine.refusals[refusal.code] += 1
            return
        row = (post, head.generation, head.size, frame.checkpoint, frames.pack(head))
        self.db.execute("INSERT OR REPLACE INTO office_post_heads VALUES (?,?,?,?,?)", row)

    def say_kept(self, post: str) -> None:
        """Tell a post that is connected what of its log is anchored: from there it proves that it grew."""
        if post in self.posts.connected:
            held = self.anchors.latest(post)
            kept = (
                frames.AuditKept(held.generation, held.size, held.root)
                if held
                else frames.AuditKept(1, 0, b"")
            )
            self.engine.carrier.send(post, frames.encode(kept))
