"""When a node has its own entries erased: some time after nothing that they said stands any more."""

import sqlite3

from allpoints.ground.clock import DAY
from allpoints.ledger import erasing
from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry, bound
from allpoints.ledger.erasing import Named
from allpoints.ledger.stub import read
from allpoints.node import membership
from allpoints.node.audience import Audience
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.registers import ended
from allpoints.registers.file_part import decode_bundle
from allpoints.registers.record import decode_batch
from allpoints.sealing import wrapping

GRACE_MS = 30 * DAY
"""How long what ended is kept, so that a quarrel about it can still be settled by its bytes."""
WALK_EVERY_MS = DAY
PIECE_ENTRIES = 4
"""Entries opened in one tick: a thousand records each, so that none holds the engine for long."""


class Erasure:
    """A daily walk over this node's own entries, oldest first, a few at a time."""

    def __init__(self, engine: Engine, me: Credentials, audience: Audience) -> None:
        self.engine = engine
        self.me = me
        self.audience = audience
        self._begun_ms = 0
        self._after: int | None = None

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def tick(self, now_ms: int) -> None:
        """Look at the next few entries, and order what is over to be erased everywhere."""
        if not 0 <= now_ms - self._begun_ms < WALK_EVERY_MS:
            self._begun_ms, self._after = now_ms, 0
        if self._after is None:
            return
        piece = self.audience.sealed_after(self._after, PIECE_ENTRIES)
        self._after = piece[-1][0] if len(piece) == PIECE_ENTRIES else None
        found = [self._over(entry_id, key, now_ms - GRACE_MS) for _, entry_id, key in piece]
        named = [one for one in found if one is not None]
        if named:
            self.audience.outbox.write_clear(erasing.ERASED, erasing.order_body(named))

    def _over(self, entry_id: bytes, content_key: bytes, until_ms: int) -> Named | None:
        data = ledger_store.bytes_of(self.db, entry_id)
        item = None if data is None else read(data)
        if not isinstance(item, Entry) or item.header.created_ms > until_ms:
            return None
        kind = item.header.kind
        if kind not in {membership.RECORDS, membership.FILE_PART}:
            return None
        body = wrapping.open_body(content_key, item.sealed, bound(item.header_bytes, item.audience_bytes))
        over = (
            ended.batch_is_over(self.db, decode_batch(body), self.me.member, until_ms)
            if kind == membership.RECORDS
            else ended.bundle_is_over(self.db, decode_bundle(body), self.me.member, until_ms)
        )
        return Named(entry_id, item.commitment) if over else None
