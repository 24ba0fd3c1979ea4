"""What goes out can come in again: an exported file enters nothing new."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable

import pytest
from tests.registers.writers import writer

from allpoints.ground.refusal import Refusal
from allpoints.registers import entering, exporting, folding, store
from allpoints.registers.entering import Carriage
from allpoints.registers.folding import Published
from allpoints.registers.record import Batch
from allpoints.vocabulary.register import Register, Vocabulary

Make = Callable[..., dict[str, object]]


def _enter(
    db: sqlite3.Connection,
    vocabulary: Vocabulary,
    register: Register,
    raws: list[dict[str, object]],
    carriage: Carriage,
) -> None:
    for raw in raws:
        op = entering.prepare_put(db, register, writer("XAV"), raw, carriage)
        assert op is not None
        folding.apply_batch(db, vocabulary, Batch(register.name, 1, (op,)), Published("XAV", 1, 1_000, "XSC"))


def _exported(db: sqlite3.Connection, register: Register, form: str, owner: str = "XAV") -> bytes:
    data = exporting.head(register, form)
    after = 0
    while True:
        page = exporting.page(db, register, owner, form, after)
        data += page.data
        after = page.after
        if not after:
            return data


def test_an_exported_file_has_every_record_and_enters_nothing_new(
    db: sqlite3.Connection,
    vocabulary: Vocabulary,
    documents: Register,
    document: Make,
    carriage: Carriage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "PAGE_ROWS", 2)
    _enter(db, vocabulary, documents, [document(number) for number in range(5)], carriage)
    rows = list(csv.DictReader(io.StringIO(_exported(db, documents, "csv").decode())))
    assert [row["source_ref"] for row in rows] == [f"AV-{number}" for number in range(5)]
    for row in rows:
        assert entering.prepare_put(db, documents, writer("XAV"), row, carriage) is None


def test_a_record_under_examination_goes_out_with_the_others_and_a_withdrawn_one_does_not(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    _enter(db, vocabulary, documents, [document(number) for number in range(3)], carriage)
    store.set_status(db, 1, store.BLOCKED)
    store.set_status(db, 2, store.WITHDRAWN)
    rows = csv.DictReader(io.StringIO(_exported(db, documents, "csv").decode()))
    assert [row["source_ref"] for row in rows] == ["AV-0", "AV-2"]


def test_lists_of_objects_stand_in_json_lines(
    db: sqlite3.Connection, vocabulary: Vocabulary, persons: Register, person: Make, carriage: Carriage
) -> None:
    _enter(db, vocabulary, persons, [person(1, aliases=["One, A", "Two, B"])], carriage)
    (line,) = _exported(db, persons, "jsonl").decode().splitlines()
    assert json.loads(line)["aliases"] == ["One, A", "Two, B"]
    assert entering.prepare_put(db, persons, writer("XAV"), json.loads(line), carriage) is None


def test_only_ones_own_records_go_out_and_only_in_a_known_form(
    db: sqlite3.Connection, vocabulary: Vocabulary, documents: Register, document: Make, carriage: Carriage
) -> None:
    _enter(db, vocabulary, documents, [document(1)], carriage)
    assert _exported(db, documents, "jsonl", owner="XBM") == b""
    with pytest.raises(Refusal) as refused:
        exporting.head(documents, "xlsx")
    assert refused.value.code == "EXPORT-FORMAT"
