"""Keys revoked and recovered: ordered by the secretariat with the word of the root's holders, objected to by the member."""

import sqlite3
from collections.abc import Sequence

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.certificate import check
from allpoints.identity.known import COOLING, DONE, STOPPED, Recovering
from allpoints.identity.officers import Asker
from allpoints.identity.order_file import act_of
from allpoints.identity.policy import Act
from allpoints.identity.recovery import COOLING_MS, Recovery, Revocation
from allpoints.identity.root import key_hash
from allpoints.ledger import audit
from allpoints.node import frames, member_keys, own_root, setting_up
from allpoints.node.alerts import Alerts
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox

LINK = "/en/members"

TOLD = member_keys.KEY_KINDS - {member_keys.ROTATED}

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_recoveries (
    id BLOB PRIMARY KEY, seen_ms INTEGER NOT NULL, written INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
"""


class KeyView(msgspec.Struct, frozen=True):
    """How it stands with a member's key: the SHA-256 of the latest one, and what was decided about it, newest first."""

    key: str
    revoked: str
    recoveries: tuple[str, ...]


class Recoveries:
    """What is decided about members' keys, and what every node says of it."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        following: Following,
        outbox: Outbox,
        alerts: Alerts,
    ) -> None:
        self.engine = engine
        self.me = me
        self.vocabulary = alerts.vocabulary
        self.following = following
        self.outbox = outbox
        self.alerts = alerts
        following.on_decided.append(self._told)
        following.on_own_refused = self._not_applied

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    # -- the secretariat

    def order(
        self, asker: Asker, order: Revocation | Recovery, approvals: Sequence[bytes], address: str
    ) -> str:
        """Write what enough holders of the root approved; for a recovery, returns the file for the member to join with."""
        data, now, act = order.to_bytes(), self.engine.clock.now(), act_of(order)
        directory = self.following.directory
        given = own_root.approved(self.me, directory.root, act, data, approvals, now)
        body = frames.pack(member_keys.Deciding(data, given))
        if isinstance(order, Revocation):
            directory.copy().revoke(order, 0, now)
            self.outbox.write_clear(member_keys.REVOKED, body)
            audit.record(self.db, "member:revoked", asker, now, member=order.member)
            return ""
        check(order.certificate, order.certificate.verify_key, now)
        directory.copy().begin_recovery(order, 0, now)
        self.outbox.write_clear(member_keys.RECOVERING, body)
        audit.record(self.db, "member:recovering", asker, now, member=order.member)
        return setting_up.admission_of(self.me, order.certificate, address).write()

    def tick(self, now_ms: int) -> None:
        """At the secretariat: complete what nobody objected to, each once."""
        if not self.me.is_secretariat:
            return
        for member in self.following.directory.members():
            for one in member.recoveries[-1:]:
                if one.state == COOLING and self._is_over(one, now_ms):
                    self._complete(one, now_ms)

    def _is_over(self, one: Recovering, now_ms: int) -> bool:
        row = self.db.execute(
            "SELECT seen_ms, written FROM office_recoveries WHERE id=?", (one.recovery.id,)
        ).fetchone()
        if row is None or row[1]:
            return False
        # A relay that was away for days may take beginning and end together: members must have had time in between.
        seen_ms: int = row[0] + (COOLING_MS if one.recovery.until_ms else 0)
        return now_ms >= max(one.recovery.until_ms, seen_ms)

    def _complete(self, one: Recovering, now_ms: int) -> None:
        recovery = one.recovery
        self.following.directory.copy().complete_recovery(recovery.member, recovery.id, 0, now_ms)
        body = frames.pack(member_keys.Settling(recovery.member, recovery.id))
        self.outbox.write_clear(member_keys.RECOVERED, body)
        self.db.execute("UPDATE office_recoveries SET written=1 WHERE id=?", (recovery.id,))

    # -- the member itself

    def object(self, asker: Asker, member: str) -> str:
        """Stop the recovery that is under way of this node's own member, by its present key."""
        policy.require(self.vocabulary, asker, Act.ADMINISTER_NETWORK)
        directory, name = self.following.directory, self.me.name
        _check_member(member, name)
        directory.check_signs(name)
        found = directory.member(name)
        one = next((one for one in found.recoveries[-1:] if one.state == COOLING), None) if found else None
        if one is None:
            raise Refusal("RECOVERY-NONE", f"No recovery of {name} is under way.", status=409)
        if directory.verify_key(name) != self.me.signing.public:
            raise Refusal("KEY-OTHER", f"This node has not the present key of {name}.", status=409)
        body = frames.pack(member_keys.Settling(name, one.recovery.id))
        self.outbox.write_clear(member_keys.OBJECTED, body)
        audit.record(self.db, "member:objected", asker, self.engine.clock.now(), member=name)
        return f"{name} objects: its present key stays"

    # -- everybody

    def keys(self, asker: Asker, member: str) -> KeyView:
        """How it stands with a member's key."""
        policy.require(self.vocabulary, asker, Act.SEE_MEASURES)
        directory = self.following.directory
        found, latest = directory.member(member), directory.latest(member)
        if found is None or latest is None:
            raise Refusal("MEMBER-UNKNOWN", f"There is no member {member}.", path="member", status=404)
        return KeyView(
            key_hash(latest.verify_key).hex(),
            found.revoked.sentence() if found.revoked else "",
            tuple(_recovery(one) for one in reversed(found.recoveries)),
        )

    def _not_applied(self, refusal: Refusal) -> None:
        """What this node wrote counts for nothing: another entry stood in the ledger first."""
        head = f"An entry of this node counts for nothing: {refusal.sentence}"
        self.alerts.raise_(self.engine.clock.now(), "system", head, LINK, urgent=True)

    def _told(self, kind: str, member: str) -> None:
        """Something was decided about a key: the desk hears of it, the member's own loudest."""
        now, mine = self.engine.clock.now(), member == self.me.name
        found = self.following.directory.member(member)
        if kind not in TOLD or found is None:
            return
        if kind == member_keys.REVOKED:
            head = found.revoked.sentence() if found.revoked else ""
        else:
            one = found.recoveries[-1]
            head = _recovery(one)
            if kind == member_keys.RECOVERING:
                self.db.execute(
                    "INSERT OR IGNORE INTO office_recoveries (id, seen_ms) VALUES (?,?)",
                    (one.recovery.id, now),
                )
                if mine:
                    head += " If you did not ask for it, object: allpoints keys object"
        self.alerts.raise_(now, "system", head, LINK, urgent=mine)


def _check_member(asked: str, member: str) -> None:
    if asked != member:
        raise Refusal("ORDER-MEMBER", f"This is about {member}, not {asked}.", path="member", status=409)


def _recovery(one: Recovering) -> str:
    state = {COOLING: "", STOPPED: " Stopped.", DONE: " Done."}[one.state]
    key = one.recovery.certificate.verify_key.fingerprint()
    return f"{one.recovery.sentence()} Its fingerprint is {key}.{state}"
