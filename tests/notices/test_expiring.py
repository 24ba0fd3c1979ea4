"""What ends by time, and the word before it."""

from typing import TYPE_CHECKING

from allpoints.ground.clock import DAY
from allpoints.notices import store
from allpoints.notices.expiring import ending_soon, expire, next_end_ms
from allpoints.notices.state import NoticeState
from allpoints.notices.viewing import Filter, list_notices, read_notice

if TYPE_CHECKING:
    from tests.notices.conftest import Office


def test_a_notice_ends_at_its_time_once_and_not_before(office: "Office") -> None:
    assert next_end_ms(office.db) is None
    published = office.published()
    office.folded(published)
    end_ms = published.expires_ms
    assert next_end_ms(office.db) == end_ms
    assert expire(office.db, end_ms - 1) == []
    (ended,) = expire(office.db, end_ms)
    assert (ended.notice_id, ended.version, ended.state) == ("2024/1", 1, NoticeState.EXPIRED)
    assert expire(office.db, end_ms) == []
    view = read_notice(office.db, "2024/1")
    assert (view.row.state, view.row.caption, view.body, view.versions) == (NoticeState.EXPIRED, "", {}, ())
    assert [row.caption for row in list_notices(office.db, Filter()).rows] == [""]
    assert list_notices(office.db, Filter(text="sorin")).total == 0
    assert next_end_ms(office.db) is None


def test_the_owner_is_told_half_a_year_ahead(office: "Office") -> None:
    published = office.published()
    office.folded(published)
    end_ms = published.expires_ms
    assert ending_soon(office.db, "XAV", end_ms - 184 * DAY) == []
    assert [row.notice_id for row in ending_soon(office.db, "XAV", end_ms - 183 * DAY)] == ["2024/1"]
    assert ending_soon(office.db, "XBM", end_ms - 183 * DAY) == []
    assert ending_soon(office.db, "XAV", end_ms) == []


def test_an_expired_notice_is_erased_once_clocks_can_no_longer_differ(office: "Office") -> None:
    published = office.published()
    office.folded(published)
    expire(office.db, published.expires_ms)
    expire(office.db, published.expires_ms + 2 * DAY - 1)
    assert store.versions(office.db, "2024/1") != [(1, b"")]
    expire(office.db, published.expires_ms + 2 * DAY)
    assert store.versions(office.db, "2024/1") == [(1, b"")]
    row = store.known_notice(office.db, "2024/1")
    assert (row.caption, row.search, row.body) == ("", "", b"")
