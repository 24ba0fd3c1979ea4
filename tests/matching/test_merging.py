from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.matching import merging
from allpoints.matching.merging import Discarded, MergeJob
from allpoints.matching.posting import Posting, pack
from allpoints.matching.segment import Segment, write_segment

if TYPE_CHECKING:
    from tests.matching.conftest import MakeRows

IDS = st.sampled_from([bytes(16), bytes(15) + b"\x01", b"\x01" + bytes(15), b"\xff" * 16])
VERSIONS = st.sampled_from([0, 1, 255, 256, 65_536, (1 << 24) - 1])


@given(st.dictionaries(IDS, VERSIONS), st.lists(st.tuples(IDS, VERSIONS), max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_posting_is_dead_up_to_the_discarded_version(
    discarded: dict[bytes, int], listed: list[tuple[bytes, int]]
) -> None:
    packed = b"".join(pack(Posting(record, 0, 1, 0, "XAV", version)) for record, version in listed)
    postings = np.frombuffer(packed, np.uint8).reshape(-1, 32)
    expected = [version <= discarded.get(record, -1) for record, version in listed]
    assert Discarded(discarded).dead(postings).tolist() == expected


def test_a_merge_in_small_ranges_keeps_every_row_and_the_newest_first(
    tmp_path: Path, make_rows: "MakeRows", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "CHUNK_ROWS", 50)
    keys, postings = make_rows(900)
    _, newer = make_rows(900, seed=2)
    for name, rows in (("old", postings), ("new", newer), ("again", postings)):
        write_segment(tmp_path / name, keys, rows)
    sources = tuple(Segment.open(tmp_path / name) for name in ("old", "new"))
    job = MergeJob(tmp_path / "merged", sources, {}, 5)
    job.run()
    assert job.merged is not None
    verified = Segment.open(tmp_path / "merged")
    assert (verified.count, verified.created_ms) == (1_800, 5)
    for row in range(900):
        assert verified.lookup(keys[row].tobytes()) == [newer[row].tobytes(), postings[row].tobytes()]
    doubled = MergeJob(tmp_path / "one", (Segment.open(tmp_path / "again"), sources[0]), {}, 0)
    doubled.run()
    assert (tmp_path / "one").read_bytes() == (tmp_path / "old").read_bytes()


def test_a_merge_that_leaves_nothing_leaves_no_file(
    tmp_path: Path, make_posting: Callable[..., bytes], names: Callable[[Path], set[str]]
) -> None:
    posting = np.frombuffer(make_posting(record=1, version=2), np.uint8).reshape(1, 32)
    write_segment(tmp_path / "a", np.zeros((1, 16), np.uint8), posting)
    job = MergeJob(tmp_path / "merged", (Segment.open(tmp_path / "a"),), {(1).to_bytes(16, "big"): 2}, 0)
    job.run()
    assert (job.finished, job.merged) == (True, None)
    assert names(tmp_path) == {"a"}
