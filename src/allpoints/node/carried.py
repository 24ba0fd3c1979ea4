"""What a post carries: its extract on the disk, proven whole at start, and dated with each answer."""

import sqlite3

import msgspec

from allpoints.border import extract
from allpoints.border.extract import Change, Stamp
from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import VerifyKey
from allpoints.matching.index import ExactIndex
from allpoints.matching.posting import Posting
from allpoints.matching.tokens import KEY_BYTES_LIMIT, KEY_BYTES_MINIMUM, TOKEN_BYTES, token
from allpoints.node import frames

LOG = "post_extract"

SCHEMA = (
    extract.SCHEMA.format(table=LOG)
    + """
CREATE TABLE IF NOT EXISTS post_carried (
    one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, chain BLOB NOT NULL, stamp BLOB, key BLOB);
CREATE TABLE IF NOT EXISTS post_dismissals (
    pair BLOB NOT NULL, record_id BLOB NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (pair, record_id)) WITHOUT ROWID;
"""
)


def _as_sent(change: Change) -> Change:
    """The change, if its columns have the kinds and sizes in which changes are sent."""
    try:
        return Change(*msgspec.convert(tuple(change), frames.ChangeRow))
    except msgspec.ValidationError as error:
        raise _altered() from error


def _altered() -> Refusal:
    return Refusal(
        "EXTRACT-ALTERED",
        "The extract on this device is not what its bureau sent.",
        hint="Connect to the bureau: it sends the extract again.",
        status=503,
    )


class Carried:
    """The extract of one post: takes parts and stamps, answers look-ups, knows its age."""

    def __init__(self, db: sqlite3.Connection, post: str, bureau_key: VerifyKey) -> None:
        self.db = db
        self.post = post
        self.bureau_key = bureau_key
        self.index = ExactIndex(None)
        self.number = 0
        self.chain = extract.NOTHING
        self.stamp: Stamp | None = None
        self.key = b""
        self._pending: list[Change] = []

    def load(self) -> None:
        """Read the extract and prove it: what no stamp of the bureau covers is dropped, a false one is all dropped."""
        self._pending = []
        self.index = ExactIndex(None)
        row = self.db.execute("SELECT number, chain, stamp, key FROM post_carried").fetchone()
        self.number, self.chain, self.stamp, self.key = 0, extract.NOTHING, None, b""
        if row is None:
            return
        self.key = row[3] or b""
        if row[2] is None:
            return
        stamp = frames.body(row[2], Stamp)
        extract.check_stamp(stamp, self.post, self.bureau_key)
        index, running = ExactIndex(None), extract.NOTHING
        for held in extract.read_all(self.db, LOG):
            change = _as_sent(held)
            if change.number > stamp.number:
                break
            running = extract.chain(running, change)
            extract.apply(index, change)
        if running != stamp.chain or extract.key_hash(self.key) != stamp.key_hash:
            raise _altered()
        self.index, self.number, self.chain, self.stamp = index, stamp.number, stamp.chain, stamp

    def drop_unproven(self) -> None:
        """At start: forget rows beyond the last stamp, and everything when the extract is not proven."""
        self.db.execute(f"DELETE FROM {LOG} WHERE number > ?", (self.number,))
        self._write()

    def restart(self) -> None:
        """The bureau sends the extract from the beginning."""
        self.db.execute(f"DELETE FROM {LOG}")
        self.index = ExactIndex(None)
        self.number, self.chain, self.stamp = 0, extract.NOTHING, None
        self._write()

    def wipe(self) -> None:
        """Forget everything that the bureau ever sent, and overwrite it where it lies."""
        self.key = b""
        self.restart()
        self.db.execute("DELETE FROM post_dismissals")

    def take_key(self, key: bytes) -> None:
        if not KEY_BYTES_MINIMUM <= len(key) <= KEY_BYTES_LIMIT:
            raise Refusal("EXTRACT-KEY", "This is no key of an extract.", status=400)
        if key != self.key:
            if self.key:
                self.restart()
            self.key = key
            self._write()

    def take_part(self, part: frames.ExtractPart) -> bool:
        """Append a part; False when it does not continue what is held, and the post should ask again."""
        if part.restart:
            self.restart()
            return True
        changes = [Change(*change) for change in part.changes]
        if any(change.number != changes[0].number + at for at, change in enumerate(changes)):
            raise Refusal("EXTRACT-ORDER", "The changes of this part are not in order.", status=400)
        if any(len(change.tokens) % TOKEN_BYTES for change in changes):
            raise Refusal("EXTRACT-TOKENS", "This part has cut-off tokens.", status=400)
        if not changes or changes[0].number > self.number + 1:
            return False
        fresh = [change for change in changes if change.number > self.number]
        if not fresh:
            return True
        extract.add(self.db, LOG, fresh)
        self.chain = extract.chain_all(self.chain, fresh)
        self.number = fresh[-1].number
        self._pending += fresh
        self._write()
        return True

    def take_stamp(self, data: bytes) -> bool:
        """Keep a stamp that covers exactly what is held; False when the extracts differ."""
        stamp = frames.body(data, Stamp)
        extract.check_stamp(stamp, self.post, self.bureau_key)
        held = (self.stamp.number, self.stamp.as_of_ms) if self.stamp else (0, 0)
        if stamp.number < self.number or (stamp.number, stamp.as_of_ms) < held:
            return True
        if stamp.number != self.number or stamp.chain != self.chain:
            return False
        if stamp.key_hash != extract.key_hash(self.key):
            return False
        self.stamp = stamp
        self._write()
        return True

    def _write(self) -> None:
        self.db.execute(
            "INSERT OR REPLACE INTO post_carried VALUES (1,?,?,?,?)",
            (self.number, self.chain, frames.pack(self.stamp) if self.stamp else None, self.key),
        )

    def released(self) -> None:
        pending, self._pending = self._pending, []
        for change in pending:
            extract.apply(self.index, change)

    def why_not(self, now_ms: int) -> str:
        """Why nothing may be answered from this extract now; empty when it may."""
        if self.stamp is None or not self.key:
            return "This post has no extract yet."
        if now_ms >= self.stamp.expires_ms:
            return "The extract is too old to be relied on."
        if now_ms < self.stamp.as_of_ms - 10 * 60_000:
            return "This device's clock is wrong: the extract is from its future."
        return ""

    def lookup(self, kind: str, value: str) -> list[Posting]:
        return self.index.lookup(token(self.key, kind, value))

    def dismissed(self, pair: bytes, posting: Posting) -> bool:
        row = self.db.execute(
            "SELECT 1 FROM post_dismissals WHERE pair=? AND record_id=? AND version>=?",
            (pair, posting.record_id, posting.version),
        ).fetchone()
        return row is not None

    def dismiss(self, pairs: list[tuple[bytes, bytes, int]]) -> None:
        self.db.executemany(
            "INSERT INTO post_dismissals VALUES (?1,?2,?3)"
            " ON CONFLICT DO UPDATE SET version=?3 WHERE version < ?3",
            pairs,
        )
