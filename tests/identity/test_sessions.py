import sqlite3

import pytest

from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity import sessions
from allpoints.identity.officers import DESK, add_officer, set_password
from allpoints.identity.passwords import Cost
from allpoints.identity.sessions import (
    ABSOLUTE_LIMIT_MS,
    FAILURES_LIMIT,
    IDLE_LIMIT_MS,
    LOCKOUT_MS,
    SignedIn,
    finish_sign_in,
    resume,
    sign_in,
    sign_out,
    stretching,
    sweep,
)

FAST = Cost(n=2)
PASSWORD = "a long enough one"
NOW = 1_800_000_000_000


@pytest.fixture
def officer(db: sqlite3.Connection) -> sqlite3.Connection:
    add_officer(db, "m.orel", [DESK], NOW, password=PASSWORD, cost=FAST)
    return db


def code_of(db: sqlite3.Connection, name: str, password: str, now_ms: int) -> str:
    answer = sign_in(db, name, password, now_ms)
    return answer.code if isinstance(answer, Refusal) else "signed in"


def secret_of(db: sqlite3.Connection, now_ms: int) -> str:
    answer = sign_in(db, "m.orel", PASSWORD, now_ms)
    assert isinstance(answer, SignedIn)
    return answer.secret


def test_the_right_password_signs_in_and_the_secret_is_kept_as_a_hash(officer: sqlite3.Connection) -> None:
    secret = secret_of(officer, NOW)
    assert resume(officer, secret, NOW).roles == {DESK}
    (kept,) = officer.execute("SELECT hash FROM office_sessions").fetchone()
    assert kept not in {secret, secret.encode()}
    assert len({secret_of(officer, NOW) for _ in range(3)}) == 3


def test_a_name_may_be_typed_with_capitals_and_spaces_around(officer: sqlite3.Connection) -> None:
    assert code_of(officer, " M.Orel ", PASSWORD, NOW) == "signed in"


def test_wrong_password_and_unknown_name_get_the_same_answer(officer: sqlite3.Connection) -> None:
    wrong = sign_in(officer, "m.orel", "not the password", NOW)
    unknown = sign_in(officer, "nobody", PASSWORD, NOW)
    assert isinstance(wrong, Refusal)
    assert isinstance(unknown, Refusal)
    assert wrong.problem() == unknown.problem()
    assert (wrong.code, wrong.status) == ("SIGN-IN-REFUSED", 401)


def test_an_unknown_name_is_stretched_at_the_same_cost_with_a_steady_salt(
    officer: sqlite3.Connection,
) -> None:
    assert stretching(officer, "nobody").cost == stretching(officer, "m.orel").cost == FAST
    assert stretching(officer, "nobody") == stretching(officer, "nobody")
    assert stretching(officer, "nobody") != stretching(officer, "somebody")


def test_stretching_may_be_done_elsewhere(officer: sqlite3.Connection) -> None:
    stretched = stretching(officer, "m.orel").stretch(PASSWORD)
    assert isinstance(finish_sign_in(officer, "m.orel", stretched, NOW), SignedIn)
    assert isinstance(finish_sign_in(officer, "m.orel", bytes(32), NOW), Refusal)
    assert isinstance(finish_sign_in(officer, "m.orel", b"", NOW), Refusal)


@pytest.mark.parametrize("name", ["m.orel", "nobody"])
def test_five_failures_lock_a_name_for_fifteen_minutes(officer: sqlite3.Connection, name: str) -> None:
    for _ in range(FAILURES_LIMIT):
        assert code_of(officer, name, "wrong", NOW) == "SIGN-IN-REFUSED"
    assert code_of(officer, name, PASSWORD, NOW) == "LOCKED-OUT"
    assert code_of(officer, name, PASSWORD, NOW + LOCKOUT_MS - 1) == "LOCKED-OUT"
    expected = "signed in" if name == "m.orel" else "SIGN-IN-REFUSED"
    assert code_of(officer, name, PASSWORD, NOW + LOCKOUT_MS) == expected


def test_another_name_is_not_locked_with_it(officer: sqlite3.Connection) -> None:
    for _ in range(FAILURES_LIMIT + 1):
        code_of(officer, "nobody", "wrong", NOW)
    assert code_of(officer, "m.orel", PASSWORD, NOW) == "signed in"


def test_success_and_time_and_a_new_password_forget_failures(officer: sqlite3.Connection) -> None:
    for _ in range(3):
        for _ in range(FAILURES_LIMIT - 1):
            assert code_of(officer, "m.orel", "wrong", NOW) == "SIGN-IN-REFUSED"
        assert code_of(officer, "m.orel", PASSWORD, NOW) == "signed in"
    for _ in range(FAILURES_LIMIT - 1):
        code_of(officer, "m.orel", "wrong", NOW)
    assert code_of(officer, "m.orel", "wrong", NOW + LOCKOUT_MS) == "SIGN-IN-REFUSED"
    assert code_of(officer, "m.orel", PASSWORD, NOW + LOCKOUT_MS) == "signed in"
    for _ in range(FAILURES_LIMIT):
        code_of(officer, "m.orel", "wrong", NOW)
    set_password(officer, "m.orel", password=PASSWORD, cost=FAST)
    assert code_of(officer, "m.orel", PASSWORD, NOW) == "signed in"


def test_a_flood_of_invented_names_neither_grows_without_end_nor_frees_a_real_one(
    officer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "FAILURE_ROWS_LIMIT", 10)
    for _ in range(FAILURES_LIMIT):
        code_of(officer, "m.orel", "wrong", NOW)
    for number in range(40):
        code_of(officer, f"ghost-{number}", "wrong", NOW + number)
    (rows,) = officer.execute("SELECT COUNT(*) FROM office_sign_in_failures").fetchone()
    assert rows == 10
    assert code_of(officer, "m.orel", PASSWORD, NOW + 41) == "LOCKED-OUT"


def test_a_session_ends_when_it_is_idle(officer: sqlite3.Connection) -> None:
    secret = secret_of(officer, NOW)
    assert resume(officer, secret, NOW + IDLE_LIMIT_MS - 1)
    assert resume(officer, secret, NOW + 2 * IDLE_LIMIT_MS - 2)
    with pytest.raises(Refusal) as refused:
        resume(officer, secret, NOW + 3 * IDLE_LIMIT_MS - 2)
    assert (refused.value.code, refused.value.status) == ("NOT-SIGNED-IN", 401)


def test_a_session_ends_when_it_is_old_however_busy(officer: sqlite3.Connection) -> None:
    secret = secret_of(officer, NOW)
    at_ms = NOW
    while at_ms + 10 * MINUTE < NOW + ABSOLUTE_LIMIT_MS:
        at_ms += 10 * MINUTE
        resume(officer, secret, at_ms)
    assert resume(officer, secret, NOW + ABSOLUTE_LIMIT_MS - 1)
    with pytest.raises(Refusal):
        resume(officer, secret, NOW + ABSOLUTE_LIMIT_MS)


def test_reading_pages_does_not_write_each_time(officer: sqlite3.Connection) -> None:
    secret = secret_of(officer, NOW)
    before = officer.total_changes
    resume(officer, secret, NOW + MINUTE - 1)
    assert officer.total_changes == before
    resume(officer, secret, NOW + MINUTE)
    assert officer.total_changes == before + 1


def test_signing_out_ends_this_session_only(officer: sqlite3.Connection) -> None:
    first, second = secret_of(officer, NOW), secret_of(officer, NOW)
    sign_out(officer, first)
    sign_out(officer, "unknown")
    with pytest.raises(Refusal):
        resume(officer, first, NOW)
    assert resume(officer, second, NOW)


def test_the_sweep_takes_what_has_ended_and_nothing_else(officer: sqlite3.Connection) -> None:
    secret_of(officer, NOW)
    fresh = secret_of(officer, NOW + HOUR)
    code_of(officer, "m.orel", "wrong", NOW)
    assert sweep(officer, NOW + HOUR) == 1
    assert officer.execute("SELECT COUNT(*) FROM office_sign_in_failures").fetchone() == (0,)
    assert resume(officer, fresh, NOW + HOUR)
    assert sweep(officer, NOW + HOUR) == 0
