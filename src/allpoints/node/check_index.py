"""The node's check index: the log of its changes on the disk, and the index in memory and segments made from it.

The log is the one truth. The index is what can be looked up fast; an extract for a post is a copy of the log.
"""

import secrets
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import structlog

from allpoints.border import extract
from allpoints.border.extract import Change
from allpoints.ground.refusal import Refusal
from allpoints.matching.bulk import BulkLoad
from allpoints.matching.index import ExactIndex
from allpoints.matching.live_log import LIVE_NAME, LiveLog, Row, end_row, found_rows
from allpoints.matching.posting import Posting, unpack
from allpoints.matching.tokens import token

LOG = "state_index_log"
FLUSH_POSTINGS = 200_000
MERGE_SEGMENTS = 6
KEY_BYTES = 32

SCHEMA = (
    extract.SCHEMA.format(table=LOG)
    + """
CREATE TABLE IF NOT EXISTS state_index_steps (number INTEGER PRIMARY KEY, chain BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS office_index_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL);
"""
)

log = structlog.get_logger("index")


class CheckIndex:
    """Look-ups by identifier. What an item of work changes can be looked up once the item has succeeded."""

    def __init__(self, db: sqlite3.Connection, folder: Path | None, key: bytes) -> None:
        self.db = db
        self.folder = folder
        self.key = key
        self.inner_key = _inner_key(db)
        """For what has no effect at a border: posts carry its tokens, and cannot ask for them without this key."""
        self.index = ExactIndex(None)
        self.number = 0
        self.chain = extract.NOTHING
        self._pending: list[Change] = []
        self.live: LiveLog | None = None
        """What other processes of this machine read beside the segments, once somebody shares the index."""
        self._unseen: list[Change] = []

    def share(self) -> LiveLog:
        """Let other processes read the index from now on; what is committed they see after ``publish``."""
        if self.live is None and self.folder is not None:
            self.live = self._all_live(self.folder)
        if self.live is None:
            raise Refusal("INDEX-IN-MEMORY", "An index without a folder cannot be shared.", status=503)
        return self.live

    def publish(self) -> None:
        """Let other processes see what was committed."""
        unseen, self._unseen = self._unseen, []
        if self.live is not None and unseen:
            self.live.append(row for change in unseen for row in _rows(change))

    def _all_live(self, folder: Path) -> LiveLog:
        live = LiveLog(folder)
        for part in extract.read_parts(self.db, LOG, self.index.applied_seq):
            live.append(row for change in part for row in _rows(change))
        return live

    def load(self) -> None:
        """Open the segments and apply what the log has beyond them; anything broken is made again."""
        self._pending, self._unseen = [], []
        self.index.close()
        self._read_head()
        self.index = self._open()
        for change in extract.read_all(self.db, LOG, self.index.applied_seq):
            extract.apply(self.index, change)
        if self.live is not None and self.folder is not None:
            earlier, self.live = self.live, self._all_live(self.folder)
            earlier.followed()
        self.flush_if_large()

    def _open(self) -> ExactIndex:
        if self.folder is None:
            return ExactIndex(None)
        try:
            index = ExactIndex(self.folder)
        except Refusal as refusal:
            log.warning("index is made again", code=refusal.code)
        else:
            behind = self.number - index.applied_seq
            if behind == 0 or (behind > 0 and (index.applied_seq or behind < FLUSH_POSTINGS)):
                return index
            index.close()
        ExactIndex.erase(self.folder)
        if self.number >= FLUSH_POSTINGS:
            self._load_in_bulk(self.folder)
        return ExactIndex(self.folder)

    def _load_in_bulk(self, folder: Path) -> None:
        """Make a large index from its log in memory that does not grow with it."""
        with BulkLoad(folder, self.number) as bulk:
            for change in extract.read_all(self.db, LOG):
                extract.apply(bulk, change)
            bulk.finish(self.number)

    def _read_head(self) -> None:
        row = self.db.execute("SELECT number, chain FROM state_index_steps ORDER BY number DESC LIMIT 1")
        self.number, self.chain = row.fetchone() or (0, extract.NOTHING)

    def token(self, kind: str, value: str, *, inner: bool = False) -> bytes:
        return token(self.inner_key if inner else self.key, kind, value)

    def lookup(self, kind: str, value: str) -> list[Posting]:
        """What matters at a border."""
        return self.index.lookup(token(self.key, kind, value))

    def find(self, kind: str, value: str) -> list[Posting]:
        """Everything that is on record under an identifier, for a desk's search."""
        return self.lookup(kind, value) + self.index.lookup(token(self.inner_key, kind, value))

    def pending_lookup(self, kind: str, value: str, record_id: bytes) -> list[Posting]:
        """What this item's own changes say of one record under an identifier, before they can be looked up."""
        wanted = token(self.key, kind, value)
        return [
            unpack(change.posting)
            for change in self._pending
            if change.record_id == record_id
            and change.posting is not None
            and wanted in extract.split_tokens(change.tokens)
        ]

    def step(self, changes: Iterable[tuple[bytes, int, bytes | None, bytes]]) -> None:
        """Write one step of changes (record, version, posting, tokens) to the log, all or none of it."""
        row = self.db.execute(
            "SELECT number, chain FROM state_index_steps ORDER BY number DESC LIMIT 1"
        ).fetchone()
        number, running = row or (0, extract.NOTHING)
        added = []
        for change in changes:
            number += 1
            added.append(Change(number, *change))
        if not added:
            return
        extract.add(self.db, LOG, added)
        running = extract.chain_all(running, added)
        self.db.execute("INSERT INTO state_index_steps VALUES (?,?)", (number, running))
        self._pending += added

    def released(self) -> None:
        """The item that made the pending changes has succeeded: they can be looked up."""
        pending, self._pending = self._pending, []
        for change in pending:
            extract.apply(self.index, change)
        if pending:
            self._read_head()
        if self.live is not None:
            self._unseen += pending

    def undone(self) -> None:
        self._pending = []

    def flush_if_large(self) -> None:
        """Move a large live part into a segment, and many segments into one."""
        stats = self.index.stats()
        if self.folder is None or stats.live_postings < FLUSH_POSTINGS:
            return
        self.publish()
        self.index.flush(self.number)
        if self.index.stats().segments >= MERGE_SEGMENTS:
            self.index.merge()
        if self.live is not None:
            earlier, self.live = self.live, LiveLog(self.folder, self.live)
            earlier.followed()

    def close(self) -> None:
        self.index.close()
        if self.live is not None and self.folder is not None:
            self.live.followed()
            (self.folder / LIVE_NAME).unlink(missing_ok=True)
            self.live = None


def _rows(change: Change) -> list[Row]:
    if change.posting is None:
        return [end_row(change.record_id, change.version)]
    tokens = extract.split_tokens(change.tokens)
    return found_rows(change.record_id, change.version, change.posting, tokens)


def _inner_key(db: sqlite3.Connection) -> bytes:
    db.execute("INSERT OR IGNORE INTO office_index_key VALUES (1, ?)", (secrets.token_bytes(KEY_BYTES),))
    (key,) = db.execute("SELECT key FROM office_index_key").fetchone()
    return bytes(key)
