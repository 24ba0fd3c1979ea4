"""The tree over audit lines: grown behind them, the same as any RFC 6962 tree, with proofs that verify."""

import sqlite3
from collections.abc import Iterator

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit, audit_tree
from allpoints.ledger.merkle import Frontier, verify_consistency, verify_inclusion

MANY = 600
ANNA = Asker("anna", frozenset({"desk"}), "border-control", "C-17")


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(audit.SCHEMA)
    for number in range(MANY):
        audit.record(connection, "check:asked", ANNA, number)
    yield connection
    connection.close()


@pytest.mark.parametrize("step", [1, 7, 255, 256, 1_000])
def test_however_it_grows_it_is_the_tree_of_the_leaves(db: sqlite3.Connection, step: int) -> None:
    expected = Frontier()
    for line in audit.walk(db):
        expected = expected.append(line.leaf)
    while audit_tree.frontier(db).size < MANY:
        audit_tree.grow(db, step)
    assert audit_tree.frontier(db) == expected
    assert audit_tree.root(db, MANY) == expected.root()
    assert db.execute("SELECT count(*) FROM office_audit_nodes").fetchone() == (MANY // 256,)
    assert audit.verify(db) == MANY


def test_every_line_and_every_growth_is_proved(db: sqlite3.Connection) -> None:
    audit_tree.grow(db)
    leaves = [line.leaf for line in audit.walk(db)]
    for number in (1, 2, 255, 256, 257, 512, MANY):
        for size in {number, 599, MANY}:
            if number <= size:
                path = audit_tree.inclusion(db, number, size)
                verify_inclusion(leaves[number - 1], number - 1, size, path, audit_tree.root(db, size))
    for first, second in ((1, MANY), (256, 257), (300, 599), (512, MANY)):
        path = audit_tree.consistency(db, first, second)
        verify_consistency(first, second, audit_tree.root(db, first), audit_tree.root(db, second), path)
    assert audit_tree.consistency(db, 0, 5) == []


def test_a_gap_stops_the_tree_and_is_named(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM office_audit WHERE number=300")
    with pytest.raises(Refusal) as caught:
        audit_tree.grow(db)
    assert (caught.value.code, caught.value.path) == ("AUDIT-BROKEN", "office_audit[300]")


def test_a_stored_subtree_that_was_altered_is_found(db: sqlite3.Connection) -> None:
    audit_tree.grow(db)
    db.execute("UPDATE office_audit_nodes SET hash = ? WHERE position = 1", (bytes(32),))
    with pytest.raises(Refusal) as caught:
        audit.verify(db)
    assert caught.value.path == "office_audit[512]"
