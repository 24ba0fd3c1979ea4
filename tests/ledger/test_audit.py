"""The audit log: who asked what and why, in a chain in which any later change shows."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit, audit_tree
from allpoints.ledger.audit_line import Line, commitment, leaf
from allpoints.ledger.audit_tree import Head
from allpoints.ledger.audit_verify import Verification
from allpoints.ledger.merkle import Frontier

NOW_MS = 1_790_000_000_000
ANNA = Asker("anna", frozenset({"desk"}), "border-control", "C-17", "XBM/post-1")
LINES = 6


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(audit.SCHEMA)
    yield connection
    connection.close()


def fill(db: sqlite3.Connection, count: int = LINES) -> None:
    for number in range(1, count + 1):
        audit.record(db, "check:asked", ANNA, NOW_MS + number, check=f"c{number}")


def broken_at(db: sqlite3.Connection) -> str:
    with pytest.raises(Refusal) as caught:
        audit.verify(db)
    assert caught.value.code == "AUDIT-BROKEN"
    return caught.value.path


def test_a_line_says_who_asked_what_when_why_and_where(db: sqlite3.Connection) -> None:
    assert audit.record(db, "check:asked", ANNA, NOW_MS, number="AB1", issuer="XAV") == 1
    (line,) = audit.lines(db)
    assert line[:8] == (1, NOW_MS, "check:asked", "", "anna", "XBM/post-1", "border-control", "C-17")
    assert msgspec.json.decode(line.detail) == {"number": "AB1", "issuer": "XAV"}


def test_every_line_names_the_policy_set_in_force_and_keeps_it(db: sqlite3.Connection) -> None:
    audit.decide_by(db, "a" * 64)
    assert audit.verify(db) == 0
    fill(db, 2)
    audit.decide_by(db, "b" * 64)
    fill(db, 1)
    assert [line.policy for line in audit.walk(db)] == ["a" * 64, "a" * 64, "b" * 64]
    assert audit.verify(db) == 3


def test_the_things_of_a_line_are_what_it_is_about_without_persons_and_numbers_asked(
    db: sqlite3.Connection,
) -> None:
    question = {"number": "AB1", "family_name": "Bellweather"}
    audit.record(db, "check:asked", ANNA, NOW_MS, check="c1", number="AB1", question=question, hit="h1")
    (line,) = audit.lines(db)
    assert audit.things(line.detail) == {"hit": "h1", "check": "c1"}
    assert audit.things(b"[]") == audit.things(b'{"hit": 7, "name": ""}') == {}


def test_an_untouched_log_holds_from_empty_on(db: sqlite3.Connection) -> None:
    for count in range(4):
        assert audit.verify(db) == count
        fill(db, 1)


def test_lines_are_read_newest_first_and_page_by_page(db: sqlite3.Connection) -> None:
    fill(db)
    assert [line.number for line in audit.lines(db, limit=2)] == [6, 5]
    assert [line.number for line in audit.lines(db, before=5, limit=2)] == [4, 3]
    assert [line.number for line in audit.walk(db)] == [1, 2, 3, 4, 5, 6]


CHANGES: list[tuple[str, Any]] = [
    ("at_ms", NOW_MS + 99),
    ("event", "check:told"),
    ("officer", "berta"),
    ("post", ""),
    ("purpose", "warn"),
    ("case_ref", "C-18"),
    ("policy", "b" * 64),
    ("detail", b'{"check":"c9"}'),
    ("salt", bytes(16)),
    ("salt", None),
    ("salt", b""),
    ("commitment", bytes(32)),
    ("leaf", bytes(32)),
]


@pytest.mark.parametrize("number", range(1, LINES + 1))
@pytest.mark.parametrize(
    ("column", "value"), CHANGES, ids=[f"{column}-{value!r}"[:30] for column, value in CHANGES]
)
def test_a_line_with_any_column_altered_is_found(
    db: sqlite3.Connection, number: int, column: str, value: object
) -> None:
    fill(db)
    db.execute(f"UPDATE office_audit SET {column}=? WHERE number=?", (value, number))
    assert broken_at(db) == f"office_audit[{number}]"


@pytest.mark.parametrize("number", range(1, LINES + 1))
def test_a_deleted_line_is_found_the_last_one_too(db: sqlite3.Connection, number: int) -> None:
    fill(db)
    db.execute("DELETE FROM office_audit WHERE number=?", (number,))
    assert broken_at(db) == f"office_audit[{number}]"


def test_cut_off_last_lines_are_found_also_after_the_log_went_on(db: sqlite3.Connection) -> None:
    fill(db)
    db.execute("DELETE FROM office_audit WHERE number > 4")
    assert broken_at(db) == "office_audit[5]"
    fill(db, 3)
    assert broken_at(db) == "office_audit[5]"


def forged(number: int) -> Line:
    """A line that holds by itself, for somebody who knows how lines are made."""
    salt, personal = bytes(16), ("anna", "", "warn", "", b"{}")
    hashed = leaf(NOW_MS, "check:asked", "", commitment(salt, *personal))
    return Line(number, NOW_MS, "check:asked", "", *personal, salt, None, hashed)


@pytest.mark.parametrize("number", range(1, LINES + 2))
def test_an_inserted_line_is_found_wherever_it_stands(db: sqlite3.Connection, number: int) -> None:
    fill(db)
    audit_tree.grow(db)
    assert audit.verify(db) == LINES
    db.execute("UPDATE office_audit SET number = -number - 1 WHERE number >= ?", (number,))
    db.execute("UPDATE office_audit SET number = -number WHERE number < 0")
    db.execute("INSERT INTO office_audit VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", forged(number))
    if number <= LINES:
        broken_at(db)
    else:
        # Behind the end it is a line like any other, as if it had been asked.
        assert audit.verify(db) == LINES + 1


@pytest.mark.parametrize("number", range(1, LINES + 1))
def test_a_line_exchanged_for_one_that_holds_by_itself_is_found(db: sqlite3.Connection, number: int) -> None:
    fill(db)
    audit_tree.grow(db)
    db.execute("DELETE FROM office_audit WHERE number=?", (number,))
    db.execute("INSERT INTO office_audit VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", forged(number))
    broken_at(db)


def test_two_lines_in_each_others_place_are_found(db: sqlite3.Connection) -> None:
    fill(db)
    audit_tree.grow(db)
    db.execute(
        "UPDATE office_audit SET number = CASE number WHEN 2 THEN -3 ELSE -2 END WHERE number IN (2, 3)"
    )
    db.execute("UPDATE office_audit SET number = -number WHERE number < 0")
    broken_at(db)


def test_an_erased_line_holds_and_tells_nothing_of_anybody(db: sqlite3.Connection) -> None:
    fill(db)
    audit_tree.grow(db)
    before = audit_tree.root(db, LINES)
    assert audit.erase(db, NOW_MS + 4, 10) == 3
    assert audit.erase(db, NOW_MS + 4, 10) == 0
    erased = audit.lines(db, before=4)
    assert [line.number for line in erased] == [3, 2, 1]
    for line in erased:
        assert line.erased
        assert line[4:10] == ("", "", "", "", b"{}", None)
        assert (line.event, line.at_ms) == ("check:asked", NOW_MS + line.number)
    assert not audit.lines(db)[0].erased
    assert audit.verify(db) == LINES
    assert audit_tree.root(db, LINES) == before


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at_ms", 1),
        ("event", "x:y"),
        ("policy", "p"),
        ("officer", "eve"),
        ("commitment", bytes(32)),
        ("commitment", None),
    ],
)
def test_what_is_left_of_an_erased_line_cannot_be_altered(
    db: sqlite3.Connection, column: str, value: object
) -> None:
    fill(db)
    audit.erase(db, NOW_MS + 3, 10)
    db.execute(f"UPDATE office_audit SET {column}=? WHERE number=2", (value,))
    assert broken_at(db) == "office_audit[2]"


def test_an_anchor_finds_what_somebody_rewrote_with_the_tree(db: sqlite3.Connection) -> None:
    fill(db)
    anchored = Head(LINES, audit_tree.grow(db).root())
    fill(db, 2)
    assert audit.verify(db, [anchored]) == LINES + 2
    db.executescript("DELETE FROM office_audit_tree; DELETE FROM office_audit_nodes")
    db.execute("DELETE FROM office_audit WHERE number=2")
    db.execute("INSERT INTO office_audit VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", forged(2))
    audit_tree.grow(db)
    assert audit.verify(db) == LINES + 2
    with pytest.raises(Refusal) as caught:
        audit.verify(db, [anchored])
    assert caught.value.code == "AUDIT-REWRITTEN"


def test_an_anchor_finds_a_log_that_was_set_back_with_everything_beside_it(db: sqlite3.Connection) -> None:
    fill(db, 3)
    audit_tree.grow(db)
    with pytest.raises(Refusal) as caught:
        audit.verify(db, [Head(5, bytes(32))])
    assert (caught.value.code, caught.value.path) == ("AUDIT-ROLLED-BACK", "office_audit[4]")


def test_a_verification_goes_on_from_where_it_was_left(db: sqlite3.Connection) -> None:
    fill(db, 30)
    audit_tree.grow(db)
    first = Verification(db)
    assert first.step(12)
    rest = Verification(db, frontier=Frontier.from_bytes(first.frontier.to_bytes()))
    assert (first.done, rest.total()) == (12, 30)
    while rest.step(7):
        pass
    assert rest.done == 30


def test_a_question_too_long_for_the_log_is_refused_and_the_longest_is_taken(db: sqlite3.Connection) -> None:
    room = audit.DETAIL_LIMIT_BYTES - len('{"text":""}')
    audit.record(db, "search:asked", ANNA, NOW_MS, text="x" * room)
    with pytest.raises(Refusal) as caught:
        audit.record(db, "search:asked", ANNA, NOW_MS, text="x" * (room + 1))
    assert caught.value.code == "AUDIT-TOO-LONG"
    assert audit.verify(db) == 1


TEXT = st.text(max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT, st.dictionaries(TEXT, TEXT, max_size=3)), max_size=8))
def test_whatever_is_asked_the_log_holds(rows: list[tuple[str, str, str, str, dict[str, str]]]) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(audit.SCHEMA)
        for number, (event, officer, purpose, case, detail) in enumerate(rows):
            asker = Asker(officer, frozenset(), purpose, case)
            audit.record(db, event, asker, number, detail=detail)
        assert audit.verify(db) == len(rows)
