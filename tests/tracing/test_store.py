"""The tables of traces."""

import sqlite3
from collections.abc import Iterator

import msgspec
import pytest
from tests.tracing.acting import NAME, NOW_MS, begun, played

from allpoints.ground.refusal import Refusal
from allpoints.tracing import store
from allpoints.tracing.trace import Overdue, Priority, Side, Trace, TraceState, TraceView, Withdrawn

SILENT = Overdue(NAME, "XAV", 1, Priority.URGENT, TraceState.OVERDUE, NOW_MS, NOW_MS + 9, 1)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(store.SCHEMA)
    yield connection
    connection.close()


def named(trace: Trace, number: int) -> Trace:
    return msgspec.structs.replace(trace, trace=f"XCS-{number:016x}", started_ms=NOW_MS + number)


def test_a_trace_comes_back_as_it_was_put(db: sqlite3.Connection) -> None:
    asked = played([{"ask": "XAV"}], begun())
    store.put(db, Side.REQUESTER, asked)
    store.put(db, Side.REQUESTER, played([{"says": ["XAV", "no-record"]}], asked))
    view = store.read(db, NAME)
    assert view is not None
    assert (view.side, view.trace.ending) == (Side.REQUESTER, "no-record")
    assert store.read(db, "XCS-unknown") is None


def test_the_list_is_newest_first_and_can_leave_out_what_is_over(db: sqlite3.Connection) -> None:
    asked = played([{"ask": "XAV"}], begun())
    over = played([{"says": ["XAV", "no-record"]}], asked)
    answered = msgspec.structs.replace(asked, state=TraceState.ANSWERED, clock_ms=0)
    for number, (side, trace) in enumerate(
        [(Side.REQUESTER, asked), (Side.REQUESTER, over), (Side.ASKED, answered), (Side.ASKED, asked)]
    ):
        store.put(db, side, named(trace, number))
    numbers = [int(one.trace.trace[4:], 16) for one in store.list_traces(db, only_open=False)]
    assert numbers == [3, 2, 1, 0]
    numbers = [int(one.trace.trace[4:], 16) for one in store.list_traces(db, only_open=True)]
    assert numbers == [3, 0]
    assert store.waiting_count(db) == 1


def test_it_is_this_desks_turn_where_it_is_asked_or_must_decide() -> None:
    waits: dict[str, tuple[Side, list[object], bool]] = {
        "asked elsewhere": (Side.REQUESTER, [{"ask": "XAV"}], False),
        "asked itself": (Side.REQUESTER, [{"ask": "XAV"}, {"says": ["XAV", "exported", "XCS"]}], True),
        "more marks": (Side.REQUESTER, [{"ask": "XAV"}, {"says": ["XAV", "more-marks"]}], True),
        "silence": (Side.REQUESTER, [{"ask": "XAV"}, "late"], True),
        "over": (Side.REQUESTER, [{"ask": "XAV"}, {"says": ["XAV", "no-record"]}], False),
        "asked by another": (Side.ASKED, [{"ask": "XAV"}], True),
    }
    for name, (side, acts, expected) in waits.items():
        assert store.waits_here(TraceView(side, played(acts, begun()))) is expected, name


def test_a_clock_that_ran_out_is_due_until_it_is_set_again(db: sqlite3.Connection) -> None:
    asked = played([{"ask": "XAV"}], begun())
    store.put(db, Side.REQUESTER, asked)
    assert store.due(db, asked.clock_ms - 1) == []
    assert [one.trace for one in store.due(db, asked.clock_ms)] == [asked]
    store.put(db, Side.REQUESTER, played(["late"], asked))
    assert store.due(db, asked.clock_ms) == []


def test_a_withdrawal_waits_once_and_not_for_ever(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "OPEN_LIMIT", 1)
    store.keep_end(db, Withdrawn(NAME, "Solved."), "XCS", NOW_MS)
    with pytest.raises(Refusal, match="no such trace"):
        store.keep_end(db, Withdrawn("XCS-2", "Solved."), "XCS", NOW_MS)
    assert store.take_end(db, NAME) == Withdrawn(NAME, "Solved.")
    assert store.take_end(db, NAME) is None


def test_the_centre_keeps_what_says_most(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = msgspec.structs.replace(SILENT, state=TraceState.ANSWERED)
    assert store.note_overdue(db, SILENT, NOW_MS)
    assert not store.note_overdue(db, SILENT, NOW_MS)
    assert store.note_overdue(db, msgspec.structs.replace(SILENT, country="XBM"), NOW_MS)
    assert store.note_overdue(db, answered, NOW_MS)
    assert not store.note_overdue(db, SILENT, NOW_MS)
    (view,) = store.list_traces(db, only_open=True)
    assert (view.side, view.trace.state) == (Side.CENTRE, TraceState.OVERDUE)
    assert [step.country for step in view.trace.steps] == ["XAV", "XBM"]
    monkeypatch.setattr(store, "OPEN_LIMIT", 1)
    with pytest.raises(Refusal, match="Too many"):
        store.note_overdue(db, msgspec.structs.replace(SILENT, country="XDV"), NOW_MS)


def test_what_is_over_for_years_is_erased_and_what_runs_is_not(db: sqlite3.Connection) -> None:
    asked = played([{"ask": "XAV"}], begun())
    over = played([{"says": ["XAV", "no-record"]}], asked)
    store.put(db, Side.REQUESTER, named(over, 1))
    store.put(db, Side.REQUESTER, named(asked, 2))
    store.put(db, Side.ASKED, named(msgspec.structs.replace(asked, clock_ms=0), 3))
    store.forget(db, over.ended_ms + store.KEPT_MS)
    assert len(store.list_traces(db, only_open=False)) == 3
    store.forget(db, over.ended_ms + store.KEPT_MS + 10)
    assert [one.trace.trace for one in store.list_traces(db, only_open=False)] == ["XCS-0000000000000002"]
