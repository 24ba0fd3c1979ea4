"""A member's next key takes the place of its present one: written by the member, told to every desk, as a new root is."""

import sqlite3

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.ledger import store as ledger_store
from allpoints.node import frames, member_keys, root_changes
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox

LINK = "/en/members"

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_rotations (certificate BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
"""


class Rotations:
    """What a bureau writes of its own rotation, and hears of others'."""

    def __init__(
        self, engine: Engine, me: Credentials, following: Following, outbox: Outbox, alerts: Alerts
    ) -> None:
        self.engine = engine
        self.me = me
        self.following = following
        self.outbox = outbox
        self.alerts = alerts
        following.on_decided.append(self._told)

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def check(self, certificate: Certificate) -> None:
        """Refuse a rotation that no node would accept (KEY-NOT-COMMITTED, KEY-AGAIN), or one too early (ROTATE-EARLY)."""
        if self.following.directory.verify_key(self.me.name) != self.me.certificate.verify_key:
            # A second one before the first stands there would be judged by the keys from before both.
            raise Refusal(
                "ROTATE-EARLY",
                "The present key of this member is not in this node's copy of the ledger yet.",
                hint="Serve the node until nothing waits to be sent.",
                status=409,
            )
        self.following.directory.copy().rotate(certificate, ledger_store.size(self.db))

    def write(self, certificate: Certificate) -> bool:
        """Sign the rotation with the present key, once; False when it was written before.

        Its place in this member's chain says which key signs what, also while entries from before wait to be sent.
        """
        if self.db.execute(
            "SELECT 1 FROM office_rotations WHERE certificate=?", (certificate.hash,)
        ).fetchone():
            return False
        self.check(certificate)
        self.outbox.write_clear(
            member_keys.ROTATED, frames.pack(member_keys.Rotating(certificate.to_bytes()))
        )
        self.db.execute(
            "INSERT INTO office_rotations VALUES (?,?)", (certificate.hash, self.engine.clock.now())
        )
        return True

    def _told(self, kind: str, member: str) -> None:
        if kind == root_changes.CHANGED:
            self._changed()
        if kind != member_keys.ROTATED:
            return
        signer = self.following.directory.signers(member)[-1]
        head = f"{member} signs with its next key from entry {signer.from_seq} on"
        self.alerts.raise_(self.engine.clock.now(), "system", head, LINK)

    def _changed(self) -> None:
        """Others decide from here on: people compare the fingerprint with what the holders say."""
        root = self.following.directory.root
        head = (
            f"Version {root.version} of the root of {root.network} decides now: {root.threshold} of"
            f" {len(root.holders)} holders, fingerprint {root.fingerprint()}"
        )
        self.alerts.raise_(self.engine.clock.now(), "system", head, LINK)
