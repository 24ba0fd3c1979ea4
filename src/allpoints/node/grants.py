"""Grants at a node: signed for its officers as they sign in, ended with their sessions, checked when others show theirs."""

import hashlib
import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Sequence

from allpoints.ground.clock import HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import grant as grants
from allpoints.identity import sessions
from allpoints.identity.grant import Grant, Standing
from allpoints.identity.keys import VerifyKey
from allpoints.identity.officers import Asker
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine

ENDED_KEPT_MS = 72 * HOUR
"""A check that was made alone may be told as late as that."""
CHECKED_KEPT = 1_024
"""Grants whose signature was found good are not verified again: each costs a good part of a millisecond."""

_LOST = (
    "SELECT g.officer, g.binding, g.serial FROM office_grants g"
    " LEFT JOIN office_officers o ON o.name = g.officer"
    " WHERE g.binding <> x'' AND (o.roles IS NOT g.roles"
    " OR (NOT EXISTS (SELECT 1 FROM office_sessions s WHERE s.hash = g.binding)"
    " AND NOT EXISTS (SELECT 1 FROM office_tokens t WHERE t.hash = g.binding)))"
)
"""Grants whose session or token is over, or whose officer is gone or has other roles."""

Ended = tuple[bytes, int]
"""A grant that ended before its time: serial and instant."""


class Grants:
    """The grants of one node's own officers."""

    def __init__(self, engine: Engine, me: Credentials, purposes: Collection[str]) -> None:
        self.engine = engine
        self.db = engine.db
        self.me = me
        self.purposes = purposes

    def of(self, asker: Asker) -> Grant:
        """The officer's grant for this session, signed now where there is none that is good."""
        now, roles = self.engine.clock.now(), " ".join(sorted(asker.roles))
        row = self.db.execute(
            "SELECT body, roles FROM office_grants WHERE officer=? AND binding=?",
            (asker.officer, asker.binding),
        ).fetchone()
        if row is not None:
            held = Grant.from_bytes(row[0])
            if row[1] == roles and held.good_at(now):
                return held
            self._end(held.serial, now)
        made = grants.issue(self.me.name, self.me.signing, asker, self.purposes, now)
        self.db.execute(
            "INSERT OR REPLACE INTO office_grants VALUES (?,?,?,?,?,?)",
            (asker.officer, asker.binding, made.serial, roles, made.to_bytes(), made.ends_ms),
        )
        return made

    def standing(self, asker: Asker) -> Standing:
        """What goes with a question of this officer to another node."""
        return Standing(self.of(asker).to_bytes(), asker.purpose, asker.case)

    def sweep(self) -> list[Ended]:
        """Forget sessions that are over, and end the grants that rest on them; answers with those that ended now."""
        now = self.engine.clock.now()
        sessions.sweep(self.db, now)
        _forget_ended(self.db, now)
        lost = self.db.execute(_LOST).fetchall()
        for officer, binding, serial in lost:
            self.db.execute("DELETE FROM office_grants WHERE officer=? AND binding=?", (officer, binding))
            self._end(serial, now)
        return [(serial, now) for _officer, _binding, serial in lost]

    def ended(self) -> list[Ended]:
        """Every grant that ended before its time and could still be shown, oldest first."""
        now = self.engine.clock.now()
        self.db.execute("DELETE FROM office_grants WHERE ends_ms <= ?", (now,))
        _forget_ended(self.db, now)
        rows = self.db.execute(
            "SELECT serial, ended_ms FROM office_ended_grants WHERE node=? ORDER BY ended_ms, serial",
            (self.me.name,),
        )
        return [(serial, ended_ms) for serial, ended_ms in rows]

    def _end(self, serial: bytes, now_ms: int) -> None:
        self.db.execute(
            "INSERT OR IGNORE INTO office_ended_grants VALUES (?,?,?)", (self.me.name, serial, now_ms)
        )


class ShownGrants:
    """The grants that other nodes' officers show here."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.db = engine.db
        self._checked: OrderedDict[bytes, Grant] = OrderedDict()

    def asker(self, standing: Standing, post: str, key: VerifyKey, at_ms: int) -> Asker:
        """Who asks at a post, by a grant that the post signed and that was good at ``at_ms``; refused otherwise."""
        grant = self._signed(standing.grant, post, key)
        if grant.registers:
            raise Refusal("GRANT-CERTIFIES", "A post certifies nobody.", path="registers", status=403)
        grants.check_use(grant, standing.purpose, at_ms)
        row = self.db.execute(
            "SELECT ended_ms FROM office_ended_grants WHERE node=? AND serial=?", (post, grant.serial)
        ).fetchone()
        if row is not None and at_ms >= row[0]:
            raise Refusal(
                "GRANT-REVOKED",
                "The officer's session was over, or the roles were changed.",
                hint="Sign in again.",
                status=403,
            )
        return Asker(grant.officer, frozenset(grant.roles), standing.purpose, standing.case, post)

    def end(self, node: str, ended: Sequence[Ended]) -> None:
        """Take it that grants of a node have ended; it says so again each time its line comes up."""
        self.db.executemany(
            "INSERT OR IGNORE INTO office_ended_grants VALUES (?,?,?)",
            [(node, serial, ended_ms) for serial, ended_ms in ended],
        )

    def _signed(self, data: bytes, node: str, key: VerifyKey) -> Grant:
        name = hashlib.sha256(key.key_id + data).digest()
        held = self._checked.get(name)
        if held is None:
            held = Grant.from_bytes(data)
            grants.check_signature(held, node, key)
            self._checked[name] = held
            if len(self._checked) > CHECKED_KEPT:
                self._checked.popitem(last=False)
        elif held.node != node:
            raise Refusal("GRANT-OTHER", "This grant is of another node.", path="node", status=403)
        return held


def _forget_ended(db: sqlite3.Connection, now_ms: int) -> None:
    db.execute("DELETE FROM office_ended_grants WHERE ended_ms <= ?", (now_ms - ENDED_KEPT_MS,))
