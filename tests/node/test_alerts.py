"""Alerts: written with what they tell of, read from anywhere on, and waking whoever watches after the commit."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT, PURPOSE, RED, vocabulary

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.messages.letter import Draft
from allpoints.node import alerts
from allpoints.node.alerts import SCHEMA, Alerts

WORDS = vocabulary()
CLOSED, ALSO_CLOSED = "ballistics", "dna-profiles"
DESK = Asker("dora", frozenset({"desk"}), PURPOSE, "C-1")
NOSY = Asker("nils", frozenset({"desk"}))


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
    connection.executescript(SCHEMA + audit.SCHEMA)
    yield connection
    connection.close()


def test_alerts_are_read_newest_first_or_from_a_place_on(db: sqlite3.Connection) -> None:
    feed = Alerts(db, Later().acts.append, WORDS)
    for number in range(5):
        feed.raise_(number, "hit", f"Hit {number}", "/en/hits", urgent=number == 4)
    assert [one.title for one in feed.recent(2)] == ["Hit 4", "Hit 3"]
    assert [one.urgent for one in feed.recent(2)] == [True, False]
    seen = feed.recent(3)[-1].id
    assert [one.title for one in feed.told(DESK, seen, 9)] == ["Hit 3", "Hit 4"]
    assert [one.title for one in feed.told(DESK, seen, 9, limit=1)] == ["Hit 3"]
    assert [one.title for one in feed.told_last(DESK, 9, 2)] == ["Hit 4", "Hit 3"]
    assert feed.told(DESK, feed.newest(), 9) == []


def test_an_alert_about_a_closed_register_is_told_to_the_certified_alone(db: sqlite3.Connection) -> None:
    feed = Alerts(db, Later().acts.append, WORDS)
    for number, closed in enumerate(("", CLOSED, ALSO_CLOSED, "", CLOSED)):
        feed.raise_(number, "record", f"Alert {number}", "/", closed=closed)

    def told(*certified: str, role: str = "desk") -> str:
        asker = Asker("anna", frozenset({role}), PURPOSE, certified=frozenset(certified))
        oldest_first = [one.title[-1] for one in feed.told(asker, 0, 9)]
        assert [one.title[-1] for one in feed.told_last(asker, 9, 50)] == oldest_first[::-1]
        return "".join(oldest_first)

    assert told() == "03"
    assert told(CLOSED) == "0134"
    assert told(ALSO_CLOSED, "gone") == "023"
    assert told(CLOSED, ALSO_CLOSED) == "01234"
    assert told(CLOSED, role="border") == ""
    assert [one.title for one in feed.recent()] == ["Alert 3", "Alert 0"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("", CLOSED, ALSO_CLOSED)), st.integers(-5, 2**62)), max_size=30))
def test_numbers_grow_and_the_uncertified_are_told_the_same_whatever_else_there_is(
    raised: list[tuple[str, int]],
) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    for schema in (SCHEMA, audit.SCHEMA):
        db.executescript(schema)
    feed = Alerts(db, Later().acts.append, WORDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alerts, "KEPT", 4)
        for number, (closed, at_ms) in enumerate(raised):
            before = feed.newest()
            feed.raise_(at_ms, "record", f"{number}", "/", closed=closed)
            assert before < feed.newest() < 2**53
    opened = [str(number) for number, (closed, _) in enumerate(raised) if not closed]
    assert [one.title for one in feed.told(DESK, 0, 9)] == opened[-4:]
    db.close()


def test_watchers_wake_after_the_commit_and_may_leave_while_they_are_woken(db: sqlite3.Connection) -> None:
    later, woken = Later(), []
    feed = Alerts(db, later.acts.append, WORDS)

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
    feed = Alerts(db, Later().acts.append, WORDS)
    for number in range(5):
        feed.raise_(number, "hit", f"Hit {number}", "/")
    assert [one.title for one in feed.told(DESK, 0, 9)] == ["Hit 2", "Hit 3", "Hit 4"]
    assert db.execute("SELECT count(*) FROM office_alert_heads").fetchone() == (3,)


def test_what_an_alert_is_about_is_told_for_a_purpose_only(db: sqlite3.Connection) -> None:
    feed = Alerts(db, Later().acts.append, WORDS)
    feed.raise_(1, "hit", "Hit on our record", "/en/hits/1", about="Passport AB123456")
    feed.raise_(2, "system", "The line is down", "/en/state")
    curious = Asker("nils", frozenset({"desk"}), "curiosity")
    for asker, title in (
        (NOSY, "Hit on our record"),
        (curious, "Hit on our record"),
        (DESK, "Hit on our record: Passport AB123456"),
    ):
        assert [one.title for one in feed.told(asker, 0, 3)] == [title, "The line is down"]
        assert [one.title for one in feed.told_last(asker, 3)] == ["The line is down", title]
    assert [line.event for line in audit.lines(db)] == ["alert:listed"] * 6
    assert [one.title for one in feed.told(Asker("ada", frozenset({"administrator"}), PURPOSE), 0, 3)] == [
        "The line is down"
    ]


def test_an_alert_from_before_heads_were_kept_says_its_kind_alone(db: sqlite3.Connection) -> None:
    feed = Alerts(db, Later().acts.append, WORDS)
    feed.raise_(1, "hit", "Hit on our record", "/en/hits/1", about="Passport AB123456")
    db.execute("DELETE FROM office_alert_heads")
    assert [one.title for one in feed.told(NOSY, 0, 2)] == ["hit"]
    assert [one.title for one in feed.told(DESK, 0, 2)] == ["Hit on our record: Passport AB123456"]


def test_what_the_parts_say_before_a_purpose_names_owner_and_state_and_nobody(two: Federation) -> None:
    two.enter()
    two.check("XBM", ASKS_PASSPORT)
    owner, other = two.bureau("XAV"), two.bureau("XBM")
    owner.do(lambda: owner.letters.send(ANNA, Draft(("XBM",), "About Bellweather", "t")))
    owner.do(lambda: owner.notices.submit(ANNA, "red", RED, owner_ref="A-77"))
    two.pump()

    def heads(member: str, asker: Asker = NOSY) -> set[str]:
        node = two.bureau(member)
        return {one.title for one in node.do(lambda: node.alerts.told(asker, 0, two.clock.now()))}

    assert heads("XAV") == {"Hit on our record at XBM"}
    assert heads("XBM") == {"Hit on a record of XAV at XBM", "Message from XAV"}
    assert heads("XBM", DESK) == {
        f"Hit on a record of XAV at XBM: {other.hits.list_(ANNA)[0].hit.caption}",
        "Message from XAV: About Bellweather",
    }
    reviewer = Asker("rita", frozenset({"reviewer"}))
    assert heads("XSC", reviewer) == {"XAV submits a red notice"}


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
