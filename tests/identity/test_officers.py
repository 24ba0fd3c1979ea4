import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import (
    ADMINISTRATOR,
    BORDER,
    DESK,
    OUTSIDER,
    REVIEWER,
    Asker,
    add_officer,
    asker_of_token,
    find_officer,
    issue_token,
    list_officers,
    remove_officer,
    require,
    require_purpose,
    revoke_token,
    set_password,
    set_roles,
)
from allpoints.identity.passwords import Cost
from allpoints.identity.sessions import SignedIn, resume, sign_in

FAST = Cost(n=2)
PASSWORD = "a long enough one"


def test_a_role_that_is_needed_is_required() -> None:
    asker = Asker("m.orel", frozenset({BORDER}))
    require(asker, BORDER, DESK)
    with pytest.raises(Refusal) as refused:
        require(asker, REVIEWER)
    assert (refused.value.code, refused.value.status) == ("NOT-ALLOWED", 403)
    with pytest.raises(Refusal):
        require(asker)


def test_a_question_without_a_known_purpose_is_refused() -> None:
    purposes = {"border-check", "criminal-case"}
    require_purpose(Asker("m.orel", frozenset({BORDER}), purpose="border-check"), purposes)
    for purpose in ("", "curiosity"):
        with pytest.raises(Refusal) as refused:
            require_purpose(Asker("m.orel", frozenset({BORDER}), purpose=purpose), purposes)
        assert (refused.value.code, refused.value.path) == ("NO-PURPOSE", "purpose")


def test_an_officer_is_entered_with_a_password_that_is_shown_once(db: sqlite3.Connection) -> None:
    password = add_officer(db, "m.orel", [DESK, BORDER], 5, cost=FAST)
    officer = find_officer(db, "m.orel")
    assert officer is not None
    assert (officer.roles, officer.has_token, officer.created_ms) == (frozenset({DESK, BORDER}), False, 5)
    kept = b"".join(
        str(value).encode() for row in db.execute("SELECT * FROM office_officers") for value in row
    )
    assert password.encode() not in kept
    assert isinstance(sign_in(db, "m.orel", password, 5), SignedIn)


def test_a_chosen_password_is_kept_or_refused_without_a_trace(db: sqlite3.Connection) -> None:
    with pytest.raises(Refusal) as refused:
        add_officer(db, "m.orel", [DESK], 5, password="short", cost=FAST)
    assert refused.value.code == "WEAK-PASSWORD"
    assert list_officers(db) == []
    assert add_officer(db, "m.orel", [DESK], 5, password=PASSWORD, cost=FAST) == PASSWORD


@pytest.mark.parametrize("name", ["", "Orel", "m orel", ".m", "m.", "m..o", "x" * 65, "m\n", "ö"])
def test_names_that_could_be_mistaken_are_refused(db: sqlite3.Connection, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        add_officer(db, name, [DESK], 5, cost=FAST)
    assert refused.value.code == "BAD-OFFICER-NAME"
    assert add_officer(db, "m.orel-2_a", [DESK], 5, cost=FAST)


def test_roles_are_known_ones_and_at_least_one(db: sqlite3.Connection) -> None:
    for roles in ([], ["king"], [DESK, "king"]):
        with pytest.raises(Refusal) as refused:
            add_officer(db, "m.orel", roles, 5, cost=FAST)
        assert refused.value.code == "BAD-ROLE"
    add_officer(db, "m.orel", [DESK], 5, cost=FAST)
    set_roles(db, "m.orel", [ADMINISTRATOR])
    assert [officer.roles for officer in list_officers(db)] == [{ADMINISTRATOR}]


def test_an_officer_is_entered_once(db: sqlite3.Connection) -> None:
    add_officer(db, "m.orel", [DESK], 5, cost=FAST)
    with pytest.raises(Refusal) as refused:
        add_officer(db, "m.orel", [ADMINISTRATOR], 6, cost=FAST)
    assert refused.value.code == "OFFICER-EXISTS"
    assert [officer.roles for officer in list_officers(db)] == [{DESK}]


def test_acts_on_unknown_officers_are_refused(db: sqlite3.Connection) -> None:
    for act in (issue_token, revoke_token, remove_officer):
        with pytest.raises(Refusal) as refused:
            act(db, "nobody")
        assert refused.value.code == "UNKNOWN-OFFICER"
    with pytest.raises(Refusal):
        set_password(db, "nobody", cost=FAST)
    with pytest.raises(Refusal):
        set_roles(db, "nobody", [DESK])
    assert find_officer(db, "nobody") is None


def test_a_new_password_ends_the_sessions(db: sqlite3.Connection) -> None:
    old = add_officer(db, "m.orel", [DESK], 5, cost=FAST)
    signed_in = sign_in(db, "m.orel", old, 5)
    assert isinstance(signed_in, SignedIn)
    assert resume(db, signed_in.secret, 6).officer == "m.orel"
    new = set_password(db, "m.orel", cost=FAST)
    with pytest.raises(Refusal):
        resume(db, signed_in.secret, 6)
    assert isinstance(sign_in(db, "m.orel", old, 7), Refusal)
    assert isinstance(sign_in(db, "m.orel", new, 7), SignedIn)


def test_a_token_is_shown_once_kept_as_a_hash_and_ends_with_the_next(db: sqlite3.Connection) -> None:
    add_officer(db, "m.orel", [BORDER], 5, cost=FAST)
    token = issue_token(db, "m.orel")
    assert token.startswith("ap_")
    assert asker_of_token(db, token) == Asker("m.orel", frozenset({BORDER}))
    assert [officer.has_token for officer in list_officers(db)] == [True]
    (kept,) = db.execute("SELECT token_hash FROM office_officers").fetchone()
    assert kept not in {token, token.encode()}
    second = issue_token(db, "m.orel")
    assert asker_of_token(db, second).officer == "m.orel"
    for ended in (token, "", second + "x", "ap_", second[:-1]):
        with pytest.raises(Refusal) as refused:
            asker_of_token(db, ended)
        assert (refused.value.code, refused.value.status) == ("NOT-SIGNED-IN", 401)
    revoke_token(db, "m.orel")
    with pytest.raises(Refusal):
        asker_of_token(db, second)


def test_an_officer_who_was_taken_out_is_out_at_once(db: sqlite3.Connection) -> None:
    password = add_officer(db, "m.orel", [BORDER], 5, cost=FAST)
    token = issue_token(db, "m.orel")
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
        add_officer(db, "m.orel", [DESK], 5, cost=FAST)
    with pytest.raises(Refusal):
        asker_of_token(db, text)
    with pytest.raises(Refusal):
        resume(db, text, 5)
    assert isinstance(sign_in(db, text, text, 5), Refusal)


def test_an_outsider_stands_alone_and_is_told_from_officers(db: sqlite3.Connection) -> None:
    add_officer(db, "museum", [OUTSIDER], 5, cost=FAST)
    assert asker_of_token(db, issue_token(db, "museum")).outside
    assert not Asker("m.orel", frozenset({DESK})).outside
    for roles in ([OUTSIDER, DESK], [ADMINISTRATOR, OUTSIDER]):
        with pytest.raises(Refusal) as refused:
            add_officer(db, "dealer", roles, 5, cost=FAST)
        assert (refused.value.code, refused.value.path) == ("BAD-ROLE", "roles")
    assert find_officer(db, "dealer") is None


def test_a_post_certifies_nobody() -> None:
    asker = Asker("m.orel", frozenset({DESK}), "border-check", "C-1", certified=frozenset({"ballistics"}))
    assert asker.at_post("XBM/post-1") == Asker(
        "m.orel", frozenset({DESK}), "border-check", "C-1", "XBM/post-1"
    )
