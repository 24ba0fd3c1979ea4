"""Records under examination: the secretariat blocks one, everybody who holds it lets nothing find it, its owner is told."""

import sqlite3
from typing import Protocol

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.ledger.entry import Entry
from allpoints.node import membership
from allpoints.node.alerts import Alerts
from allpoints.node.audience import Audience
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.records import Records
from allpoints.registers import blocking, blocks, exclusion_store, visibility
from allpoints.registers import store as record_store
from allpoints.registers.blocks import Block, Blocking, decode_blocking, encode_blocking

NOWHERE = bytes(16)
"""No record: what one in a register that is closed to the officer is treated as."""


class Node(Protocol):
    """What blocks need of the node that they are wired into."""

    me: Credentials
    following: Following
    audience: Audience
    records: Records
    alerts: Alerts


class RecordBlocks:
    """One node's blocked records."""

    def __init__(self, engine: Engine, node: Node) -> None:
        self.engine = engine
        self.node = node
        self.me = node.me
        self._reaching: dict[bytes, int] = {}
        node.following.openers[membership.BLOCKED] = self._fold
        node.following.openers[membership.UNBLOCKED] = self._fold

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def block(self, asker: Asker, record: bytes, reason: str) -> None:
        """Let nothing find a record while the secretariat examines it, at nobody who holds it."""
        self._say(asker, record, reason, block=True)

    def unblock(self, asker: Asker, record: bytes, reason: str) -> None:
        """Let a record be found again: its examination is over."""
        self._say(asker, record, reason, block=False)

    def _say(self, asker: Asker, record: bytes, reason: str, *, block: bool) -> None:
        if not self.me.is_secretariat:
            raise Refusal(
                "NOT-SECRETARIAT",
                "Only the secretariat examines records.",
                hint="Ask it to in a message, with your doubts.",
                status=403,
            )
        policy.require(self.node.records.vocabulary, asker, Act.BLOCK)
        role = "reviewer" if "reviewer" in asker.roles else "command"
        code = record_store.register_of(self.db, record)
        if not visibility.knows(self.node.records.vocabulary, asker, code):
            record = NOWHERE
        said = blocking.prepare(self.db, record, reason, f"{role} of {self.me.member}", block=block)
        event = "record:blocked" if block else "record:unblocked"
        now = self.engine.clock.now()
        audit.record(self.db, event, asker, now, record=record.hex(), reason=said.reason)
        self._write(said, block=block)

    def _write(self, said: Blocking, *, block: bool) -> None:
        kind = membership.BLOCKED if block else membership.UNBLOCKED
        self.node.audience.write(kind, encode_blocking(said), said.excluded)

    def _fold(self, entry: Entry, body: bytes, seq: int) -> None:
        said, header = decode_blocking(body), entry.header
        blocked = header.kind == membership.BLOCKED
        excluded = " ".join(said.excluded)
        block = Block(said.record, seq, int(blocked), header.created_ms, said.reason, said.by_role, excluded)
        if not self.me.is_secretariat and exclusion_store.is_kept_from(self.db, said.record, seq):
            # That it is blocked must hold once it is given to this member again; why, is not for it.
            block = block._replace(reason="", by_role="")
        applied = blocking.apply_blocking(self.db, self.node.records.vocabulary, said, block)
        if applied is None:
            return
        self.node.records.indexing.applied([applied])
        if applied.owner == self.me.member:
            self._tell_owner(block)

    def _tell_owner(self, block: Block) -> None:
        (row,) = record_store.rows_of(self.db, [block.record_id])
        what = "is under examination, and nothing finds it" if block.blocked else "can be found again"
        link = f"/en/records/{block.record_id.hex()}"
        head = f"One of our records {what}"
        closed = visibility.closed(self.node.records.vocabulary, row.register)
        self.node.alerts.raise_(
            block.at_ms, "record", head, link, about=row.ref, urgent=bool(block.blocked), closed=closed
        )

    def tick(self) -> None:
        """Say again of blocked records what members do not know that may read them since."""
        if not self.me.is_secretariat:
            return
        for record, last in blocking.unreached(self.db):
            if self._reaching.get(record) == last.seq:
                continue
            (row,) = record_store.rows_of(self.db, [record])
            self._write(Blocking(record, last.reason, last.by_role, tuple(row.excluded.split())), block=True)
            # What is on its way is not said again; after a restart it may be, which harms nobody.
            self.engine.after(lambda record=record, seq=last.seq: self._reaching.update({record: seq}))  # type: ignore[misc]

    def reason(self, record: bytes) -> str:
        """Why a record is blocked, empty when it is not."""
        last = blocks.latest(self.db, record)
        return last.reason if last is not None and last.blocked else ""
