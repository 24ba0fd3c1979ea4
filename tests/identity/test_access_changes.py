"""Whatever changes who may ask is counted by the database itself."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from allpoints.identity import emergency, officers, sessions, tokens
from allpoints.identity.access_changes import changes, count_changes
from allpoints.identity.officer_tables import SCHEMA

NOW = 1_795_000_000_000


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.executescript(SCHEMA)
    for name, role in (("bo", "border"), ("ada", "administrator")):
        officers.add_officer(made, name, [role], NOW)
    yield made
    made.close()


def _open_and_end(db: sqlite3.Connection) -> None:
    signed_in = sessions.begin(db, "bo", "passkey", NOW)
    one = emergency.open_access(db, signed_in.asker, "", "desk", "It burns.", NOW)
    before = changes(db)
    emergency.end(db, one.number, "ada", NOW)
    assert changes(db) > before


ACTS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "an officer is entered": lambda db: officers.add_officer(db, "cy", ["desk"], NOW),
    "roles change": lambda db: officers.set_roles(db, "bo", ["desk"]),
    "an officer is removed": lambda db: officers.remove_officer(db, "bo"),
    "a token is made": lambda db: tokens.issue_token(db, "bo", NOW),
    "a session begins": lambda db: sessions.begin(db, "bo", "passkey", NOW),
    "a session is renewed": lambda db: sessions.renew(db, sessions.begin(db, "bo", "p", NOW).secret, NOW),
    "an emergency is opened and ended": _open_and_end,
    "a certification is given": lambda db: db.execute(
        "INSERT INTO office_certifications VALUES ('bo', 'dna-profiles', 1)"
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_every_act_that_changes_who_may_ask_is_counted(db: sqlite3.Connection, act: str) -> None:
    count_changes(db)
    before = changes(db)
    ACTS[act](db)
    assert changes(db) > before


@pytest.mark.parametrize("end", ["revoked", "signed out", "all ended"])
def test_what_ends_is_counted_when_it_ends(db: sqlite3.Connection, end: str) -> None:
    count_changes(db)
    tokens.issue_token(db, "bo", NOW)
    secret = sessions.begin(db, "bo", "passkey", NOW).secret
    before = changes(db)
    match end:
        case "revoked":
            tokens.revoke_token(db, "bo")
        case "signed out":
            sessions.sign_out(db, secret)
        case _:
            sessions.end_all(db, "bo")
    assert changes(db) > before


def test_that_a_session_is_used_changes_nobodys_standing(db: sqlite3.Connection) -> None:
    count_changes(db)
    secret = sessions.begin(db, "bo", "passkey", NOW).secret
    before = changes(db)
    sessions.resume(db, secret, NOW + sessions.TOUCH_EVERY_MS)
    assert changes(db) == before


def test_what_is_rolled_back_is_not_counted(db: sqlite3.Connection) -> None:
    count_changes(db)
    count_changes(db)
    before = changes(db)
    db.execute("BEGIN")
    officers.remove_officer(db, "bo")
    assert changes(db) > before
    db.execute("ROLLBACK")
    assert changes(db) == before
