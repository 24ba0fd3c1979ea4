"""Checks at a bureau: purpose first, then the audit line, then the look-up, and the answer after the commit."""

import sqlite3
from typing import Any

import msgspec
import pytest
from tests.node.conftest import Make
from tests.node.federation import Federation, dump
from tests.node.samples import ALL_ROLES, ANNA, ASKS_PASSPORT, PERSON
from tests.node.surroundings import FailingConnection, FailingDisk

from allpoints.border import store
from allpoints.border.question import Question
from allpoints.border.verdict import Answer, Verdict
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.vocabulary.mrz import Fields, build

ZONE = Fields(
    format="TD3",
    issuer="XAV",
    number="AB123456",
    family_name="Sorin",
    given_names="Maro",
    nationality="XAV",
    birth_date="1979-03-14",
    sex="M",
    expiry_date="2030-01-01",
)
SCANNED = Question(mrz="\n".join(build(ZONE)))


def watched(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every look-up in the index of Belmora, and every statement that its database ran."""
    bureau = federation.bureau("XBM")
    log: list[str] = []
    real = bureau.index.lookup

    def lookup(kind: str, value: str) -> Any:
        log.append("looked up")
        return real(kind, value)

    monkeypatch.setattr(bureau.index, "lookup", lookup)
    bureau.db.set_trace_callback(log.append)
    return log


@pytest.mark.parametrize(
    ("asker", "code"),
    [
        (Asker("anna", ALL_ROLES), "NO-PURPOSE"),
        (Asker("anna", ALL_ROLES, "curiosity"), "NO-PURPOSE"),
        (Asker("anna", frozenset(), "border-control"), "NOT-ALLOWED"),
        (Asker("anna", frozenset({"reviewer", "administrator"}), "border-control"), "NOT-ALLOWED"),
    ],
)
def test_without_purpose_or_role_there_is_no_answer_and_nothing_is_looked_up(
    two: Federation, monkeypatch: pytest.MonkeyPatch, asker: Asker, code: str
) -> None:
    two.enter()
    bureau = two.bureau("XBM")
    before = dump(bureau.db)
    log = watched(two, monkeypatch)
    with pytest.raises(Refusal) as caught:
        bureau.do(lambda: bureau.check(asker, ASKS_PASSPORT))
    assert caught.value.code == code
    assert "looked up" not in log
    assert dump(bureau.db) == before
    assert two.check("XBM", ASKS_PASSPORT).verdict is Verdict.DOCUMENT
    assert "looked up" in log


def test_the_audit_line_is_written_before_the_look_up_and_committed_before_the_answer(
    two: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.enter()
    log = watched(two, monkeypatch)
    two.bureau("XBM").do(lambda: two.bureau("XBM").check(ANNA, ASKS_PASSPORT))
    log.append("answered")
    wrote = next(place for place, line in enumerate(log) if line.startswith("INSERT INTO office_audit "))
    assert wrote < log.index("looked up") < log.index("COMMIT") < log.index("answered")


def test_the_audit_line_names_officer_purpose_case_and_question(two: Federation) -> None:
    answer = two.check("XBM", ASKS_PASSPORT)
    (line,) = audit.lines(two.bureau("XBM").db)
    assert (line.event, *line[4:8]) == ("check:asked", "anna", "", "border-control", "C-17")
    detail = msgspec.json.decode(line.detail)
    assert (detail["check"], detail["number"], detail["issuer"]) == (answer.check, "AB123456", "XAV")
    assert audit.verify(two.bureau("XBM").db) == 1


def test_no_answer_comes_of_a_check_whose_audit_line_did_not_reach_the_disk(make: Make) -> None:
    federation = make(disks={"XBM": FailingDisk})
    federation.enter()
    bureau = federation.bureau("XBM")
    db = bureau.db
    assert isinstance(db, FailingConnection)
    before, sent = dump(db), len(federation.wire.seen)
    answers: list[Answer] = []
    for number in range(1, 200):
        db.arm(number)
        try:
            answers.append(bureau.do(lambda: bureau.check(ANNA, ASKS_PASSPORT)))
        except sqlite3.OperationalError:
            # The hand-over reads after the commit; the answer is lost there, but not the audit line.
            if db.broke.startswith(
                (
                    "SELECT key, bytes",
                    "SELECT key, length(bytes)",
                    "SELECT count(*) FROM office_evidence",
                    "SELECT 1 FROM office_returned",
                )
            ):
                continue
            db.arm(0)
            assert (dump(db), len(federation.wire.seen)) == (before, sent)
        else:
            break
    db.arm(0)
    assert number > 20
    assert [answer.verdict for answer in answers] == [Verdict.DOCUMENT]
    federation.pump()
    assert audit.verify(db) >= 1


def test_two_countries_records_answer_in_one_verdict_each_with_its_owner(three: Federation) -> None:
    three.enter()
    three.enter(
        "XCS",
        PERSON,
        register="persons",
        documents=[{"number": "AB123456", "issuer": "XAV", "type": "passport"}],
    )
    answer = three.check("XBM", ASKS_PASSPORT)
    assert {(match.owner, match.verdict.value) for match in answer.matches} == {
        ("XAV", "document"),
        ("XCS", "bearer"),
    }
    assert len({match.hit for match in answer.matches}) == 2


def test_a_match_says_caption_and_reference_as_far_as_this_node_holds_the_record(two: Federation) -> None:
    two.enter()
    (match,) = two.check("XBM", ASKS_PASSPORT).matches
    assert match.caption.startswith("Stolen and lost travel documents")
    assert match.reference == "XAV AV-1"
    assert match.hit


def test_a_question_that_is_refused_is_kept_nowhere(two: Federation) -> None:
    before = dump(two.bureau("XBM").db)
    with pytest.raises(Refusal):
        two.check("XBM", Question(number="AB1"))
    assert dump(two.bureau("XBM").db) == before


def test_an_unreadable_zone_is_audited_but_finds_nothing_then_or_later(two: Federation) -> None:
    lines = SCANNED.mrz.split("\n")
    broken = Question(mrz=lines[0] + "\n" + lines[1].replace("AB123456", "AB123457"))
    assert two.check("XBM", broken).verdict is Verdict.UNREADABLE
    assert audit.verify(two.bureau("XBM").db) == 1
    two.enter()
    assert two.bureau("XBM").hits.list_(ANNA) == []


def test_a_withdrawn_record_is_clear_again_and_a_corrected_one_answers_as_corrected(two: Federation) -> None:
    two.enter()
    two.enter(document_number="AB 123457")
    assert two.check("XBM", ASKS_PASSPORT).verdict is Verdict.CLEAR
    assert two.check("XBM", Question(number="AB123457", issuer="XAV")).verdict is Verdict.DOCUMENT
    owner = two.bureau("XAV")
    owner.do(lambda: owner.records.withdraw(ANNA, "travel-documents", "AV-1", "Found again."))
    two.pump()
    assert two.check("XBM", Question(number="AB123457", issuer="XAV")).verdict is Verdict.CLEAR


def refute(federation: Federation) -> None:
    owner = federation.bureau("XAV")
    hit = owner.hits.list_(ANNA, only_open=True)[0].hit.hit
    owner.do(lambda: owner.hits.answer(ANNA, hit, "refuted", "Another bearer."))
    federation.pump()


def test_a_remembered_false_hit_does_not_come_back_for_the_same_traveller_until_the_record_changes(
    two: Federation,
) -> None:
    two.enter()
    assert two.check("XBM", SCANNED).verdict is Verdict.DOCUMENT
    refute(two)
    assert two.check("XBM", SCANNED).verdict is Verdict.CLEAR
    assert two.check("XBM", ASKS_PASSPORT).verdict is Verdict.DOCUMENT
    other = Question(mrz="\n".join(build(msgspec.structs.replace(ZONE, family_name="Other"))))
    assert two.check("XBM", other).verdict is Verdict.DOCUMENT
    two.enter(fraud="lost")
    assert two.check("XBM", SCANNED).verdict is Verdict.DOCUMENT


def test_a_false_hit_by_number_alone_is_not_remembered_for_whoever_carries_it_next(two: Federation) -> None:
    two.enter()
    two.check("XBM", ASKS_PASSPORT)
    refute(two)
    assert two.check("XBM", ASKS_PASSPORT).verdict is Verdict.DOCUMENT


def test_a_passport_and_a_plate_are_one_check_that_a_later_record_of_either_finds(two: Federation) -> None:
    plate = {"plate": "XAV AB 4711"}
    answer = two.check("XBM", Question(mrz=SCANNED.mrz, identifiers=plate))
    assert answer.verdict is Verdict.CLEAR
    bureau = two.bureau("XBM")
    asked = bureau.checks.understood(ANNA, Question(mrz=SCANNED.mrz, identifiers=plate), answer.asked_ms)
    tokens = bureau.checks.tokens(asked)
    assert len(tokens) > store.ROW_TOKENS
    for token in tokens:
        assert [kept.check for kept, _ in store.earlier_checks(bureau.db, [token], 0)] == [answer.check]
    assert store.forget_checks(bureau.db, answer.asked_ms + 1) == 1
    assert not bureau.db.execute("SELECT * FROM office_check_more").fetchall()
