"""One register as a table: its newest records, or those that answer what is asked, a page at a time."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.node.records import Records
from allpoints.registers import finding, leafing, mark_store, searching
from allpoints.registers import store as record_store
from allpoints.registers.finding import Sight, Why
from allpoints.registers.searching import Facet, Query
from allpoints.registers.store import Row
from allpoints.vocabulary.register import Register

PAGE_RECORDS = 50
"""Records on one page of a table."""

COUNTED_LIMIT = 20_000
"""Up to this many records the values of a register are counted; in a larger one they are only named."""


class Ask(msgspec.Struct, frozen=True):
    """What is asked of one register; all of it empty asks for the newest records.

    ``filters`` narrow by facets, ``identifiers`` and ``text`` find; ``before`` is the last
    record of the page before: its number among all rows would tell how many records other registers have.
    """

    register: str
    filters: Mapping[str, str] = {}
    identifiers: Mapping[str, str] = {}
    text: str = ""
    before: bytes = b""


class TableRow(msgspec.Struct, frozen=True):
    """One record of a table, with its body."""

    record_id: bytes
    owner: str
    ref: str
    published_ms: int
    handling: str
    caption: str
    body: Any


class Table(msgspec.Struct, frozen=True):
    """A page of a register; ``after`` is the record after which the next one begins, empty when there is none.

    ``crowded`` says that a question found more than are shown, ``counted`` that facets have their counts, and
    ``warnings`` name values that merely look alike: they are no results.
    """

    rows: tuple[TableRow, ...]
    after: bytes
    crowded: bool
    counted: bool
    facets: tuple[Facet, ...]
    warnings: tuple[Why, ...] = ()


class RecordTables:
    """One node's registers, leafed through."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @property
    def db(self) -> sqlite3.Connection:
        return self.records.db

    def show(self, asker: Asker, ask: Ask) -> Table:
        """A page of one register, after its line in the audit log; refused like a register that there is not."""
        policy.require(self.records.vocabulary, asker, Act.READ)
        register = self.records.known_register(asker, ask.register)
        now = self.records.engine.clock.now()
        given = msgspec.to_builtins(ask) | {"before": ask.before.hex()}
        asked = {name: value for name, value in given.items() if value}
        audit.record(self.db, "register:listed", asker, now, register=register.name, asked=asked)
        sight = Sight(frozenset({register.code}), now)
        if ask.identifiers or ask.text:
            return self._found(register, ask, sight)
        return self._leafed(register, ask, sight)

    def _found(self, register: Register, ask: Ask, sight: Sight) -> Table:
        """The records that a question finds, in the order of a search."""
        query = Query(
            register=register.name,
            text=ask.text,
            identifiers=dict(ask.identifiers),
            filters=dict(ask.filters),
            limit=searching.RESULTS_LIMIT,
        )
        records = self.records
        answer = searching.search(self.db, records.vocabulary, records.lookup, query, sight)
        places = {one.record_id: place for place, one in enumerate(answer.results)}
        rows = sorted(record_store.rows_of(self.db, list(places)), key=lambda row: places[row.record_id])
        shown = tuple(_shown(register, rows))
        facets = tuple(one for one in answer.facets if one.field in register.machine.facets)
        return Table(shown, b"", answer.more, counted=True, facets=facets, warnings=answer.warnings)

    def _leafed(self, register: Register, ask: Ask, sight: Sight) -> Table:
        """The newest records, all of them or those with what was chosen."""
        wanted = finding.wanted_facets(register, ask.filters)
        before = self._row(register, ask.before)
        if wanted:
            numbers = mark_store.rows_with_facets(self.db, register.code, wanted, PAGE_RECORDS + 1, before)
        else:
            numbers = leafing.rows_newest(self.db, register.code, before, PAGE_RECORDS + 1)
        page = [*reversed(record_store.rows_at(self.db, numbers[:PAGE_RECORDS]))]
        rows = [row for row in page if sight.shows(row)]
        counted = leafing.count_up_to(self.db, register.code, COUNTED_LIMIT + 1) <= COUNTED_LIMIT
        return Table(
            tuple(_shown(register, rows)),
            page[-1].record_id if len(numbers) > PAGE_RECORDS else b"",
            crowded=False,
            counted=counted,
            facets=searching.overview(self.db, register, wanted) if counted else (),
        )

    def _row(self, register: Register, record_id: bytes) -> int:
        """The row below which a page begins: that of a record of this register, or none."""
        rows = record_store.rows_of(self.db, [record_id])
        return rows[0].row if rows and rows[0].register == register.code else mark_store.NO_ROW


def _shown(register: Register, rows: Iterable[Row]) -> Iterator[TableRow]:
    for row in rows:
        if row.body is not None:
            body = register.decode(row.body)
            caption = register.caption(body)
            yield TableRow(row.record_id, row.owner, row.ref, row.published_ms, row.handling, caption, body)
