"""The live part of an index in a file: rows that other processes see at once, and refuse when they are not whole."""

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.matching.following_index import BEAT_LIMIT_MS, FollowingIndex, Live
from allpoints.matching.index import ExactIndex
from allpoints.matching.live_log import (
    HEADER_BYTES,
    LIVE_NAME,
    ROW_BYTES,
    ROWS,
    WORDS_AT,
    LiveLog,
    Place,
    Row,
    end_row,
    fixed_bytes,
    found_rows,
    pack_row,
    read_place,
    unpack_rows,
)
from allpoints.matching.posting import Posting, pack

ONE, OTHER = bytes([1]) * 16, bytes([2]) * 16
TOKEN = bytes([9]) * 16

identities = st.binary(min_size=16, max_size=16)
rows = st.builds(
    Row,
    st.sampled_from((1, 2, 3)),
    st.integers(0, (1 << 24) - 1),
    identities,
    st.binary(min_size=32, max_size=32),
)


def posting(record: bytes, version: int = 1) -> bytes:
    return pack(Posting(record, 1_000, 1, 1, "XAV", version))


def found(index: FollowingIndex) -> list[tuple[bytes, int]]:
    index.refresh()
    return [(one.record_id, one.version) for one in index.index.lookup(TOKEN)]


@given(salt=st.integers(0, 2**32 - 1), first=st.integers(0, 2**40), many=st.lists(rows, max_size=5))
def test_rows_are_read_back_as_they_were_written(salt: int, first: int, many: list[Row]) -> None:
    data = b"".join(pack_row(salt, first + at, row) for at, row in enumerate(many))
    assert unpack_rows(salt, first, data) == many


@given(row=rows, at=st.integers(0, ROW_BYTES - 1), change=st.integers(1, 255))
def test_a_row_in_which_anything_is_changed_is_refused(row: Row, at: int, change: int) -> None:
    data = bytearray(pack_row(7, 0, row))
    data[at] ^= change
    with pytest.raises(Refusal) as refused:
        unpack_rows(7, 0, bytes(data))
    assert refused.value.code == "INDEX-BROKEN"


@given(row=rows)
def test_a_row_of_another_file_or_another_place_is_refused(row: Row) -> None:
    data = pack_row(7, 0, row)
    assert unpack_rows(7, 0, data) == [row]
    for salt, first in ((8, 0), (7, 1)):
        with pytest.raises(Refusal):
            unpack_rows(salt, first, data)


@given(data=st.binary(max_size=HEADER_BYTES))
def test_a_header_that_no_writer_wrote_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        read_place(data.ljust(HEADER_BYTES, b"\0"))


def test_a_header_says_which_file_it_is_of() -> None:
    place = Place(b"i" * 16, b"r" * 16, 3, b"m" * 32)
    assert read_place(fixed_bytes(place).ljust(HEADER_BYTES, b"\0")) == place
    assert place._replace(number=4).goes_on(place)
    assert not place._replace(number=5).goes_on(place)
    assert not place._replace(number=4, run=b"x" * 16).goes_on(place)


def test_what_is_appended_is_found_by_the_next_look_up_and_what_ended_is_not(tmp_path: Path) -> None:
    log = LiveLog(tmp_path)
    reader = FollowingIndex(tmp_path)
    assert found(reader) == []
    log.append(found_rows(ONE, 1, posting(ONE), [TOKEN]))
    assert found(reader) == [(ONE, 1)]
    log.append([end_row(ONE, 1), *found_rows(OTHER, 2, posting(OTHER, 2), [TOKEN])])
    assert found(reader) == [(OTHER, 2)]
    reader.close()
    log.close()


def test_rows_that_are_written_and_not_yet_shown_are_not_seen(tmp_path: Path) -> None:
    log = LiveLog(tmp_path)
    log.append(found_rows(ONE, 1, posting(ONE), [TOKEN]))
    with (tmp_path / LIVE_NAME).open("r+b") as file:
        file.seek(WORDS_AT + 8 * ROWS)
        file.write((0).to_bytes(8, "little"))
    assert found(FollowingIndex(tmp_path)) == []


def test_a_reader_goes_on_in_the_file_that_follows_and_then_takes_the_new_segments(tmp_path: Path) -> None:
    index = ExactIndex(tmp_path)
    log = LiveLog(tmp_path)
    reader = FollowingIndex(tmp_path)
    index.add(TOKEN, posting(ONE))
    log.append(found_rows(ONE, 1, posting(ONE), [TOKEN]))
    index.flush(1)
    follower = LiveLog(tmp_path, log)
    log.followed()
    follower.append(found_rows(OTHER, 1, posting(OTHER), [TOKEN]))
    assert sorted(found(reader)) == [(ONE, 1), (OTHER, 1)]
    assert reader.wants_opening
    assert reader.adopt(reader.opened())
    assert reader.index.stats().segments == 1
    assert sorted(found(reader)) == [(ONE, 1), (OTHER, 1)]
    assert not reader.wants_opening


def test_segments_that_were_merged_away_are_given_back_and_those_that_stay_are_not_opened_again(
    tmp_path: Path,
) -> None:
    index = ExactIndex(tmp_path)
    log = LiveLog(tmp_path)
    reader = FollowingIndex(tmp_path)
    for number in range(8):
        index.add(bytes([number]) * 16, posting(bytes([number]) * 16))
        index.flush(number + 1)
        if number % 4 == 3:
            index.merge()
        follower = LiveLog(tmp_path, log)
        log.followed()
        log = follower
        reader.refresh()
        before = reader.index.segments
        assert reader.adopt(reader.opened())
        gone = set(before) - set(reader.index.segments)
        assert bool(gone) == (number % 4 == 3)
        for segment in gone:
            with pytest.raises(ValueError, match=r"released|closed"):
                segment.lookup(TOKEN)
    assert reader.index.stats().segments == index.stats().segments == 1
    assert all(reader.index.lookup(bytes([number]) * 16) for number in range(8))


def test_a_reader_that_missed_a_file_answers_nothing_until_it_has_opened_the_folder_anew(
    tmp_path: Path,
) -> None:
    log = LiveLog(tmp_path)
    reader = FollowingIndex(tmp_path)
    for _ in range(2):
        follower = LiveLog(tmp_path, log)
        log.followed()
        log = follower
    log.append(found_rows(ONE, 1, posting(ONE), [TOKEN]))
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            reader.refresh()
        assert refused.value.code == "INDEX-BROKEN"
    assert reader.adopt(reader.opened())
    assert found(reader) == [(ONE, 1)]


def _cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def _alter(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "header cut": lambda path: _cut(path, HEADER_BYTES - 1),
    "rows cut": lambda path: _cut(path, HEADER_BYTES + ROW_BYTES + 1),
    "header altered": lambda path: _alter(path, 12),
    "row altered": lambda path: _alter(path, HEADER_BYTES + ROW_BYTES - 1),
    "another file": lambda path: path.write_bytes(b"allpoints" * 1_000),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_live_part_that_is_torn_foreign_or_altered_is_refused_and_never_answered_from(
    tmp_path: Path, damage: str
) -> None:
    log = LiveLog(tmp_path)
    log.append(found_rows(ONE, 1, posting(ONE), [TOKEN]))
    assert found(FollowingIndex(tmp_path)) == [(ONE, 1)]
    DAMAGE[damage](tmp_path / LIVE_NAME)
    with pytest.raises(Refusal) as refused:
        FollowingIndex(tmp_path)
    assert refused.value.code == "INDEX-BROKEN"


def test_segments_that_do_not_belong_to_the_live_part_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allpoints.matching.following_index.TRIES", 2)
    index = ExactIndex(tmp_path)
    LiveLog(tmp_path)
    FollowingIndex(tmp_path).close()
    index.add(TOKEN, posting(ONE))
    index.flush(1)
    with pytest.raises(Refusal):
        FollowingIndex(tmp_path)
    LiveLog(tmp_path)
    assert found(FollowingIndex(tmp_path)) == [(ONE, 1)]


def test_reading_a_folder_touches_nothing_in_it(tmp_path: Path) -> None:
    index = ExactIndex(tmp_path)
    index.add(TOKEN, posting(ONE))
    index.flush(1)
    LiveLog(tmp_path)
    (tmp_path / "segment-0000000009.aps.part").write_bytes(b"being written")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found(FollowingIndex(tmp_path)) == [(ONE, 1)]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_writer_that_was_silent_for_too_long_is_not_relied_on(tmp_path: Path) -> None:
    log = LiveLog(tmp_path)
    log.beat(5_000, 77)
    reader = FollowingIndex(tmp_path)
    assert reader.as_of_ms == 77
    assert reader.is_fresh(5_000 + BEAT_LIMIT_MS)
    assert not reader.is_fresh(5_001 + BEAT_LIMIT_MS)
    log.hold(held=True)
    before = reader.epoch
    log.standings_changed()
    assert reader.held
    assert reader.epoch != before


def test_a_file_that_follows_keeps_what_was_said_of_the_writer(tmp_path: Path) -> None:
    log = LiveLog(tmp_path)
    log.beat(5_000, 77)
    log.standings_changed()
    reader = FollowingIndex(tmp_path)
    before = reader.epoch
    follower = LiveLog(tmp_path, log)
    log.followed()
    reader.refresh()
    assert (reader.epoch, reader.as_of_ms) == (before, 77)
    follower.close()


def test_the_check_sum_is_that_of_the_files_own_identity(tmp_path: Path) -> None:
    log = LiveLog(tmp_path)
    log.append([end_row(ONE, 1)])
    data = (tmp_path / LIVE_NAME).read_bytes()[HEADER_BYTES:]
    assert unpack_rows(zlib.crc32(log.place.identity), 0, data) == [end_row(ONE, 1)]
    assert Live(tmp_path).place == log.place
