"""When a node has its own entries erased: some time after nothing that they said stands any more."""

import sqlite3
from collections.abc import Callable

from allpoints.ground.clock import DAY
from allpoints.ledger import erasing
from allpoints.ledger import store as ledger_store
from allpoints.ledger.entry import Entry, bound
from allpoints.ledger.erasing import Named
from allpoints.ledger.stub import Item, Stub, read
from allpoints.node import frames, membership
from allpoints.node.audience import Audience
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.widening import Widening
from allpoints.notices.ended import forget_publication, published_is_over
from allpoints.notices.notice import decode_published
from allpoints.registers import ended
from allpoints.registers.file_part import decode_bundle
from allpoints.registers.record import decode_batch
from allpoints.sealing import wrapping

GRACE_MS = 30 * DAY
"""How long what ended is kept, so that a quarrel about it can still be settled by its bytes."""
WALK_EVERY_MS = DAY
PIECE_ENTRIES = 4
"""Entries opened in one tick: a thousand records each, so that none holds the engine for long."""

Walk = Callable[[int, int], list[tuple[int, bytes, bytes]]]
"""``walk(after, limit)``: number, identifier and content key of the next own entries."""
Over = Callable[[Entry, bytes, int], bool]
"""``over(entry, body, until_ms)``: whether nothing that it said stood any more by then."""


class Erasure:
    """A daily walk over this node's own entries, oldest first, a few at a time."""

    def __init__(self, engine: Engine, me: Credentials, audience: Audience) -> None:
        self.engine = engine
        self.me = me
        self.audience = audience
        self._begun_ms = 0
        self._after = 0
        self._walks: list[Walk] = []
        self._over: dict[str, Over] = {
            membership.RECORDS: self._batch,
            membership.FILE_PART: self._bundle,
            membership.LINKED: lambda item, _body, until_ms: ended.link_is_over(
                self.db, item.header.id, until_ms
            ),
            membership.PUBLISHED: self._notice,
            membership.WIDENED: lambda _item, body, _until_ms: self._keys(body),
        }

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def tick(self, now_ms: int) -> None:
        """Look at the next few entries, and order what is over to be erased everywhere."""
        if not 0 <= now_ms - self._begun_ms < WALK_EVERY_MS:
            self._begun_ms, self._after = now_ms, 0
            # Keys that were given to others are looked at once it is known what they open no more.
            self._walks = [self.audience.sealed_after, self.audience.widenings_after]
        if not self._walks:
            return
        piece = self._walks[0](self._after, PIECE_ENTRIES)
        if len(piece) == PIECE_ENTRIES:
            self._after = piece[-1][0]
        else:
            del self._walks[0]
            self._after = 0
        found = [self._named(entry_id, key, now_ms - GRACE_MS) for _, entry_id, key in piece]
        named = [one for one in found if one is not None]
        if named:
            self.audience.outbox.write_clear(erasing.ERASED, erasing.order_body(named))

    def _named(self, entry_id: bytes, content_key: bytes, until_ms: int) -> Named | None:
        item = self._item(entry_id)
        if not isinstance(item, Entry) or item.header.created_ms > until_ms:
            return None
        over = self._over.get(item.header.kind)
        if over is None:
            return None
        body = wrapping.open_body(content_key, item.sealed, bound(item.header_bytes, item.audience_bytes))
        return Named(entry_id, item.commitment) if over(item, body, until_ms) else None

    def _item(self, entry_id: bytes) -> Item | None:
        data = ledger_store.bytes_of(self.db, entry_id)
        return None if data is None else read(data)

    def _batch(self, _item: Entry, body: bytes, until_ms: int) -> bool:
        return ended.batch_is_over(self.db, decode_batch(body), self.me.member, until_ms)

    def _bundle(self, _item: Entry, body: bytes, until_ms: int) -> bool:
        return ended.bundle_is_over(self.db, decode_bundle(body), self.me.member, until_ms)

    def _notice(self, _item: Entry, body: bytes, until_ms: int) -> bool:
        published = decode_published(body)
        over = published_is_over(self.db, published, until_ms, self._written_ms)
        if over:
            # The secretariat keeps what it published once more, beside the ledger.
            forget_publication(self.db, published)
        return over

    def _written_ms(self, seq: int) -> int:
        (data,) = ledger_store.encoded(self.db, seq, seq)
        item = read(data)
        return item.header.created_ms if isinstance(item, Entry) else 0

    def _keys(self, body: bytes) -> bool:
        """Whether what was given is of nothing any more: all its entries are erased."""
        given = frames.body(body, Widening)
        return all(isinstance(self._item(one), Stub) for one, _ in (*given.keys, *given.rests))
