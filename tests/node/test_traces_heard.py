"""Traces in bad weather, and a country that lies."""

import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE, NOW_MS
from tests.node.tracing import (
    IMPORTER,
    MAKER,
    OTHER,
    PISTOL,
    REQUESTER,
    TRACERS,
    alerts,
    federation,
    go_on,
    known,
    reply,
    request,
    standing,
    withdraw,
)

from allpoints.ground.clock import DAY
from allpoints.node import frames
from allpoints.node.trace_mail import TraceMail
from allpoints.node.traces import ANSWERED, ASKED, OVERDUE, WITHDRAWN
from allpoints.tracing import store
from allpoints.tracing.answering import Reply
from allpoints.tracing.trace import (
    SPANS,
    Answer,
    Answered,
    Asked,
    Finding,
    Firearm,
    Overdue,
    Priority,
    Side,
    Step,
    TraceState,
    Why,
    Withdrawn,
)

SPAN = SPANS[Priority.ROUTINE]
FIREARM = Firearm("K1", "Norvik")
FREE = f"{REQUESTER}-00000000000000aa"
"""A trace that its requester never sent by mail of its own."""


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Federation]:
    made = federation(tmp_path / "four")
    yield made
    for node in made.nodes.values():
        node.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """For tests that each bring a trace of their own and leave the clock alone."""
    made = federation(tmp_path_factory.mktemp("shared"))
    yield made
    for node in made.nodes.values():
        node.close()


def mail(federation: Federation, sender: str, to: str, kind: str, body: object) -> str:
    """Send a sealed body from one member to another; the code of its refusal there, if it was refused."""
    node = federation.bureau(sender)
    federation.bureau(to).refusals.clear()
    node.do(lambda: node.mail.send(kind, [to], frames.pack(body)))
    federation.pump()
    return next(iter(federation.bureau(to).refusals), "")


# -- bad weather


def storm(federation: Federation, weather: random.Random) -> None:
    """Frames overtake each other, are lost and are doubled, for as long as it takes to retry them all."""
    for _ in range(6):
        frames_ = list(federation.wire.queue)
        federation.wire.queue.clear()
        weather.shuffle(frames_)
        for one in frames_:
            for _ in range(weather.choice((0, 1, 1, 1, 2))):
                federation.hand_over(one)
        federation.clock.now_ms += 3_500
        for node in federation.nodes.values():
            node.run([node.tick])
    for _ in range(3):
        federation.tick(14_000)


@pytest.mark.parametrize("seed", range(4))
def test_loss_doubling_and_reordering_change_no_course(four: Federation, seed: int) -> None:
    weather = random.Random(seed)
    requester, maker, importer = (four.bureau(name) for name in (REQUESTER, MAKER, IMPORTER))
    name = requester.do(lambda: requester.traces.request(ANNA, PISTOL)).trace.trace
    withdrawn = requester.do(lambda: requester.traces.request(ANNA, PISTOL)).trace.trace
    requester.do(lambda: requester.traces.withdraw(ANNA, withdrawn, "Entered twice."))
    storm(four, weather)
    assert standing(four, withdrawn) == {REQUESTER: "withdrawn", MAKER: "withdrawn"}
    maker.do(lambda: maker.traces.answer(ANNA, name, Reply("more-marks", "Which proof mark?")))
    storm(four, weather)
    requester.do(lambda: requester.traces.go_on(ANNA, name, marks="Crown over N"))
    storm(four, weather)
    maker.do(lambda: maker.traces.answer(ANNA, name, Reply("exported", "Sold abroad.", country=IMPORTER)))
    storm(four, weather)
    importer.do(
        lambda: importer.traces.answer(ANNA, name, Reply("sold", "In the book.", party="Harbour Arms"))
    )
    storm(four, weather)
    assert standing(four, name) == {REQUESTER: "found", MAKER: "answered", IMPORTER: "answered"}
    assert known(four, REQUESTER, name).last_known == (IMPORTER, "Harbour Arms")
    counts = {member: len(four.bureau(member).traces.list_(ANNA)) for member in TRACERS}
    assert counts == {REQUESTER: 2, MAKER: 2, IMPORTER: 1, OTHER: 0}


def test_a_trace_survives_a_power_cut_at_every_node(four: Federation) -> None:
    name = request(four)
    for member in (MAKER, REQUESTER):
        four.restart(member)
    reply(four, MAKER, name, "exported", country=IMPORTER)
    four.restart(REQUESTER)
    reply(four, IMPORTER, name, "sold", party="Harbour Arms")
    assert standing(four, name)[REQUESTER] == "found"


def test_a_country_without_a_line_is_asked_when_it_comes_back(four: Federation) -> None:
    four.disconnect(MAKER)
    name = request(four)
    assert standing(four, name) == {REQUESTER: "awaiting"}
    four.connect(MAKER)
    assert standing(four, name)[MAKER] == "awaiting"


def test_a_withdrawal_that_overtakes_its_question_waits_for_it(four: Federation) -> None:
    asked = Asked(FREE, 1, Priority.ROUTINE, FIREARM, NOW_MS, NOW_MS + SPAN)
    assert mail(four, REQUESTER, MAKER, WITHDRAWN, Withdrawn(FREE, "Solved.")) == ""
    assert standing(four, FREE) == {}
    assert mail(four, REQUESTER, MAKER, ASKED, asked) == ""
    assert standing(four, FREE) == {MAKER: "withdrawn"}
    assert alerts(four, MAKER) == []


def test_what_the_centre_hears_late_does_not_undo_what_it_knows(four: Federation) -> None:
    silent = Overdue(FREE, MAKER, 1, Priority.ROUTINE, TraceState.OVERDUE, NOW_MS, NOW_MS + SPAN, 1)
    answered = msgspec.structs.replace(silent, state=TraceState.ANSWERED, reminders=2)
    for told in (answered, silent, msgspec.structs.replace(silent, reminders=2)):
        assert mail(four, REQUESTER, CENTRE, OVERDUE, told) == ""
    assert standing(four, FREE) == {CENTRE: "answered"}
    assert alerts(four, CENTRE) == []
    assert mail(four, REQUESTER, CENTRE, OVERDUE, msgspec.structs.replace(silent, round=2)) == ""
    assert standing(four, FREE) == {CENTRE: "overdue"}


# -- a country that lies


def told(name: str, sender: str, finding: Finding = Finding.NO_RECORD, **changes: Any) -> Answered:
    answer = Answer(finding, "So it is.", by=sender, at_ms=NOW_MS)
    return Answered(name, msgspec.structs.replace(answer, **changes))


def test_an_answer_of_a_country_that_was_not_asked_is_refused(four: Federation) -> None:
    name = request(four)
    assert mail(four, OTHER, REQUESTER, ANSWERED, told(name, OTHER)) == "TRACE-NOT-ASKED"
    assert mail(four, OTHER, REQUESTER, ANSWERED, told(name, MAKER)) == "TRACE-UNREADABLE"
    assert known(four, REQUESTER, name).state is TraceState.AWAITING
    assert mail(four, MAKER, REQUESTER, ANSWERED, told(name, MAKER)) == ""
    assert known(four, REQUESTER, name).ending == "no-record"


def test_an_answer_to_another_trace_is_refused(four: Federation) -> None:
    name = request(four)
    other = request(four, msgspec.structs.replace(PISTOL, unlisted="x", make="Sablewerk", to=OTHER))
    assert mail(four, MAKER, REQUESTER, ANSWERED, told(other, MAKER)) == "TRACE-NOT-ASKED"
    assert mail(four, MAKER, REQUESTER, ANSWERED, told(FREE, MAKER)) == "TRACE-UNKNOWN"
    assert mail(four, REQUESTER, MAKER, ANSWERED, told(name, REQUESTER)) == "TRACE-UNKNOWN"
    assert {one.state for one in (known(four, REQUESTER, each) for each in (name, other))} == {
        TraceState.AWAITING
    }
    assert mail(four, MAKER, REQUESTER, ANSWERED, told(name, MAKER)) == ""


def test_a_second_answer_is_refused_and_the_first_stands(four: Federation) -> None:
    name = request(four)
    reply(four, MAKER, name, "exported", country=IMPORTER)
    again = told(name, MAKER, Finding.SOLD, party="Quarry Guards")
    assert mail(four, MAKER, REQUESTER, ANSWERED, again) == "TRACE-ANSWERED"
    assert known(four, REQUESTER, name).last_known == ("", "")
    assert standing(four, name)[REQUESTER] == "awaiting"
    assert (
        mail(four, IMPORTER, REQUESTER, ANSWERED, told(name, IMPORTER, Finding.SOLD, party="Harbour Arms"))
        == ""
    )
    assert known(four, REQUESTER, name).last_known == (IMPORTER, "Harbour Arms")


def test_an_answer_after_withdrawal_is_refused_and_one_before_is_not(four: Federation) -> None:
    name, kept = request(four), request(four)
    withdraw(four, name)
    assert mail(four, MAKER, REQUESTER, ANSWERED, told(name, MAKER)) == "TRACE-WITHDRAWN"
    assert known(four, REQUESTER, name).steps[0].answers == ()
    assert mail(four, MAKER, REQUESTER, ANSWERED, told(kept, MAKER)) == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": " "}, "TRACE-TEXT"),
        ({"text": "x" * 1_001}, "TRACE-LONG"),
        ({"finding": Finding.SOLD}, "TRACE-NOT-SAID"),
        ({"finding": Finding.EXPORTED, "country": MAKER}, "TRACE-EXPORTED-HOME"),
        ({"finding": Finding.EXPORTED, "country": "nowhere"}, "COUNTRY-UNKNOWN"),
        ({"party": "Harbour Arms"}, "TRACE-NOT-MEANT"),
        ({"finding": Finding.SOLD, "party": "two\nlines"}, "TRACE-LINE"),
        ({"at_ms": NOW_MS + DAY}, "TRACE-UNREADABLE"),
        ({"round": 2}, "TRACE-ANSWERED"),
        ({"round": 9}, "BODY-UNREADABLE"),
        ({"at_ms": 2**60}, "BODY-UNREADABLE"),
    ],
)
def test_an_answer_is_held_to_the_rules_of_its_own_desk(
    shared: Federation, changes: dict[str, Any], code: str
) -> None:
    name = request(shared)
    assert mail(shared, MAKER, REQUESTER, ANSWERED, told(name, MAKER, **changes)) == code
    assert known(shared, REQUESTER, name).steps[0].answers == ()
    assert mail(shared, MAKER, REQUESTER, ANSWERED, told(name, MAKER)) == ""


SILENT = Step(OTHER, Why.UNSAID, NOW_MS, NOW_MS + SPAN)


@pytest.mark.parametrize(
    "changes",
    [
        {"trace": f"{OTHER}-00000000000000aa"},
        {"trace": f"{REQUESTER}-../../etc"},
        {"firearm": Firearm("K1\nK2", "Norvik")},
        {"firearm": Firearm("", "Norvik")},
        {"firearm": Firearm("K1", "Norvik", marks="x" * 5_000)},
        {"asked_ms": NOW_MS + DAY, "deadline_ms": NOW_MS + DAY + SPAN},
        {"deadline_ms": NOW_MS + 1},
        {"circumstances": "x" * 1_001},
        {"before": (msgspec.structs.replace(SILENT, country=MAKER),)},
        {"before": (SILENT, SILENT)},
    ],
)
def test_a_question_that_no_node_would_ask_is_refused(shared: Federation, changes: dict[str, Any]) -> None:
    name = f"{REQUESTER}-{len(shared.bureau(MAKER).traces.list_(ANNA)):016x}"
    asked = Asked(name, 1, Priority.ROUTINE, FIREARM, NOW_MS, NOW_MS + SPAN)
    wrong = msgspec.structs.replace(asked, **changes)
    assert mail(shared, REQUESTER, MAKER, ASKED, wrong) == "TRACE-UNREADABLE"
    assert standing(shared, wrong.trace) == {}
    assert mail(shared, REQUESTER, MAKER, ASKED, asked) == ""
    assert standing(shared, name) == {MAKER: "awaiting"}


def test_a_question_is_asked_again_only_where_more_marks_were_wanted(four: Federation) -> None:
    name = request(four)
    asked = known(four, MAKER, name)
    again = Asked(name, 2, asked.priority, asked.firearm, NOW_MS, NOW_MS + SPAN)
    other = msgspec.structs.replace(again, firearm=FIREARM)
    assert mail(four, REQUESTER, MAKER, ASKED, msgspec.structs.replace(again, round=1)) == "TRACE-KNOWN"
    assert mail(four, REQUESTER, MAKER, ASKED, other) == "TRACE-UNREADABLE"
    reply(four, MAKER, name, "more-marks")
    go_on(four, name, marks="BP")
    reply(four, MAKER, name, "no-record")
    assert mail(four, REQUESTER, MAKER, ASKED, msgspec.structs.replace(again, round=3)) == "TRACE-KNOWN"
    assert standing(four, name)[MAKER] == "answered"


def test_only_the_requester_withdraws_and_what_was_answered_stays(four: Federation) -> None:
    name = request(four)
    gone = Withdrawn(name, "Never mind.")
    assert mail(four, OTHER, MAKER, WITHDRAWN, gone) == "TRACE-NOT-REQUESTER"
    assert standing(four, name)[MAKER] == "awaiting"
    assert mail(four, REQUESTER, MAKER, WITHDRAWN, gone) == ""
    assert standing(four, name)[MAKER] == "withdrawn"
    answered = request(four)
    reply(four, MAKER, answered, "no-record")
    assert mail(four, REQUESTER, MAKER, WITHDRAWN, Withdrawn(answered, "Never mind.")) == ""
    assert standing(four, answered)[MAKER] == "answered"


def test_silence_is_told_to_the_centre_alone_by_the_requester_alone(four: Federation) -> None:
    silent = Overdue(FREE, MAKER, 1, Priority.ROUTINE, TraceState.OVERDUE, NOW_MS, NOW_MS + SPAN, 1)
    assert mail(four, REQUESTER, OTHER, OVERDUE, silent) == "TRACE-NOT-OURS"
    assert mail(four, OTHER, CENTRE, OVERDUE, silent) == "TRACE-UNREADABLE"
    found = msgspec.structs.replace(silent, state=TraceState.FOUND)
    assert mail(four, REQUESTER, CENTRE, OVERDUE, found) == "TRACE-UNREADABLE"
    question = Asked(FREE, 1, Priority.ROUTINE, FIREARM, NOW_MS, NOW_MS + SPAN)
    assert mail(four, REQUESTER, CENTRE, ASKED, question) == "TRACE-NOT-ASKED"
    assert mail(four, REQUESTER, CENTRE, OVERDUE, silent) == ""
    assert standing(four, FREE) == {CENTRE: "overdue"}


def test_a_member_that_asks_without_end_is_not_believed(
    four: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "OPEN_LIMIT", 2)
    ask = partial(
        Asked, priority=Priority.ROUTINE, firearm=FIREARM, asked_ms=NOW_MS, deadline_ms=NOW_MS + SPAN
    )
    names = [f"{REQUESTER}-{number:016x}" for number in range(3)]
    codes = [mail(four, REQUESTER, MAKER, ASKED, ask(name, 1)) for name in names]
    assert codes == ["", "", "TRACE-TOO-MANY"]
    reply(four, MAKER, names[0], "no-record")
    assert mail(four, REQUESTER, MAKER, ASKED, ask(names[2], 1)) == ""
    early = [mail(four, REQUESTER, OTHER, WITHDRAWN, Withdrawn(name, "x")) for name in names]
    assert early == ["", "", "TRACE-UNKNOWN"]


def test_the_parts_of_the_wire_are_handled_at_every_bureau(four: Federation) -> None:
    for member in (*TRACERS, CENTRE):
        node = four.bureau(member)
        assert isinstance(node.trace_mail, TraceMail)
        assert {ASKED, ANSWERED, WITHDRAWN, OVERDUE} <= set(node.mail.handlers)
    assert set(Side) == {"requester", "asked", "centre"}
