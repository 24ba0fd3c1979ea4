"""Whose turn it is, and until when: the reviewers' queue, and sources that do not answer."""

import sqlite3

import msgspec

from allpoints.review import store
from allpoints.review.answer import Result
from allpoints.review.case import Case, CaseState
from allpoints.review.concluding import standing_opinions
from allpoints.review.gates import Standing, standing

QUEUE_LIMIT = 500


class QueueRow(msgspec.Struct, frozen=True):
    """One case in the queue: what its gates ask for, how many passed, and who has given an opinion."""

    case: Case
    standing: Standing
    passed: int
    gates: int
    reviewers: tuple[str, ...]
    overdue: bool


def queue(db: sqlite3.Connection, now_ms: int) -> list[QueueRow]:
    """Cases that wait for a reviewer, the first due first; so an urgent one overtakes those of the day."""
    waiting = store.cases_in(db, (CaseState.SCREENING, CaseState.LEGAL_REVIEW), QUEUE_LIMIT)
    return [_row(db, case, now_ms) for case in waiting]


def _row(db: sqlite3.Connection, case: Case, now_ms: int) -> QueueRow:
    findings = store.findings_of(db, case.id, case.round)
    ours = [one for one in store.decisions(db, case.id) if one.round == case.round]
    return QueueRow(
        case,
        standing(findings, {one.gate for one in store.waivers(db, case.id, case.round)}),
        sum(one.result is Result.PASSED for one in findings),
        len(findings),
        tuple(standing_opinions(ours)),
        now_ms > case.due_ms,
    )


def silent_sources(db: sqlite3.Connection, now_ms: int) -> list[Case]:
    """Cases whose source was asked too long ago; a reviewer may refuse them as SOURCE-SILENT."""
    asked = store.cases_in(db, (CaseState.QUERY_TO_SOURCE,), QUEUE_LIMIT)
    return [case for case in asked if case.source_silent(now_ms)]


def all_cases(db: sqlite3.Connection, states: tuple[CaseState, ...] = tuple(CaseState)) -> list[Case]:
    """Cases in these states, the first due first, at most QUEUE_LIMIT."""
    return store.cases_in(db, states, QUEUE_LIMIT)
