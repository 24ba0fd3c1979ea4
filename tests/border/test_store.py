"""Checks kept for late hits, hits with their events, and remembered false hits."""

import sqlite3
from contextlib import closing
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.border import store
from allpoints.border.hit import Hit, HitAnswer, HitState, hit_id, may_become
from allpoints.border.store import LATE_WINDOW_MS, KeptCheck
from allpoints.ground.clock import HOUR

NOW_MS = 1_790_000_000_000


def hit(check: str = "c1", record: str = "aa", **changes: Any) -> Hit:
    made = Hit(
        hit=hit_id(check, record),
        check=check,
        record=record,
        version=1,
        register="travel-documents",
        verdict="document",
        owner="XAV",
        searcher="XBM",
        post="XBM/post-1",
        reference="XAV r1",
        caption="Passport AB123456",
        asked="XAV AB123456",
        reason="Issuing country and number are the same.",
        checked_ms=NOW_MS,
        raised_ms=NOW_MS,
        deadline_ms=NOW_MS + 1_000,
    )
    return msgspec.structs.replace(made, **changes)


def answer(state: HitState, one: Hit, by: str = "XAV") -> HitAnswer:
    return HitAnswer(one.hit, state, "Compared.", by, NOW_MS + 5)


def state_of(db: sqlite3.Connection, one: Hit) -> HitState:
    view = store.read_hit(db, one.hit)
    assert view is not None
    return view.state


def kept(check: str, at_ms: int) -> KeptCheck:
    return KeptCheck(check, at_ms, "XBM/post-1", "clear", "{}", b"pair")


def test_a_check_is_kept_once_however_often_it_is_told(db: sqlite3.Connection) -> None:
    assert store.keep_check(db, kept("c1", NOW_MS), [b"t1", b"t1", b"t2"])
    assert not store.keep_check(db, kept("c1", NOW_MS + 9), [b"t3"])
    assert store.kept_check(db, "c1") == kept("c1", NOW_MS)
    assert store.kept_check(db, "c2") is None
    assert store.earlier_checks(db, [b"t3"], 0) == []


def test_an_earlier_check_is_found_by_what_it_asked_within_the_window_only(db: sqlite3.Connection) -> None:
    assert LATE_WINDOW_MS == 72 * HOUR
    since = NOW_MS - LATE_WINDOW_MS
    store.keep_check(db, kept("old", since - 1), [b"t1"])
    store.keep_check(db, kept("edge", since), [b"t1"])
    store.keep_check(db, kept("new", NOW_MS), [b"t1", b"t2"])
    assert [(one.check, token) for one, token in store.earlier_checks(db, [b"t1"], since)] == [
        ("edge", b"t1"),
        ("new", b"t1"),
    ]
    assert [one.check for one, _ in store.earlier_checks(db, [b"t2"], since)] == ["new"]
    assert store.earlier_checks(db, [], since) == []
    assert store.any_checks(db, NOW_MS)
    assert not store.any_checks(db, NOW_MS + 1)


def test_checks_out_of_the_window_are_forgotten_with_everything_they_asked(db: sqlite3.Connection) -> None:
    store.keep_check(db, kept("old", NOW_MS - 1), [b"t1"])
    store.keep_check(db, kept("new", NOW_MS), [b"t1"])
    assert store.forget_checks(db, NOW_MS) == 1
    assert [one.check for one, _ in store.earlier_checks(db, [b"t1"], 0)] == ["new"]
    assert store.kept_check(db, "old") is None


def test_a_hit_is_raised_once_and_notified_once(db: sqlite3.Connection) -> None:
    one = hit()
    assert store.add_hit(db, one, "searcher", NOW_MS)
    assert not store.add_hit(db, one, "owner", NOW_MS)
    assert store.notify(db, one.hit, "XAV", NOW_MS + 1)
    assert not store.notify(db, one.hit, "XAV", NOW_MS + 2)
    view = store.read_hit(db, one.hit)
    assert view is not None
    assert (view.hit, view.side, view.state) == (one, "searcher", HitState.NOTIFIED)
    assert [event for _, event, _ in view.events] == ["raised", "notified"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([one for one in HitState if one is not HitState.RAISED]), max_size=8))
def test_a_stored_hit_follows_the_table_of_transitions_and_nothing_else(events: list[HitState]) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(store.SCHEMA)
        one, model, moves = hit(), HitState.RAISED, 1
        store.add_hit(db, one, "searcher", NOW_MS)
        for then in events:
            if may_become(model, then):
                model, moves = then, moves + 1
            _drive(db, one, then)
            assert state_of(db, one) is model
        view = store.read_hit(db, one.hit)
        assert view is not None
        assert len(view.events) == moves
        assert (view.answer is not None) == (model in {HitState.CONFIRMED, HitState.REFUTED})


def _drive(db: sqlite3.Connection, one: Hit, then: HitState) -> None:
    if then is HitState.NOTIFIED:
        store.notify(db, one.hit, "XAV", NOW_MS)
    elif then is HitState.EXPIRED:
        store.overdue(db, one.deadline_ms + 1)
    else:
        store.settle(db, answer(then, one), NOW_MS)


def test_an_answer_that_overtakes_its_hit_waits_for_it(db: sqlite3.Connection) -> None:
    one = hit()
    assert not store.settle(db, answer(HitState.CONFIRMED, one), NOW_MS)
    store.add_hit(db, one, "centre", NOW_MS)
    assert state_of(db, one) is HitState.CONFIRMED
    assert db.execute("SELECT count(*) FROM office_early_answers").fetchone() == (0,)


def test_an_answer_that_overtakes_its_hit_counts_only_when_it_is_the_owners(db: sqlite3.Connection) -> None:
    one = hit()
    store.settle(db, answer(HitState.REFUTED, one, by="XCS"), NOW_MS)
    store.add_hit(db, one, "centre", NOW_MS)
    assert state_of(db, one) is HitState.RAISED


def test_an_answer_of_somebody_else_does_not_keep_the_owners_out(db: sqlite3.Connection) -> None:
    one = hit()
    store.settle(db, answer(HitState.REFUTED, one, by="XCS"), NOW_MS)
    store.settle(db, answer(HitState.CONFIRMED, one), NOW_MS)
    store.add_hit(db, one, "centre", NOW_MS)
    assert state_of(db, one) is HitState.CONFIRMED


def test_a_clock_runs_out_only_after_its_last_millisecond_and_only_while_nobody_answered(
    db: sqlite3.Connection,
) -> None:
    waiting, done = hit("c1"), hit("c2")
    store.add_hit(db, waiting, "searcher", NOW_MS)
    store.add_hit(db, done, "searcher", NOW_MS)
    store.settle(db, answer(HitState.CONFIRMED, done), NOW_MS)
    assert store.overdue(db, waiting.deadline_ms) == []
    assert [view.hit for view in store.overdue(db, waiting.deadline_ms + 1)] == [waiting]
    assert store.overdue(db, waiting.deadline_ms + 2) == []


def test_open_hits_are_those_without_an_answer_newest_first(db: sqlite3.Connection) -> None:
    hits = [hit(f"c{number}", raised_ms=NOW_MS + number) for number in range(4)]
    for one in hits:
        store.add_hit(db, one, "searcher", NOW_MS)
    store.settle(db, answer(HitState.REFUTED, hits[1]), NOW_MS)
    store.notify(db, hits[2].hit, "XAV", NOW_MS)
    assert [view.hit.check for view in store.list_hits(db)] == ["c3", "c2", "c1", "c0"]
    assert [view.hit.check for view in store.list_hits(db, only_open=True)] == ["c3", "c2", "c0"]
    assert len(store.list_hits(db, limit=2)) == 2


DISMISSALS = st.lists(
    st.tuples(st.sampled_from([b"p1", b"p2"]), st.sampled_from([b"r1", b"r2"]), st.integers(1, 4)), max_size=8
)


@settings(max_examples=80, deadline=None)
@given(DISMISSALS, st.sampled_from([b"p1", b"p2"]), st.sampled_from([b"r1", b"r2"]), st.integers(1, 5))
def test_a_false_hit_is_remembered_for_its_traveller_its_record_and_no_later_version(
    remembered: list[tuple[bytes, bytes, int]], pair: bytes, record: bytes, version: int
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(store.SCHEMA)
        for one in remembered:
            store.dismiss(db, *one, NOW_MS)
        expected = any(one[:2] == (pair, record) and one[2] >= version for one in remembered)
        assert store.is_dismissed(db, pair, record, version) == expected
        highest = {one[:2]: one[2] for one in sorted(remembered, key=lambda one: one[2])}
        assert {(a, b): c for a, b, c in store.dismissals(db)} == highest


def test_a_hit_that_nobody_knows_is_not_there(db: sqlite3.Connection) -> None:
    assert store.read_hit(db, "nothing") is None
    assert not store.notify(db, "nothing", "XAV", NOW_MS)


@pytest.mark.parametrize("state", [HitState.CONFIRMED, HitState.REFUTED])
def test_an_answer_of_an_expired_hit_is_still_taken(db: sqlite3.Connection, state: HitState) -> None:
    one = hit()
    store.add_hit(db, one, "searcher", NOW_MS)
    store.overdue(db, one.deadline_ms + 1)
    assert store.settle(db, answer(state, one), NOW_MS)
    assert state_of(db, one) is state
