"""Files of what changed, and files of all there is: what they do not name is withdrawn, and never too much of it."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registers.importer import HEADER, Bureau, Open, rows

from allpoints.registers import importing, leftovers
from allpoints.registers.entering import Carriage
from allpoints.registers.import_job import (
    CLEARING,
    DONE,
    FAILED,
)
from allpoints.vocabulary.register import Vocabulary

CHANGES = "source_ref,document_number,issuer,document_type,fraud,@change,@reason\n"


def ops(bureau: Bureau) -> list[tuple[str, str, int]]:
    return [(op.op, op.ref, op.version) for op in bureau.outbox()]


def test_a_file_of_changes_enters_changes_and_withdraws(bureau: Bureau) -> None:
    bureau.run(HEADER + rows(3))
    text = CHANGES + (
        "AV-0,AV0000000,XAV,passport,lost,changed,\n"
        "AV-1,,,,,gone,Found in a drawer.\n"
        "AV-7,AV0000007,XAV,passport,stolen,new,\n"
        "AV-9,,,,,gone,\n"
    )
    job = bureau.run(text)
    assert (job.state, job.accepted, job.fresh, job.gone, job.unchanged, job.bad) == (DONE, 3, 1, 1, 1, 0)
    assert ops(bureau)[3:] == [("put", "AV-0", 2), ("withdraw", "AV-1", 2), ("put", "AV-7", 1)]
    assert bureau.outbox()[4].reason == "Found in a drawer."
    again = bureau.run(text)
    assert (again.state, again.accepted, again.unchanged) == (DONE, 0, 4)


def test_an_unknown_change_and_a_gone_row_without_reference_are_bad_rows(bureau: Bureau) -> None:
    bureau.run(HEADER + rows(2))
    job = bureau.run(CHANGES + "AV-0,,,,,vanished,\n,,,,,gone,\n")
    assert (job.state, job.bad) == (FAILED, 2)
    assert bureau.faults(job) == [(2, "@change", "CHANGE-UNKNOWN"), (3, "source_ref", "FIELD-REQUIRED")]
    assert len(ops(bureau)) == 2
    assert bureau.run(CHANGES + "AV-0,,,,,gone,\n").state == DONE


def test_json_lines_say_what_changed_in_the_same_words(bureau: Bureau) -> None:
    bureau.run(HEADER + rows(1))
    job = bureau.run('{"source_ref": "AV-0", "@change": "gone"}\n')
    assert (job.state, job.gone) == (DONE, 1)


def test_the_file_of_a_whole_register_withdraws_what_it_does_not_name(bureau: Bureau) -> None:
    bureau.run(HEADER + rows(8))
    dry = bureau.run(HEADER + rows(5), whole=True, dry_run=True)
    assert (dry.state, dry.gone, dry.unchanged) == (DONE, 3, 5)
    assert len(ops(bureau)) == 8
    job = bureau.run(HEADER + rows(5), whole=True)
    assert (job.state, job.accepted, job.gone, job.unchanged) == (DONE, 3, 3, 5)
    assert sorted(ops(bureau)[8:]) == [("withdraw", f"AV-{n}", 2) for n in (5, 6, 7)]
    again = bureau.run(HEADER + rows(5), whole=True)
    assert (again.state, again.accepted) == (DONE, 0)


def test_a_whole_file_that_lacks_too_much_is_refused_before_anything_is_entered(bureau: Bureau) -> None:
    bureau.run(HEADER + rows(40))
    job = bureau.run(HEADER + rows(5, fraud="lost"), whole=True)
    assert (job.state, job.accepted) == (FAILED, 5)
    assert [code for _, _, code in bureau.faults(job)] == ["GONE-TOO-MANY"]
    assert len(ops(bureau)) == 40
    allowed = bureau.run(HEADER + rows(5, fraud="lost"), whole=True, at_most_gone=35)
    assert (allowed.state, allowed.gone) == (DONE, 35)
    assert bureau.run(HEADER + rows(5), whole=True, at_most_gone=0).state == DONE


def test_clearing_goes_on_after_a_stop_and_withdraws_nothing_twice(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "PAGE_RECORDS", 2)
    bureau.run(HEADER + rows(8))
    job = bureau.begin(HEADER + rows(1), whole=True)
    while job.state != CLEARING:
        job = bureau.step(job)
    job = bureau.step(job)
    assert job.gone == 2
    importing.stop(bureau.db, job.id)
    job = bureau.finish(importing.resume(bureau.db, job.id))
    assert (job.state, job.gone) == (DONE, 7)
    assert sorted(ops(bureau)[8:]) == [("withdraw", f"AV-{n}", 2) for n in range(1, 8)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.dictionaries(st.integers(0, 9), st.sampled_from(["stolen", "lost", "gone"]), max_size=8),
        ),
        max_size=5,
    )
)
def test_any_row_of_files_leaves_what_a_dictionary_would(
    open_db: Open,
    vocabulary: Vocabulary,
    carriage: Carriage,
    tmp_path: Path,
    files: list[tuple[bool, dict[int, str]]],
) -> None:
    bureau = Bureau(open_db(), vocabulary, carriage, tmp_path / "spooled")
    model: dict[str, str] = {}
    for whole, said in files:
        lines = [
            f"AV-{n},,,,,gone," if what == "gone" else f"AV-{n},AV{n:07d},XAV,passport,{what},,"
            for n, what in said.items()
        ]
        bureau.run(CHANGES + "".join(f"{line}\n" for line in lines), whole=whole, at_most_gone=99)
        kept = {f"AV-{n}": what for n, what in said.items() if what != "gone"}
        if whole:
            model = {ref: what for ref, what in model.items() if ref in {f"AV-{n}" for n in said}}
        model = {ref: what for ref, what in model.items() if said.get(int(ref[3:])) != "gone"} | kept
    held: dict[str, str] = {}
    for op in bureau.outbox():
        held.pop(op.ref, None)
        if op.op == "put":
            held[op.ref] = msgspec.msgpack.decode(op.body)["fraud"]
    assert held == model
