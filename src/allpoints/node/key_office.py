"""Everything that a bureau does about the keys of members: its own rotation, revocations, recoveries, the return after one."""

from collections.abc import Sequence

from allpoints.node import recoveries, returning, rotations
from allpoints.node.alerts import Alerts
from allpoints.node.audience import Audience
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox
from allpoints.node.recoveries import Recoveries
from allpoints.node.returning import Returning
from allpoints.node.rotations import Rotations

SCHEMAS: Sequence[str] = (rotations.SCHEMA, recoveries.SCHEMA, returning.SCHEMA)


class KeyOffice:
    """The parts of one node that deal with members' keys, wired together."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        following: Following,
        outbox: Outbox,
        audience: Audience,
        alerts: Alerts,
    ) -> None:
        self.rotations = Rotations(engine, me, following, outbox, alerts)
        self.recoveries = Recoveries(engine, me, following, outbox, alerts)
        self.returning = Returning(engine, me, following, outbox, audience, alerts)

    def tick(self, now_ms: int) -> None:
        """Complete what nobody objected to, and sign anew what waited under a key from before."""
        self.recoveries.tick(now_ms)
        self.returning.tick()
