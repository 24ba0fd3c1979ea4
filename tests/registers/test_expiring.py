"""At the end of its retention a record is erased, told to the index once, and not brought back by an old act."""

import sqlite3
from collections.abc import Callable

from tests.registers.writers import writer

from allpoints.ground.clock import DAY
from allpoints.registers import store
from allpoints.registers.entering import Carriage, clean
from allpoints.registers.expiring import Expired, due, ending, expire
from allpoints.registers.folding import Published, apply_batch
from allpoints.registers.record import Batch, RecordOp
from allpoints.vocabulary.register import Register, Vocabulary

Raw = dict[str, object]
Make = Callable[..., Raw]


def test_records_past_their_retention_are_erased_the_longest_overdue_first(
    db: sqlite3.Connection, vocabulary: Vocabulary, persons: Register, person: Make, carriage: Carriage
) -> None:
    batches = []
    for n in range(3):
        _, ref, body, *_ = clean(persons, writer("XAV"), person(n), "official-use")
        op = RecordOp("put", ref, 1, body, carriage.purpose, carriage.handling)
        batches.append((Batch(persons.name, 1, (op,)), Published("XAV", n + 1, n * DAY, "XSC")))
        apply_batch(db, vocabulary, *batches[-1])
    ends = persons.retention_days * DAY
    assert expire(db, ends - 1) == []
    assert [one.ref for one in ending(db, "XAV", ends + 5 * DAY)] == ["P-0", "P-1", "P-2"]
    assert ending(db, "XBM", ends + 5 * DAY) == []
    assert [one.ref for one in due(db, ends + DAY)] == ["P-0", "P-1"]
    (first,) = expire(db, ends + DAY, limit=1)
    assert first == Expired(first.record_id, first.row, persons.code, 1, "XAV", "P-0", ends)
    assert [one.ref for one in expire(db, ends + DAY)] == ["P-1"]
    assert expire(db, ends + DAY) == []
    (row,) = store.rows_of(db, [first.record_id])
    assert (row.status, row.body, row.content) == (store.EXPIRED, None, b"")
    assert db.execute("SELECT count(DISTINCT row) FROM state_names").fetchone() == (1,)
    assert store.counts(db) == {(persons.code, store.EXPIRED): 2, (persons.code, store.VALID): 1}
    again = apply_batch(db, vocabulary, *batches[0])
    assert (again.applied, again.known, again.refused) == ([], 1, {})


def test_a_new_version_gives_an_expired_record_a_new_retention(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    _, ref, body, *_ = clean(documents, writer("XAV"), document(1), "official-use")
    ends = documents.retention_days * DAY
    for version, at_ms in ((1, 0), (2, ends)):
        op = RecordOp("put", ref, version, body, carriage.purpose, carriage.handling, reason="still sought")
        apply_batch(db, vocabulary, Batch(documents.name, 1, (op,)), Published("XAV", version, at_ms, "XSC"))
        assert len(expire(db, ends)) == (1 if version == 1 else 0)
    assert [row.version for row in store.rows_by_ref(db, "AV-1", {1, 2}, 5)] == [2]
