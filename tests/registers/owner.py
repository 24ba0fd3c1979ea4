"""An owner and its readers in memory: what the one signs the others fold, and their index says what was folded last."""

import sqlite3

from tests.registers.lives import LOOKOUTS, vocabulary
from tests.registers.writers import writer

from allpoints.registers import blocking, expiring, reading, store
from allpoints.registers.blocks import Block, Blocking
from allpoints.registers.entering import Carriage, prepare_put
from allpoints.registers.folding import Applied, FoldReport, Published, apply_batch
from allpoints.registers.reading import Reader, ReadRecord
from allpoints.registers.record import Batch, RecordOp, record_id
from allpoints.registers.renewing import prepare_renew
from allpoints.registers.withdrawing import excluded_of, prepare_achieve, prepare_withdraw
from allpoints.vocabulary.register import Register

CARRIAGE = Carriage("investigate", "official-use", by_role="desk of XAV")

TERMS = {
    "state_names": "register, form",
    "state_facets": "register, field, value",
    "state_words": "register, word",
    "state_parts": "kind, value, backwards",
}
"""What records are found by, apart from the keys."""


def opened() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(store.SCHEMA)
    return db


class Node:
    """One node's tables, and the keys under which each of its records is found now."""

    def __init__(self) -> None:
        self.db = opened()
        self.keys: dict[bytes, tuple[int, frozenset[tuple[str, str]]]] = {}

    def fold(self, batch: Batch, seq: int, at_ms: int) -> FoldReport:
        report = apply_batch(self.db, vocabulary(), batch, Published("XAV", seq, at_ms, "XSC"))
        for one in report.applied:
            self._index(one)
        return report

    def word(self, said: Blocking, seq: int, at_ms: int, *, blocked: bool) -> None:
        """Fold what the secretariat says of a record."""
        block = Block(
            said.record, seq, int(blocked), at_ms, said.reason, said.by_role, " ".join(said.excluded)
        )
        applied = blocking.apply_blocking(self.db, vocabulary(), said, block)
        if applied is not None:
            self._index(applied)

    def _index(self, one: Applied) -> None:
        if one.gone:
            self.keys.pop(one.record_id, None)
        else:
            self.keys[one.record_id] = (one.version, frozenset((key.kind, key.value) for key in one.keys))

    def expire(self, now_ms: int) -> list[str]:
        gone = expiring.expire(self.db, now_ms)
        for one in gone:
            self.keys.pop(one.record_id, None)
        return [one.ref for one in gone]

    def read(self, ref: str, now_ms: int, member: str = "XBM", register: str = LOOKOUTS) -> ReadRecord:
        identity = record_id(register, "XAV", ref)
        return reading.read(self.db, vocabulary(), identity, Reader(member, "XSC", now_ms))

    def state(self) -> dict[str, object]:
        """Everything that is held, whatever the numbers of the rows are."""
        records = [store.Row(*row) for row in self.db.execute("SELECT * FROM state_records")]
        ids = {row.row: row.record_id for row in records}
        terms = {
            table: sorted(
                (ids[row], *values) for row, *values in self.db.execute(f"SELECT row, {columns} FROM {table}")
            )
            for table, columns in TERMS.items()
        }
        return {"records": sorted(row[1:] for row in records), "keys": self.keys, "terms": terms}


class Owner(Node):
    """Arvandia's node: it signs, seals for nobody, and folds what it signed at once unless it is told to wait."""

    def __init__(self, name: str = LOOKOUTS) -> None:
        super().__init__()
        self.register: Register = vocabulary().registers[name]
        self.said: list[tuple[Batch, int, int]] = []

    def enter(
        self, raw: dict[str, object], at_ms: int, reason: str = "", excluded: tuple[str, ...] = ()
    ) -> RecordOp | None:
        carriage = Carriage("investigate", "official-use", excluded, "desk of XAV", reason)
        return self._out(prepare_put(self.db, self.register, writer("XAV"), raw, carriage), at_ms)

    def renew(self, ref: str, at_ms: int, reason: str = "Still sought.") -> RecordOp | None:
        return self._out(prepare_renew(self.db, self.register, "XAV", ref, reason, "desk of XAV"), at_ms)

    def withdraw(self, ref: str, at_ms: int, reason: str = "An error.") -> RecordOp | None:
        return self._out(prepare_withdraw(self.db, self.register, "XAV", ref, reason, "desk of XAV"), at_ms)

    def achieve(self, ref: str, at_ms: int, reason: str = "Found.") -> RecordOp | None:
        return self._out(prepare_achieve(self.db, self.register, "XAV", ref, reason, "desk of XAV"), at_ms)

    def _out(self, op: RecordOp | None, at_ms: int) -> RecordOp | None:
        if op is not None:
            excluded = excluded_of(self.db, self.register, "XAV", op.ref)
            seq = len(self.said) + 1
            self.said.append((Batch(self.register.name, 1, (op,), excluded), seq, at_ms))
            assert self.fold(*self.said[-1]).refused == {}
        return op
