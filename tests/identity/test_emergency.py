"""Emergency access hangs on one session, ends by the clock, and is followed by no second one before its review."""

import sqlite3
from collections.abc import Callable

import pytest
from tests.identity.entering import PASSWORD, enter

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity import emergency, sessions
from allpoints.identity.emergency import TERM_MS, Emergency
from allpoints.identity.officers import Asker, EmergencyAccess, add_officer, remove_officer
from allpoints.identity.password_sign_in import sign_in
from allpoints.identity.sessions import SignedIn

NOW = 1_800_000_000_000


@pytest.fixture
def begun(db: sqlite3.Connection) -> SignedIn:
    enter(db, "anna", ["border"], NOW)
    answer = sign_in(db, "anna", PASSWORD, NOW)
    assert isinstance(answer, SignedIn)
    return answer


def opened(
    db: sqlite3.Connection,
    asker: Asker,
    now_ms: int = NOW,
    *,
    register: str = "ballistics",
    role: str = "",
    reason: str = "A shot was heard.",
) -> Emergency:
    return emergency.open_access(db, asker, register, role, reason, now_ms)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return f"{caught.value.status} {caught.value.code}"


def within(db: sqlite3.Connection, asker: Asker, now_ms: int) -> EmergencyAccess | None:
    return emergency.within(db, asker, now_ms).emergency


def test_an_access_is_there_for_thirty_minutes_in_its_own_session_alone(
    db: sqlite3.Connection, begun: SignedIn
) -> None:
    other = sign_in(db, "anna", PASSWORD, NOW)
    assert isinstance(other, SignedIn)
    assert within(db, begun.asker, NOW) is None
    held = opened(db, begun.asker)
    assert within(db, begun.asker, NOW) == EmergencyAccess(held.number, "ballistics", "", NOW + TERM_MS)
    assert within(db, other.asker, NOW) is None
    assert within(db, begun.asker, NOW + TERM_MS - 1) is not None
    assert within(db, begun.asker, NOW + TERM_MS) is None
    assert within(db, begun.asker, NOW - 1) is None


def test_an_officer_seen_with_an_access_is_looked_at_again_once_it_has_run_out(
    db: sqlite3.Connection, begun: SignedIn
) -> None:
    assert not emergency.is_over(begun.asker, NOW + TERM_MS)
    opened(db, begun.asker)
    seen = emergency.within(db, begun.asker, NOW)
    assert not emergency.is_over(seen, NOW + TERM_MS - 1)
    assert emergency.is_over(seen, NOW + TERM_MS)


def test_a_new_proof_keeps_the_access_and_signing_out_ends_it(
    db: sqlite3.Connection, begun: SignedIn
) -> None:
    number = opened(db, begun.asker).number
    renewed = sessions.renew(db, begun.secret, NOW + MINUTE)
    assert within(db, renewed.asker, NOW + MINUTE) is not None
    assert within(db, begun.asker, NOW + MINUTE) is None
    assert emergency.found(db, number, NOW + MINUTE).open
    sessions.sign_out(db, renewed.secret)
    assert not emergency.found(db, number, NOW + MINUTE).open


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"register": "", "role": ""}, "422 EMERGENCY-UNCLEAR"),
        ({"register": "ballistics", "role": "desk"}, "422 EMERGENCY-UNCLEAR"),
        ({"register": "", "role": "administrator"}, "422 BAD-ROLE"),
        ({"reason": " \n "}, "422 NO-REASON"),
        ({"reason": "x" * 1_001}, "422 TOO-LONG"),
    ],
)
def test_what_is_not_stated_clearly_is_not_opened(
    db: sqlite3.Connection, begun: SignedIn, given: dict[str, str], code: str
) -> None:
    assert refused(lambda: opened(db, begun.asker, NOW, **given)) == code
    assert within(db, begun.asker, NOW) is None
    assert opened(db, begun.asker, register="", role="desk", reason="x" * 1_000).role == "desk"


def test_there_is_no_second_access_before_the_first_was_reviewed(
    db: sqlite3.Connection, begun: SignedIn
) -> None:
    number = opened(db, begun.asker).number
    later = NOW + TERM_MS
    assert refused(lambda: opened(db, begun.asker)) == "409 EMERGENCY-UNREVIEWED"
    assert refused(lambda: opened(db, begun.asker, later)) == "409 EMERGENCY-UNREVIEWED"
    emergency.review(db, number, "ada", "not-justified", "No case.", later)
    assert opened(db, begun.asker, later).open


def test_whoever_is_removed_and_entered_again_still_waits_for_the_review(
    db: sqlite3.Connection, begun: SignedIn
) -> None:
    opened(db, begun.asker)
    remove_officer(db, "anna")
    add_officer(db, "anna", ["desk"], NOW)
    again = sessions.begin(db, "anna", "passkey", NOW)
    assert within(db, again.asker, NOW) is None
    assert refused(lambda: opened(db, again.asker)) == "409 EMERGENCY-UNREVIEWED"


def test_a_review_comes_once_after_the_end_with_a_verdict_and_a_text(
    db: sqlite3.Connection, begun: SignedIn
) -> None:
    number = opened(db, begun.asker).number

    def review(verdict: str = "justified", text: str = "A child was missing.") -> None:
        emergency.review(db, number, "ada", verdict, text, NOW + MINUTE)

    assert refused(review) == "409 EMERGENCY-OPEN"
    emergency.end(db, number, "ada", NOW + MINUTE)
    assert within(db, begun.asker, NOW + MINUTE) is None
    assert refused(lambda: review(verdict="fine")) == "422 BAD-VERDICT"
    assert refused(lambda: review(text="")) == "422 NO-REASON"
    assert emergency.waiting(db, "ada") == 1
    review()
    assert emergency.waiting(db, "ada") == 0
    assert refused(review) == "409 EMERGENCY-REVIEWED"
    assert refused(lambda: emergency.end(db, number, "ada", NOW)) == "409 EMERGENCY-OVER"
    assert refused(lambda: emergency.review(db, 99, "ada", "justified", "x", NOW)) == "404 UNKNOWN-EMERGENCY"
    kept = emergency.found(db, number, NOW + MINUTE)
    assert (kept.ended_by, kept.ends_ms, kept.reviewer, kept.verdict) == (
        "ada",
        NOW + MINUTE,
        "ada",
        "justified",
    )


def test_those_that_wait_for_a_review_come_first_and_an_officers_own_are_listed_alone(
    db: sqlite3.Connection, begun: SignedIn
) -> None:
    enter(db, "bo", ["border"], NOW)
    bo = sessions.begin(db, "bo", "passkey", NOW).asker
    first = opened(db, begun.asker).number
    second = opened(db, bo).number
    emergency.end(db, second, "bo", NOW)
    emergency.review(db, second, "ada", "justified", "Yes.", NOW)
    assert [one.number for one in emergency.listed(db, NOW)] == [first, second]
    assert [one.number for one in emergency.listed(db, NOW, "bo")] == [second]
    assert (emergency.waiting(db, "ada"), emergency.waiting(db, "anna")) == (1, 0)
