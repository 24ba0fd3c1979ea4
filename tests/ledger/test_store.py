"""The tables keep what proofs need, also beyond one tile."""

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from allpoints.ground.refusal import Refusal
from allpoints.ledger import store
from allpoints.ledger.entry import Entry, Head
from allpoints.ledger.merkle import Frontier, complete_root

if TYPE_CHECKING:
    from tests.ledger.conftest import Network


def test_an_empty_store_holds_nothing(db: sqlite3.Connection) -> None:
    assert (store.size(db), store.frontier(db), store.latest_checkpoint(db)) == (0, Frontier(), None)
    assert (store.head(db, "XAV"), store.heads(db), store.place(db, bytes(16))) == (Head(), {}, None)


def test_entries_are_found_by_place_and_by_id(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    after = network.hold(db, history)
    assert store.size(db) == after.size == len(history)
    assert store.encoded(db, 2, 3) == [history[1].encoded, history[2].encoded]
    assert store.leaves(db, 1, 2) == [history[0].leaf, history[1].leaf]
    assert store.lengths(db, 12, 99) == [len(history[11].encoded)]
    assert store.place(db, history[4].header.id) == (5, history[4].commitment)
    assert [row[0] for row in store.rows_after(db, 3, 2)] == [4, 5]


def test_a_chain_ends_at_its_authors_last_entry(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    network.hold(db, history)
    assert store.head(db, "XAV") == Head(4, history[10].commitment)
    assert set(store.heads(db)) == {"XSC", "XAV", "XBM"}


def test_subtrees_are_kept_for_each_full_tile_and_agree_with_the_leaves(
    network: "Network", db: sqlite3.Connection, refused: Callable[..., Refusal]
) -> None:
    author = network.author()
    entries = [author.unsigned() for _ in range(520)]
    after = network.hold(db, entries)
    assert store.count_nodes(db) == 2
    leaves = [entry.leaf for entry in entries]
    for level, position in ((0, 519), (3, 5), (7, 3), (8, 0), (8, 1), (9, 0)):
        expected = complete_root(leaves[position << level : (position + 1) << level])
        assert store.node(db, level, position) == expected
    assert Frontier.of(lambda level, position: store.node(db, level, position), 520) == after
    refused("LEDGER-INCOMPLETE", store.node, db, 0, 520)
    refused("LEDGER-INCOMPLETE", store.node, db, 9, 1)


def test_what_is_not_yet_signed_has_one_row(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    network.hold(db, history[:1])
    tree = network.hold(db, history[1:2])
    assert db.execute("SELECT size, checkpoint FROM ledger_tree").fetchall() == [(2, None)]
    store.keep_checkpoint(db, tree, "signed")
    network.hold(db, history[2:3])
    assert list(store.checkpoints(db)) == [(2, "signed")]
    assert store.latest_checkpoint(db) == store.checkpoint_between(db, 1, 9) == (2, "signed")
    assert (store.size(db), store.tree_at(db, 2)) == (3, (tree.to_bytes(), "signed"))
