import sqlite3

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.enrolment import (
    CODE_LIFE_MS,
    check_code,
    code_ends_ms,
    issue_code,
    use_code,
)
from allpoints.identity.officers import DESK, add_officer, remove_officer
from allpoints.identity.password_sign_in import FAILURES_LIMIT, LOCKOUT_MS
from allpoints.identity.sessions import sweep

NOW = 1_800_000_000_000


@pytest.fixture
def officer(db: sqlite3.Connection) -> sqlite3.Connection:
    add_officer(db, "m.orel", [DESK], NOW)
    return db


def code_of(db: sqlite3.Connection, name: str, code: str, now_ms: int) -> str:
    refused = check_code(db, name, code, now_ms)
    return refused.code if refused is not None else "good"


def test_a_code_is_good_for_its_officer_until_it_is_used_ends_or_is_replaced(
    officer: sqlite3.Connection,
) -> None:
    add_officer(officer, "a.terlan", [DESK], NOW)
    code, other = issue_code(officer, "m.orel", NOW), issue_code(officer, "a.terlan", NOW)
    assert len(code) > 20
    assert code_ends_ms(officer, "m.orel") == NOW + CODE_LIFE_MS
    assert code_of(officer, "m.orel", other, NOW) == "CODE-REFUSED"
    assert code_of(officer, "m.orel", code, NOW + CODE_LIFE_MS - 1) == "good"
    assert code_of(officer, "m.orel", code, NOW + CODE_LIFE_MS) == "CODE-REFUSED"
    new = issue_code(officer, "m.orel", NOW)
    assert code_of(officer, "m.orel", code, NOW) == "CODE-REFUSED"
    assert code_of(officer, "m.orel", new, NOW) == "good"
    use_code(officer, "m.orel")
    assert code_of(officer, "m.orel", new, NOW) == "CODE-REFUSED"
    assert code_of(officer, "a.terlan", other, NOW) == "good"


def test_a_code_is_kept_as_a_hash_and_goes_with_its_officer(officer: sqlite3.Connection) -> None:
    code = issue_code(officer, "m.orel", NOW)
    (kept,) = officer.execute("SELECT hash FROM office_enrolments").fetchone()
    assert kept not in {code, code.encode()}
    remove_officer(officer, "m.orel")
    add_officer(officer, "m.orel", [DESK], NOW)
    assert code_of(officer, "m.orel", code, NOW) == "CODE-REFUSED"
    with pytest.raises(Refusal):
        issue_code(officer, "nobody", NOW)


@pytest.mark.parametrize("name", ["m.orel", "nobody"])
def test_guessing_codes_locks_a_name_whether_it_is_there_or_not(
    officer: sqlite3.Connection, name: str
) -> None:
    code = issue_code(officer, "m.orel", NOW)
    for _ in range(FAILURES_LIMIT):
        assert code_of(officer, name, "wrong", NOW) == "CODE-REFUSED"
    assert code_of(officer, name, code, NOW) == "LOCKED-OUT"
    expected = "good" if name == "m.orel" else "CODE-REFUSED"
    assert code_of(officer, name, code, NOW + LOCKOUT_MS) == expected


def test_the_sweep_takes_codes_that_have_ended(officer: sqlite3.Connection) -> None:
    issue_code(officer, "m.orel", NOW)
    sweep(officer, NOW + CODE_LIFE_MS - 1)
    assert code_ends_ms(officer, "m.orel") > 0
    sweep(officer, NOW + CODE_LIFE_MS)
    assert code_ends_ms(officer, "m.orel") == 0
