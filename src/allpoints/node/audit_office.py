"""Everything that a bureau does about audit logs: anchors them, checks everybody's, and serves its overseer."""

from collections.abc import Sequence

from allpoints.ground.clock import HOUR
from allpoints.node import anchoring, anchors, oversight
from allpoints.node.alerts import Alerts
from allpoints.node.anchoring import Anchoring
from allpoints.node.anchors import Anchors
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox
from allpoints.node.oversight import Oversight
from allpoints.node.posts import Posts
from allpoints.node.watch_desk import WatchDesk
from allpoints.watch import store as watch_store

SCHEMAS: Sequence[str] = (anchors.SCHEMA, anchoring.SCHEMA, oversight.SCHEMA, watch_store.SCHEMA)


class AuditOffice:
    """The parts of one node that deal with audit logs, wired together."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        following: Following,
        outbox: Outbox,
        posts: Posts,
        alerts: Alerts,
    ) -> None:
        self.anchors = Anchors(engine, me, following, alerts)
        self.anchoring = Anchoring(engine, me, outbox, self.anchors, posts)
        self._erased_ms = 0
        self.oversight = Oversight(engine, me, self.anchors, alerts.vocabulary)
        self.watch = WatchDesk(engine, me, alerts.vocabulary, alerts)

    def tick(self, now_ms: int) -> None:
        """Grow and anchor the log, go on with a verification, and once an hour erase what is old; watch how officers ask."""
        self.anchoring.tick(now_ms)
        self.oversight.tick(now_ms)
        if not 0 <= now_ms - self._erased_ms < HOUR:
            self._erased_ms = now_ms
            self.oversight.erase(now_ms)
        self.watch.tick(now_ms)
