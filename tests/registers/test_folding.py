"""What a batch does to the state: hostile acts are refused alone, and every order of delivery ends in the same state."""

import sqlite3
from collections.abc import Callable
from functools import cache, partial
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.writers import writer

from allpoints.ground.clock import DAY
from allpoints.registers import import_job, store
from allpoints.registers.entering import Carriage, prepare_put
from allpoints.registers.folding import FAULTS_KEPT_LIMIT, FoldReport, Published, apply_batch
from allpoints.registers.record import Batch, RecordOp, record_id
from allpoints.registers.withdrawing import prepare_withdraw
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Register, Vocabulary

Raw = dict[str, object]
Make = Callable[..., Raw]
Open = Callable[[], sqlite3.Connection]


def batch(register: Register, *ops: RecordOp) -> Batch:
    return Batch(register.name, 1, ops)


def op_of(register: Register, raw: Raw, carriage: Carriage, version: int = 1, **changes: Any) -> RecordOp:
    body = register.clean(raw)
    op = RecordOp(
        "put", str(raw["source_ref"]), version, register.encode(body), carriage.purpose, carriage.handling
    )
    return msgspec.structs.replace(op, **changes)


def fold(
    db: sqlite3.Connection, vocabulary: Vocabulary, given_batch: Batch, owner: str = "XAV", seq: int = 1
) -> FoldReport:
    return apply_batch(db, vocabulary, given_batch, Published(owner, seq, seq * 1_000, "XSC"))


def state(db: sqlite3.Connection) -> dict[bytes, tuple[object, ...]]:
    """Everything the fold holds, whatever the numbers of its rows are."""
    names: dict[int, set[str]] = {}
    for form, row in db.execute("SELECT form, row FROM state_names"):
        names.setdefault(row, set()).add(form)
    rows = [store.Row(*row) for row in db.execute("SELECT * FROM state_records")]
    return {row.record_id: (*row[2:], frozenset(names.get(row.row, ()))) for row in rows}


def test_a_record_is_held_with_its_keys_and_its_retention(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    report = fold(db, vocabulary, batch(documents, op_of(documents, document(1), carriage)))
    (applied,) = report.applied
    identity = record_id("travel-documents", "XAV", "AV-1")
    assert applied.record_id == identity
    assert (applied.version, applied.owner, applied.published_ms, applied.gone) == (1, "XAV", 1_000, False)
    assert (applied.register_code, applied.effect) == (documents.code, documents.effect)
    assert [key.kind for key in applied.keys] == ["document"]
    (row,) = store.rows_of(db, [identity])
    assert row.row == applied.row
    assert row.expires_ms == 1_000 + documents.retention_days * DAY
    assert [past.op for past in store.history(db, applied.row)] == ["put"]
    assert (report.known, report.refused, report.faults) == (0, {}, ())


def test_a_withdrawal_erases_the_record_and_its_names_and_keeps_the_act(
    db: sqlite3.Connection, vocabulary: Vocabulary, persons: Register, person: Make, carriage: Carriage
) -> None:
    fold(db, vocabulary, batch(persons, op_of(persons, person(1), carriage)))
    assert db.execute("SELECT count(*) FROM state_names").fetchone() != (0,)
    withdrawal = RecordOp("withdraw", "P-1", 2, reason="found", by_role="desk")
    (applied,) = fold(db, vocabulary, batch(persons, withdrawal), seq=2).applied
    assert (applied.gone, applied.keys, applied.version) == (True, [], 2)
    (row,) = store.rows_of(db, [applied.record_id])
    assert (row.status, row.body, row.purpose) == (store.WITHDRAWN, None, "")
    assert db.execute("SELECT count(*) FROM state_names").fetchone() == (0,)
    assert [(past.op, past.reason) for past in store.history(db, applied.row)] == [
        ("put", ""),
        ("withdraw", "found"),
    ]


def test_several_acts_on_one_record_in_one_batch_end_in_the_last_and_are_all_history(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    acts = (
        op_of(documents, document(1), carriage),
        op_of(documents, document(1, fraud="lost"), carriage, 2),
        op_of(documents, document(2), carriage),
        RecordOp("withdraw", "AV-1", 3, reason="found"),
    )
    report = fold(db, vocabulary, batch(documents, *acts))
    assert [(applied.version, applied.gone) for applied in report.applied] == [(3, True), (1, False)]
    assert len({applied.row for applied in report.applied}) == 2
    assert [past.version for past in store.history(db, report.applied[0].row)] == [1, 2, 3]


def test_a_replay_is_known_an_older_version_is_known_and_another_content_is_a_conflict(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    second = op_of(documents, document(1), carriage, 2)
    fold(db, vocabulary, batch(documents, second))
    before = state(db)
    assert fold(db, vocabulary, batch(documents, second), seq=2).known == 1
    assert fold(db, vocabulary, batch(documents, op_of(documents, document(1), carriage)), seq=3).known == 1
    report = fold(
        db, vocabulary, batch(documents, op_of(documents, document(1, fraud="lost"), carriage, 2)), seq=4
    )
    assert report.refused == {"VERSION-CONFLICT": 1}
    assert report.faults[0].path == "ops[0].version"
    assert state(db) == before
    assert fold(db, vocabulary, batch(documents, op_of(documents, document(1), carriage, 3)), seq=5).applied


def test_bad_acts_are_refused_alone_each_with_its_code(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    good = op_of(documents, document(1), carriage)

    def but(**changes: object) -> RecordOp:
        return msgspec.structs.replace(good, **changes)

    body = msgspec.msgpack.decode(good.body)
    acts = [
        good,
        but(ref="AV-2"),
        but(ref="AV-3", purpose="curiosity"),
        but(ref="AV-4", handling=""),
        but(body=b"\xc1", ref="AV-5"),
        but(body=b"", ref="AV-5"),
        but(body=good.body + b"\0", ref="AV-5"),
        but(body=b"\x91" * 20_000, ref="AV-5"),
        but(body=good.body.replace(b"AV-1", b"AV-\xff"), ref="AV-5"),
        but(body=msgspec.msgpack.encode(dict(reversed(body.items()))), version=2),
        but(body=msgspec.msgpack.encode(body | {"more": 1}), ref="AV-6"),
        but(body=msgspec.msgpack.encode(body | {"document_number": "av 0000001"}), version=2),
        but(body=msgspec.msgpack.encode(body | {"source_ref": " AV-7"}), ref=" AV-7"),
        RecordOp("withdraw", "AV-7", 1),
        RecordOp("withdraw", "AV-8", 1, good.body, reason="found"),
        RecordOp("withdraw", "AV-9 ", 1, reason="found"),
        op_of(documents, document(10), carriage),
    ]
    report = fold(db, vocabulary, batch(documents, *acts))
    assert [applied.record_id for applied in report.applied] == [
        record_id(documents.name, "XAV", ref) for ref in ("AV-1", "AV-10")
    ]
    assert sum(report.refused.values()) == len(acts) - 2
    assert {
        "REF-MISMATCH",
        "UNKNOWN-PURPOSE",
        "UNKNOWN-HANDLING",
        "BODY-NOT-CLEAN",
        "BODY-UNREADABLE",
        "NO-REASON",
        "WITHDRAWAL-WITH-BODY",
        "REF-SHAPE",
    } <= report.refused.keys()
    assert len(state(db)) == 2


def test_a_document_of_another_country_is_refused_from_whoever_wrote_the_entry(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    act = batch(documents, op_of(documents, document(1), carriage))
    report = fold(db, vocabulary, act, owner="XBM")
    assert (report.applied, sum(report.refused.values())) == ([], 1)
    assert state(db) == {}
    assert len(fold(db, vocabulary, act, owner="XAV").applied) == 1


def test_no_member_touches_the_record_of_another_by_its_reference(
    db: sqlite3.Connection, vocabulary: Vocabulary, persons: Register, person: Make, carriage: Carriage
) -> None:
    fold(db, vocabulary, batch(persons, op_of(persons, person(1), carriage)))
    fold(db, vocabulary, batch(persons, RecordOp("withdraw", "P-1", 9, reason="ours")), owner="XBM", seq=2)
    (mine,) = store.rows_of(db, [record_id(persons.name, "XAV", "P-1")])
    assert mine.status == store.VALID


def test_a_withdrawal_that_overtakes_its_record_keeps_it_out(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    fold(db, vocabulary, batch(documents, RecordOp("withdraw", "AV-1", 2, reason="found")), seq=2)
    assert fold(db, vocabulary, batch(documents, op_of(documents, document(1), carriage))).known == 1
    assert store.rows_by_ref(db, "AV-1", {1, 2}, 5) == []


def test_an_unknown_register_or_a_newer_declaration_is_refused_whole(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    acts = tuple(op_of(documents, document(n), carriage) for n in range(FAULTS_KEPT_LIMIT + 5))
    report = fold(db, vocabulary, Batch("stolen-cattle", 1, acts))
    assert report.refused == {"UNKNOWN-REGISTER": len(acts)}
    assert len(report.faults) == FAULTS_KEPT_LIMIT
    assert fold(db, vocabulary, Batch(documents.name, 999, acts)).refused == {"NEWER-DECLARATION": len(acts)}
    for at_ms in (-1, 2**48, 2**70):
        report = apply_batch(
            db, vocabulary, Batch(documents.name, 1, acts), Published("XAV", 1, at_ms, "XSC")
        )
        assert report.refused == {"MOMENT-OUT-OF-RANGE": len(acts)}
    assert state(db) == {}
    assert len(fold(db, vocabulary, Batch(documents.name, 1, acts)).applied) == len(acts)


def test_a_change_replaces_the_words_of_the_names(
    db: sqlite3.Connection, vocabulary: Vocabulary, persons: Register, person: Make, carriage: Carriage
) -> None:
    fold(db, vocabulary, batch(persons, op_of(persons, person(1), carriage)))
    fold(
        db,
        vocabulary,
        batch(persons, op_of(persons, person(1, family_name="Thistledown"), carriage, 2)),
        seq=2,
    )
    words = {form for (form,) in db.execute("SELECT form FROM state_names")}
    assert "thistledown" in words
    assert "quillfeather" not in words


ACTS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["stolen", "lost", "revoked", "withdraw"])), max_size=25
)


@given(ACTS, st.randoms(use_true_random=False), st.data())
@settings(max_examples=40, deadline=None)
def test_every_order_of_delivery_ends_in_the_state_of_a_plain_dictionary(
    acts: list[tuple[int, str]], random: Random, data: st.DataObject
) -> None:
    vocabulary = _vocabulary()
    documents = vocabulary.registers["travel-documents"]
    carriage = Carriage(next(iter(vocabulary.purposes)), next(iter(vocabulary.handling)))
    owner, in_order, shuffled = _open(), _open(), _open()
    model: dict[str, str] = {}
    said: list[RecordOp] = []
    for n, what in acts:
        raw: Raw = {
            "source_ref": f"AV-{n}",
            "document_number": f"AV{n:07d}",
            "issuer": "XAV",
            "document_type": "passport",
            "fraud": what,
        }
        if what != "withdraw":
            op = prepare_put(owner, documents, writer("XAV"), raw, carriage)
            model[f"AV-{n}"] = what
        elif f"AV-{n}" in model:
            op = prepare_withdraw(owner, documents, "XAV", f"AV-{n}", "found")
            model[f"AV-{n}"] = "withdraw"
        else:
            continue
        said += [op] if op is not None else []
    published = [
        (Batch(documents.name, 1, (op,)), Published("XAV", seq, seq, "XSC")) for seq, op in enumerate(said, 1)
    ]
    again = data.draw(st.lists(st.sampled_from(published), max_size=5)) if published else []
    for one, where in published:
        assert apply_batch(in_order, vocabulary, one, where).refused == {}
    mixed = published + again
    random.shuffle(mixed)
    for one, where in mixed:
        assert apply_batch(shuffled, vocabulary, one, where).refused == {}
    assert state(shuffled) == state(in_order)
    shown = {
        row.ref: getattr(documents.decode(row.body), "fraud", "") if row.body is not None else "withdraw"
        for row in (store.Row(*row) for row in in_order.execute("SELECT * FROM state_records"))
    }
    assert shown == model
    for db in (owner, in_order, shuffled):
        db.close()


@cache
def _vocabulary() -> Vocabulary:
    return load()


def _open() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(store.SCHEMA)
    db.executescript(import_job.SCHEMA)
    return db


def test_a_disk_that_fails_at_any_statement_leaves_nothing_behind(
    db: sqlite3.Connection,
    failing: tuple[sqlite3.Connection, Callable[[Callable[[], object]], int]],
    vocabulary: Vocabulary,
    persons: Register,
    person: Make,
    carriage: Carriage,
) -> None:
    broken, survive = failing
    batches = [
        batch(persons, *(op_of(persons, person(n), carriage) for n in range(3))),
        batch(persons, op_of(persons, person(1, family_name="Thistledown"), carriage, 2)),
        batch(persons, RecordOp("withdraw", "P-2", 2, reason="found")),
    ]
    for seq, one in enumerate(batches, 1):
        fold(db, vocabulary, one, seq=seq)
        assert survive(partial(fold, broken, vocabulary, one, seq=seq)) >= 3
        assert state(broken) == state(db)
