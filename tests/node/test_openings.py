"""Owners ask a member how often their records were opened there: answered by mail, under a head that the ledger holds."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import NOW_MS, PERSON, keys

from allpoints.ground.clock import DAY, HOUR, MINUTE, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import membership
from allpoints.node.openings import A_DAY, ANSWERED, ASKED
from allpoints.watch import opening, opening_store
from allpoints.watch.opening import LABEL, Answer, Cell, Question, Signed, Tally
from allpoints.watch.opening_view import Asking, OpeningsView

TODAY = NOW_MS // DAY
OLGA = Asker("olga", frozenset({"overseer"}), "analyse", "DP-1")
PERSONS = Asking("XBM", "persons", TODAY, TODAY + 2)


def desk(number: int, purpose: str = "locate") -> Asker:
    return Asker(f"officer{number}", frozenset({"desk"}), purpose, "C-1")


@pytest.fixture
def two_persons(two: Federation) -> tuple[Federation, list[str]]:
    """Two persons of Arvandia's and one of Belmora's, known to both."""
    records = [two.enter("XAV", PERSON, register="persons", source_ref=f"P-{one}") for one in (1, 2)]
    records.append(two.enter("XBM", PERSON, register="persons", source_ref="P-1"))
    two.tick(SECOND)
    return two, records


def opens(two: Federation, record: str, times: int, officers: int = 4, purpose: str = "locate") -> None:
    bureau = two.bureau("XBM")
    for one in range(times):
        bureau.do(lambda one=one: bureau.records.read(desk(one % officers, purpose), bytes.fromhex(record)))  # type: ignore[misc]


def ask(two: Federation, asking: Asking = PERSONS, by: str = "XAV") -> OpeningsView:
    bureau = two.bureau(by)
    asked: OpeningsView = bureau.do(lambda: bureau.audit.openings.ask(OLGA, asking))
    return asked


def settle(two: Federation) -> None:
    """Long enough for a head to be anchored and for mail to go both ways."""
    for pause_ms in (SECOND, SECOND, 10 * MINUTE, SECOND, SECOND, SECOND):
        two.tick(pause_ms)


def answers(two: Federation, by: str = "XAV") -> list[OpeningsView]:
    bureau = two.bureau(by)
    found: list[OpeningsView] = bureau.do(lambda: bureau.audit.openings.list_(OLGA))
    return found


def refused(two: Federation, act: Callable[[], Any], by: str = "XAV") -> str:
    with pytest.raises(Refusal) as caught:
        two.bureau(by).do(act)
    return caught.value.code


def events(two: Federation, name: str) -> list[str]:
    return [one.event for one in audit.walk(two.bureau(name).db) if one.event.startswith("openings:")]


def test_an_owner_is_told_how_often_on_which_days_and_why_and_not_by_whom(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, (first, second, other) = two_persons
    opens(two, first, 6)
    opens(two, second, 2, purpose="analyse")
    opens(two, other, 9)
    settle(two)
    ask(two)
    assert [one.state for one in answers(two)] == ["waiting"]
    settle(two)
    (told,) = answers(two)
    assert told.state == "answered"
    assert told.cells == (Cell(TODAY, "analyse", "few", 0), Cell(TODAY, "locate", "exact", 6))
    head = two.bureau("XAV").audit.anchors.latest("XBM")
    assert head is not None
    assert told.size <= head.size
    assert told.anchored_ms >= NOW_MS
    assert "officer" not in repr(told.cells)
    assert events(two, "XAV")[:2] == ["openings:asked", "openings:listed"]
    assert events(two, "XAV").count("openings:heard") == 1
    assert events(two, "XBM") == ["openings:answered"]


def test_a_question_about_references_counts_the_askers_own_records_whatever_it_names(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, (first, second, other) = two_persons
    opens(two, first, 5)
    opens(two, second, 7)
    opens(two, other, 9)
    settle(two)
    ask(two, msgspec.structs.replace(PERSONS, refs=("P-1", "P-1", other, first)))
    settle(two)
    (told,) = answers(two)
    assert told.refs == tuple(sorted({"P-1", other, first}))
    assert told.cells == (Cell(TODAY, "locate", "exact", 5),)


def test_who_may_not_ask_and_what_is_not_told_are_refused(two: Federation) -> None:
    openings = two.bureau("XAV").audit.openings
    for asker, code in (
        (Asker("cleo", frozenset({"command"}), "analyse"), "NOT-ALLOWED"),
        (Asker("olga", frozenset({"overseer"})), "NO-PURPOSE"),
    ):
        assert refused(two, partial(openings.ask, asker, PERSONS)) == code
        assert refused(two, partial(openings.list_, asker)) == code
    for asking, code in (
        (Asking("XBM", "ballistics", TODAY, TODAY + 1), "OPENINGS-NOT-TOLD"),
        (Asking("XBM", "no-such", TODAY, TODAY + 1), "OPENINGS-NOT-TOLD"),
        (Asking("XAV", "persons", TODAY, TODAY + 1), "UNKNOWN-MEMBER"),
        (Asking("XZZ", "persons", TODAY, TODAY + 1), "UNKNOWN-MEMBER"),
        (Asking("XBM", "persons", TODAY, TODAY), "OPENINGS-DAYS"),
        (Asking("XBM", "persons", TODAY, TODAY + 200), "OPENINGS-DAYS"),
        (Asking("XBM", "persons", TODAY, TODAY + 1, ("",)), "OPENINGS-FORMAT"),
    ):
        assert refused(two, partial(openings.ask, OLGA, asking)) == code
    assert not events(two, "XAV")
    assert ask(two).state == "waiting"


def mailed(two: Federation, question: Question, by: str = "XAV", to: str = "XBM") -> None:
    """A member that does not keep to its own limits asks."""
    sender = two.bureau(by)
    sender.do(lambda: sender.mail.send(ASKED, [to], opening.encode(question)))
    two.pump()


def question(number: int, **changes: Any) -> Question:
    plain = Question(number.to_bytes(16, "big"), "persons", (), TODAY, TODAY + 2)
    return msgspec.structs.replace(plain, **changes)


def told_rows(two: Federation) -> list[tuple[str, int]]:
    return two.bureau("XBM").db.execute("SELECT member, answered FROM office_openings_told").fetchall()


def test_who_asks_too_often_is_told_so_once_and_then_not_heard(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, _ = two_persons
    openings = two.bureau("XAV").audit.openings
    for _ in range(A_DAY):
        ask(two)
    assert refused(two, partial(openings.ask, OLGA, PERSONS)) == "OPENINGS-TOO-OFTEN"
    two.pump()
    for number in range(1, 5):
        mailed(two, question(number))
    settle(two)
    assert len(told_rows(two)) == A_DAY + 1
    assert events(two, "XBM").count("openings:answered") == A_DAY + 1
    assert two.bureau("XBM").refusals["OPENINGS-TOO-OFTEN"] == 3
    assert [one.state for one in answers(two)] == ["answered"] * A_DAY
    two.tick(DAY)
    two.tick(SECOND)
    ask(two)
    settle(two)
    assert len(told_rows(two)) == A_DAY + 2


def test_a_question_that_is_replayed_is_not_answered_again(two_persons: tuple[Federation, list[str]]) -> None:
    two, _ = two_persons
    asked = ask(two)
    two.pump()
    row = opening_store.asked(two.bureau("XAV").db, bytes.fromhex(asked.id))
    assert row is not None
    mailed(two, opening.read_question(row.question))
    mailed(two, opening.read_question(row.question), by="XSC")
    settle(two)
    assert two.bureau("XBM").refusals["OPENINGS-AGAIN"] == 2
    assert events(two, "XBM") == ["openings:answered"]


def test_a_register_that_gives_no_answers_and_one_that_is_not_there_are_refused_alike(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, _ = two_persons
    mailed(two, question(1, register="ballistics"))
    mailed(two, question(2, register="no-such-register"))
    said = [one.detail for one in audit.walk(two.bureau("XBM").db) if one.event == "openings:answered"]
    assert [b"OPENINGS-NOT-TOLD" in one for one in said] == [True, True]


def test_a_suspended_member_gets_no_answer_not_even_to_what_it_asked_before(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, (first, _, _) = two_persons
    opens(two, first, 6)
    ask(two)
    two.disconnect("XBM")
    two.pump()
    two.suspend("XAV")
    two.connect("XBM")
    settle(two)
    assert "openings:answered" not in events(two, "XBM")
    assert refused(two, partial(two.bureau("XAV").audit.openings.ask, OLGA, PERSONS)).startswith("MEMBER-")


def forged(two: Federation, change: Callable[[Answer], Answer], signer: str = "XBM", by: str = "XBM") -> str:
    """Belmora answers with something else than is true; gives how the question stands then."""
    asked = ask(two)
    bureau = two.bureau("XBM")
    bureau.mail.handlers[ASKED] = lambda _opened, _sender: None
    two.pump()
    row = opening_store.asked(two.bureau("XAV").db, bytes.fromhex(asked.id))
    assert row is not None
    held = bureau.audit.anchors.latest("XBM")
    assert held is not None
    head = (held.log, held.generation, held.size, held.root, held.seq)
    true = Answer(opening.read_question(row.question).hash(), "XBM", "XAV", *head, False, ())
    said = opening.encode(change(true))
    signature = keys(signer)[0].sign(LABEL, said).to_bytes()
    body = opening.encode(Signed(row.id, said, signature))
    sender = two.bureau(by)
    sender.do(lambda: sender.mail.send(ANSWERED, ["XAV"], body))
    two.pump()
    two.tick(SECOND)
    return next(one.state for one in answers(two) if one.id == asked.id)


@pytest.mark.parametrize(
    ("changes", "alerted"),
    [
        ({"asked": bytes(32)}, False),
        ({"by": "XCS"}, False),
        ({"to": "XSC"}, False),
        ({"cells": (Cell(TODAY - 1, "locate", "few", 0),)}, False),
        ({"root": bytes(32)}, True),
        ({"size": 1}, True),
        ({"generation": 2}, True),
        ({"entry": 1}, True),
        ({"log": "XSC"}, True),
    ],
)
def test_an_answer_to_another_question_or_under_another_head_is_not_taken_and_the_true_one_is(
    two_persons: tuple[Federation, list[str]], changes: dict[str, Any], alerted: bool
) -> None:
    two, (first, _, _) = two_persons
    opens(two, first, 6)
    settle(two)
    assert forged(two, lambda true: msgspec.structs.replace(true, **changes)) == "waiting"
    alerts = (
        two.bureau("XAV").db.execute("SELECT count(*) FROM office_alerts WHERE kind='anchor'").fetchone()[0]
    )
    assert alerts == int(alerted)
    assert forged(two, lambda true: true) == "answered"


def test_an_answer_of_another_member_or_by_another_key_is_not_taken(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, _ = two_persons
    settle(two)
    assert forged(two, lambda true: true, signer="XSC") == "waiting"
    assert forged(two, lambda true: true, by="XSC") == "waiting"
    assert forged(two, lambda true: true) == "answered"


def test_an_answer_under_a_head_that_is_older_than_the_question_is_not_taken(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, (first, _, _) = two_persons
    settle(two)
    old = two.bureau("XBM").audit.anchors.latest("XBM")
    assert old is not None
    opens(two, first, 6)
    settle(two)
    older = {"size": old.size, "root": old.root, "entry": old.seq}
    assert forged(two, lambda true: msgspec.structs.replace(true, **older)) == "waiting"


def test_an_answer_that_comes_before_its_head_waits_for_it(two_persons: tuple[Federation, list[str]]) -> None:
    two, _ = two_persons
    settle(two)
    far = {"entry": two.relay.size + 1}
    assert forged(two, lambda true: msgspec.structs.replace(true, **far)) == "waiting"
    (row,) = opening_store.unsettled(two.bureau("XAV").db)
    assert row.heard_ms == 0


def test_what_is_no_head_at_the_place_that_an_answer_names_stops_no_clock(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, _ = two_persons
    settle(two)
    place = two.relay.size + 2  # An anchor comes in between.
    assert forged(two, lambda true: msgspec.structs.replace(true, entry=place)) == "waiting"
    bureau = two.bureau("XBM")
    bureau.do(lambda: bureau.audience.outbox.write_clear(membership.ANCHORED, b"no heads"))
    two.pump()
    assert two.relay.size == place
    two.tick(SECOND)
    db = two.bureau("XAV").db
    assert db.execute("SELECT count(*) FROM office_alerts WHERE kind='anchor'").fetchone()[0] == 1
    refusals = two.bureau("XAV").refusals
    once = refusals["BODY-UNREADABLE"]
    two.tick(SECOND)
    assert refusals["BODY-UNREADABLE"] == once
    assert forged(two, lambda true: true) == "answered"


def test_a_number_that_was_lied_about_contradicts_the_lines_under_its_head(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, (first, _, _) = two_persons
    opens(two, first, 6)
    settle(two)
    assert forged(two, lambda true: true) == "answered"
    (told,) = answers(two)
    assert told.cells == ()
    lines = [one for one in audit.walk(two.bureau("XBM").db) if one.number <= told.size]
    row = opening_store.asked(two.bureau("XAV").db, bytes.fromhex(told.id))
    assert row is not None
    tally = Tally(opening.read_question(row.question), bytes.fromhex(first).__eq__)
    tally.take(lines)
    assert tally.cells() == (Cell(TODAY, "locate", "exact", 6),)


def test_a_node_that_is_restarted_answers_what_waited_and_only_once(
    two_persons: tuple[Federation, list[str]],
) -> None:
    two, (first, _, _) = two_persons
    opens(two, first, 6)
    ask(two)
    two.pump()
    two.restart("XBM")
    settle(two)
    two.restart("XBM")
    settle(two)
    two.tick(HOUR)
    assert events(two, "XBM") == ["openings:answered"]
    assert answers(two)[0].state == "answered"
