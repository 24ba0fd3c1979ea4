import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.identity.entering import FAST, PASSWORD, enter

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import (
    ADMINISTER,
    ADMINISTRATOR,
    BORDER,
    DESK,
    EXPORT,
    FRESH_MS,
    OUTSIDER,
    Asker,
    add_officer,
    find_officer,
    has_proved,
    list_officers,
    remove_officer,
    set_roles,
)
from allpoints.identity.password_sign_in import sign_in
from allpoints.identity.passwords import set_password
from allpoints.identity.sessions import SignedIn, resume
from allpoints.identity.tokens import asker_of_token, issue_token, revoke_token


def test_an_officer_without_a_first_proof_signs_in_with_nothing(db: sqlite3.Connection) -> None:
    add_officer(db, "m.orel", [DESK], 5)
    officer = find_officer(db, "m.orel")
    assert officer is not None
    assert (officer.has_password, officer.has_token, officer.passkeys) == (False, False, 0)
    for password in ("", "m.orel", PASSWORD):
        assert isinstance(sign_in(db, "m.orel", password, 5), Refusal)
    set_password(db, "m.orel", password=PASSWORD, cost=FAST)
    assert isinstance(sign_in(db, "m.orel", PASSWORD, 5), SignedIn)


def test_a_fresh_proof_or_a_token_made_for_it_is_needed_where_it_is_demanded() -> None:
    person = Asker("m.orel", frozenset({DESK}), verified_ms=1_000)
    assert has_proved(person, EXPORT, 1_000 + FRESH_MS - 1)
    assert has_proved(Asker("m.orel", frozenset({DESK}), may=frozenset({EXPORT})), EXPORT, 1_000)
    for asker, now_ms in (
        (person, 1_000 + FRESH_MS),
        (person, 999),
        (Asker("m.orel", frozenset({DESK}), may=frozenset({ADMINISTER})), 1_000 + FRESH_MS),
    ):
        assert not has_proved(asker, EXPORT, now_ms)


def test_a_token_is_made_for_known_acts_alone(db: sqlite3.Connection) -> None:
    add_officer(db, "m.orel", [DESK], 5)
    assert asker_of_token(db, issue_token(db, "m.orel", 5, [EXPORT])).may == {EXPORT}
    with pytest.raises(Refusal) as refused:
        issue_token(db, "m.orel", 5, [EXPORT, "rule"])
    assert refused.value.code == "BAD-PERMISSION"


def test_an_officer_is_entered_with_a_password_that_is_shown_once(db: sqlite3.Connection) -> None:
    add_officer(db, "m.orel", [DESK, BORDER], 5)
    password = set_password(db, "m.orel", cost=FAST)
    officer = find_officer(db, "m.orel")
    assert officer is not None
    assert (officer.roles, officer.has_token, officer.created_ms) == (frozenset({DESK, BORDER}), False, 5)
    kept = b"".join(
        str(value).encode() for row in db.execute("SELECT * FROM office_passwords") for value in row
    )
    assert password.encode() not in kept
    assert isinstance(sign_in(db, "m.orel", password, 5), SignedIn)


def test_a_chosen_password_is_kept_or_refused_without_a_trace(db: sqlite3.Connection) -> None:
    add_officer(db, "m.orel", [DESK], 5)
    with pytest.raises(Refusal) as refused:
        set_password(db, "m.orel", password="short", cost=FAST)
    assert refused.value.code == "WEAK-PASSWORD"
    assert not list_officers(db)[0].has_password
    assert set_password(db, "m.orel", password=PASSWORD, cost=FAST) == PASSWORD


@pytest.mark.parametrize("name", ["", "Orel", "m orel", ".m", "m.", "m..o", "x" * 65, "m\n", "ö"])
def test_names_that_could_be_mistaken_are_refused(db: sqlite3.Connection, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        add_officer(db, name, [DESK], 5)
    assert refused.value.code == "BAD-OFFICER-NAME"
    add_officer(db, "m.orel-2_a", [DESK], 5)


def test_roles_are_known_ones_and_at_least_one(db: sqlite3.Connection) -> None:
    for roles in ([], ["king"], [DESK, "king"]):
        with pytest.raises(Refusal) as refused:
            add_officer(db, "m.orel", roles, 5)
        assert refused.value.code == "BAD-ROLE"
    add_officer(db, "m.orel", [DESK], 5)
    set_roles(db, "m.orel", [ADMINISTRATOR])
    assert [officer.roles for officer in list_officers(db)] == [{ADMINISTRATOR}]


def test_an_officer_is_entered_once(db: sqlite3.Connection) -> None:
    add_officer(db, "m.orel", [DESK], 5)
    with pytest.raises(Refusal) as refused:
        add_officer(db, "m.orel", [ADMINISTRATOR], 6)
    assert refused.value.code == "OFFICER-EXISTS"
    assert [officer.roles for officer in list_officers(db)] == [{DESK}]


def test_acts_on_unknown_officers_are_refused(db: sqlite3.Connection) -> None:
    for act in (revoke_token, remove_officer, lambda db, name: issue_token(db, name, 5)):
        with pytest.raises(Refusal) as refused:
            act(db, "nobody")
        assert refused.value.code == "UNKNOWN-OFFICER"
    with pytest.raises(Refusal):
        set_password(db, "nobody", cost=FAST)
    with pytest.raises(Refusal):
        set_roles(db, "nobody", [DESK])
    assert find_officer(db, "nobody") is None


def test_a_new_password_ends_the_sessions(db: sqlite3.Connection) -> None:
    old = enter(db, "m.orel", [DESK])
    signed_in = sign_in(db, "m.orel", old, 5)
    assert isinstance(signed_in, SignedIn)
    assert resume(db, signed_in.secret, 6).officer == "m.orel"
    new = set_password(db, "m.orel", cost=FAST)
    with pytest.raises(Refusal):
        resume(db, signed_in.secret, 6)
    assert isinstance(sign_in(db, "m.orel", old, 7), Refusal)
    assert isinstance(sign_in(db, "m.orel", new, 7), SignedIn)


def test_a_token_is_shown_once_kept_as_a_hash_and_ends_with_the_next(db: sqlite3.Connection) -> None:
    add_officer(db, "m.orel", [BORDER], 5)
    token = issue_token(db, "m.orel", 5)
    assert token.startswith("ap_")
    asker = asker_of_token(db, token)
    assert (asker.officer, asker.roles, asker.may, asker.verified_ms) == (
        "m.orel",
        frozenset({BORDER}),
        frozenset(),
        0,
    )
    assert [officer.has_token for officer in list_officers(db)] == [True]
    (kept,) = db.execute("SELECT hash FROM office_tokens").fetchone()
    assert kept not in {token, token.encode()}
    second = issue_token(db, "m.orel", 5)
    assert asker_of_token(db, second).officer == "m.orel"
    for ended in (token, "", second + "x", "ap_", second[:-1]):
        with pytest.raises(Refusal) as refused:
            asker_of_token(db, ended)
        assert (refused.value.code, refused.value.status) == ("NOT-SIGNED-IN", 401)
    revoke_token(db, "m.orel")
    with pytest.raises(Refusal):
        asker_of_token(db, second)


def test_an_officer_who_was_taken_out_is_out_at_once(db: sqlite3.Connection) -> None:
    password = enter(db, "m.orel", [BORDER])
    token = issue_token(db, "m.orel", 5)
    signed_in = sign_in(db, "m.orel", password, 5)
    assert isinstance(signed_in, SignedIn)
    remove_officer(db, "m.orel")
    with pytest.raises(Refusal):
        resume(db, signed_in.secret, 6)
    with pytest.raises(Refusal):
        asker_of_token(db, token)
    assert isinstance(sign_in(db, "m.orel", password, 6), Refusal)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=100))
def test_arbitrary_names_and_tokens_are_refused(db: sqlite3.Connection, text: str) -> None:
    if find_officer(db, "m.orel") is None:
        add_officer(db, "m.orel", [DESK], 5)
    with pytest.raises(Refusal):
        asker_of_token(db, text)
    with pytest.raises(Refusal):
        resume(db, text, 5)
    assert isinstance(sign_in(db, text, text, 5), Refusal)


def test_an_outsider_stands_alone_and_is_told_from_officers(db: sqlite3.Connection) -> None:
    add_officer(db, "museum", [OUTSIDER], 5)
    assert asker_of_token(db, issue_token(db, "museum", 5)).outside
    assert not Asker("m.orel", frozenset({DESK})).outside
    for roles in ([OUTSIDER, DESK], [ADMINISTRATOR, OUTSIDER]):
        with pytest.raises(Refusal) as refused:
            add_officer(db, "dealer", roles, 5)
        assert (refused.value.code, refused.value.path) == ("BAD-ROLE", "roles")
    assert find_officer(db, "dealer") is None


def test_a_post_certifies_nobody() -> None:
    asker = Asker(
        "m.orel",
        frozenset({DESK}),
        "border-check",
        "C-1",
        certified=frozenset({"ballistics"}),
        verified_ms=5,
        may=frozenset({EXPORT}),
        binding=b"secret",
    )
    assert asker.at_post("XBM/post-1") == Asker(
        "m.orel", frozenset({DESK}), "border-check", "C-1", "XBM/post-1"
    )
