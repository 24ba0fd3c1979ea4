"""The queue by deadline, and sources that stay silent."""

import sqlite3
from collections.abc import Callable

from allpoints.ground.clock import DAY, HOUR, MINUTE
from allpoints.identity.officers import Asker
from allpoints.review.case import CaseState, Opinion
from allpoints.review.clocks import all_cases, queue, silent_sources
from allpoints.review.deciding import decide
from allpoints.review.opening import open_case
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook

NOW_MS = 1_731_000_000_000


def test_an_urgent_case_overtakes_those_of_the_day_but_not_one_that_is_due_earlier(
    db: sqlite3.Connection, rulebook: Rulebook, request_with: Callable[..., Request]
) -> None:
    open_case(db, rulebook, request_with(id="a" * 32), NOW_MS)
    open_case(db, rulebook, request_with(id="b" * 32), NOW_MS + 1)
    open_case(db, rulebook, request_with({"law": None}, id="c" * 32, urgent=True), NOW_MS + HOUR)
    open_case(db, rulebook, request_with(id="d" * 32, urgent=True), NOW_MS + 23 * HOUR)
    rows = queue(db, NOW_MS + 3 * HOUR + MINUTE)
    assert [row.case.id[0] for row in rows] == ["c", "a", "b", "d"]
    assert [row.overdue for row in rows] == [True, False, False, False]
    assert [row.standing for row in rows] == ["query", "passed", "passed", "passed"]
    assert (rows[0].passed, rows[0].gates) == (33, 34)


def test_the_queue_names_who_has_spoken_and_leaves_out_what_waits_for_its_source_or_is_closed(
    db: sqlite3.Connection,
    rulebook: Rulebook,
    request_with: Callable[..., Request],
    officers: tuple[Asker, ...],
) -> None:
    cases = [open_case(db, rulebook, request_with(id=letter * 32), NOW_MS) for letter in "abc"]
    decide(db, rulebook, officers[0], cases[0].id, Opinion("approve"), NOW_MS)
    decide(db, rulebook, officers[0], cases[1].id, Opinion("query", ("DUP",), "which?"), NOW_MS)
    decide(db, rulebook, officers[0], cases[2].id, Opinion("refuse", ("DUP",), "twice"), NOW_MS)
    rows = queue(db, NOW_MS)
    assert [(row.case.id[0], row.reviewers) for row in rows] == [("a", ("ada",))]
    assert silent_sources(db, NOW_MS + 14 * DAY) == []
    assert [case.id[0] for case in silent_sources(db, NOW_MS + 14 * DAY + 1)] == ["b"]
    assert [case.id[0] for case in all_cases(db, (CaseState.REFUSED,))] == ["c"]
    assert len(all_cases(db)) == 3
