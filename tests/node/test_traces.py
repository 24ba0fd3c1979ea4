"""Traces between nodes: from the country of manufacture to the last known holder, each desk knowing its own step."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import ALL_ROLES, ANNA, CENTRE, PURPOSE
from tests.node.test_secrecy import CANARY, files_with, memory_with
from tests.node.tracing import (
    ILLICIT,
    IMPORTER,
    LISTED,
    MAKER,
    OTHER,
    PISTOL,
    REQUESTER,
    alerts,
    federation,
    go_on,
    known,
    reply,
    request,
    standing,
    withdraw,
)

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.tracing.answering import Reply
from allpoints.tracing.requesting import Order
from allpoints.tracing.trace import SPANS, Finding, Priority, TraceState, Why


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Federation]:
    made = federation(tmp_path / "four")
    yield made
    for node in made.nodes.values():
        node.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """For tests that change nothing but by traces of their own."""
    made = federation(tmp_path_factory.mktemp("shared"))
    yield made
    for node in made.nodes.values():
        node.close()


def refused(federation: Federation, member: str, code: str, order: Order = PISTOL) -> None:
    node = federation.bureau(member)
    with pytest.raises(Refusal) as caught:
        node.do(lambda: node.traces.request(ANNA, order))
    assert caught.value.code == code


def test_a_trace_goes_from_the_maker_along_importers_to_the_last_known_holder(shared: Federation) -> None:
    name = request(shared)
    assert standing(shared, name) == {REQUESTER: "awaiting", MAKER: "awaiting"}
    reply(shared, MAKER, name, "exported", country=IMPORTER, party="Selm Import")
    assert standing(shared, name) == {REQUESTER: "awaiting", MAKER: "answered", IMPORTER: "awaiting"}
    reply(shared, IMPORTER, name, "sold", party="Harbour Arms")
    assert standing(shared, name) == {REQUESTER: "found", MAKER: "answered", IMPORTER: "answered"}
    trace = known(shared, REQUESTER, name)
    assert trace.last_known == (IMPORTER, "Harbour Arms")
    assert [step.country for step in trace.steps] == [MAKER, IMPORTER]
    assert (trace.firearm.reference, trace.firearm.made_in, trace.firearm.type) == ("NOR-P9", MAKER, "pistol")


def test_who_is_asked_sees_its_own_step_and_nothing_of_the_others(shared: Federation) -> None:
    name = request(shared)
    reply(shared, MAKER, name, "exported", country=IMPORTER, party="Selm Import")
    asked = known(shared, IMPORTER, name)
    assert asked.requester == REQUESTER
    assert asked.firearm.serial == "K18204417"
    assert asked.circumstances == "Found in a car at Sundvik harbour."
    assert [(step.country, step.why) for step in asked.steps] == [(IMPORTER, Why.UNSAID)]
    assert files_with(shared.bureau(IMPORTER), "Selm Import") == []
    assert files_with(shared.bureau(REQUESTER), "Selm Import")
    reply(shared, IMPORTER, name, "sold", party="Harbour Arms")
    assert [step.country for step in known(shared, MAKER, name).steps] == [MAKER]
    assert files_with(shared.bureau(MAKER), "Harbour Arms") == []


def test_a_requester_that_discloses_gives_each_country_what_the_others_said(four: Federation) -> None:
    name = request(four, msgspec.structs.replace(PISTOL, disclose=True))
    reply(four, MAKER, name, "exported", country=IMPORTER, party="Selm Import")
    asked = known(four, IMPORTER, name)
    assert [(step.country, step.why) for step in asked.steps] == [
        (MAKER, Why.MANUFACTURE),
        (IMPORTER, Why.EXPORTED),
    ]
    assert [(one.party, one.by) for one in asked.steps[0].answers] == [("Selm Import", MAKER)]
    reply(four, IMPORTER, name, "no-record")
    assert known(four, REQUESTER, name).last_known == (IMPORTER, "Selm Import")


def test_the_relay_and_who_is_not_asked_learn_nothing(four: Federation) -> None:
    name = request(four, msgspec.structs.replace(PISTOL, serial=CANARY))
    reply(four, MAKER, name, "exported", country=IMPORTER, party=f"{CANARY} Import")
    for member in (REQUESTER, MAKER, IMPORTER):
        assert files_with(four.bureau(member), CANARY)
    assert files_with(four.relay, CANARY) == []
    assert memory_with(four, CANARY) == []
    for other in (OTHER, CENTRE):
        assert files_with(four.bureau(other), CANARY) == []


def test_the_officers_name_stays_at_home(shared: Federation) -> None:
    name = request(shared)
    reply(shared, MAKER, name, "no-record")
    assert known(shared, MAKER, name).steps[-1].answers[-1].by == "anna"
    assert known(shared, REQUESTER, name).steps[-1].answers[-1].by == MAKER


def test_with_approval_the_desk_decides_on_every_next_country(shared: Federation) -> None:
    name = request(shared, msgspec.structs.replace(PISTOL, approve=True))
    reply(shared, MAKER, name, "exported", country=IMPORTER)
    assert standing(shared, name) == {REQUESTER: "answered", MAKER: "answered"}
    assert known(shared, REQUESTER, name).proposed == IMPORTER
    go_on(shared, name)
    assert standing(shared, name)[IMPORTER] == "awaiting"


def test_more_marks_are_asked_for_given_and_answered(shared: Federation) -> None:
    name = request(shared)
    reply(shared, MAKER, name, "more-marks")
    assert standing(shared, name) == {REQUESTER: "answered", MAKER: "answered"}
    go_on(shared, name, marks="Crown over N, left of the barrel")
    asked = known(shared, MAKER, name)
    assert asked.firearm.marks == "Crown over N, left of the barrel"
    assert (asked.state, asked.steps[0].round) == (TraceState.AWAITING, 2)
    reply(shared, MAKER, name, "exported", country=IMPORTER)
    assert [one.finding for one in known(shared, MAKER, name).steps[0].answers] == [
        Finding.MORE_MARKS,
        Finding.EXPORTED,
    ]
    assert standing(shared, name)[IMPORTER] == "awaiting"


def test_a_trail_that_leads_home_is_answered_by_the_own_desk(shared: Federation) -> None:
    name = request(shared)
    reply(shared, MAKER, name, "exported", country=REQUESTER)
    assert any("leads home" in title for title in alerts(shared, REQUESTER))
    reply(shared, REQUESTER, name, "sold", party="Sable Sports")
    assert known(shared, REQUESTER, name).last_known == (REQUESTER, "Sable Sports")
    assert standing(shared, name) == {REQUESTER: "found", MAKER: "answered"}


# The reference table, and the firearms on record


def test_what_the_reference_table_does_not_have_is_refused_unless_it_is_said_why(four: Federation) -> None:
    strange = msgspec.structs.replace(PISTOL, make="Sablewerk")
    refused(four, REQUESTER, "TRACE-UNLISTED", strange)
    refused(four, REQUESTER, "TRACE-UNLISTED", msgspec.structs.replace(PISTOL, calibre=".45"))
    unlisted = msgspec.structs.replace(strange, unlisted="A maker of one village.")
    refused(four, REQUESTER, "TRACE-NO-COUNTRY", unlisted)
    name = request(four, msgspec.structs.replace(unlisted, to=OTHER))
    assert standing(four, name) == {REQUESTER: "awaiting", OTHER: "awaiting"}
    assert known(four, OTHER, name).firearm.unlisted == "A maker of one village."


def test_the_country_of_manufacture_is_asked_first_and_the_table_says_which(four: Federation) -> None:
    refused(four, REQUESTER, "TRACE-MAKER-FIRST", msgspec.structs.replace(PISTOL, to=OTHER))
    four.enter(
        CENTRE,
        LISTED | {"source_ref": "NOR-P9-D", "country_of_manufacture": OTHER},
        register="firearms-reference",
    )
    refused(four, REQUESTER, "TRACE-AMBIGUOUS")
    name = request(four, msgspec.structs.replace(PISTOL, reference="NOR-P9-D"))
    assert standing(four, name) == {REQUESTER: "awaiting", OTHER: "awaiting"}


def test_where_the_maker_is_no_member_another_country_is_named(four: Federation) -> None:
    abroad = LISTED | {"source_ref": "SAB-1", "make": "Sablewerk", "country_of_manufacture": "XQQ"}
    four.enter(CENTRE, abroad, register="firearms-reference")
    order = msgspec.structs.replace(PISTOL, make="Sablewerk")
    refused(four, REQUESTER, "TRACE-OUTSIDE", order)
    name = request(four, msgspec.structs.replace(order, to=IMPORTER))
    assert standing(four, name)[IMPORTER] == "awaiting"


def test_a_firearm_on_record_is_a_hit_for_recorder_searcher_and_secretariat(four: Federation) -> None:
    four.enter(OTHER, ILLICIT, register="firearms")
    name = request(four)
    sides = {
        member: [(view.side, view.hit.register) for view in four.bureau(member).hits.list_(ANNA)]
        for member in (OTHER, REQUESTER, CENTRE, MAKER)
    }
    assert sides == {
        OTHER: [("owner", "firearms")],
        REQUESTER: [("searcher", "firearms")],
        CENTRE: [("centre", "firearms")],
        MAKER: [],
    }
    (hit,) = known(four, REQUESTER, name).hits
    assert four.bureau(OTHER).hits.view(hit).hit.asked == "Serial number: Norvik K18204417"
    assert known(four, MAKER, name).hits == ()


def test_a_firearm_that_is_not_on_record_is_no_hit(four: Federation) -> None:
    four.enter(OTHER, ILLICIT | {"serial": "K18204418"}, register="firearms")
    four.enter(OTHER, ILLICIT | {"source_ref": "F-2", "make": "Sablewerk"}, register="firearms")
    request(four)
    assert four.bureau(REQUESTER).hits.list_(ANNA) == []


def test_a_firearm_that_is_recorded_within_days_of_the_request_is_a_late_hit(four: Federation) -> None:
    name = request(four)
    four.clock.now_ms += 70 * HOUR
    four.enter(OTHER, ILLICIT, register="firearms")
    (view,) = four.bureau(OTHER).hits.list_(ANNA)
    assert (view.hit.check, view.hit.late) == (name, True)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"make": "NORVIK", "model": "p-9", "calibre": "9 x 19"}, True),
        ({"model": "", "calibre": ""}, True),
        ({"model": "Nine"}, True),
        ({"model": "", "calibre": "9mm Luger"}, True),
        ({"model": "P99"}, False),
        ({"calibre": ".45 ACP"}, False),
        ({"make": "P9"}, False),
    ],
)
def test_the_reference_table_is_found_however_make_model_and_calibre_are_written(
    shared: Federation, written: dict[str, str], found: bool
) -> None:
    order = msgspec.structs.replace(PISTOL, **written)
    if found:
        assert known(shared, REQUESTER, request(shared, order)).firearm.reference == "NOR-P9"
    else:
        refused(shared, REQUESTER, "TRACE-UNLISTED", order)


# Clocks


def test_silence_is_told_to_the_command_centre_and_the_requester_may_go_on(four: Federation) -> None:
    name = request(four, msgspec.structs.replace(PISTOL, priority="urgent"))
    four.tick(SPANS[Priority.URGENT])
    assert standing(four, name) == {REQUESTER: "overdue", MAKER: "overdue", CENTRE: "overdue"}
    at_centre = known(four, CENTRE, name)
    assert (at_centre.firearm.serial, at_centre.steps[0].country) == ("", MAKER)
    assert alerts(four, CENTRE) == [f"{MAKER} has not answered a trace of {REQUESTER} in time"]
    assert any("in time" in title for title in alerts(four, MAKER))
    go_on(four, name, country=IMPORTER)
    assert standing(four, name)[CENTRE] == "withdrawn"
    reply(four, MAKER, name, "exported", country=OTHER)
    assert standing(four, name) == {
        REQUESTER: "awaiting",
        MAKER: "answered",
        IMPORTER: "awaiting",
        CENTRE: "answered",
    }


def test_a_late_answer_carries_the_trace_on_and_the_centre_learns_it(four: Federation) -> None:
    name = request(four)
    four.tick(SPANS[Priority.ROUTINE])
    reply(four, MAKER, name, "exported", country=IMPORTER)
    assert standing(four, name) == {
        REQUESTER: "awaiting",
        MAKER: "answered",
        IMPORTER: "awaiting",
        CENTRE: "answered",
    }


def test_a_clock_that_has_not_run_out_changes_nothing(four: Federation) -> None:
    name = request(four)
    four.tick(SPANS[Priority.ROUTINE] - HOUR)
    assert standing(four, name) == {REQUESTER: "awaiting", MAKER: "awaiting"}
    assert alerts(four, CENTRE) == []


def test_a_trace_that_nobody_answers_ends_and_is_forgotten_after_years(four: Federation) -> None:
    name = request(four, msgspec.structs.replace(PISTOL, priority="urgent"))
    for _ in range(5):
        four.tick(2 * DAY)
    trace = known(four, REQUESTER, name)
    assert (trace.state, trace.ending, trace.clock_ms) == (TraceState.EXHAUSTED, "silent", 0)
    for member in (REQUESTER, MAKER, CENTRE):
        assert known(four, member, name)
    four.tick(6 * 365 * DAY)
    assert standing(four, name) == {}


# Withdrawal, roles


def test_a_withdrawn_trace_ends_where_it_was_not_answered(four: Federation) -> None:
    name = request(four)
    reply(four, MAKER, name, "exported", country=IMPORTER)
    withdraw(four, name)
    assert standing(four, name) == {REQUESTER: "withdrawn", MAKER: "answered", IMPORTER: "withdrawn"}
    assert known(four, IMPORTER, name).ending == "Solved by other means."
    with pytest.raises(Refusal) as caught:
        reply(four, IMPORTER, name, "no-record")
    assert caught.value.code == "TRACE-WITHDRAWN"


def test_a_country_that_was_passed_over_is_let_go_when_the_holder_is_found(four: Federation) -> None:
    name = request(four)
    four.tick(SPANS[Priority.ROUTINE])
    go_on(four, name, country=IMPORTER)
    reply(four, IMPORTER, name, "sold", party="Harbour Arms")
    assert standing(four, name)[MAKER] == "withdrawn"


def test_acts_need_role_purpose_and_the_right_side(four: Federation) -> None:
    name = request(four)
    border = Asker("berta", frozenset({"border"}), PURPOSE)
    reply_ = Reply("no-record", "Nothing.")
    without = Asker("berta", ALL_ROLES)
    maker, requester, other = (four.bureau(member) for member in (MAKER, REQUESTER, OTHER))
    refusals: list[tuple[str, Callable[[], object]]] = [
        ("NOT-ALLOWED", lambda: requester.traces.request(border, PISTOL)),
        ("NO-PURPOSE", lambda: requester.traces.request(without, PISTOL)),
        ("TRACE-OF-BUREAU", lambda: four.centre.traces.request(ANNA, PISTOL)),
        ("NOT-ALLOWED", lambda: maker.traces.answer(border, name, reply_)),
        ("NO-PURPOSE", lambda: maker.traces.read(without, name)),
        ("NOT-ALLOWED", lambda: maker.traces.list_(border)),
        ("NO-PURPOSE", lambda: maker.traces.list_(without)),
        ("TRACE-NOT-REQUESTER", lambda: maker.traces.withdraw(ANNA, name, "Solved.")),
        ("TRACE-NOT-REQUESTER", lambda: maker.traces.go_on(ANNA, name, country=OTHER)),
        ("TRACE-NOT-ASKED", lambda: requester.traces.answer(ANNA, name, reply_)),
        ("TRACE-UNKNOWN", lambda: other.traces.read(ANNA, name)),
    ]
    for code, act in refusals:
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.code == code
    before = audit.verify(maker.db)
    maker.do(lambda: maker.traces.read(ANNA, name))
    reply(four, MAKER, name, "no-record")
    assert audit.verify(maker.db) == before + 2
