"""The extract: a log whose running hash proves every byte of it, and a stamp that dates it."""

import sqlite3
from contextlib import closing
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.border import extract
from allpoints.border.extract import EXTRACT_LIFE_MS, NOTHING, Change
from allpoints.ground.clock import HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey

NOW_MS = 1_790_000_000_000
EXTENT = extract.Extent("XBM/post-1", 7, b"c" * 32, extract.key_hash(b"k" * 32))
CHANGES = st.builds(
    Change,
    st.integers(1, 9),
    st.binary(max_size=4),
    st.integers(1, 9),
    st.none() | st.binary(max_size=4),
    st.binary(max_size=4),
)


@cache
def key(name: str) -> SigningKey:
    return SigningKey.generate()


@settings(max_examples=200, deadline=None)
@given(st.lists(CHANGES, max_size=4), st.lists(CHANGES, max_size=4))
def test_two_logs_have_the_same_running_hash_only_when_they_are_the_same(
    one: list[Change], two: list[Change]
) -> None:
    assert (extract.chain_all(NOTHING, one) == extract.chain_all(NOTHING, two)) == (one == two)


@settings(max_examples=60, deadline=None)
@given(CHANGES.filter(lambda change: change.posting is not None))
def test_a_change_and_the_end_of_another_record_with_the_same_bytes_are_told_apart(change: Change) -> None:
    moved = change._replace(record_id=change.record_id + (change.posting or b""), posting=None)
    assert extract.chain(NOTHING, moved) != extract.chain(NOTHING, change)


def test_the_running_hash_can_be_taken_up_anywhere() -> None:
    changes = [Change(number, b"r", 1, b"p", b"t") for number in range(1, 6)]
    middle = extract.chain_all(NOTHING, changes[:2])
    assert extract.chain_all(middle, changes[2:]) == extract.chain_all(NOTHING, changes)


def test_a_stamp_holds_for_its_post_alone_and_for_forty_eight_hours() -> None:
    stamp = extract.stamp(EXTENT, NOW_MS, key("XBM"))
    assert stamp.expires_ms - stamp.as_of_ms == EXTRACT_LIFE_MS == 48 * HOUR
    extract.check_stamp(stamp, "XBM/post-1", key("XBM").public)
    with pytest.raises(Refusal) as caught:
        extract.check_stamp(stamp, "XBM/post-2", key("XBM").public)
    assert caught.value.code == "EXTRACT-OTHER-POST"


@pytest.mark.parametrize(
    "change",
    [
        {"post": "XBM/post-2"},
        {"number": 8},
        {"chain": b"d" * 32},
        {"key_hash": extract.key_hash(b"j" * 32)},
        {"as_of_ms": NOW_MS + 1},
        {"expires_ms": NOW_MS + 99 * HOUR},
        {"ed25519": bytes(64)},
        {"ml_dsa_65": bytes(3_309)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_stamp_with_anything_altered_is_refused(change: dict[str, object]) -> None:
    stamp = extract.stamp(EXTENT, NOW_MS, key("XBM"))
    extract.check_stamp(stamp, "XBM/post-1", key("XBM").public)
    with pytest.raises(Refusal):
        extract.check_stamp(msgspec.structs.replace(stamp, **change), "XBM/post-1", key("XBM").public)


def test_a_stamp_of_another_bureau_is_refused() -> None:
    stamp = extract.stamp(EXTENT, NOW_MS, key("XAV"))
    with pytest.raises(Refusal) as caught:
        extract.check_stamp(stamp, "XBM/post-1", key("XBM").public)
    assert caught.value.code == "BAD-SIGNATURE"


@settings(max_examples=40, deadline=None)
@given(st.lists(CHANGES, max_size=20), st.integers(0, 20), st.integers(1, 5))
def test_a_stored_log_is_read_back_in_order_and_in_parts(
    changes: list[Change], after: int, limit: int
) -> None:
    numbered = [change._replace(number=number) for number, change in enumerate(changes, 1)]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(extract.SCHEMA.format(table="a_log"))
        extract.add(db, "a_log", numbered)
        assert extract.last_number(db, "a_log") == len(numbered)
        assert list(extract.read_all(db, "a_log")) == numbered
        assert extract.read(db, "a_log", after, limit) == numbered[after : after + limit]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(min_size=16, max_size=16), max_size=6))
def test_joined_tokens_come_apart_as_they_were(tokens: list[bytes]) -> None:
    assert extract.split_tokens(b"".join(tokens)) == tokens
