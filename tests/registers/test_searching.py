"""Answers to a desk: found by what is the same, in a standing order, with reasons; look-alikes only ever warn."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from tests.registers.writers import writer

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.registers import finding, reading, searching, store
from allpoints.registers.entering import Carriage, prepare_put
from allpoints.registers.expiring import expire
from allpoints.registers.finding import Sight, Strength
from allpoints.registers.folding import Published, apply_batch
from allpoints.registers.reading import Reader
from allpoints.registers.record import Batch
from allpoints.registers.searching import Found, Query, SearchResult
from allpoints.registers.withdrawing import prepare_withdraw
from allpoints.vocabulary.register import Register, Vocabulary

Raw = dict[str, object]
Make = Callable[..., Raw]
NOW = 10 * DAY
READER = Reader("XBM", "XSC", NOW)


class Desk:
    """A node with records and the simplest check index."""

    def __init__(self, db: sqlite3.Connection, vocabulary: Vocabulary, carriage: Carriage) -> None:
        self.db = db
        self.vocabulary = vocabulary
        self._carriage = carriage
        self._index: dict[tuple[str, str], list[bytes]] = defaultdict(list)
        self._seq = 0

    def enter(self, register: str, raw: Raw, owner: str = "XAV") -> bytes:
        op = prepare_put(self.db, self.vocabulary.registers[register], writer(owner), raw, self._carriage)
        assert op is not None
        return self._fold(Batch(register, 1, (op,)), owner)

    def withdraw(self, register: str, ref: str) -> bytes:
        op = prepare_withdraw(self.db, self.vocabulary.registers[register], "XAV", ref, "found")
        assert op is not None
        return self._fold(Batch(register, 1, (op,)), "XAV")

    def _fold(self, batch: Batch, owner: str) -> bytes:
        self._seq += 1
        published = Published(owner, self._seq, self._seq, "XSC")
        (applied,) = apply_batch(self.db, self.vocabulary, batch, published).applied
        for kind, value in applied.keys:
            self._index[(kind, value)].append(applied.record_id)
        return applied.record_id

    def lookup(self, kind: str, value: str) -> Iterable[bytes]:
        return self._index.get((kind, value), [])

    def search(self, now_ms: int = NOW, **asked: Any) -> SearchResult:
        query = Query(**asked)
        codes = frozenset(register.code for register in self.vocabulary.registers.values())
        return searching.search(self.db, self.vocabulary, self.lookup, query, Sight(codes, now_ms))

    def found(self, **asked: Any) -> list[Found]:
        return list(self.search(**asked).results)


@pytest.fixture
def desk(db: sqlite3.Connection, vocabulary: Vocabulary, carriage: Carriage) -> Desk:
    return Desk(db, vocabulary, carriage)


def test_a_document_is_found_however_its_number_is_written(desk: Desk, document: Make) -> None:
    identity = desk.enter("travel-documents", document(1))
    desk.enter("travel-documents", document(2))
    for number in ("AV0000001", "av 000-0001", "AV0000001<<"):
        (found,) = desk.found(number=number, issuer="XAV")
        assert (found.record_id, found.strength, found.register) == (
            identity,
            Strength.DOCUMENT,
            "travel-documents",
        )
        assert (found.owner, found.ref, found.version) == ("XAV", "AV-1", 1)
        assert "AV0000001" in found.caption
        (why,) = found.why
        assert (why.field, why.asked, why.held) == ("document_number", number, "XAV|AV0000001")
    assert desk.found(number="AV0000001", issuer="XBM") == []


def test_a_number_within_a_range_of_blanks_is_found_with_that_reason(desk: Desk, document: Make) -> None:
    raw = document(1000, last_number="AV0001999", fraud="stolen-blank")
    identity = desk.enter("travel-documents", raw)
    (found,) = desk.found(number="AV0001500", issuer="XAV")
    assert (found.record_id, found.strength) == (identity, Strength.RANGE)
    assert desk.found(number="AV0002000", issuer="XAV") == []


def test_a_look_alike_number_is_a_warning_and_never_a_result(desk: Desk, document: Make) -> None:
    desk.enter("travel-documents", document(1))
    answer = desk.search(number="AVO000001", issuer="XAV")
    assert answer.results == ()
    (warning,) = answer.warnings
    assert warning.held == "AV0000001"
    assert "warning, not a result" in warning.sentence
    assert desk.search(number="AV0000001", issuer="XAV").warnings == ()
    desk.withdraw("travel-documents", "AV-1")
    assert desk.search(number="AVO000001", issuer="XAV").warnings == ()


def test_a_person_is_found_by_a_document_and_by_name_once_with_both_reasons(desk: Desk, person: Make) -> None:
    identity = desk.enter("persons", person(1))
    (found,) = desk.found(number="BM000001", issuer="XBM", name="Quillfeather")
    assert (found.record_id, found.strength) == (identity, Strength.DOCUMENT)
    assert [why.field for why in found.why] == ["document_number", "name"]


def test_every_word_of_a_name_must_stand_in_one_name_of_the_record(desk: Desk, person: Make) -> None:
    desk.enter("persons", person(1, aliases=["Thistledown, Merrick"]))
    desk.enter("persons", person(2, given_names="Osric"))
    assert [found.ref for found in desk.found(name="quillfeather  OSRIC")] == ["P-2", "P-1"]
    assert [found.ref for found in desk.found(name="Bramble Quillfeather")] == ["P-1"]
    assert [found.ref for found in desk.found(name="Merrick")] == ["P-1"]
    assert desk.found(name="Merrick Quillfeather") == []
    assert desk.found(name="Quillfeather Nobody") == []


def test_the_same_name_stands_before_one_that_only_contains_it_and_the_newer_before_the_older(
    desk: Desk, person: Make
) -> None:
    refs = {}
    for n, given_names in enumerate(["Osric Bramble", "Osric", "Osric", "Osric Bramble"]):
        refs[f"P-{n}"] = desk.enter("persons", person(n, given_names=given_names))
    found = desk.found(name="Quillfeather Osric")
    assert [one.ref for one in found] == ["P-2", "P-1", "P-3", "P-0"]
    assert [one.strength for one in found] == [Strength.NAME] * 2 + [Strength.WORDS] * 2


def test_marks_and_case_of_a_name_do_not_matter(desk: Desk, person: Make) -> None:
    desk.enter("persons", person(1, family_name="Çelebörn", given_names="Ñoah"))
    (found,) = desk.found(name="NOAH " + desk.found(name="ñoah")[0].why[0].held.split()[0])
    assert found.ref == "P-1"


def test_a_birth_year_keeps_out_those_born_in_another(desk: Desk, person: Make) -> None:
    desk.enter("persons", person(1))
    desk.enter("persons", person(2, birth_date="1950"))
    desk.enter("persons", person(3, birth_date=""))
    assert [found.ref for found in desk.found(name="Quillfeather", birth_year=1949)] == ["P-1"]
    assert [found.ref for found in desk.found(name="Quillfeather", birth_year=1950)] == ["P-2"]
    assert len(desk.found(name="Quillfeather")) == 3


def test_a_reference_is_found_in_every_register_or_in_one(desk: Desk, document: Make, person: Make) -> None:
    desk.enter("travel-documents", document(1, source_ref="F-7"))
    desk.enter("persons", person(1, source_ref="F-7"))
    desk.enter("persons", person(1, source_ref="F-7"), owner="XBM")
    assert {(one.register, one.owner) for one in desk.found(ref=" F-7 ")} == {
        ("travel-documents", "XAV"),
        ("persons", "XAV"),
        ("persons", "XBM"),
    }
    assert {one.register for one in desk.found(ref="F-7", register="persons")} == {"persons"}
    assert {one.register for one in desk.found(name="Quillfeather", register="persons")} == {"persons"}
    assert desk.found(name="Quillfeather", register="travel-documents") == []


def test_what_is_withdrawn_expired_or_past_its_retention_is_not_found(
    desk: Desk, document: Make, documents: Register
) -> None:
    for n in (1, 2):
        desk.enter("travel-documents", document(n))
    desk.withdraw("travel-documents", "AV-1")
    assert desk.found(number="AV0000001", issuer="XAV") == []
    assert desk.found(ref="AV-1") == []
    after = documents.retention_days * DAY + 1_000
    assert len(desk.found(ref="AV-2")) == 1
    assert desk.search(after, ref="AV-2", number="AV0000002", issuer="XAV").results == ()
    expire(desk.db, after)
    assert desk.found(ref="AV-2") == []


def test_no_more_than_the_limit_is_shown_and_only_that_there_is_more(desk: Desk, person: Make) -> None:
    for n in range(5):
        desk.enter("persons", person(n))
    answer = desk.search(name="Quillfeather", limit=3)
    assert (len(answer.results), answer.more) == (3, True)
    answer = desk.search(name="Quillfeather", limit=5)
    assert (len(answer.results), answer.more) == (5, False)


def test_a_name_that_too_many_bear_gives_some_and_says_so(
    desk: Desk, person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        desk.enter("persons", person(n))
    monkeypatch.setattr(finding, "CANDIDATES_LIMIT", 4)
    answer = desk.search(name="Quillfeather")
    assert (len(answer.results), answer.more) == (4, True)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "NO-QUESTION"),
        ({"birth_year": 1979}, "NO-QUESTION"),
        ({"number": "AV1"}, "ISSUER-MISSING"),
        ({"number": "AV1", "issuer": "1AB"}, "COUNTRY-UNKNOWN"),
        ({"number": "AV?", "issuer": "XAV"}, "DOCUMENT-NUMBER-CHARACTER"),
        ({"ref": "F-7", "register": "stolen-cattle"}, "UNKNOWN-REGISTER"),
        ({"name": "--"}, "NAME-EMPTY"),
        ({"ref": "F\ud800"}, "NOT-TEXT"),
        ({"name": " ".join(f"word{chr(97 + n)}" for n in range(13))}, "NAME-TOO-LONG"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(desk: Desk, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        desk.search(**asked)
    assert refused.value.code == code
    assert desk.search(ref="F-7").results == ()


def test_a_record_is_read_with_its_history_and_nothing_of_it_once_it_is_gone(
    desk: Desk, person: Make, persons: Register
) -> None:
    desk.enter("persons", person(1))
    identity = desk.enter("persons", person(1, birth_date="1949-03-15"))
    record = reading.read(desk.db, desk.vocabulary, identity, READER)
    assert (record.register, record.owner, record.ref, record.version) == ("persons", "XAV", "P-1", 2)
    assert record.body == persons.clean(person(1, birth_date="1949-03-15"))
    assert record.described
    assert "Quillfeather" in record.caption.title()
    assert [past.version for past in record.history] == [1, 2]
    late = reading.read(desk.db, desk.vocabulary, identity, READER._replace(now_ms=record.expires_ms))
    assert (late.status, late.body, late.caption, late.described) == (store.EXPIRED, None, "", [])
    desk.withdraw("persons", "P-1")
    gone = reading.read(desk.db, desk.vocabulary, identity, READER)
    assert (gone.status, gone.body, gone.caption, gone.described) == (store.WITHDRAWN, None, "", [])
    assert [past.op for past in gone.history] == ["put", "put", "withdraw"]
    with pytest.raises(Refusal) as refused:
        reading.read(desk.db, desk.vocabulary, bytes(16), READER)
    assert refused.value.status == 404
