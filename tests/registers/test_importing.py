"""A file becomes acts exactly once, whatever is wrong in it and whenever the import is killed."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registers.importer import HEADER, Bureau, Make, Open, counts, rows
from tests.registers.writers import writer

from allpoints.ground.refusal import Refusal
from allpoints.registers import exclusion_store, import_job, importing, store
from allpoints.registers.chunking import inspect, read_chunk
from allpoints.registers.entering import Carriage, prepare_put
from allpoints.registers.import_job import (
    CHECKING,
    DONE,
    FAILED,
    GOING,
    RUNNING,
    STOPPED,
)
from allpoints.registers.importing import Order, commit_chunk
from allpoints.registers.withdrawing import prepare_withdraw
from allpoints.vocabulary.register import Vocabulary


def test_a_good_file_is_checked_and_then_entered_whole(bureau: Bureau) -> None:
    job = bureau.begin(HEADER + rows(10))
    assert (job.state, job.checked) == (CHECKING, False)
    while job.state == CHECKING:
        assert bureau.outbox() == []
        job = bureau.step(job)
    assert counts(job) == (RUNNING, 0, 0, 0, 0)
    job = bureau.finish(job)
    assert counts(job) == (DONE, 10, 10, 0, 0)
    assert (job.ended_ms, job.started_ms, job.offset_bytes) == (9, 5, job.size_bytes)
    assert bureau.said() == [(f"AV-{n}", 1) for n in range(10)]


def test_the_same_file_again_changes_nothing_even_before_the_entries_come_back(bureau: Bureau) -> None:
    bureau.run(HEADER + rows(10))
    assert counts(bureau.run(HEADER + rows(10))) == (DONE, 10, 0, 10, 0)
    assert counts(bureau.run(HEADER + rows(10), keep_going=True)) == (DONE, 10, 0, 10, 0)
    assert len(bureau.outbox()) == 10
    changed = HEADER + rows(9) + "AV-9,AV0000009,XAV,passport,lost\n"
    assert counts(bureau.run(changed)) == (DONE, 10, 1, 9, 0)
    assert bureau.said()[10:] == [("AV-9", 2)]


def test_a_record_entered_by_hand_or_withdrawn_counts_as_said(bureau: Bureau, document: Make) -> None:
    prepare_put(bureau.db, bureau.documents, writer("XAV"), document(1), bureau.carriage)
    prepare_put(bureau.db, bureau.documents, writer("XAV"), document(2), bureau.carriage)
    prepare_withdraw(bureau.db, bureau.documents, "XAV", "AV-2", "found")
    assert counts(bureau.run(HEADER + rows(3))) == (DONE, 3, 2, 1, 0)
    assert bureau.said() == [("AV-0", 1), ("AV-2", 3)]


BAD = (
    HEADER
    + rows(5)
    + "AV-5,AV5,XBM,passport,stolen\nAV-6,,XAV,passport,eaten\n"
    + "AV-7,AV7,XAV,passport,lost\n"
)


def test_one_bad_row_refuses_the_file_and_every_bad_row_is_listed(bureau: Bureau) -> None:
    job = bureau.run(BAD)
    assert counts(job) == (FAILED, 8, 6, 0, 2)
    assert job.checked is False
    assert bureau.outbox() == []
    assert {(line, field) for line, field, _ in bureau.faults(job)} == {
        (7, "issuer"),
        (8, "document_number"),
        (8, "fraud"),
    }
    assert bureau.db.execute("SELECT count(*) FROM office_own_records").fetchone() == (0,)


def test_bad_rows_are_skipped_and_listed_when_asked(bureau: Bureau) -> None:
    job = bureau.run(BAD, keep_going=True)
    assert counts(job) == (DONE, 8, 6, 0, 2)
    assert [ref for ref, _ in bureau.said()] == ["AV-0", "AV-1", "AV-2", "AV-3", "AV-4", "AV-7"]
    assert len(bureau.faults(job)) == 3
    assert counts(bureau.run(BAD, keep_going=True)) == (DONE, 8, 0, 6, 2)


def test_a_trial_enters_nothing_and_says_what_it_would_have(bureau: Bureau) -> None:
    assert counts(bureau.run(HEADER + rows(6), dry_run=True)) == (DONE, 6, 6, 0, 0)
    assert counts(bureau.run(BAD, dry_run=True)) == (FAILED, 8, 6, 0, 2)
    assert counts(bureau.run(BAD, dry_run=True, keep_going=True)) == (DONE, 8, 6, 0, 2)
    assert bureau.outbox() == []
    bureau.run(HEADER + rows(6))
    assert counts(bureau.run(HEADER + rows(8), dry_run=True)) == (DONE, 8, 2, 6, 0)


@pytest.mark.parametrize(
    "second", ["AV-1,AV0000001,XAV,passport,stolen\n", "AV-1,AV0000001,XAV,passport,lost\n"]
)
def test_a_reference_stands_once_in_a_file(bureau: Bureau, second: str) -> None:
    text = HEADER + rows(6) + second
    job = bureau.run(text)
    assert counts(job) == (FAILED, 7, 6, 0, 1)
    assert bureau.faults(job) == [(8, "source_ref", "REF-TWICE")]
    assert "line 3" in import_job.faults(bureau.db, job)[0].sentence
    for unchanged in (0, 6):
        job = bureau.run(text, keep_going=True)
        assert counts(job) == (DONE, 7, 6 - unchanged, unchanged, 1)
    assert bureau.said() == [(f"AV-{n}", 1) for n in range(6)]


def test_a_broken_file_fails_with_the_rows_before_the_break_entered_only_when_bad_rows_may_be(
    bureau: Bureau,
) -> None:
    text = HEADER + rows(6) + 'AV-6,"AV6,XAV,passport,stolen\n'
    job = bureau.run(text)
    assert (job.state, job.accepted) == (FAILED, 6)
    assert bureau.faults(job) == [(8, "", "QUOTE-NOT-CLOSED")]
    assert bureau.outbox() == []
    job = bureau.run(text, keep_going=True)
    assert (job.state, job.accepted) == (FAILED, 6)
    assert len(bureau.outbox()) == 6


def test_an_import_with_fewer_readers_shuts_them_out_of_each_record_that_was_there(bureau: Bureau) -> None:
    bureau.run(HEADER + rows(3))
    bureau.carriage = msgspec.structs.replace(bureau.carriage, excluded=("XBM",))
    assert counts(bureau.run(HEADER + rows(4), dry_run=True)) == (DONE, 4, 4, 0, 0)
    assert exclusion_store.undecided(bureau.db) == []
    assert counts(bureau.run(HEADER + rows(4))) == (DONE, 4, 4, 0, 0)
    shut_out = {(one.ref, one.member, one.below) for one in exclusion_store.undecided(bureau.db)}
    assert shut_out == {(f"AV-{number}", "XBM", 2) for number in range(3)}


def test_faults_are_kept_up_to_a_limit_and_all_counted(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_job, "FAULTS_LIMIT", 5)
    job = bureau.run(HEADER + "AV-1,AV1,XAV,passport,eaten\n" * 12, keep_going=True)
    assert job.bad == 12
    assert [line for line, _, _ in bureau.faults(job)] == [2, 3, 4, 5, 6]
    assert [fault.line for fault in import_job.faults(bureau.db, job, limit=2, after=3)] == [5, 6]


def test_json_lines_are_imported_like_rows(bureau: Bureau, document: Make) -> None:
    text = "".join(msgspec.json.encode(document(n)).decode() + "\n" for n in range(6)) + "[]\n"
    assert counts(bureau.run(text, keep_going=True)) == (DONE, 7, 6, 0, 1)
    assert [ref for ref, _ in bureau.said()] == [f"AV-{n}" for n in range(6)]


def test_an_import_rests_when_stopped_and_goes_on_where_it_was(bureau: Bureau) -> None:
    job = bureau.begin(HEADER + rows(10))
    assert importing.stop(bureau.db, job.id).state == STOPPED
    with pytest.raises(Refusal) as refused:
        bureau.step(job)
    assert refused.value.code == "IMPORT-NOT-GOING"
    assert importing.resume(bureau.db, job.id).state == CHECKING
    while job.state == CHECKING:
        job = bureau.step(job)
    job = bureau.step(job)
    importing.stop(bureau.db, job.id)
    assert import_job.going(bureau.db) == []
    job = importing.resume(bureau.db, job.id)
    assert counts(job) == (RUNNING, 4, 4, 0, 0)
    assert import_job.going(bureau.db) == [job]
    assert counts(bureau.finish(job)) == (DONE, 10, 10, 0, 0)
    assert import_job.newest(bureau.db)[0].state == DONE
    for act, code in ((importing.stop, "IMPORT-NOT-GOING"), (importing.resume, "IMPORT-NOT-STOPPED")):
        with pytest.raises(Refusal) as refused:
            act(bureau.db, job.id)
        assert refused.value.code == code
        with pytest.raises(Refusal) as refused:
            act(bureau.db, "no such")
        assert refused.value.status == 404


def test_an_import_whose_file_is_gone_can_be_ended_with_the_reason(bureau: Bureau) -> None:
    job = bureau.begin(HEADER + rows(10))
    bureau.path.unlink()
    with pytest.raises(Refusal) as refused:
        bureau.step(job)
    job = importing.fail(bureau.db, job.id, refused.value, 12)
    assert (job.state, job.ended_ms) == (FAILED, 12)
    assert bureau.faults(job) == [(1, "file", "FILE-CHANGED")]


def test_a_chunk_is_taken_once_and_only_in_its_turn(bureau: Bureau) -> None:
    job = bureau.begin(HEADER + rows(10), keep_going=True)
    chunk = read_chunk(job, bureau.documents, writer("XAV"), 4)
    commit_chunk(bureau.db, job, chunk, bureau.documents, 9)
    with pytest.raises(Refusal) as refused:
        commit_chunk(bureau.db, job, chunk, bureau.documents, 9)
    assert refused.value.code == "STALE-CHUNK"
    job = bureau.begin(HEADER + rows(3))
    checking = read_chunk(job, bureau.documents, writer("XAV"), 4)
    assert commit_chunk(bureau.db, job, checking, bureau.documents, 9).job.state == RUNNING
    with pytest.raises(Refusal) as refused:
        commit_chunk(bureau.db, job, checking, bureau.documents, 9)
    assert refused.value.code == "STALE-CHUNK"


def test_an_import_needs_a_new_id_and_a_known_carriage(bureau: Bureau) -> None:
    job = bureau.begin(HEADER + rows(1))
    source = inspect(bureau.vocabulary, bureau.path, "travel-documents")
    order = Order(job.id, "XAV", "officer", bureau.carriage)
    with pytest.raises(Refusal) as refused:
        importing.begin(bureau.db, bureau.vocabulary, source, order, 5)
    assert refused.value.code == "IMPORT-ID-TAKEN"
    wrong = Order("new", "XAV", "officer", msgspec.structs.replace(bureau.carriage, purpose="curiosity"))
    with pytest.raises(Refusal) as refused:
        importing.begin(bureau.db, bureau.vocabulary, source, wrong, 5)
    assert refused.value.code == "UNKNOWN-PURPOSE"
    loaded = import_job.load(bureau.db, job.id)
    assert loaded == job


def test_marks_of_ended_imports_are_forgotten_bit_by_bit(bureau: Bureau) -> None:
    bureau.run(HEADER + rows(10))
    waiting = bureau.begin(HEADER + rows(3))
    waiting = bureau.step(waiting, 2)
    assert [import_job.tidy(bureau.db, 6) for _ in range(3)] == [6, 4, 0]
    assert counts(bureau.finish(waiting)) == (DONE, 3, 0, 3, 0)
    assert import_job.tidy(bureau.db) == 3


def test_an_import_killed_at_any_chunk_ends_like_one_that_was_not(
    open_db: Open, vocabulary: Vocabulary, carriage: Carriage, tmp_path: Path
) -> None:
    text = (
        HEADER
        + rows(11)
        + "AV-3,AV3,XAV,passport,lost\nAV-12,,XAV,passport,lost\nAV-13,AV13,XAV,passport,lost\n"
    )
    for options in ({"keep_going": True}, {"keep_going": False}, {"dry_run": True, "keep_going": True}):
        content = text if options["keep_going"] else HEADER + rows(13)
        whole = Bureau(open_db(), vocabulary, carriage, tmp_path / "spooled")
        expected = whole.run(content, **options)
        for killed_at in range(8):
            bureau = Bureau(open_db(), vocabulary, carriage, tmp_path / "spooled")
            job = bureau.begin(content, **options)
            for _ in range(killed_at):
                job = bureau.step(job) if job.state in GOING else job
            if job.state in GOING:
                bureau.db.execute("BEGIN")
                bureau.step(job)
                bureau.db.execute("ROLLBACK")
            (job, *_) = import_job.going(bureau.db) or [job]
            assert bureau.finish(job) == expected
            assert bureau.outbox() == whole.outbox()
            assert bureau.faults(job) == whole.faults(expected)


def test_an_import_on_a_disk_that_fails_at_any_statement_loses_and_doubles_nothing(
    failing: tuple[sqlite3.Connection, Callable[[Callable[[], object]], int]],
    open_db: Open,
    vocabulary: Vocabulary,
    carriage: Carriage,
    tmp_path: Path,
) -> None:
    whole = Bureau(open_db(), vocabulary, carriage, tmp_path / "spooled")
    expected = whole.run(BAD, keep_going=True)
    broken, survive = failing
    bureau = Bureau(broken, vocabulary, carriage, tmp_path / "spooled")
    job = bureau.begin(BAD, keep_going=True)
    while job.state in GOING:
        assert survive(partial(bureau.step, job)) >= 5
        (job,) = import_job.newest(broken)
    assert job == expected
    assert bureau.outbox() == whole.outbox()
    assert bureau.faults(job) == whole.faults(expected)


ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["stolen", "lost", "eaten"])), min_size=1, max_size=12
)


@given(st.lists(ROWS, min_size=1, max_size=3), st.lists(st.booleans(), max_size=12), st.integers(1, 5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_imports_of_any_files_killed_anywhere_leave_what_a_dictionary_would(
    vocabulary: Vocabulary,
    carriage: Carriage,
    tmp_path: Path,
    files: list[list[tuple[int, str]]],
    kills: list[bool],
    size: int,
) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(store.SCHEMA)
    db.executescript(import_job.SCHEMA)
    bureau = Bureau(db, vocabulary, carriage, tmp_path / "spooled")
    model: dict[str, tuple[int, str]] = {}
    for listed in files:
        text = HEADER + "".join(f"AV-{n},AV{n:07d},XAV,passport,{fraud}\n" for n, fraud in listed)
        job = bureau.begin(text, keep_going=True)
        while job.state in GOING:
            db.execute("BEGIN")
            after = bureau.step(job, size)
            if kills and kills.pop():
                db.execute("ROLLBACK")
            else:
                db.execute("COMMIT")
                job = after
        seen = set()
        for n, fraud in listed:
            if fraud == "eaten" or n in seen:
                continue
            seen.add(n)
            version, before = model.get(f"AV-{n}", (0, ""))
            if before != fraud:
                model[f"AV-{n}"] = (version + 1, fraud)
        assert job.bad == len(listed) - len(seen)
    last = {op.ref: (op.version, msgspec.msgpack.decode(op.body)["fraud"]) for op in bureau.outbox()}
    assert last == model
    assert len(bureau.said()) == len(set(bureau.said()))
    db.close()
