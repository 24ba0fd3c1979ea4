"""A case opens once, takes the answer to a query, and keeps what it was screened by."""

import sqlite3
from collections.abc import Callable

import pytest

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.review import store
from allpoints.review.case import CaseState, Opinion
from allpoints.review.deciding import decide
from allpoints.review.gates import screen
from allpoints.review.opening import answer_query, close_withdrawn, open_case, screen_again, view_case
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook

NOW_MS = 1_731_000_000_000
Make = Callable[..., Request]


def test_opening_runs_the_gates_in_force_and_sets_the_clock(
    db: sqlite3.Connection, rulebook: Rulebook, request_with: Make
) -> None:
    case = open_case(db, rulebook, request_with(), NOW_MS)
    assert (case.state, case.round, case.rule_version) == (CaseState.SCREENING, 1, "red-2022-01")
    assert case.due_ms == NOW_MS + 24 * HOUR
    urgent = open_case(db, rulebook, request_with(id="f" * 32, urgent=True), NOW_MS)
    assert urgent.due_ms == NOW_MS + 2 * HOUR


def test_the_stored_findings_are_what_the_stored_request_gives_again(
    db: sqlite3.Connection, rulebook: Rulebook, request_with: Make
) -> None:
    case = open_case(db, rulebook, request_with({"law": None}), NOW_MS)
    view = view_case(db, rulebook, case.id)
    assert tuple(found for _, found in view.checklist) == screen(
        rulebook.version(case.rule_version), view.request
    )
    assert all(gate.id == found.gate for gate, found in view.checklist)


def test_the_same_submission_twice_opens_one_case_and_other_bytes_are_refused(
    db: sqlite3.Connection, rulebook: Rulebook, request_with: Make
) -> None:
    first = open_case(db, rulebook, request_with(), NOW_MS)
    assert open_case(db, rulebook, request_with(), NOW_MS + 5) == first
    with pytest.raises(Refusal) as refused:
        open_case(db, rulebook, request_with({"law": "another law"}), NOW_MS + 5)
    assert refused.value.code == "REVIEW-KNOWN"


def test_an_answer_is_a_later_revision_of_the_same_case_and_starts_a_new_round(
    db: sqlite3.Connection, rulebook: Rulebook, request_with: Make, officers: tuple[Asker, ...]
) -> None:
    case = open_case(db, rulebook, request_with({"law": None}), NOW_MS)
    later = request_with(revision=2)
    with pytest.raises(Refusal, match="Nothing was asked"):
        answer_query(db, rulebook, later, NOW_MS + 1)
    decide(db, rulebook, officers[0], case.id, Opinion("query", ("FACTS-VAGUE",), "Which law?"), NOW_MS + 2)
    for fields, code in (
        ({"revision": 1}, "REVIEW-OLD-REVISION"),
        ({"revision": 2, "owner": "XBM"}, "REVIEW-OTHER-CASE"),
        ({"revision": 2, "owner_ref": "other"}, "REVIEW-OTHER-CASE"),
    ):
        wrong = request_with({"law": "Another law"}, **fields)
        with pytest.raises(Refusal) as refused:
            answer_query(db, rulebook, wrong, NOW_MS + 3)
        assert refused.value.code == code
    answered = answer_query(db, rulebook, later, NOW_MS + 3)
    assert (answered.state, answered.round, answered.revision) == (CaseState.SCREENING, 2, 2)
    assert answered.due_ms == NOW_MS + 3 + 24 * HOUR
    assert answer_query(db, rulebook, later, NOW_MS + 9) == answered


def test_screening_again_uses_the_rules_of_today_and_voids_opinions(
    db: sqlite3.Connection, rulebook: Rulebook, request_with: Make, officers: tuple[Asker, ...]
) -> None:
    new_year_ms = 1_640_995_200_000
    request = request_with({"charge": "Bad cheque of USD 50,000", "offences": None})
    case = open_case(db, rulebook, request, new_year_ms - DAY)
    decide(db, rulebook, officers[0], case.id, Opinion("approve"), new_year_ms - 1)
    with pytest.raises(Refusal) as refused:
        decide(db, rulebook, officers[1], case.id, Opinion("approve"), new_year_ms)
    assert refused.value.code == "REVIEW-RULES-CHANGED"
    again = screen_again(db, rulebook, case.id, ("2021/4",), new_year_ms)
    assert (again.rule_version, again.state, again.round) == ("red-2022-01", CaseState.SCREENING, 2)
    with pytest.raises(Refusal) as refused:
        decide(db, rulebook, officers[1], case.id, Opinion("approve"), new_year_ms)
    assert {fault.path for fault in refused.value.faults} == {"gates.cheques", "gates.duplicate"}


def test_the_owner_takes_its_submission_back_and_nobody_else(
    db: sqlite3.Connection, rulebook: Rulebook, request_with: Make
) -> None:
    case = open_case(db, rulebook, request_with(), NOW_MS)
    with pytest.raises(Refusal, match="Only XAV"):
        close_withdrawn(db, case.id, "XBM", NOW_MS)
    assert close_withdrawn(db, case.id, "XAV", NOW_MS).state is CaseState.WITHDRAWN
    with pytest.raises(Refusal, match="withdrawn"):
        close_withdrawn(db, case.id, "XAV", NOW_MS)
    with pytest.raises(Refusal, match="withdrawn"):
        screen_again(db, rulebook, case.id, (), NOW_MS)


def test_an_unknown_case_is_refused(db: sqlite3.Connection, rulebook: Rulebook) -> None:
    assert store.find_case(db, "0" * 32) is None
    with pytest.raises(Refusal) as refused:
        view_case(db, rulebook, "0" * 32)
    assert (refused.value.code, refused.value.status) == ("REVIEW-UNKNOWN", 404)
