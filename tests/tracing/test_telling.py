"""What is told of a trace, and to whom."""

import pytest
from tests.tracing.acting import acted, begun, played

from allpoints.tracing import telling
from allpoints.tracing.telling import WITHOUT_ANSWER
from allpoints.tracing.trace import TraceState, Why

EXPORT = [{"ask": "XAV"}, {"says": ["XAV", "exported", "XBM", "Selm Import"]}]
NOW_MS = 1_790_100_000_000


def test_a_question_is_asked_once_and_tells_no_other_answer() -> None:
    before = played(EXPORT[:1], begun())
    after = acted(before, EXPORT[1], NOW_MS)
    asked = telling.question(before, after)
    assert asked is not None
    assert (asked.why, asked.before) == (Why.UNSAID, ())
    assert telling.question(after, after) is None


def test_disclosing_tells_why_and_what_others_said_but_not_who_is_silent() -> None:
    silent = played([{"ask": "XAV"}, "late", {"next": "XDV"}], begun(disclose=True))
    after = acted(silent, {"says": ["XDV", "exported", "XBM"]}, NOW_MS)
    asked = telling.question(silent, after)
    assert asked is not None
    assert asked.why is Why.EXPORTED
    assert [(one.country, one.reminders, one.overdue_ms) for one in asked.before] == [("XDV", 0, 0)]
    assert [one.by for one in asked.before[0].answers] == ["XDV"]


def test_the_country_of_manufacture_is_told_that_it_is_that() -> None:
    start = begun()
    asked = telling.question(start, acted(start, {"ask": "XAV"}, NOW_MS))
    assert asked is not None
    assert asked.why is Why.MANUFACTURE


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        (["late"], TraceState.OVERDUE),
        (["late", {"says": ["XAV", "no-record"]}], TraceState.ANSWERED),
        (["late", {"next": "XBM"}], TraceState.WITHDRAWN),
        (["late", {"withdraw": "Solved."}], TraceState.WITHDRAWN),
        (["late", "late"], TraceState.OVERDUE),
    ],
)
def test_the_centre_is_told_of_every_change_of_a_silent_country(
    acts: list[object], state: TraceState
) -> None:
    *earlier, last = acts
    before = played([{"ask": "XAV"}, *earlier], begun())
    after = acted(before, last, NOW_MS)
    assert [(one.country, one.state) for one in telling.overdue(before, after)] == [("XAV", state)]
    assert telling.overdue(after, after) == []


def test_the_centre_is_not_told_of_who_answers_in_time_nor_of_the_requesters_own_delay() -> None:
    before = played([{"ask": "XAV"}], begun())
    assert telling.overdue(before, acted(before, {"says": ["XAV", "no-record"]}, NOW_MS)) == []
    home = played([{"ask": "XAV"}, {"says": ["XAV", "exported", "XCS"]}], begun())
    assert telling.overdue(home, acted(home, "late", NOW_MS)) == []


def test_whoever_has_not_answered_is_let_go_at_the_end_and_nobody_else() -> None:
    passed = played([{"ask": "XAV"}, "late", {"next": "XBM"}], begun())
    found = acted(passed, {"says": ["XBM", "sold", "Harbour Arms"]}, NOW_MS)
    told = telling.let_go(passed, found)
    assert {country: one.reason for country, one in told.items()} == {"XAV": WITHOUT_ANSWER}
    gone = acted(passed, {"withdraw": "Solved."}, NOW_MS)
    assert {one.reason for one in telling.let_go(passed, gone).values()} == {"Solved."}
    assert set(telling.let_go(passed, gone)) == {"XAV", "XBM"}
    assert telling.let_go(found, acted(found, {"says": ["XAV", "no-record"]}, NOW_MS)) == {}
