"""Alerts: written with what they tell of, read from anywhere on, and waking whoever watches after the commit."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from tests.node.federation import Federation
from tests.node.samples import ASKS_PASSPORT

from allpoints.ground.refusal import Refusal
from allpoints.node import alerts
from allpoints.node.alerts import SCHEMA, Alerts


class Later:
    """Acts that wait for a commit."""

    def __init__(self) -> None:
        self.acts: list[Callable[[], None]] = []

    def commit(self) -> None:
        while self.acts:
            self.acts.pop(0)()


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    yield connection
    connection.close()


def test_alerts_are_read_newest_first_or_from_a_place_on(db: sqlite3.Connection) -> None:
    feed = Alerts(db, Later().acts.append)
    for number in range(5):
        feed.raise_(number, "hit", f"Hit {number}", "/en/hits", urgent=number == 4)
    assert [one.title for one in feed.recent(2)] == ["Hit 4", "Hit 3"]
    assert [one.id for one in feed.since(2)] == [3, 4, 5]
    assert [one.id for one in feed.since(2, limit=1)] == [3]
    assert [one.urgent for one in feed.recent(2)] == [True, False]


def test_watchers_wake_after_the_commit_and_may_leave_while_they_are_woken(db: sqlite3.Connection) -> None:
    later, woken = Later(), []
    feed = Alerts(db, later.acts.append)

    def once() -> None:
        woken.append("once")
        feed.watchers.discard(once)

    feed.watchers |= {once, lambda: woken.append("always")}
    feed.raise_(1, "hit", "Hit", "/")
    assert woken == []
    later.commit()
    feed.raise_(2, "hit", "Hit", "/")
    later.commit()
    assert sorted(woken) == ["always", "always", "once"]


def test_the_oldest_alerts_give_way(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "KEPT", 3)
    feed = Alerts(db, Later().acts.append)
    for number in range(5):
        feed.raise_(number, "hit", f"Hit {number}", "/")
    assert [one.title for one in feed.since(0)] == ["Hit 2", "Hit 3", "Hit 4"]


def test_nobody_is_woken_by_an_item_that_was_refused(two: Federation) -> None:
    two.enter()
    bureau, woken = two.bureau("XBM"), []
    bureau.alerts.watchers.add(lambda: woken.append(1))

    def refused() -> None:
        bureau.alerts.raise_(1, "hit", "never", "/")
        raise Refusal("NO", "No.")

    bureau.run([refused])
    assert (woken, [one.title for one in bureau.alerts.recent() if one.title == "never"]) == ([], [])
    two.check("XBM", ASKS_PASSPORT)
    assert woken
