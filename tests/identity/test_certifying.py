import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.identity.entering import PASSWORD, enter

from allpoints.ground.refusal import Refusal
from allpoints.identity import officer_tables
from allpoints.identity.certifying import certify, decertify
from allpoints.identity.officers import (
    DESK,
    OUTSIDER,
    add_officer,
    existing,
    list_officers,
    remove_officer,
    set_roles,
)
from allpoints.identity.password_sign_in import sign_in
from allpoints.identity.sessions import SignedIn, resume
from allpoints.identity.tokens import asker_of_token, issue_token

CLOSED = ("ballistics", "series")


@pytest.fixture
def orel(db: sqlite3.Connection) -> str:
    enter(db, "m.orel", [DESK])
    return "m.orel"


def signed_in(db: sqlite3.Connection, name: str) -> SignedIn:
    outcome = sign_in(db, name, PASSWORD, 10)
    assert isinstance(outcome, SignedIn)
    return outcome


def test_a_certification_is_told_by_list_session_and_token_from_the_next_question_on(
    db: sqlite3.Connection, orel: str
) -> None:
    before, token = signed_in(db, orel), issue_token(db, orel, 5)
    assert before.asker.certified == asker_of_token(db, token).certified == frozenset()
    certify(db, orel, "ballistics", CLOSED, 20)
    certify(db, orel, "ballistics", CLOSED, 21)
    certify(db, orel, "series", CLOSED, 22)
    assert list_officers(db)[0].certified == frozenset(CLOSED)
    assert resume(db, before.secret, 30).certified == frozenset(CLOSED)
    assert signed_in(db, orel).asker.certified == frozenset(CLOSED)
    assert asker_of_token(db, token).certified == frozenset(CLOSED)


def test_a_certification_that_is_taken_back_ends_with_the_sessions_that_saw_by_it(
    db: sqlite3.Connection, orel: str
) -> None:
    certify(db, orel, "ballistics", CLOSED, 20)
    certify(db, orel, "series", CLOSED, 20)
    session, token = signed_in(db, orel), issue_token(db, orel, 5)
    decertify(db, orel, "series")
    assert asker_of_token(db, token).certified == {"ballistics"}
    with pytest.raises(Refusal, match="not signed in"):
        resume(db, session.secret, 30)
    with pytest.raises(Refusal) as refused:
        decertify(db, orel, "series")
    assert (refused.value.code, refused.value.status) == ("NOT-CERTIFIED", 404)
    assert "ballistics" in refused.value.hint


def test_nobody_is_certified_who_is_not_there_nor_for_what_needs_no_certification(
    db: sqlite3.Connection, orel: str
) -> None:
    add_officer(db, "museum", [OUTSIDER], 5)
    for name, register, code in (
        (orel, "persons", "NOT-CERTIFIABLE"),
        (orel, "", "NOT-CERTIFIABLE"),
        ("museum", "ballistics", "NOT-CERTIFIABLE"),
        ("nobody", "ballistics", "UNKNOWN-OFFICER"),
    ):
        with pytest.raises(Refusal) as refused:
            certify(db, name, register, CLOSED, 20)
        assert refused.value.code == code
    assert [one.certified for one in list_officers(db)] == [frozenset(), frozenset()]


def test_whoever_comes_back_under_the_name_or_goes_outside_has_no_certification(
    db: sqlite3.Connection, orel: str
) -> None:
    certify(db, orel, "ballistics", CLOSED, 20)
    remove_officer(db, orel)
    add_officer(db, orel, [DESK], 5)
    assert existing(db, orel).certified == frozenset()
    certify(db, orel, "ballistics", CLOSED, 20)
    set_roles(db, orel, [OUTSIDER])
    assert existing(db, orel).certified == frozenset()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(("a", "b")), st.sampled_from(CLOSED)), max_size=12))
def test_who_is_certified_is_who_was_and_not_taken_back(steps: list[tuple[bool, str, str]]) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(officer_tables.SCHEMA)
    held: dict[str, set[str]] = {"a": set(), "b": set()}
    for name in held:
        add_officer(db, name, [DESK], 5)
    for given_, name, register in steps:
        if given_:
            certify(db, name, register, CLOSED, 20)
            held[name].add(register)
        elif register in held[name]:
            decertify(db, name, register)
            held[name].discard(register)
    assert {one.name: set(one.certified) for one in list_officers(db)} == held
    db.close()
