"""What a vetted outsider may do: search the registers that are open to outsiders, and read what is public of a record.

Nothing else of the node answers an outsider. A refused question is *returned*: raised, it would take its audit line
and its place in the account's count back.
"""

import sqlite3
from typing import Any

import msgspec

from allpoints.ground.clock import HOUR, MINUTE, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.node.records import Records
from allpoints.registers import public, searching, store, visibility
from allpoints.registers.finding import Sight, Why
from allpoints.registers.searching import RESULTS_LIMIT, Query
from allpoints.vocabulary.register import Register

QUESTIONS_LIMIT = 30
"""Searches and records together that one account may ask for within ``WINDOW_MS``: enough to look objects up, not to
copy a register."""
WINDOW_MS = HOUR
SHOWN_LIMIT = 20
"""Results of one search."""

NOTE = (
    "Absence from these registers proves nothing. A result is a lead, not a proof: have the owner confirm it before you"
    " rely on it."
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_outside_questions (officer TEXT NOT NULL, at_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS office_outside_questions_officer ON office_outside_questions(officer, at_ms);
"""


class PublicFound(msgspec.Struct, frozen=True):
    """One record that answers, as outsiders see it; ``owner`` is the member that can confirm it."""

    record: str
    register: str
    owner: str
    published_ms: int
    caption: str
    why: tuple[Why, ...]


class PublicAnswer(msgspec.Struct, frozen=True):
    results: tuple[PublicFound, ...]
    more: bool
    note: str = NOTE


class PublicRecord(msgspec.Struct, frozen=True):
    """What is public of one record: by field for programs, and as label and shown value for people."""

    record: str
    register: str
    owner: str
    published_ms: int
    caption: str
    fields: dict[str, Any]
    described: tuple[tuple[str, str], ...]
    note: str = NOTE


class Outside:
    """One node's open registers, to those outside the police."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.vocabulary = records.vocabulary

    @property
    def db(self) -> sqlite3.Connection:
        return self.records.db

    def registers(self, asker: Asker) -> tuple[Register, ...]:
        """The registers that this outsider may search."""
        open_to = visibility.readable(self.vocabulary, asker)
        return tuple(one for one in self.vocabulary.registers.values() if one.code in open_to)

    def search(self, asker: Asker, query: Query) -> PublicAnswer | Refusal:
        """Answer a question about public fields; its parts that ask for anything else are left out."""
        query = public.asked_of(query)
        asker = self._admitted(asker)
        audit.record(self.db, "outsider:searched", asker, self._now(), question=_given(query))
        try:
            return self._answered(asker, query)
        except Refusal as refusal:
            return refusal

    def read(self, asker: Asker, identifier: bytes) -> PublicRecord | Refusal:
        """What is public of a record; a returned UNKNOWN-RECORD (404) where there is nothing to be shown."""
        asker = self._admitted(asker)
        audit.record(self.db, "outsider:read", asker, self._now(), record=identifier.hex())
        try:
            return self._record(asker, identifier)
        except Refusal as refusal:
            return refusal

    def _now(self) -> int:
        return self.records.engine.clock.now()

    def _admitted(self, asker: Asker) -> Asker:
        """The outsider, who has given a reason and not asked too often; this question is counted."""
        policy.require(self.vocabulary, asker, Act.SEARCH_OUTSIDE)
        now = self._now()
        self.db.execute("DELETE FROM office_outside_questions WHERE at_ms <= ?", (now - WINDOW_MS,))
        count, first = self.db.execute(
            "SELECT count(*), min(at_ms) FROM office_outside_questions WHERE officer = ?", (asker.officer,)
        ).fetchone()
        if count >= QUESTIONS_LIMIT:
            wait_ms = first + WINDOW_MS - now
            raise Refusal(
                "TOO-MANY-QUESTIONS",
                f"An account asks at most {QUESTIONS_LIMIT} times in {WINDOW_MS // MINUTE} minutes.",
                hint=f"Ask again in {-(-wait_ms // MINUTE)} minutes.",
                status=429,
                retry_s=-(-wait_ms // SECOND),
            )
        self.db.execute("INSERT INTO office_outside_questions VALUES (?, ?)", (asker.officer, now))
        # No police purpose: the reason alone stands in the audit line.
        return msgspec.structs.replace(asker, purpose="")

    def _answered(self, asker: Asker, query: Query) -> PublicAnswer:
        public.check_filters(self.vocabulary, query)
        now = self._now()
        sight = Sight(visibility.readable(self.vocabulary, asker), now)
        wide = msgspec.structs.replace(query, limit=RESULTS_LIMIT)
        found = searching.search(self.db, self.vocabulary, self.records.lookup, wide, sight).results
        rows = {row.record_id: row for row in store.rows_of(self.db, [one.record_id for one in found])}
        shown: list[PublicFound] = []
        for one in found:
            opened = public.opened(self.vocabulary, rows[one.record_id], now)
            why = public.reasons(*opened, one.why) if opened is not None else ()
            if opened is not None and why:
                name, caption = one.record_id.hex(), public.caption(*opened)
                shown.append(PublicFound(name, one.register, one.owner, one.published_ms, caption, why))
        most = min(query.limit, SHOWN_LIMIT)
        return PublicAnswer(tuple(shown[:most]), len(shown) > most)

    def _record(self, asker: Asker, identifier: bytes) -> PublicRecord:
        code = store.register_of(self.db, identifier)
        visibility.may_read(self.vocabulary, asker, code)
        (row,) = store.rows_of(self.db, [identifier])
        opened = public.opened(self.vocabulary, row, self._now())
        if opened is None:
            raise visibility.unknown_record()
        register, body = opened
        given = {
            field.name: msgspec.to_builtins(getattr(body, field.name))
            for field in register.fields
            if getattr(body, field.name) != field.type.absent
        }
        return PublicRecord(
            identifier.hex(),
            register.name,
            row.owner,
            row.published_ms,
            public.caption(register, body),
            given,
            tuple(register.describe(body)),
        )


def _given(query: Query) -> dict[str, Any]:
    """What a question says, without the parts that were left out."""
    said: dict[str, Any] = msgspec.to_builtins(query)
    return {name: value for name, value in said.items() if value}
