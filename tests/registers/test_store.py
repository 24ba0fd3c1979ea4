"""Rows in and out: many at a time, and names by their rarest word."""

import sqlite3

from allpoints.registers import store
from allpoints.registers.store import Past, Row


def row(number: int, **changes: object) -> Row:
    identity = number.to_bytes(16, "big")
    whole = Row(
        number, identity, 1, "XAV", f"AV-{number}", 1, store.VALID, 1, 1, 1, 9, "p", "h", "", "", b"c", b"b"
    )
    return whole._replace(**changes)  # type: ignore[arg-type]


def test_more_identities_than_fit_one_statement_are_all_answered(db: sqlite3.Connection) -> None:
    rows = [row(number) for number in range(1, 2_502)]
    store.put_rows(db, rows)
    ids = [one.record_id for one in reversed(rows)]
    assert store.rows_of(db, ids) == rows
    assert store.rows_at(db, [one.row for one in rows]) == rows
    assert len(store.held(db, [*ids, bytes(16)])) == len(rows)
    assert store.next_row(db) == 2_502
    assert (store.rows_of(db, []), store.rows_at(db, []), store.held(db, []), store.own(db, [])) == (
        [],
        [],
        {},
        {},
    )


def test_a_newer_version_takes_the_place_of_the_older_under_the_same_row(db: sqlite3.Connection) -> None:
    assert store.next_row(db) == 1
    store.put_rows(db, [row(1), row(2)])
    newer = row(1, version=2, body=None, status=store.WITHDRAWN)
    store.put_rows(db, [newer])
    assert store.rows_at(db, [1, 2]) == [newer, row(2)]


def test_names_are_found_by_all_their_words_from_the_newest_row_down(db: sqlite3.Connection) -> None:
    words = [(word, 2, number) for number in range(1, 50) for word in ("osric", f"family{number % 7}")]
    store.add_names(db, [*words, ("osric", 3, 99), ("family1", 3, 99), ("osric", 2, 1)])
    assert store.rows_named(db, ["osric", "family1"], (1, 2, 3), 3) == [99, 43, 36]
    assert store.rows_named(db, ["family1", "osric"], {2}, 3) == [43, 36, 29]
    assert store.rows_named(db, ["osric"], {2}, 2) == [49, 48]
    assert store.rows_named(db, ["osric", "nobody"], (1, 2, 3), 3) == []
    store.drop_names(db, [99])
    assert store.rows_named(db, ["osric"], {3}, 3) == []


def test_history_shows_the_newest_acts_oldest_first(db: sqlite3.Connection) -> None:
    acts = [Past(1, version, version, version, "put", "", "desk") for version in range(1, 6)]
    store.add_history(db, [*acts, Past(2, 1, 1, 1, "put", "", "desk")])
    assert store.history(db, 1) == acts
    assert store.history(db, 1, limit=2) == acts[3:]
