import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.matching.index import ExactIndex
from allpoints.matching.manifest import MANIFEST_NAME, segment_name

if TYPE_CHECKING:
    from tests.matching.conftest import FailingDisk

MakePosting = Callable[..., bytes]
TOKEN = b"t" * 16
OTHER = b"o" * 16


def record(number: int) -> bytes:
    return number.to_bytes(16, "big")


def found(index: ExactIndex, token: bytes = TOKEN) -> list[tuple[int, int]]:
    return [(int.from_bytes(hit.record_id, "big"), hit.version) for hit in index.lookup(token)]


@pytest.fixture
def filled(tmp_path: Path, make_posting: MakePosting) -> ExactIndex:
    """Record 1 in the oldest segment, record 2 in the newest, record 3 in memory."""
    index = ExactIndex(tmp_path / "index")
    for number in (1, 2, 3):
        index.add(TOKEN, make_posting(record=number))
        if number < 3:
            index.flush(number)
    return index


def test_live_postings_come_first_then_the_newest_segment(filled: ExactIndex) -> None:
    assert found(filled) == [(3, 1), (2, 1), (1, 1)]


def test_a_stranger_is_not_found(filled: ExactIndex) -> None:
    assert filled.lookup(OTHER) == []


def test_a_posting_added_again_is_found_once(filled: ExactIndex, make_posting: MakePosting) -> None:
    filled.add(TOKEN, make_posting(record=1))
    filled.add(TOKEN, make_posting(record=3))
    assert found(filled) == [(3, 1), (1, 1), (2, 1)]


def test_a_discarded_version_is_not_found_wherever_it_stands(
    filled: ExactIndex, make_posting: MakePosting
) -> None:
    filled.discard(record(1), 1)
    filled.discard(record(3), 1)
    assert found(filled) == [(2, 1)]
    filled.add(TOKEN, make_posting(record=1, version=2))
    assert found(filled) == [(1, 2), (2, 1)]
    filled.discard(record(1), 1)
    assert found(filled) == [(1, 2), (2, 1)]


def test_asking_for_any_of_several_tokens_names_each_posting_once(
    filled: ExactIndex, make_posting: MakePosting
) -> None:
    filled.add(OTHER, make_posting(record=2))
    filled.add(OTHER, make_posting(record=4))
    hits = filled.lookup_any([OTHER, b"n" * 16, TOKEN])
    assert [int.from_bytes(hit.record_id, "big") for hit in hits] == [2, 4, 3, 1]


def test_a_batch_finds_what_single_look_ups_find(filled: ExactIndex, make_posting: MakePosting) -> None:
    filled.add(OTHER, make_posting(record=2))
    filled.discard(record(1), 1)
    asked = [b"n" * 16, TOKEN, OTHER, TOKEN]
    rows, postings = filled.lookup_many(np.frombuffer(b"".join(asked), np.uint8).reshape(-1, 16))
    expected = [(row, hit) for row, token in enumerate(asked) for hit in filled.lookup(token)]
    assert list(zip(rows.tolist(), postings, strict=True)) == expected
    assert len(expected) == 5


def test_an_index_opens_as_it_was_flushed(filled: ExactIndex, tmp_path: Path) -> None:
    filled.discard(record(1), 1)
    filled.flush(40)
    filled.close()
    opened = ExactIndex(tmp_path / "index")
    assert found(opened) == [(3, 1), (2, 1)]
    assert opened.applied_seq == 40


def test_what_was_not_flushed_is_gone_after_a_crash(filled: ExactIndex, tmp_path: Path) -> None:
    filled.discard(record(2), 1)
    opened = ExactIndex(tmp_path / "index")
    assert found(opened) == [(2, 1), (1, 1)]
    assert opened.applied_seq == 2


def test_what_a_crash_left_behind_is_removed(
    filled: ExactIndex, tmp_path: Path, names: Callable[[Path], set[str]]
) -> None:
    job = filled.prepare_merge()
    job.run()
    assert len(names(tmp_path / "index")) == 4
    ExactIndex(tmp_path / "index")
    assert names(tmp_path / "index") == {MANIFEST_NAME, segment_name(1), segment_name(2)}


def test_flushing_with_nothing_new_still_moves_the_sequence(filled: ExactIndex, tmp_path: Path) -> None:
    filled.flush(3)
    filled.flush(50)
    assert filled.stats().segments == 3
    assert ExactIndex(tmp_path / "index").applied_seq == 50


def test_an_index_is_not_flushed_backwards(filled: ExactIndex) -> None:
    with pytest.raises(Refusal) as refused:
        filled.flush(1)
    assert refused.value.code == "INDEX-BACKWARDS"
    filled.flush(2)


def test_a_merge_leaves_one_segment_and_forgets_what_it_dropped(
    filled: ExactIndex, tmp_path: Path, names: Callable[[Path], set[str]]
) -> None:
    filled.discard(record(1), 1)
    filled.discard(record(3), 1)
    filled.merge(now_ms=7)
    assert found(filled) == [(2, 1)]
    stats = filled.stats()
    assert (stats.segments, stats.segment_postings, stats.discarded, stats.live_postings) == (1, 1, 0, 0)
    assert names(tmp_path / "index") == {MANIFEST_NAME, segment_name(3)}
    assert found(ExactIndex(tmp_path / "index")) == [(2, 1)]


def test_what_happens_during_a_merge_in_another_thread_stays(
    filled: ExactIndex, tmp_path: Path, make_posting: MakePosting
) -> None:
    filled.discard(record(1), 1)
    job = filled.prepare_merge()
    thread = threading.Thread(target=job.run)
    thread.start()
    filled.add(TOKEN, make_posting(record=4))
    filled.flush(10)
    filled.discard(record(2), 1)
    filled.add(TOKEN, make_posting(record=5))
    thread.join()
    filled.adopt(job)
    assert found(filled) == [(5, 1), (3, 1), (4, 1)]
    assert filled.stats().discarded == 1
    filled.flush(11)
    assert found(ExactIndex(tmp_path / "index")) == [(5, 1), (3, 1), (4, 1)]


def test_a_version_that_came_back_is_found_and_may_end_again_while_a_merge_runs(
    filled: ExactIndex, make_posting: MakePosting, tmp_path: Path
) -> None:
    filled.discard(record(1), 1)
    job = filled.prepare_merge()
    filled.supersede(record(1), 1)
    filled.add(TOKEN, make_posting(record=1))
    assert found(filled) == [(3, 1), (1, 1), (2, 1)]
    filled.discard(record(1), 1)
    job.run()
    filled.adopt(job)
    assert found(filled) == [(3, 1), (2, 1)]
    filled.supersede(record(1), 1)
    filled.add(TOKEN, make_posting(record=1))
    filled.flush(4)
    again = ExactIndex(tmp_path / "index")
    assert found(again) == [(3, 1), (1, 1), (2, 1)]
    again.supersede(record(1), 2)
    assert found(again) == [(3, 1), (2, 1)]


def test_a_merge_that_has_not_run_or_came_too_late_is_refused(filled: ExactIndex) -> None:
    early, late = filled.prepare_merge(), filled.prepare_merge()
    with pytest.raises(Refusal) as refused:
        filled.adopt(early)
    assert refused.value.code == "MERGE-UNFINISHED"
    early.run()
    late.run()
    filled.adopt(early)
    with pytest.raises(Refusal) as refused:
        filled.adopt(late)
    assert refused.value.code == "MERGE-STALE"
    assert found(filled) == [(3, 1), (2, 1), (1, 1)]


def test_without_a_folder_everything_stays_in_memory(make_posting: MakePosting) -> None:
    index = ExactIndex()
    index.add(TOKEN, make_posting(record=1))
    index.add(TOKEN, make_posting(record=2))
    index.discard(record(1), 1)
    index.flush(5)
    index.merge()
    assert found(index) == [(2, 1)]
    assert (index.applied_seq, index.stats().discarded, index.stats().live_postings) == (5, 0, 1)
    index.close()


@pytest.mark.parametrize(("token", "posting"), [(b"short", bytes(32)), (bytes(16), bytes(31))])
def test_rows_of_another_length_are_not_added(token: bytes, posting: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        ExactIndex().add(token, posting)
    assert refused.value.code == "INDEX-ROW"


@pytest.mark.parametrize(("name", "version"), [(b"short", 1), (bytes(16), -1), (bytes(16), 1 << 24)])
def test_what_no_record_has_is_not_discarded(name: bytes, version: int) -> None:
    with pytest.raises(Refusal) as refused:
        ExactIndex().discard(name, version)
    assert refused.value.code == "INDEX-ROW"


def broken(folder: Path) -> Refusal:
    with pytest.raises(Refusal) as refused:
        ExactIndex(folder)
    assert refused.value.code == "INDEX-BROKEN"
    return refused.value


def test_a_missing_altered_or_exchanged_segment_means_a_rebuild(filled: ExactIndex, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    filled.close()
    path = folder / segment_name(1)
    whole = path.read_bytes()
    path.unlink()
    assert broken(folder).hint == "Rebuild the index from the ledger."
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    broken(folder)
    path.write_bytes((folder / segment_name(2)).read_bytes())
    assert "not the one" in broken(folder).sentence
    path.write_bytes(whole)
    assert found(ExactIndex(folder)) == [(2, 1), (1, 1)]


def test_an_erased_index_begins_anew(filled: ExactIndex, tmp_path: Path) -> None:
    filled.close()
    (tmp_path / "index" / MANIFEST_NAME).write_bytes(b"nonsense")
    (tmp_path / "index" / "other").touch()
    ExactIndex.erase(tmp_path / "index")
    ExactIndex.erase(tmp_path / "never")
    assert [path.name for path in (tmp_path / "index").iterdir()] == ["other"]
    assert ExactIndex(tmp_path / "index").applied_seq == 0


def test_a_flush_that_fails_at_any_write_changes_nothing_and_can_be_repeated(
    tmp_path: Path, disk: "FailingDisk", make_posting: MakePosting, names: Callable[[Path], set[str]]
) -> None:
    number = 0
    while True:
        number += 1
        folder = tmp_path / str(number)
        index = ExactIndex(folder, disk)
        disk.fail_at(0)
        index.add(TOKEN, make_posting(record=1))
        index.flush(1)
        index.add(TOKEN, make_posting(record=2))
        index.discard(record(1), 1)
        disk.fail_at(number)
        try:
            index.flush(2)
        except OSError:
            disk.fail_at(0)
        else:
            break
        assert found(index) == [(2, 1)]
        reopened = {1: [(1, 1)], 2: [(2, 1)]}
        kept = len(names(folder) - {MANIFEST_NAME})
        opened = ExactIndex(folder)
        assert found(opened) == reopened[opened.applied_seq]
        assert kept <= 2
        index.flush(2)
        assert found(ExactIndex(folder)) == found(index) == [(2, 1)]
    assert number > 10


def test_a_merge_that_fails_at_any_write_changes_nothing_and_can_be_repeated(
    tmp_path: Path, disk: "FailingDisk", make_posting: MakePosting
) -> None:
    number = 0
    while True:
        number += 1
        folder = tmp_path / str(number)
        disk.fail_at(0)
        index = ExactIndex(folder, disk)
        for each in (1, 2, 3):
            index.add(TOKEN, make_posting(record=each))
            index.flush(each)
        index.discard(record(2), 1)
        index.flush(4)
        disk.fail_at(number)
        try:
            index.merge()
        except OSError:
            disk.fail_at(0)
        else:
            break
        assert found(index) == [(3, 1), (1, 1)]
        index.merge()
        assert found(ExactIndex(folder)) == [(3, 1), (1, 1)]
    assert number > 10
