"""The insider watch of a bureau: from audit lines to alerts that overseers settle, and that nobody else can notice."""

import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.node.conftest import Make
from tests.node.federation import Federation
from tests.node.surroundings import FailingConnection, FailingDisk
from tests.node.test_failing_writes import MOST_STATEMENTS

from allpoints.border.question import Question
from allpoints.ground.clock import DAY, HOUR, MINUTE, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity import officers
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node.alerts import Alert
from allpoints.node.bureau import Bureau
from allpoints.node.watch_desk import EVERY_MS, Choice, WatchDesk
from allpoints.registers.searching import Query
from allpoints.watch.rules import Dials
from allpoints.watch.store import WatchAlert

OLGA = Asker("olga", frozenset({"overseer"}), "analyse", "DP-1")
ADA = Asker("ada", frozenset({"administrator", "desk"}), "analyse", "C-1")
ABEL = Asker("abel", frozenset({"administrator"}))
DANA = Asker("dana", frozenset({"desk"}), "analyse", "C-1")
CLEO = Asker("cleo", frozenset({"command"}), "analyse", "C-1")
STAR = Choice("Minister", name="Ysolde Fenwick")
WHY = "Asked for by the minister's own guard."


def watching(two: Federation) -> Bureau:
    bureau = two.bureau("XBM")
    bureau.audit.watch.dials = Dials()
    two.tick(SECOND)
    return bureau


@pytest.fixture
def bureau(two: Federation) -> Bureau:
    return watching(two)


@pytest.fixture
def watch(bureau: Bureau) -> WatchDesk:
    for one in (DANA, ADA, ABEL, CLEO, OLGA):
        bureau.do(lambda one=one: officers.add_officer(bureau.db, one.officer, one.roles, 1))  # type: ignore[misc]
    bureau.do(lambda: bureau.audit.watch.choose(OLGA, STAR))
    return bureau.audit.watch


def search(bureau: Bureau, asker: Asker, name: str = "Fenwick, Ysolde") -> None:
    bureau.do(lambda: bureau.records.search(asker, Query(name=name)))


def look(two: Federation) -> None:
    """Let the clock come to the next look."""
    two.tick(SECOND)
    two.tick(EVERY_MS)
    two.tick(SECOND)


def listed(watch: WatchDesk, asker: Asker = OLGA) -> list[WatchAlert]:
    found: list[WatchAlert] = watch.engine.do(lambda: watch.list_(asker)).alerts
    return found


def told(bureau: Bureau, asker: Asker) -> list[Alert]:
    found: list[Alert] = bureau.do(lambda: bureau.alerts.told_last(asker, bureau.clock.now()))
    return [one for one in found if one.kind == "watch"]


def refused(bureau: Bureau, act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        bureau.do(act)
    return caught.value.code


def test_a_question_about_somebody_protected_comes_to_overseers_and_names_nobody_who_was_asked_about(
    two: Federation, bureau: Bureau, watch: WatchDesk
) -> None:
    search(bureau, DANA, "Somebody Else")
    search(bureau, DANA)
    look(two)
    (alert,) = listed(watch)
    assert (alert.rule, alert.officer, alert.state) == ("chosen", "dana", "open")
    (line,) = [one for one in audit.walk(bureau.db) if one.number == alert.line]
    assert b"Fenwick" in line.detail
    assert "fenwick" not in repr(alert).casefold()
    for asker in (OLGA, ABEL):
        (heard,) = told(bureau, asker)
        assert (heard.title, heard.urgent) == ("Insider watch: 1 new", True)
    for asker in (DANA, CLEO):
        assert not told(bureau, asker)
        assert refused(bureau, lambda asker=asker: watch.list_(asker)) == "NOT-ALLOWED"  # type: ignore[misc]


def test_the_same_again_on_one_day_is_one_alert_and_on_the_next_another(
    two: Federation, bureau: Bureau, watch: WatchDesk
) -> None:
    for _ in range(3):
        search(bureau, DANA)
        look(two)
    assert len(listed(watch)) == 1
    two.tick(DAY)
    search(bureau, DANA)
    look(two)
    assert len(listed(watch)) == 2


def test_an_administrator_neither_sees_nor_settles_what_is_about_oneself_and_others_do(
    two: Federation, bureau: Bureau, watch: WatchDesk
) -> None:
    search(bureau, ADA)
    look(two)
    (alert,) = listed(watch, ABEL)
    assert not listed(watch, ADA)
    assert not told(bureau, ADA)
    assert len(told(bureau, ABEL)) == 1
    assert refused(bureau, lambda: watch.settle(ADA, alert.number, "dismissed", WHY)) == "UNKNOWN-ALERT"
    assert refused(bureau, lambda: watch.settle(ADA, 99, "dismissed", WHY)) == "UNKNOWN-ALERT"
    settled = bureau.do(lambda: watch.settle(ABEL, alert.number, "dismissed", WHY))
    assert (settled.state, settled.settled_by, settled.reason) == ("dismissed", "abel", WHY)


def test_an_alert_is_dismissed_with_a_reason_or_escalated_once(
    two: Federation, bureau: Bureau, watch: WatchDesk
) -> None:
    search(bureau, DANA)
    look(two)
    (alert,) = listed(watch)
    settle: Callable[[str, str], Any] = lambda verdict, why: watch.settle(OLGA, alert.number, verdict, why)  # noqa: E731
    assert refused(bureau, lambda: settle("dismissed", "  so  ")) == "REASON-NEEDED"
    assert refused(bureau, lambda: settle("forgotten", WHY)) == "WATCH-VERDICT"
    bureau.do(lambda: settle("escalated", "No such case exists."))
    newest = next(one.title for one in told(bureau, ABEL))
    assert newest == f"Insider watch: alert {alert.number} was escalated"
    assert refused(bureau, lambda: settle("escalated", WHY)) == "WATCH-VERDICT"
    bureau.do(lambda: settle("dismissed", WHY))
    assert refused(bureau, lambda: settle("dismissed", WHY)) == "WATCH-VERDICT"
    assert listed(watch)[0].state == "dismissed"


def about_the_watch(bureau: Bureau) -> list[tuple[str, str, int]]:
    """Lines about the watch as anybody may see them who reads the audit log."""
    return [
        (one.event, one.officer, len(one.detail))
        for one in audit.walk(bureau.db)
        if one.event.startswith("watch:")
    ]


def test_nobody_can_tell_from_the_audit_log_whether_something_was_found(
    two: Federation, bureau: Bureau, watch: WatchDesk
) -> None:
    before = len(about_the_watch(bureau))
    search(bureau, DANA, "Somebody Else")
    look(two)
    without = about_the_watch(bureau)[before:]
    search(bureau, DANA)
    look(two)
    found = about_the_watch(bureau)[before + 1 :]
    assert without == found
    assert [event for event, _, _ in found] == ["watch:looked"]
    assert len(listed(watch)) == 1
    bureau.do(lambda: watch.settle(OLGA, 1, "dismissed", WHY))
    attended = about_the_watch(bureau)[-2:]
    assert attended[0] == attended[1]


def test_a_node_at_rest_writes_no_lines_about_the_watch(
    two: Federation, bureau: Bureau, watch: WatchDesk
) -> None:
    del watch
    before = audit.size(bureau.db)
    for _ in range(5):
        two.tick(HOUR)
    assert audit.size(bureau.db) == before


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM office_watch_alerts",
        "UPDATE office_watch_alerts SET state = 'dismissed'",
        "UPDATE office_watch_alerts SET officer = 'abel'",
        "DELETE FROM office_watch_chosen",
    ],
)
def test_alerts_that_were_changed_behind_the_logs_back_show(
    two: Federation, bureau: Bureau, watch: WatchDesk, spoil: str
) -> None:
    search(bureau, DANA)
    look(two)
    assert bureau.do(lambda: watch.list_(OLGA)).sound
    bureau.db.execute(spoil)
    assert not bureau.do(lambda: watch.list_(OLGA)).sound


def test_a_restart_goes_on_where_the_watch_was_and_remembers_each_officers_past(two: Federation) -> None:
    bureau = watching(two)
    for day in range(12):
        for number in range(6):
            search(bureau, msgspec.structs.replace(DANA, case=f"C-{day}"), f"Person {day} {number}")
        look(two)
        two.tick(DAY - EVERY_MS - 2 * SECOND)
    assert not listed(bureau.audit.watch)
    two.restart("XBM")
    bureau = watching(two)
    for _ in range(4):
        two.tick(SECOND)
    two.tick(12 * HOUR)
    for number in range(6):
        search(bureau, DANA, f"Other {number}")
    look(two)
    assert [one.rule for one in listed(bureau.audit.watch)] == ["hour"]
    two.restart("XBM")
    bureau = watching(two)
    look(two)
    assert len(listed(bureau.audit.watch)) == 1


def test_what_was_asked_before_the_watch_began_is_a_past_and_no_finding(two: Federation) -> None:
    bureau = two.bureau("XBM")
    for number in range(15):
        search(bureau, Asker("dana", frozenset({"desk"}), "analyse"), f"Person {number}")
    two.tick(SECOND)
    watching(two)
    look(two)
    assert not listed(bureau.audit.watch)
    two.tick(DAY)
    for number in range(15):
        search(bureau, Asker("dana", frozenset({"desk"}), "analyse"), f"Other {number}")
    look(two)
    assert [one.rule for one in listed(bureau.audit.watch)] == ["no-case"]


def test_a_check_at_a_post_is_told_under_the_posts_name(posted: Federation) -> None:
    bureau = posted.bureau("XBM")
    bureau.audit.watch.dials = Dials()
    posted.tick(SECOND)
    bureau.do(lambda: bureau.audit.watch.choose(OLGA, Choice("Minister", issuer="xav", number="AB 777777")))
    posted.check_at_post(Question(number="AB777777", issuer="XAV"))
    posted.tick(SECOND)
    posted.tick(EVERY_MS + MINUTE)
    posted.tick(SECOND)
    (alert,) = listed(bureau.audit.watch)
    assert (alert.rule, alert.post) == ("chosen", "XBM/post-1")


def test_who_is_protected_is_chosen_with_care_and_kept_as_tokens(bureau: Bureau, watch: WatchDesk) -> None:
    for choice, code in (
        (Choice("x", name="A"), "WATCH-LABEL"),
        (Choice("Nobody"), "WATCH-WHOM"),
        (Choice("Both", name="A", number="1"), "WATCH-WHOM"),
        (Choice("Again", name="fenwick YSOLDE"), "WATCH-CHOSEN"),
        (Choice("Whose", name="A", officer="nobody"), "UNKNOWN-OFFICER"),
    ):
        assert refused(bureau, lambda choice=choice: watch.choose(OLGA, choice)) == code  # type: ignore[misc]
    assert refused(bureau, lambda: watch.choose(ABEL, STAR)) == "NO-PURPOSE"
    assert refused(bureau, lambda: watch.chosen(CLEO)) == "NOT-ALLOWED"
    bureau.do(lambda: watch.choose(OLGA, Choice("Own passport", issuer="XBM", number="P1", officer="ada")))
    assert [one.label for one in bureau.do(lambda: watch.chosen(OLGA))] == ["Minister", "Own passport"]
    assert [one.label for one in bureau.do(lambda: watch.chosen(ADA))] == ["Minister"]
    assert refused(bureau, lambda: watch.forget(ADA, 2)) == refused(bureau, lambda: watch.forget(ADA, 9))
    rows = repr(bureau.db.execute("SELECT * FROM office_watch_chosen").fetchall())
    assert "fenwick" not in rows.casefold()
    assert [one.label for one in bureau.do(lambda: watch.forget(OLGA, 1))] == ["Own passport"]


def test_a_choice_counts_at_once_and_no_more_once_it_is_ended(
    two: Federation, bureau: Bureau, watch: WatchDesk
) -> None:
    bureau.do(lambda: watch.choose(OLGA, Choice("Own name", name="Dana Ferris", officer="dana")))
    search(bureau, DANA, "ferris dana")
    search(bureau, CLEO, "ferris dana")
    look(two)
    assert [(one.rule, one.officer) for one in listed(watch)] == [("oneself", "dana")]
    bureau.do(lambda: watch.forget(OLGA, 2))
    two.tick(DAY)
    search(bureau, DANA, "ferris dana")
    look(two)
    assert len(listed(watch)) == 1


def test_a_disk_that_fails_at_any_statement_of_a_look_loses_no_finding_and_doubles_none(make: Make) -> None:
    two = make(disks={"XBM": FailingDisk})
    bureau = watching(two)
    bureau.do(lambda: bureau.audit.watch.choose(OLGA, STAR))
    search(bureau, DANA)
    for number in range(1, MOST_STATEMENTS):
        two.tick(SECOND)
        two.clock.now_ms += EVERY_MS
        node = two.bureau("XBM")
        db = node.db
        assert isinstance(db, FailingConnection)
        db.arm(number)
        try:
            node.run([lambda node=node: node.audit.tick(node.clock.now())])  # type: ignore[misc]
        except sqlite3.OperationalError:
            two.restart("XBM")
            watching(two)
        else:
            db.arm(0)
            break
    look(two)
    assert number > 10
    assert [one.rule for one in listed(two.bureau("XBM").audit.watch)] == ["chosen"]
    assert two.bureau("XBM").do(lambda: two.bureau("XBM").audit.watch.list_(OLGA)).sound
