"""What a node has signed and the relay does not yet have: entries in their chain's order, and sealed mail."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from allpoints.ground.clock import SECOND
from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import NO_PREVIOUS, SALT_BYTES, Entry, Head, Header, bound, compose
from allpoints.ledger.facts import CLEAR, SEALED
from allpoints.ledger.stub import Item, stub_of
from allpoints.node import frames
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.sealing import audience_tree, wrapping

RETRY_MS = 3 * SECOND
SEND_LIMIT_BYTES = 2 * 1024 * 1024
IN_FLIGHT_LIMIT = 64

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', code TEXT NOT NULL DEFAULT '',
    sentence TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS office_outbox_waiting ON office_outbox(kind, state, number);
CREATE TABLE IF NOT EXISTS office_author (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER, hash BLOB);
"""

LIMITED = "MEMBER-LIMITED"
PASSING = frozenset(
    {
        "MAILBOX-FULL",
        "AUTHOR-GAP",
        "UNKNOWN-AUTHOR",
        "AUTHOR-SUSPENDED",
        "ENTRY-FUTURE",
        LIMITED,
        "KEY-REVOKED",
    }
)
"""Refusals that time mends: an admission on its way, a mailbox that empties, a clock that is set right, a measure."""

ENTRY, MAIL = "entry", "mail"


class Seal(NamedTuple):
    """For whom an entry is sealed: slots of the tree of one of this node's epochs."""

    epoch: bytes
    secret: bytes
    slots: Sequence[int]


class Written(NamedTuple):
    """An entry that waits for the relay, the key of its body, and what it stands for in tree and chain."""

    id: bytes
    content_key: bytes
    commitment: bytes


class Outbox:
    """Signs, seals and keeps; hands over whenever the line is up; forgets only what the relay has on disk."""

    def __init__(self, engine: Engine, me: Credentials, relay: str) -> None:
        self.engine = engine
        self.me = me
        self.relay = relay
        self._sent_ms: dict[bytes, int] = {}
        self.limit: Callable[[str], Refusal | None] = lambda _kind: None
        """Why this node may not write an entry of a kind at present, if it may not."""
        self.holds_back: Callable[[], bool] = lambda: False
        """Whether entries wait although the line is up; mail never does."""

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def waiting(self, kind: str = ENTRY) -> int:
        row = self.db.execute(
            "SELECT count(*) FROM office_outbox WHERE kind=? AND state IN ('waiting', 'held')", (kind,)
        ).fetchone()
        return int(row[0])

    def entries(self) -> list[bytes]:
        """The entries that wait to be handed in, in their order."""
        rows = self.db.execute(
            "SELECT bytes FROM office_outbox WHERE kind=? AND state='waiting' ORDER BY number", (ENTRY,)
        )
        return [bytes(data) for (data,) in rows]

    def blocked(self) -> list[tuple[str, str]]:
        """What the relay refused: (code, sentence)."""
        return self.db.execute("SELECT code, sentence FROM office_outbox WHERE state='refused'").fetchall()

    def has_written(self) -> bool:
        """Whether this node has ever signed an entry."""
        return self.db.execute("SELECT 1 FROM office_author").fetchone() is not None

    def write(self, kind: str, body: bytes, seal: Seal) -> Written:
        """Sign one sealed entry and keep it for the relay; refused while this node may not write this kind."""
        if (refusal := self.limit(kind)) is not None:
            raise refusal
        header = self._header(kind, sealing=SEALED)
        context, content_key = header.to_bytes(), wrapping.new_content_key()
        audience = audience_tree.wrap(seal.secret, seal.epoch, seal.slots, content_key, context)
        sealed = wrapping.seal_body(content_key, body, bound(context, audience.to_bytes()))
        entry = compose(header, audience, sealed, self.me.signing)
        return Written(self._keep(entry), content_key, entry.commitment)

    def write_clear(self, kind: str, body: bytes) -> bytes:
        """Sign one entry that everyone may read, the relay too: membership, keys of epochs, and orders to erase."""
        return self._keep(compose(self._header(kind, sealing=CLEAR), None, body, self.me.signing))

    def _header(self, kind: str, *, sealing: int) -> Header:
        row = self.db.execute("SELECT seq, hash FROM office_author").fetchone()
        seq, previous = row or (0, NO_PREVIOUS)
        return Header(
            id=os.urandom(16),
            kind=kind,
            author=self.me.name,
            created_ms=self.engine.clock.now(),
            author_seq=seq + 1,
            prev=previous,
            sealing=sealing,
            salt=os.urandom(SALT_BYTES),
        )

    def _keep(self, entry: Entry) -> bytes:
        self.db.execute(
            "INSERT OR REPLACE INTO office_author VALUES (1,?,?)", (entry.header.author_seq, entry.commitment)
        )
        self._add(ENTRY, entry.header.id, entry.encoded)
        return entry.header.id

    def entry(self, entry_id: bytes) -> bytes | None:
        """An entry that still waits for the relay."""
        row = self.db.execute(
            "SELECT bytes FROM office_outbox WHERE kind='entry' AND key=?", (entry_id,)
        ).fetchone()
        return bytes(row[0]) if row else None

    def catch_up(self, item: Item) -> bool:
        """Go on after an own entry that the ledger has and this node forgot: it was restored from an older copy.

        True when it forgot it.
        """
        own = stub_of(item)
        row = self.db.execute("SELECT seq FROM office_author").fetchone()
        forgotten = row is None or row[0] < own.author_seq
        if forgotten:
            self.db.execute(
                "INSERT OR REPLACE INTO office_author VALUES (1,?,?)", (own.author_seq, item.commitment)
            )
        return forgotten

    def withdraw_all(self) -> list[bytes]:
        """Take out every entry that the relay does not have, refused ones too, in order."""
        rows = self.db.execute(
            "SELECT bytes FROM office_outbox WHERE kind='entry' ORDER BY number"
        ).fetchall()
        self.db.execute("DELETE FROM office_outbox WHERE kind='entry'")
        return [data for (data,) in rows]

    def go_on_after(self, head: Head) -> None:
        """Let the next entry of this node follow this one."""
        self.db.execute("DELETE FROM office_author")
        if head.author_seq:
            row = (head.author_seq, head.commitment)
            self.db.execute("INSERT INTO office_author VALUES (1,?,?)", row)

    def mail(self, digest: bytes, envelope: bytes) -> None:
        self._add(MAIL, digest, envelope)

    def _add(self, kind: str, key: bytes, data: bytes) -> None:
        self.db.execute("INSERT INTO office_outbox (kind, key, bytes) VALUES (?,?,?)", (kind, key, data))
        self.engine.after(self.hand_over)

    def hand_over(self) -> None:
        """Send what waits and was not sent lately; entries in order, so that the chain never shows a gap."""
        now = self.engine.clock.now()
        if not self.holds_back():
            self._hand_over_entries(now)
        self._hand_over_mail(now)

    def _hand_over_entries(self, now: int) -> None:
        # Bytes are read one frame at a time: what waits may be many large parts of files.
        waiting = self.db.execute(
            "SELECT key, length(bytes) FROM office_outbox WHERE kind='entry' AND state='waiting'"
            " ORDER BY number LIMIT ?",
            (IN_FLIGHT_LIMIT,),
        ).fetchall()
        if waiting and self._due(waiting[0][0], now):
            # The oldest was lost or the line is new: send the run again from there.
            for key, _ in waiting:
                self._sent_ms.pop(key, None)
        fresh = [(key, length) for key, length in waiting if self._due(key, now)]
        while fresh:
            count = frames.sized([length for _, length in fresh], SEND_LIMIT_BYTES)
            part, fresh = [key for key, _ in fresh[:count]], fresh[count:]
            self._mark(part, now)
            self._send(frames.Append([data for key in part if (data := self.entry(key)) is not None]))

    def _hand_over_mail(self, now: int) -> None:
        rows = self.db.execute(
            "SELECT key, bytes FROM office_outbox WHERE kind='mail' AND state='waiting'"
            " ORDER BY number LIMIT ?",
            (IN_FLIGHT_LIMIT,),
        ).fetchall()
        for key, data in rows:
            if self._due(key, now):
                self._mark([key], now)
                self._send(frames.Deposit(data))

    def _due(self, key: bytes, now: int) -> bool:
        # A clock that was set back must not hold anything up.
        return not 0 <= now - self._sent_ms.get(key, -RETRY_MS) < RETRY_MS

    def _mark(self, keys: list[bytes], now: int) -> None:
        for key in keys:
            self._sent_ms[key] = now

    def _send(self, frame: frames.Frame) -> None:
        self.engine.carrier.send(self.relay, frames.encode(frame))

    def line_is_new(self) -> None:
        """Nothing sent over the old line counts as sent."""
        self._sent_ms.clear()
        self.let_go()

    def let_go(self) -> None:
        """Hand over again what a measure held back: it may have ended."""
        self.db.execute("UPDATE office_outbox SET state='waiting' WHERE state='held'")
        self.engine.after(self.hand_over)

    def appended(self, ids: list[bytes]) -> None:
        self.db.executemany("DELETE FROM office_outbox WHERE key=?", [(one,) for one in ids])
        self._forget(ids)

    def deposited(self, digest: bytes) -> None:
        self.db.execute("DELETE FROM office_outbox WHERE key=?", (digest,))
        self._forget([digest])

    def _forget(self, keys: list[bytes]) -> None:
        for key in keys:
            self._sent_ms.pop(key, None)
        self.engine.after(self.hand_over)

    def refused(self, key: bytes, code: str, sentence: str) -> None:
        """Keep what the relay refused, for the administrator; what may pass later is tried again."""
        if code in PASSING:
            # Held mail must not stand in the way of mail that may go out; entries keep their order in any case.
            if code == LIMITED:
                self.db.execute("UPDATE office_outbox SET state='held' WHERE key=? AND kind='mail'", (key,))
            return
        self.db.execute(
            "UPDATE office_outbox SET state='refused', code=?, sentence=? WHERE key=?", (code, sentence, key)
        )
        structlog.get_logger("outbox").error("refused by the relay", code=code)
