"""A record after its entry: renewed, ended because its purpose is achieved, asked about, and deleted at its end."""

import sqlite3
from typing import Protocol

import msgspec

from allpoints.ground.clock import DAY, MINUTE, day_of
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.node.alerts import Alerts
from allpoints.node.check_index import CheckIndex
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.obedience import Obedience
from allpoints.node.post_office import PostOffice
from allpoints.node.records import OwnAct, Records
from allpoints.registers import expiring, renewing, visibility, withdrawing
from allpoints.registers import store as record_store
from allpoints.registers.expiring import Asking, Place
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.register import Register, Vocabulary

EXPIRE_EVERY_MS = MINUTE
ASK_EVERY_MS = DAY
PIECE_RECORDS = 1_000
"""Records ended or asked about in one tick, so that none holds the engine for long."""
LIST_LIMIT = 1_000


class EndingRecord(msgspec.Struct, frozen=True):
    """One of this member's records whose retention ends before long."""

    record: str
    register: str
    ref: str
    version: int
    status: str
    caption: str
    expires_ms: int


class EndingList(msgspec.Struct, frozen=True):
    """The records that end first; ``more`` says that there are others in the same span of time."""

    records: list[EndingRecord]
    more: bool


class Node(Protocol):
    """What the life of records needs of the node that it is wired into."""

    me: Credentials
    vocabulary: Vocabulary
    index: CheckIndex
    records: Records
    alerts: Alerts
    mail: PostOffice


class RecordLife:
    """What one node's clock and officers do with records that are there."""

    def __init__(self, engine: Engine, node: Node) -> None:
        self.engine = engine
        self.node = node
        self.obedience = Obedience(engine, node)
        self._expire_ms = 0
        self._ask_ms = 0
        self._walk: Place | None = None

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def achieve(self, asker: Asker, name: str, ref: str, reason: str) -> None:
        """End a record of this member's because its purpose is achieved."""
        act = OwnAct(ref, reason, Act.WITHDRAW, "record:achieved")
        self.node.records.act(asker, name, act, withdrawing.prepare_achieve)

    def renew(self, asker: Asker, name: str, ref: str, reason: str) -> None:
        """Keep a record of this member's longer: its retention begins anew."""
        act = OwnAct(ref, reason, Act.RENEW, "record:renewed")
        self.node.records.act(asker, name, act, renewing.prepare_renew)

    def ending(self, asker: Asker, before_ms: int, register: str = "") -> EndingList:
        """Own records whose retention ends before an instant, the earliest first."""
        policy.require(self.node.vocabulary, asker, Act.LIST_OWN)
        known = self.node.records.known(asker)
        only = [self.node.records.known_register(asker, register)] if register else [*known.values()]
        now = self.engine.clock.now()
        audit.record(self.db, "record:listed", asker, now, register=register, before_ms=before_ms)
        after = Place(now + 1)
        found = expiring.ending(
            self.db,
            self.node.me.member,
            before_ms,
            after,
            limit=LIST_LIMIT + 1,
            registers={one.code for one in only},
        )
        rows = {
            row.row: row for row in record_store.rows_at(self.db, [one.row for one in found[:LIST_LIMIT]])
        }
        listed = [self._shown(rows[one.row]) for one in found[:LIST_LIMIT]]
        return EndingList(listed, len(found) > LIST_LIMIT)

    def _shown(self, row: record_store.Row) -> EndingRecord:
        register = self._register(row.register)
        caption = register.caption(register.decode(row.body)) if register and row.body is not None else ""
        name = register.name if register else ""
        return EndingRecord(
            row.record_id.hex(), name, row.ref, row.version, row.status, caption, row.expires_ms
        )

    def _register(self, code: int) -> Register | None:
        names = self.node.vocabulary.register_names()
        return self.node.vocabulary.registers.get(names.get(code, ""))

    def tick(self, now_ms: int) -> None:
        """End what is past its retention, and ask about what will be in half a year."""
        self.obedience.tick(now_ms)
        if not 0 <= now_ms - self._expire_ms < EXPIRE_EVERY_MS and self.expire(now_ms) < PIECE_RECORDS:
            self._expire_ms = now_ms
        if not 0 <= now_ms - self._ask_ms < ASK_EVERY_MS:
            self._ask_ms, self._walk = now_ms, Place(now_ms + 1)
        if self._walk is not None:
            self._walk = expiring.ask(self.db, self.node.me.member, now_ms, self._walk, PIECE_RECORDS)
            if self._walk is None:
                self._tell(now_ms)

    def expire(self, now_ms: int) -> int:
        """End what is past its retention, in state and index; the ledger's entry stays sealed as it was."""
        expired = expiring.expire(self.db, now_ms, PIECE_RECORDS)
        self.node.index.step((one.record_id, one.version, None, b"") for one in expired)
        return len(expired)

    def _tell(self, now_ms: int) -> None:
        for one in expiring.to_tell(self.db):
            closed = visibility.closed(self.node.vocabulary, one.register_code)
            link = "/en/records/expiring"
            self.node.alerts.raise_(now_ms, "record", self._question(one), link, closed=closed)

    def _question(self, one: Asking) -> str:
        register = self._register(one.register_code)
        name = words(register.plural) if register else "records"
        end = "ends" if one.records == 1 else "end"
        first = "" if one.records == 1 else ", the first"
        return f"{one.records} of our {name} {end} within half a year{first} on {day_of(one.first_ms)}: renew or let go"
