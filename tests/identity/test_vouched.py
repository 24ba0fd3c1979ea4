"""For whom another vouches: said by the bureau, once for each, gone with the officer."""

import sqlite3

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity import officers, vouched
from allpoints.identity.vouched import CARD, CARD_SUBJECT, PROVIDER, VOUCHED_LIMIT

NOW = 1_795_852_800_000
PRINT = "ab" * 32


@pytest.fixture(autouse=True)
def _officers(db: sqlite3.Connection) -> None:
    for name in ("anna", "bruno"):
        officers.add_officer(db, name, ["desk"], NOW)


def test_a_subject_is_one_officers_until_it_is_taken_back(db: sqlite3.Connection) -> None:
    value = vouched.of_provider("https://id.example", " 8f ")
    made = vouched.vouch(db, "anna", PROVIDER, value, NOW)
    assert vouched.officer_of(db, PROVIDER, "https://id.example 8f", NOW + 5) == "anna"
    assert [(one.id, one.used_ms) for one in vouched.list_vouched(db, "anna")] == [(made.id, NOW + 5)]
    for name in ("anna", "bruno"):
        with pytest.raises(Refusal, match="an officer's already"):
            vouched.vouch(db, name, PROVIDER, value, NOW)
    assert officers.existing(db, "anna").vouched == 1
    with pytest.raises(Refusal, match="No such subject"):
        vouched.unvouch(db, "bruno", made.id)
    vouched.unvouch(db, "anna", made.id)
    assert vouched.officer_of(db, PROVIDER, value, NOW) == ""
    assert vouched.vouch(db, "bruno", PROVIDER, value, NOW).officer == "bruno"


def test_one_kind_does_not_stand_for_another(db: sqlite3.Connection) -> None:
    vouched.vouch(db, "anna", CARD_SUBJECT, PRINT, NOW)
    assert vouched.officer_of(db, CARD, PRINT, NOW) == ""
    assert vouched.officer_of(db, CARD_SUBJECT, PRINT, NOW) == "anna"


def test_a_fingerprint_is_read_with_colons_and_in_capitals(db: sqlite3.Connection) -> None:
    spelled = ":".join(["AB"] * 32)
    assert vouched.vouch(db, "anna", CARD, spelled, NOW).value == PRINT


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("finger", "x", "BAD-VOUCHED"),
        (PROVIDER, "  ", "NOT-GIVEN"),
        (CARD, "abc", "BAD-VOUCHED"),
        (CARD_SUBJECT, "x" * 501, "BAD-VOUCHED"),
        (PROVIDER, "a\nb", "BAD-VOUCHED"),
    ],
)
def test_what_is_no_subject_and_no_fingerprint_is_refused(
    db: sqlite3.Connection, kind: str, value: str, code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        vouched.vouch(db, "anna", kind, value, NOW)
    assert caught.value.code == code


def test_an_officer_has_only_so_many(db: sqlite3.Connection) -> None:
    for number in range(VOUCHED_LIMIT):
        vouched.vouch(db, "anna", PROVIDER, str(number), NOW)
    with pytest.raises(Refusal, match="at most"):
        vouched.vouch(db, "anna", PROVIDER, "more", NOW)


def test_it_goes_with_the_officer(db: sqlite3.Connection) -> None:
    vouched.vouch(db, "anna", PROVIDER, "8f", NOW)
    officers.remove_officer(db, "anna")
    assert vouched.officer_of(db, PROVIDER, "8f", NOW) == ""
