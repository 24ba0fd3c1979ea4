import sqlite3

import pytest
from tests.identity.entering import FAST, PASSWORD, enter

from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity import password_sign_in, sessions
from allpoints.identity.officers import DESK, add_officer, set_roles
from allpoints.identity.password_sign_in import (
    FAILURES_LIMIT,
    LOCKOUT_MS,
    finish_sign_in,
    sign_in,
    stretching,
)
from allpoints.identity.passwords import set_password
from allpoints.identity.sessions import ABSOLUTE_LIMIT_MS, IDLE_LIMIT_MS, SignedIn, resume, sign_out, sweep

NOW = 1_800_000_000_000


@pytest.fixture
def officer(db: sqlite3.Connection) -> sqlite3.Connection:
    enter(db, "m.orel", [DESK], NOW)
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
    monkeypatch.setattr(password_sign_in, "FAILURE_ROWS_LIMIT", 10)
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
    assert sweep(officer, NOW + HOUR) == 1
    assert resume(officer, fresh, NOW + HOUR)
    assert sweep(officer, NOW + HOUR) == 0


def test_an_officer_sees_every_session_and_ends_one_or_all_others(officer: sqlite3.Connection) -> None:
    add_officer(officer, "a.terlan", [DESK], NOW)
    other = sessions.begin(officer, "a.terlan", "passkey", NOW).secret
    first, second, third = (secret_of(officer, NOW + number) for number in range(3))
    listed = sessions.list_sessions(officer, "m.orel", NOW + 3)
    assert [one.started_ms for one in listed] == [NOW + 2, NOW + 1, NOW]
    assert {one.method for one in listed} == {"password"}
    sessions.end_session(officer, "m.orel", listed[-1].id)
    with pytest.raises(Refusal):
        resume(officer, first, NOW + 3)
    foreign = sessions.list_sessions(officer, "a.terlan", NOW + 3)[0].id
    for unknown in (foreign, listed[-1].id, "", "00"):
        with pytest.raises(Refusal) as refused:
            sessions.end_session(officer, "m.orel", unknown)
        assert refused.value.code == "UNKNOWN-SESSION"
    assert sessions.end_all(officer, "m.orel", but=third) == 1
    with pytest.raises(Refusal):
        resume(officer, second, NOW + 3)
    assert resume(officer, third, NOW + 3).officer == "m.orel"
    assert resume(officer, other, NOW + 3).officer == "a.terlan"
    assert sessions.list_sessions(officer, "m.orel", NOW + ABSOLUTE_LIMIT_MS) == []


def test_a_new_proof_gives_a_new_secret_and_no_longer_life(officer: sqlite3.Connection) -> None:
    secret = secret_of(officer, NOW)
    later_ms = NOW + 20 * MINUTE
    renewed = sessions.renew(officer, secret, later_ms)
    assert renewed.secret != secret
    assert renewed.asker.verified_ms == later_ms
    with pytest.raises(Refusal):
        resume(officer, secret, later_ms)
    with pytest.raises(Refusal):
        sessions.renew(officer, secret, later_ms)
    assert sessions.ends_ms(officer, renewed.secret) == later_ms + IDLE_LIMIT_MS
    started_ms = sessions.list_sessions(officer, "m.orel", later_ms)[0].started_ms
    assert started_ms == NOW


def test_other_roles_end_the_sessions_that_were_begun_before(officer: sqlite3.Connection) -> None:
    secret = secret_of(officer, NOW)
    set_roles(officer, "m.orel", ["command"])
    with pytest.raises(Refusal):
        resume(officer, secret, NOW)
    assert resume(officer, secret_of(officer, NOW), NOW).roles == {"command"}
