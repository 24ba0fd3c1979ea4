"""Chunks end at a signed checkpoint within the limits, and proofs from the tables verify."""

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.ledger import store
from allpoints.ledger.checkpoint import verify
from allpoints.ledger.entry import Entry
from allpoints.ledger.merkle import Frontier, verify_consistency, verify_inclusion
from allpoints.ledger.serving import (
    CHUNK_LIMIT_BYTES,
    CHUNK_LIMIT_ENTRIES,
    chunk,
    consistency_proof,
    inclusion_proof,
)

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

Refused = Callable[..., Refusal]


def test_there_is_no_chunk_when_there_is_no_news(
    network: "Network", db: sqlite3.Connection, history: list[Entry]
) -> None:
    assert chunk(db, 1) is None
    network.append(db, history[:4])
    assert chunk(db, 5) is None
    part = chunk(db, 1)
    assert part is not None
    assert (part.first_seq, part.size, len(part.entries)) == (1, 4, 4)


def test_what_is_not_yet_signed_is_not_given_out(
    network: "Network", db: sqlite3.Connection, history: list[Entry], refused: Refused
) -> None:
    network.append(db, history[:4])
    network.hold(db, history[4:6])
    part = chunk(db, 1)
    assert part is not None
    assert part.size == 4
    assert chunk(db, 5) is None
    refused("LEDGER-AHEAD", chunk, db, 6)
    refused("LEDGER-AHEAD", chunk, db, 0)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=4), st.integers(1, 400), st.integers(1, 2_000_000))
@settings(max_examples=10, deadline=None)
def test_a_follower_at_any_place_gets_a_chunk_within_the_limits(
    network: "Network", groups: list[int], limit_entries: int, limit_bytes: int
) -> None:
    db = network.database()
    author = network.author()
    for group in groups:
        network.hold(db, [author.unsigned() for _ in range(group)])
        network.seal(db)
    tree, signed = Frontier(), dict(store.checkpoints(db))
    roots = [tree.root()]
    for leaf in store.leaves(db, 1, sum(groups)):
        tree = tree.append(leaf)
        roots.append(tree.root())
    for first in range(1, sum(groups) + 1, 7):
        for part in (chunk(db, first), chunk(db, first, limit_entries, limit_bytes)):
            assert part is not None
            assert 1 <= len(part.entries) <= CHUNK_LIMIT_ENTRIES
            assert sum(map(len, part.entries)) <= CHUNK_LIMIT_BYTES
            assert part.checkpoint == signed[part.size]
    for size, text in signed.items():
        assert verify(text, network.relay_keys).root == roots[size]
    db.close()


def test_smaller_limits_are_kept_when_a_checkpoint_allows(network: "Network", db: sqlite3.Connection) -> None:
    author = network.author()
    for group in (200, 200, 200):
        network.hold(db, [author.unsigned() for _ in range(group)])
        network.seal(db)
    ends = [part.size for limit in (256, 250, 10) if (part := chunk(db, 101, limit)) is not None]
    assert ends == [200, 200, 200]
    ends = [part.size for first in (1, 201, 345) if (part := chunk(db, first)) is not None]
    assert ends == [200, 400, 600]
    one_entry = len(author.unsigned().encoded)
    part = chunk(db, 195, 256, 100 * one_entry)
    assert part is not None
    assert part.size == 200


def test_proofs_from_the_tables_verify_across_tiles(
    network: "Network", db: sqlite3.Connection, refused: Refused
) -> None:
    author = network.author()
    entries = [author.unsigned() for _ in range(700)]
    network.hold(db, entries)
    tree = Frontier()
    roots = [tree.root()]
    for entry in entries:
        tree = tree.append(entry.leaf)
        roots.append(tree.root())
    for size in (1, 2, 255, 256, 257, 512, 700):
        for index in {0, size // 2, size - 1}:
            path = inclusion_proof(db, index, size)
            verify_inclusion(entries[index].leaf, index, size, path, roots[size])
        for first in {1, (size + 1) // 2, size}:
            verify_consistency(first, size, roots[first], roots[size], consistency_proof(db, first, size))
    refused("LEDGER-AHEAD", inclusion_proof, db, 0, 701)
    refused("LEDGER-AHEAD", consistency_proof, db, 1, 701)
    refused("MERKLE-RANGE", inclusion_proof, db, 700, 700)
    refused("MERKLE-RANGE", consistency_proof, db, 0, 700)
