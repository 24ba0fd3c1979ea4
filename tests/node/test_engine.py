"""The engine: one transaction for a batch, a savepoint for an item, and nothing leaves before the commit."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.surroundings import Clock, FailingConnection, FailingDisk

from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.node.engine import Engine


class Events:
    """What happened, in order: commits seen by the database, frames that left, acts done in memory."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def send(self, peer: str, frame: bytes) -> None:
        self.log.append(f"sent {frame.decode()} to {peer}")


class Counting(Engine):
    """Holds numbers on the disk and their sum in memory."""

    SCHEMAS = ("CREATE TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY);",)

    def __init__(self, disk: FolderDisk, events: Events) -> None:
        self.total = 0
        self._pending = 0
        super().__init__(disk, "node.sqlite", Clock(), events)
        self.reload()

    def add(self, number: int) -> int:
        self.db.execute("INSERT INTO numbers VALUES (?)", (number,))
        self._pending += number
        self.send("XBM", b"%d" % number)
        self.after(lambda: None)
        return self.total

    def refuse(self, number: int) -> int:
        self.add(number)
        raise Refusal("NOT-THIS", "Not this one.")

    def released(self) -> None:
        self.total, self._pending = self.total + self._pending, 0

    def undone(self) -> None:
        self._pending = 0

    def reload(self) -> None:
        self._pending = 0
        self.total = self.db.execute("SELECT coalesce(sum(n), 0) FROM numbers").fetchone()[0]

    def numbers(self) -> list[int]:
        return [row[0] for row in self.db.execute("SELECT n FROM numbers ORDER BY n")]


class Noticing(FailingDisk):
    """Says when a commit has happened."""

    def __init__(self, folder: Path, events: Events) -> None:
        super().__init__(folder)
        self.events = events

    def database(self, name: str) -> sqlite3.Connection:
        db = super().database(name)
        db.set_trace_callback(lambda sql: self.events.log.append("COMMIT") if sql == "COMMIT" else None)
        return db


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def engine(tmp_path: Path, events: Events) -> Iterator[Counting]:
    made = Counting(Noticing(tmp_path, events), events)
    events.log.clear()
    yield made
    made.close()


def failing(engine: Engine) -> FailingConnection:
    assert isinstance(engine.db, FailingConnection)
    return engine.db


def test_a_batch_is_one_commit_and_every_frame_leaves_after_it(engine: Counting, events: Events) -> None:
    assert engine.run([lambda: engine.add(1), lambda: engine.add(2)]) == [0, 1]
    assert events.log == ["COMMIT", "sent 1 to XBM", "sent 2 to XBM"]


def test_what_is_to_be_done_in_memory_is_done_after_the_commit_and_before_anything_leaves(
    engine: Counting, events: Events
) -> None:
    def work() -> None:
        engine.add(1)
        engine.after(lambda: events.log.append("done"))
        events.log.append("working")

    engine.do(work)
    assert events.log == ["working", "COMMIT", "done", "sent 1 to XBM"]


def test_an_answer_is_not_released_before_the_commit(engine: Counting, events: Events) -> None:
    events.log.append(f"answer {engine.do(lambda: engine.add(5))}")
    assert events.log[0] == "COMMIT"
    failing(engine).arm(4)
    with pytest.raises(sqlite3.OperationalError):
        events.log.append(f"answer {engine.do(lambda: engine.add(6))}")
    assert [line for line in events.log if line.startswith("answer")] == ["answer 0"]


def test_a_refused_item_leaves_no_trace_and_its_neighbours_stand(engine: Counting, events: Events) -> None:
    outcomes = engine.run([lambda: engine.add(1), lambda: engine.refuse(2), lambda: engine.add(4)])
    assert [outcomes[0], outcomes[2]] == [0, 1]
    assert isinstance(outcomes[1], Refusal)
    assert (engine.numbers(), engine.total) == ([1, 4], 5)
    assert events.log == ["COMMIT", "sent 1 to XBM", "sent 4 to XBM"]
    assert engine.refusals == {"NOT-THIS": 1}


def test_a_refusal_of_a_single_item_is_raised(engine: Counting) -> None:
    with pytest.raises(Refusal):
        engine.do(lambda: engine.refuse(2))
    assert engine.do(lambda: engine.add(2)) == 0


def test_any_other_error_undoes_the_whole_batch_and_memory_follows_the_disk(
    engine: Counting, events: Events
) -> None:
    engine.do(lambda: engine.add(1))
    events.log.clear()
    with pytest.raises(ZeroDivisionError):
        engine.run([lambda: engine.add(2), lambda: 1 // 0, lambda: engine.add(4)])
    assert (engine.numbers(), engine.total) == ([1], 1)
    assert events.log == []
    assert engine.do(lambda: engine.add(2)) == 1


ITEMS = st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=8, unique_by=lambda item: item[0])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ITEMS)
def test_any_mixture_of_good_and_refused_items_comes_out_as_if_the_refused_had_not_been_there(
    tmp_path_factory: pytest.TempPathFactory, items: list[tuple[int, bool]]
) -> None:
    events = Events()
    engine = Counting(FolderDisk(tmp_path_factory.mktemp("engine"), synchronous="OFF"), events)

    def work(number: int, good: bool) -> Callable[[], Any]:
        return (lambda: engine.add(number)) if good else (lambda: engine.refuse(number))

    outcomes = engine.run([work(*item) for item in items])
    good = [number for number, is_good in items if is_good]
    assert [isinstance(outcome, Refusal) for outcome in outcomes] == [not is_good for _, is_good in items]
    assert engine.numbers() == sorted(good)
    assert engine.total == sum(good)
    assert events.log == [f"sent {number} to XBM" for number in good]
    engine.close()


def test_whichever_statement_fails_nothing_is_half_done_and_the_next_try_succeeds(
    engine: Counting, events: Events
) -> None:
    batch = [lambda: engine.add(1), lambda: engine.refuse(2), lambda: engine.add(4)]
    met = []
    for number in range(1, 60):
        failing(engine).arm(number)
        try:
            engine.run(batch)
        except sqlite3.OperationalError:
            met.append(failing(engine).broke)
            failing(engine).arm(0)
            assert (engine.numbers(), engine.total) == ([], 0)
            assert not engine.db.in_transaction
            assert events.log == []
        else:
            break
    failing(engine).arm(0)
    assert {"BEGIN IMMEDIATE", "SAVEPOINT item", "RELEASE item", "ROLLBACK TO item", "COMMIT"} <= set(met)
    assert (engine.numbers(), engine.total) == ([1, 4], 5)
    assert events.log[-2:] == ["sent 1 to XBM", "sent 4 to XBM"]
