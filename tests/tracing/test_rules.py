"""The course of a trace against the golden table, and what holds for every course."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tracing.acting import MEMBERS, NOW_MS, acted, answer, begun, played

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.tracing import rules
from allpoints.tracing.trace import (
    ENDINGS,
    MARKS_LIMIT,
    ROUNDS_LIMIT,
    RUNNING,
    STEPS_LIMIT,
    TEXT_LIMIT,
    Ending,
    Finding,
    Priority,
    Step,
    Trace,
    TraceState,
    Why,
)

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "golden.yaml").read_text(encoding="utf-8")
)["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_trace_takes_its_course(case: dict[str, Any]) -> None:
    trace = begun(approve=case.get("approve", False))
    *earlier, last = case["acts"]
    trace = played(earlier, trace)
    if "refused" in case:
        with pytest.raises(Refusal) as caught:
            acted(trace, last, NOW_MS + 30 * DAY)
        assert caught.value.code == case["refused"]
        return
    trace = acted(trace, last, NOW_MS + 30 * DAY)
    assert trace.state.value == case["state"]
    assert [step.country for step in trace.steps] == case["asked"]
    assert (trace.proposed, trace.ending) == (case.get("proposed", ""), case.get("ending", ""))
    assert bool(trace.clock_ms) == trace.running
    if "holder" in case:
        assert list(trace.last_known) == case["holder"]


def test_a_refused_act_of_the_table_is_one_that_is_allowed_somewhere() -> None:
    kinds = {next(iter(case["acts"][-1])) for case in CASES if "refused" in case}
    allowed = {
        next(iter(act)) for case in CASES if "refused" not in case for act in case["acts"] if act != "late"
    }
    assert kinds <= allowed


@pytest.mark.parametrize(("priority", "span"), [(Priority.URGENT, 48 * HOUR), (Priority.ROUTINE, 14 * DAY)])
def test_a_step_has_the_time_of_its_priority_and_not_a_moment_more(priority: Priority, span: int) -> None:
    trace = rules.ask(begun(priority=priority), "XAV", Why.MANUFACTURE, NOW_MS, MEMBERS)
    assert trace.clock_ms == NOW_MS + span
    assert rules.ran_out(trace, NOW_MS + span - 1) is trace
    late = rules.ran_out(trace, NOW_MS + span)
    assert (late.state, late.clock_ms) == (TraceState.OVERDUE, NOW_MS + 2 * span)
    assert late.steps[0].overdue_ms == NOW_MS + span


def test_marks_are_added_to_those_that_were_known_and_never_without_end() -> None:
    asked = played([{"ask": "XAV"}, {"says": ["XAV", "more-marks"]}], begun())
    once = rules.supply(asked, "Crown over N", NOW_MS)
    again = rules.supply(acted(once, {"says": ["XAV", "more-marks"]}, NOW_MS), " BP ", NOW_MS)
    assert again.firearm.marks == "Crown over N\nBP"
    assert again.steps[0].round == ROUNDS_LIMIT
    for marks in ("x" * (TEXT_LIMIT + 1), ""):
        with pytest.raises(Refusal, match="Marks are"):
            rules.supply(asked, marks, NOW_MS)
    assert MARKS_LIMIT >= ROUNDS_LIMIT * TEXT_LIMIT


def test_an_answer_to_an_earlier_description_is_refused() -> None:
    again = played([{"ask": "XAV"}, {"says": ["XAV", "more-marks"]}, {"marks": "BP"}], begun())
    with pytest.raises(Refusal) as caught:
        rules.take_answer(again, "XAV", answer("no-record", count=1), NOW_MS, MEMBERS)
    assert caught.value.code == "TRACE-ANSWERED"
    assert (
        rules.take_answer(again, "XAV", answer("no-record", count=2), NOW_MS, MEMBERS).ending == "no-record"
    )


def test_every_end_and_every_finding_is_written_down() -> None:
    assert set(ENDINGS) == set(Ending)
    trace = rules.ask(begun(), "XAV", Why.MANUFACTURE, NOW_MS, MEMBERS)
    for finding in Finding:
        further = ("XBM",) if finding is Finding.EXPORTED else ()
        assert rules.course(trace, answer(finding, *further), MEMBERS).state in TraceState


def test_a_trail_through_more_countries_than_any_trail_of_sales_has_ends() -> None:
    many = [f"X{first}{second}" for first in "ABCDEF" for second in "ABCDEF"]
    trace = rules.ask(begun(), many[0], Why.MANUFACTURE, NOW_MS, frozenset(many))
    for here, there in itertools.pairwise(many[: STEPS_LIMIT + 1]):
        assert trace.state is TraceState.AWAITING
        trace = rules.take_answer(trace, here, answer("exported", there), NOW_MS, frozenset(many))
    assert (trace.ending, len(trace.steps)) == (Ending.TOO_LONG, STEPS_LIMIT)
    with pytest.raises(Refusal) as caught:
        rules.go_on(trace, many[-1], NOW_MS, frozenset(many))
    assert caught.value.code == "TRACE-TOO-LONG"


# Whatever happens, in whatever order

COUNTRIES = st.sampled_from(["XAV", "XBM", "XCS", "XDV", "XQQ"])
ACTS = st.one_of(
    st.tuples(COUNTRIES, st.sampled_from(list(Finding)), COUNTRIES).map(lambda one: {"says": [*one]}),
    COUNTRIES.map(lambda country: {"next": country}),
    st.sampled_from(["late", {"next": ""}, {"marks": "BP"}, {"withdraw": "Solved."}]),
)


def course_of(acts: list[Any], trace: Trace) -> list[Trace]:
    """Every trace on the way; what is refused changes nothing."""
    found = [trace]
    for number, act in enumerate(acts):
        try:
            found.append(acted(found[-1], act, NOW_MS + number * DAY))
        except Refusal:
            continue
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(ACTS, max_size=40), st.booleans())
def test_no_country_is_asked_twice_and_one_clock_runs_as_long_as_the_trace_does(
    acts: list[Any], approve: bool
) -> None:
    start = rules.ask(begun(approve=approve), "XAV", Why.MANUFACTURE, NOW_MS, MEMBERS)
    for trace in course_of(acts, start):
        asked = [step.country for step in trace.steps]
        assert len(set(asked)) == len(asked)
        assert set(asked) <= MEMBERS
        assert (trace.clock_ms > 0) == (trace.state in RUNNING)
        if trace.state is TraceState.AWAITING:
            assert trace.current is not None
            assert trace.clock_ms == trace.current.deadline_ms
        assert all(len(step.answers) <= step.round <= ROUNDS_LIMIT for step in trace.steps)
        assert (trace.ended_ms > 0) == (not trace.running)


@settings(max_examples=100, deadline=None)
@given(st.lists(ACTS, max_size=40), st.booleans())
def test_a_trace_that_everybody_leaves_alone_comes_to_its_end(acts: list[Any], approve: bool) -> None:
    start = rules.ask(begun(approve=approve), "XAV", Why.MANUFACTURE, NOW_MS, MEMBERS)
    trace = course_of(acts, start)[-1]
    for _ in range(5):
        trace = rules.ran_out(trace, trace.clock_ms)
    assert not trace.running


@settings(max_examples=100, deadline=None)
@given(st.lists(ACTS, max_size=60))
def test_answers_alone_move_a_trace_no_more_often_than_there_are_members(acts: list[Any]) -> None:
    start = rules.ask(begun(), "XAV", Why.MANUFACTURE, NOW_MS, MEMBERS)
    answers = [act for act in acts if act != "late" and "says" in act]
    moved = {len(trace.steps) for trace in course_of(answers, start)}
    assert max(moved) <= len(MEMBERS)


def test_a_step_knows_whether_it_is_answered_and_done() -> None:
    step = Step("XAV", Why.CHOSEN, 1, 2)
    assert not step.answered
    wants = Step("XAV", Why.CHOSEN, 1, 2, answers=(answer("more-marks"),))
    assert (wants.answered, wants.done, wants.wants_marks) == (True, False, True)
    again = Step("XAV", Why.CHOSEN, 1, 2, round=2, answers=(answer("more-marks"),))
    assert (again.answered, again.done) == (False, False)
