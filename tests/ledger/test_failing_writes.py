"""The disk fails at the n-th statement, for every n: after a rollback nothing has changed and the next try succeeds."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from allpoints.ledger import store
from allpoints.ledger.entry import Entry
from allpoints.ledger.following import accept
from allpoints.ledger.serving import chunk
from allpoints.ledger.stub import Item

if TYPE_CHECKING:
    from tests.ledger.conftest import FailingConnection, Network

Contents = Callable[[sqlite3.Connection], list[list[Any]]]
MOST_STATEMENTS = 200


def fails_at_each(
    db: "FailingConnection", act: Callable[[], object], contents: Contents
) -> Iterator[tuple[int, bool]]:
    """Run ``act`` in a transaction with a failure at statement 1, 2, 3 … until it meets none."""
    for number in range(1, MOST_STATEMENTS):
        before = contents(db)
        db.execute("BEGIN IMMEDIATE")
        db.arm(number)
        try:
            act()
        except sqlite3.OperationalError:
            db.arm(0)
            db.execute("ROLLBACK")
            assert contents(db) == before
            yield number, False
        else:
            db.arm(0)
            db.execute("COMMIT")
            yield number, True
            return
    pytest.fail(f"still failing after {MOST_STATEMENTS} statements")


def test_appending_and_sealing_survive_a_failure_at_every_statement(
    network: "Network", history: list[Entry], contents: Contents
) -> None:
    with closing(network.database()) as db, closing(network.database()) as steady:
        network.append(db, history[:3])
        outcomes = list(fails_at_each(db, lambda: network.append(db, history[3:6]), contents))
        assert outcomes[-1][1]
        assert len(outcomes) > 20
        network.append(steady, history[:3])
        network.append(steady, history[3:6])
        tables = ("ledger_entries", "ledger_heads", "ledger_nodes")
        for table in tables:
            query = f"SELECT * FROM {table}"
            assert db.execute(query).fetchall() == steady.execute(query).fetchall()
        assert store.frontier(db) == store.frontier(steady)


def test_following_survives_a_failure_at_every_statement(
    network: "Network", history: list[Entry], contents: Contents
) -> None:
    with closing(network.database()) as relay, closing(network.database()) as db:
        network.append(relay, history[:3])
        parts = [chunk(relay, 1)]
        network.append(relay, history[3:6])
        parts.append(chunk(relay, 4))

        def take(place: int) -> list[Item]:
            part = parts[place]
            assert part is not None
            return accept(
                db, part.first_seq, part.entries, part.checkpoint, network.relay_keys, network.author_key
            )

        take(0)
        outcomes = list(fails_at_each(db, lambda: take(1), contents))
        assert outcomes[-1][1]
        assert len(outcomes) > 10
        assert contents(db) == contents(relay)


def test_a_failure_at_a_full_tile_loses_nothing(network: "Network", contents: Contents) -> None:
    author = network.author()
    entries = [author.unsigned() for _ in range(256)]
    with closing(network.database()) as db:
        network.hold(db, entries[:255])
        outcomes = list(fails_at_each(db, lambda: network.hold(db, entries[255:]), contents))
        assert outcomes[-1][1]
        assert (store.size(db), store.count_nodes(db)) == (256, 1)
