"""What was screened, decided, waived and noted can be added to and not altered, not even by REPLACE."""

import sqlite3
from collections.abc import Callable

import pytest

from allpoints.identity.officers import Asker
from allpoints.review.case import Opinion, Protection
from allpoints.review.deciding import decide, waive
from allpoints.review.opening import open_case
from allpoints.review.protecting import note_protection
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook
from allpoints.vocabulary.register import Vocabulary

NOW_MS = 1_731_000_000_000
TABLES = (
    "office_review_screenings",
    "office_review_decisions",
    "office_review_waivers",
    "office_review_protection",
)


@pytest.fixture
def filled(
    db: sqlite3.Connection,
    rulebook: Rulebook,
    request_with: Callable[..., Request],
    officers: tuple[Asker, ...],
    vocabulary: Vocabulary,
) -> sqlite3.Connection:
    case = open_case(db, rulebook, request_with({"maximum_penalty_months": 3}), NOW_MS)
    waive(db, rulebook, officers[0], case.id, "penalty", "A series in nine countries.", NOW_MS)
    note_protection(db, vocabulary, officers[0], case.id, Protection("XCS", "XBM", "granted"), NOW_MS)
    decide(db, rulebook, officers[0], case.id, Opinion("approve"), NOW_MS)
    return db


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "act",
    [
        "UPDATE {t} SET at_ms=at_ms+1",
        "DELETE FROM {t}",
        "INSERT OR REPLACE INTO {t} SELECT * FROM {t}",
        "INSERT OR IGNORE INTO {t} SELECT * FROM {t}",
    ],
)
def test_a_row_once_written_stays_as_it_is(filled: sqlite3.Connection, table: str, act: str) -> None:
    before = filled.execute(f"SELECT * FROM {table}").fetchall()
    assert before
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        filled.execute(act.format(t=table))
    assert filled.execute(f"SELECT * FROM {table}").fetchall() == before
