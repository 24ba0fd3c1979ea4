from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.matching import bulk
from allpoints.matching.bulk import BulkLoad
from allpoints.matching.index import ExactIndex
from allpoints.matching.posting import Posting, pack

if TYPE_CHECKING:
    from tests.matching.conftest import FailingDisk, MakeRows

TOKENS = [bytes([number]) * 16 for number in (0, 1, 127, 128, 255)] + [bytes(15) + b"\x01"]
ACTS = st.lists(
    st.tuples(st.sampled_from(["add", "discard", "supersede"]), st.sampled_from(TOKENS), st.integers(0, 3), st.integers(0, 3)),
    max_size=40,
)  # fmt: skip


def act(index: ExactIndex | BulkLoad, name: str, token: bytes, record: int, version: int) -> None:
    record_id = bytes([record]) * 16
    if name == "discard":
        index.discard(record_id, version)
        return
    if name == "supersede":
        index.supersede(record_id, version)
    index.add(token, pack(Posting(record_id, 1_000, 1, 0, "XAV", version)))


@given(ACTS, st.sampled_from([1, 3, 1 << 20]))
@settings(max_examples=100, deadline=None)
def test_an_index_made_at_once_answers_as_one_made_act_by_act(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, bytes, int, int]], rows: int
) -> None:
    folder = tmp_path_factory.mktemp("index")
    one_by_one = ExactIndex(None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "CHUNK_ROWS", rows)
        patch.setattr(bulk, "PART_ROWS", rows)
        with BulkLoad(folder, 40) as load:
            for one in acts:
                act(load, *one)
                act(one_by_one, *one)
            load.finish(7, 5)
    at_once = ExactIndex(folder)
    assert at_once.applied_seq == 7
    assert at_once.stats().segments <= 1
    for token in TOKENS:
        assert set(at_once.lookup(token)) == set(one_by_one.lookup(token))
    at_once.close()


def test_rows_that_come_many_at_a_time_are_found_each(tmp_path: Path, make_rows: "MakeRows") -> None:
    keys, postings = make_rows(5_000)
    with BulkLoad(tmp_path, 5_000) as load:
        load.add_many(keys[:2_000], postings[:2_000])
        load.add(keys[2_000].tobytes(), postings[2_000].tobytes())
        load.add_many(keys[2_001:], postings[2_001:])
        assert load.count == 5_000
        load.finish(1)
    index = ExactIndex(tmp_path)
    assert [len(index.lookup(key.tobytes())) for key in keys] == [1] * 5_000
    assert not np.isin(index.lookup_many(make_rows(1_000, seed=2)[0]).rows, range(1_000)).any()
    index.close()


def test_nothing_is_there_before_the_end(
    tmp_path: Path, make_rows: "MakeRows", names: Callable[[Path], set[str]]
) -> None:
    with BulkLoad(tmp_path, 100) as load:
        load.add_many(*make_rows(100))
    assert names(tmp_path) == set()
    with BulkLoad(tmp_path, 100) as load:
        load.add_many(*make_rows(100))
        load.finish(1)
    assert ExactIndex(tmp_path).stats().segment_postings == 100


def test_a_failure_at_any_step_leaves_no_index(
    tmp_path: Path, make_rows: "MakeRows", disk: "FailingDisk"
) -> None:
    def load(folder: Path) -> None:
        with BulkLoad(folder, 100, disk) as loading:
            loading.add_many(*make_rows(100))
            loading.finish(1)

    load(tmp_path / "whole")
    for number in range(1, len(disk.steps)):
        disk.fail_at(number)
        with pytest.raises(OSError, match="no space"):
            load(tmp_path / str(number))
        assert ExactIndex(tmp_path / str(number)).applied_seq == 0
    disk.fail_at(0)
    load(tmp_path / "again")
    assert ExactIndex(tmp_path / "again").applied_seq == 1


def test_rows_of_another_shape_are_refused(tmp_path: Path) -> None:
    with BulkLoad(tmp_path, 1) as load:
        refusals: tuple[Callable[[], None], ...] = (
            lambda: load.add(bytes(15), bytes(32)),
            lambda: load.add(bytes(16), bytes(31)),
            lambda: load.add_many(np.zeros((2, 16), np.uint8), np.zeros((1, 32), np.uint8)),
            lambda: load.discard(bytes(15), 1),
        )
        for refused in refusals:
            with pytest.raises(Refusal) as refusal:
                refused()
            assert refusal.value.code == "INDEX-ROW"
        load.add(bytes(16), pack(Posting(bytes(16), 1, 1, 1, "XAV", 1)))
        load.finish(1)
    assert len(ExactIndex(tmp_path).lookup(bytes(16))) == 1
