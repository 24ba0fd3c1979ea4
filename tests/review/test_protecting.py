"""Asylum under seal: reviewers alone read it, and both must weigh it."""

import sqlite3
from collections.abc import Callable

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import BORDER, DESK, Asker
from allpoints.review.case import CaseState, Opinion, Protection
from allpoints.review.deciding import decide
from allpoints.review.opening import open_case
from allpoints.review.protecting import note_protection, read_protection
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook
from allpoints.vocabulary.register import Vocabulary

NOW_MS = 1_731_000_000_000


@pytest.fixture
def case_id(db: sqlite3.Connection, rulebook: Rulebook, request_with: Callable[..., Request]) -> str:
    return open_case(db, rulebook, request_with(), NOW_MS).id


def test_only_reviewers_write_and_read_the_notes(
    db: sqlite3.Connection, case_id: str, officers: tuple[Asker, ...], vocabulary: Vocabulary
) -> None:
    protection = Protection("XCS", "XAV", "granted", "Letter of 3 May")
    note = note_protection(db, vocabulary, officers[0], case_id, protection, NOW_MS)
    assert read_protection(db, vocabulary, officers[1], case_id) == [note]
    for role in (BORDER, DESK):
        with pytest.raises(Refusal) as refused:
            read_protection(db, vocabulary, Asker("other", frozenset({role}), "analyse"), case_id)
        assert refused.value.status == 403
        with pytest.raises(Refusal):
            note_protection(
                db, vocabulary, Asker("other", frozenset({role}), "analyse"), case_id, protection, NOW_MS
            )


@pytest.mark.parametrize(
    ("protection", "code"),
    [
        (Protection("xcs", "XAV", "granted"), "REVIEW-COUNTRY"),
        (Protection("XCS", "", "granted"), "REVIEW-COUNTRY"),
        (Protection("XCS", "XAV", "maybe"), "REVIEW-STATUS"),  # type: ignore[arg-type]
        (Protection("XCS", "XAV", "granted", "x" * 10_001), "REVIEW-TEXT"),
    ],
)
def test_a_malformed_note_is_refused(
    protection: Protection,
    code: str,
    db: sqlite3.Connection,
    case_id: str,
    officers: tuple[Asker, ...],
    vocabulary: Vocabulary,
) -> None:
    with pytest.raises(Refusal) as refused:
        note_protection(db, vocabulary, officers[0], case_id, protection, NOW_MS)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("notes", "weighs"),
    [
        ([Protection("XCS", "XAV", "granted")], True),
        ([Protection("XCS", "XAV", "asked")], True),
        ([Protection("XCS", "XBM", "granted")], False),
        ([Protection("XCS", "XAV", "refused")], False),
        ([Protection("XCS", "XAV", "granted"), Protection("XCS", "XAV", "revoked")], False),
        ([Protection("XCS", "XAV", "granted"), Protection("XBM", "XAV", "refused")], True),
    ],
)
def test_protection_against_the_requester_must_be_weighed_until_it_is_refused_or_revoked(
    notes: list[Protection],
    weighs: bool,
    db: sqlite3.Connection,
    rulebook: Rulebook,
    case_id: str,
    officers: tuple[Asker, ...],
    vocabulary: Vocabulary,
) -> None:
    for protection in notes:
        note_protection(db, vocabulary, officers[0], case_id, protection, NOW_MS)
    if weighs:
        with pytest.raises(Refusal) as refused:
            decide(db, rulebook, officers[0], case_id, Opinion("approve"), NOW_MS)
        assert refused.value.code == "REVIEW-NOT-WEIGHED"
    weighed = (
        Opinion("approve", ("REFUGEE",), "The grant names another person.") if weighs else Opinion("approve")
    )
    decide(db, rulebook, officers[0], case_id, weighed, NOW_MS)
    assert decide(db, rulebook, officers[1], case_id, weighed, NOW_MS).case.state is CaseState.APPROVED
