"""A member's own records: only what changed is said, with the next version, by whom may say it."""

import sqlite3
from collections.abc import Callable

import msgspec
import pytest
from tests.registers.writers import writer

from allpoints.ground.refusal import Refusal
from allpoints.registers import entering, exclusion_store, folding, store
from allpoints.registers.entering import Carriage, check_carriage, prepare_put
from allpoints.registers.folding import Published
from allpoints.registers.record import VERSION_LIMIT, Batch, RecordOp, record_id
from allpoints.registers.withdrawing import excluded_of, prepare_withdraw
from allpoints.vocabulary.register import Register, Vocabulary

Raw = dict[str, object]
Make = Callable[..., Raw]


def put(db: sqlite3.Connection, register: Register, raw: Raw, carriage: Carriage) -> RecordOp:
    op = prepare_put(db, register, writer("XAV"), raw, carriage)
    assert op is not None
    return op


def test_entering_a_record_twice_says_it_once(
    db: sqlite3.Connection, documents: Register, document: Make, carriage: Carriage
) -> None:
    op = put(db, documents, document(1), carriage)
    assert (op.op, op.ref, op.version, op.by_role) == ("put", "AV-1", 1, "desk")
    assert documents.encode(documents.clean(document(1))) == op.body
    assert (
        prepare_put(db, documents, writer("XAV"), document(1, document_number=" av-0000001 "), carriage)
        is None
    )


def test_each_change_has_the_next_version(
    db: sqlite3.Connection, documents: Register, document: Make, carriage: Carriage, other_carriage: Carriage
) -> None:
    versions = [
        put(db, documents, document(1), carriage).version,
        put(db, documents, document(1, fraud="lost"), carriage).version,
        put(db, documents, document(1, fraud="lost"), other_carriage).version,
        put(db, documents, document(1), carriage).version,
        put(db, documents, document(2), carriage).version,
    ]
    assert versions == [1, 2, 3, 4, 1]


def test_a_stated_reason_renews_an_unchanged_record(
    db: sqlite3.Connection, documents: Register, document: Make, carriage: Carriage
) -> None:
    put(db, documents, document(1), carriage)
    renewing = msgspec.structs.replace(carriage, reason="still sought, file 12/79")
    op = put(db, documents, document(1), renewing)
    assert (op.version, op.reason) == (2, "still sought, file 12/79")


def test_only_the_issuing_country_enters_a_document(
    db: sqlite3.Connection, documents: Register, document: Make, carriage: Carriage
) -> None:
    with pytest.raises(Refusal) as refused:
        prepare_put(db, documents, writer("XBM"), document(1), carriage)
    assert refused.value.status == 403
    assert store.own(db, [record_id("travel-documents", "XBM", "AV-1")]) == {}
    assert put(db, documents, document(1), carriage).version == 1


def test_a_withdrawn_record_can_be_entered_again_and_withdrawing_twice_says_it_once(
    db: sqlite3.Connection, documents: Register, document: Make, carriage: Carriage
) -> None:
    put(db, documents, document(1), carriage)
    op = prepare_withdraw(db, documents, "XAV", "AV-1", "found")
    assert op == RecordOp("withdraw", "AV-1", 2, reason="found")
    assert prepare_withdraw(db, documents, "XAV", "AV-1", "found") is None
    assert put(db, documents, document(1), carriage).version == 3


@pytest.mark.parametrize(
    ("ref", "reason", "code"),
    [
        ("AV-1", " ", "NO-REASON"),
        ("AV-1", "x" * 501, "REASON-TOO-LONG"),
        ("AV-2", "found", "UNKNOWN-RECORD"),
        ("x" * 10_000, "found", "UNKNOWN-RECORD"),
    ],
)
def test_a_withdrawal_needs_a_reason_and_a_record(
    db: sqlite3.Connection,
    documents: Register,
    document: Make,
    carriage: Carriage,
    ref: str,
    reason: str,
    code: str,
) -> None:
    put(db, documents, document(1), carriage)
    with pytest.raises(Refusal) as refused:
        prepare_withdraw(db, documents, "XAV", ref, reason)
    assert refused.value.code == code
    assert prepare_withdraw(db, documents, "XAV", "AV-1", "found") is not None


def test_another_member_cannot_withdraw_it(
    db: sqlite3.Connection, documents: Register, document: Make, carriage: Carriage
) -> None:
    put(db, documents, document(1), carriage)
    with pytest.raises(Refusal) as refused:
        prepare_withdraw(db, documents, "XBM", "AV-1", "found")
    assert (refused.value.code, refused.value.status) == ("UNKNOWN-RECORD", 404)


def test_a_change_that_shuts_a_reader_out_says_whom_and_below_which_version(
    db: sqlite3.Connection, documents: Register, document: Make, carriage: Carriage
) -> None:
    put(db, documents, document(1), carriage)
    assert exclusion_store.undecided(db) == []
    for excluded in [("XBM",), ("XBM", "XCS"), ("XCS",)]:
        put(db, documents, document(1), msgspec.structs.replace(carriage, excluded=excluded))
    shut_out = [(one.member, one.below, one.ref) for one in exclusion_store.undecided(db)]
    assert shut_out == [("XBM", 2, "AV-1"), ("XCS", 3, "AV-1")]


def test_who_never_could_read_is_not_shut_out_and_who_read_an_ended_life_is(
    db: sqlite3.Connection, documents: Register, document: Make, carriage: Carriage
) -> None:
    narrower = msgspec.structs.replace(carriage, excluded=("XBM",))
    put(db, documents, document(1), narrower)
    assert exclusion_store.undecided(db) == []
    put(db, documents, document(2), carriage)
    prepare_withdraw(db, documents, "XAV", "AV-2", "to be shown to fewer")
    assert put(db, documents, document(2), narrower).version == 3
    assert [(one.member, one.below) for one in exclusion_store.undecided(db)] == [("XBM", 3)]
    assert excluded_of(db, documents, "XAV", "AV-2") == ("XBM",)


def test_a_carriage_is_checked_against_the_vocabulary(vocabulary: Vocabulary, carriage: Carriage) -> None:
    check_carriage(vocabulary, "XAV", msgspec.structs.replace(carriage, excluded=("XBM",)))
    replace = msgspec.structs.replace
    for changed, code in [
        (replace(carriage, purpose="curiosity"), "UNKNOWN-PURPOSE"),
        (replace(carriage, handling="shout"), "UNKNOWN-HANDLING"),
        (replace(carriage, excluded=("XBM", "1AB")), "UNKNOWN-COUNTRY"),
        (replace(carriage, excluded=("XAV",)), "EXCLUDES-OWNER"),
    ]:
        with pytest.raises(Refusal) as refused:
            check_carriage(vocabulary, "XAV", changed)
        assert refused.value.code == code


def test_a_node_that_lost_its_memory_goes_on_from_what_the_ledger_knows(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    ops = [put(db, documents, document(1), carriage), put(db, documents, document(1, fraud="lost"), carriage)]
    folding.apply_batch(
        db, vocabulary, Batch(documents.name, 1, tuple(ops)), Published("XAV", 1, 1_000, "XSC")
    )
    db.execute("DELETE FROM office_own_records")
    assert prepare_put(db, documents, writer("XAV"), document(1, fraud="lost"), carriage) is None
    assert put(db, documents, document(1), carriage).version == 3
    db.execute("DELETE FROM office_own_records")
    op = prepare_withdraw(db, documents, "XAV", "AV-1", "found")
    assert op is not None
    assert op.version == 3


def test_a_record_changed_too_often_is_refused(
    db: sqlite3.Connection, documents: Register, document: Make, carriage: Carriage
) -> None:
    put(db, documents, document(1), carriage)
    db.execute("UPDATE office_own_records SET version=?", (VERSION_LIMIT - 1,))
    assert put(db, documents, document(1, fraud="lost"), carriage).version == VERSION_LIMIT
    with pytest.raises(Refusal) as refused:
        prepare_put(db, documents, writer("XAV"), document(1), carriage)
    assert refused.value.code == "VERSIONS-SPENT"
    with pytest.raises(Refusal) as refused:
        prepare_withdraw(db, documents, "XAV", "AV-1", "found")
    assert refused.value.code == "VERSIONS-SPENT"


def test_a_record_larger_than_a_batch_carries_is_refused(
    documents: Register, document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert entering.clean(documents, writer("XAV"), document(1), "official-use").ref == "AV-1"
    monkeypatch.setattr(entering, "BODY_BYTES_LIMIT", 10)
    with pytest.raises(Refusal) as refused:
        entering.clean(documents, writer("XAV"), document(1), "official-use")
    assert refused.value.code == "RECORD-TOO-LARGE"
