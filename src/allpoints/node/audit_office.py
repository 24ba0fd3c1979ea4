"""Everything that a bureau does about audit logs: anchors them, checks everybody's, and serves its overseer."""

from collections.abc import Sequence
from typing import Protocol

from allpoints.ground.clock import HOUR
from allpoints.node import anchoring, anchors, oversight
from allpoints.node.alerts import Alerts
from allpoints.node.anchoring import Anchoring
from allpoints.node.anchors import Anchors
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.openings import Openings
from allpoints.node.outbox import Outbox
from allpoints.node.oversight import Oversight
from allpoints.node.post_office import PostOffice
from allpoints.node.posts import Posts
from allpoints.node.watch_desk import WatchDesk
from allpoints.vocabulary.register import Vocabulary
from allpoints.watch import opening_store
from allpoints.watch import store as watch_store

SCHEMAS: Sequence[str] = (
    anchors.SCHEMA,
    anchoring.SCHEMA,
    oversight.SCHEMA,
    watch_store.SCHEMA,
    opening_store.SCHEMA,
)


class Node(Protocol):
    """What these parts need of the node that they are wired into."""

    me: Credentials
    vocabulary: Vocabulary
    following: Following
    outbox: Outbox
    posts: Posts
    alerts: Alerts
    mail: PostOffice


class AuditOffice:
    """The parts of one node that deal with audit logs, wired together."""

    def __init__(self, engine: Engine, node: Node) -> None:
        self.anchors = Anchors(engine, node.me, node.following, node.alerts)
        self.anchoring = Anchoring(engine, node.me, node.outbox, self.anchors, node.posts)
        self._erased_ms = 0
        self.oversight = Oversight(engine, node.me, self.anchors, node.vocabulary)
        self.watch = WatchDesk(engine, node.me, node.vocabulary, node.alerts)
        self.openings = Openings(engine, node, self.anchors)

    def tick(self, now_ms: int) -> None:
        """Grow and anchor the log, go on with a verification, and once an hour erase what is old; watch how officers ask, answer owners."""
        self.anchoring.tick(now_ms)
        self.oversight.tick(now_ms)
        if not 0 <= now_ms - self._erased_ms < HOUR:
            self._erased_ms = now_ms
            self.oversight.erase(now_ms)
        self.openings.tick(now_ms)
        self.watch.tick(now_ms)
