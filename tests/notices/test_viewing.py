"""Lists, filters and single notices."""

from typing import TYPE_CHECKING

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.notices.folding import apply_withdrawn, record_id
from allpoints.notices.notice import Withdrawn
from allpoints.notices.viewing import (
    Filter,
    list_notices,
    list_submissions,
    notice_of_record,
    read_notice,
    read_submission,
)

if TYPE_CHECKING:
    from tests.notices.conftest import Office

NOW_MS = 1_731_000_000_000


@pytest.fixture
def filled(office: "Office") -> "Office":
    for number, name in enumerate(("Sorin", "Ámbar Lind", "Lindo"), 1):
        body = {"family_name": name, "number": f"A{number}"}
        office.folded(office.published(number, now_ms=NOW_MS + number, body=body), number)
    apply_withdrawn(office.db, Withdrawn("2024/3", "Found.", "LOCATED"), "XAV", 4)
    return office


def found(office: "Office", **wanted: str) -> list[str]:
    return [row.notice_id for row in list_notices(office.db, Filter(**wanted)).rows]


def test_the_last_published_stands_first(filled: "Office") -> None:
    assert found(filled) == ["2024/3", "2024/2", "2024/1"]
    page = list_notices(filled.db, Filter(), limit=1, offset=1)
    assert ([row.notice_id for row in page.rows], page.total) == (["2024/2"], 3)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"state": "in_force"}, ["2024/2", "2024/1"]),
        ({"state": "withdrawn"}, ["2024/3"]),
        ({"text": "ambar LIND"}, ["2024/2"]),
        ({"text": "A-1/11"}, ["2024/1"]),
        ({"text": "lindo"}, []),
        ({"text": "%"}, []),
        ({"owner": "XAV", "kind": "red", "text": "AV-2"}, ["2024/2"]),
        ({"owner": "XBM"}, []),
    ],
)
def test_filters_narrow_the_list_without_case_or_accents(
    filled: "Office", wanted: dict[str, str], expected: list[str]
) -> None:
    assert found(filled, **wanted) == expected


@pytest.mark.parametrize("wanted", [{"state": "mood"}, {"text": "x" * 201}])
def test_a_filter_that_means_nothing_is_refused(filled: "Office", wanted: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        found(filled, **wanted)
    assert refused.value.code == "NOTICE-FILTER"


def test_a_page_is_never_longer_than_its_limit_nor_shorter_than_one(filled: "Office") -> None:
    assert len(list_notices(filled.db, Filter(), limit=10**9).rows) == 3
    assert len(list_notices(filled.db, Filter(), limit=-5, offset=-5).rows) == 1


def test_a_posting_of_the_index_leads_back_to_its_notice(filled: "Office") -> None:
    row = notice_of_record(filled.db, record_id("2024/2"))
    assert row is not None
    assert row.notice_id == "2024/2"
    assert notice_of_record(filled.db, bytes(16)) is None


def test_what_is_not_here_is_refused_in_the_same_words(filled: "Office") -> None:
    sentences = set()
    for notice_id in ("2024/99", "1999/1", "nonsense"):
        with pytest.raises(Refusal) as refused:
            read_notice(filled.db, notice_id)
        assert refused.value.status == 404
        sentences.add(refused.value.sentence)
    assert len(sentences) == 1


def test_the_offices_submissions_are_listed_and_read(filled: "Office") -> None:
    listed = list_submissions(filled.db)
    assert len(listed) == 3
    view = read_submission(filled.db, listed[0].submission.id)
    assert (view.held, view.messages) == (listed[0], ())
