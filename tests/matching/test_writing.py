from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.matching import writing
from allpoints.matching.form import Form
from allpoints.matching.segment import Segment
from allpoints.matching.writing import SegmentLabel, SegmentWriter, write_segment

if TYPE_CHECKING:
    from tests.matching.conftest import FailingDisk, MakeRows


def test_the_same_rows_give_the_same_bytes_whatever_the_size_of_the_chunks(
    tmp_path: Path, make_rows: "MakeRows", monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = make_rows(1_000)
    write_segment(tmp_path / "a", *rows)
    monkeypatch.setattr(writing, "CHUNK_ROWS", 10)
    monkeypatch.setattr(writing, "SPOOL_MEMORY_BYTES", 100)
    write_segment(tmp_path / "b", *rows)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_writer_may_announce_more_rows_than_come(tmp_path: Path, make_rows: "MakeRows") -> None:
    keys, postings = make_rows(10)
    order = np.argsort(keys[:, 0])
    with SegmentWriter(tmp_path / "a", 1_000, Form.of(postings), SegmentLabel()) as writer:
        writer.append(keys[order], postings[order])
    held = Segment.open(tmp_path / "a")
    assert [held.lookup(key.tobytes()) for key in keys] == [[posting.tobytes()] for posting in postings]


def test_a_writer_takes_no_more_rows_than_announced(tmp_path: Path, make_rows: "MakeRows") -> None:
    keys, postings = make_rows(2)
    with (
        pytest.raises(Refusal) as refused,
        SegmentWriter(tmp_path / "a", 1, Form.of(postings), SegmentLabel()) as writer,
    ):
        writer.append(keys, postings)
    assert refused.value.code == "SEGMENT-ROWS"
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(("keys", "postings"), [((2, 15), (2, 32)), ((2, 16), (2, 31)), ((2, 16), (3, 32))])
def test_rows_of_another_shape_are_refused(
    tmp_path: Path, keys: tuple[int, int], postings: tuple[int, int]
) -> None:
    with pytest.raises(Refusal) as refused:
        write_segment(tmp_path / "a", np.zeros(keys, np.uint8), np.zeros(postings, np.uint8))
    assert refused.value.code == "SEGMENT-ROWS"


def test_a_note_at_the_limit_is_written_and_a_longer_one_refused(
    tmp_path: Path, make_rows: "MakeRows"
) -> None:
    write_segment(tmp_path / "a", *make_rows(1), SegmentLabel(note="é" * 2_048))
    assert Segment.open(tmp_path / "a").note == "é" * 2_048
    with pytest.raises(Refusal) as refused:
        write_segment(tmp_path / "b", *make_rows(1), SegmentLabel(note="é" * 2_048 + "x"))
    assert refused.value.code == "SEGMENT-NOTE"


def test_more_postings_than_a_segment_holds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        SegmentWriter(tmp_path / "a", (1 << 32) + 1, Form.joined(()), SegmentLabel())
    assert refused.value.code == "SEGMENT-TOO-LARGE"


def test_a_failure_at_any_step_leaves_no_half_segment(
    tmp_path: Path, make_rows: "MakeRows", disk: "FailingDisk", names: Callable[[Path], set[str]]
) -> None:
    rows = make_rows(100)
    write_segment(tmp_path / "whole", *rows, before=disk)
    for number in range(1, len(disk.steps) + 1):
        disk.fail_at(number)
        with pytest.raises(OSError, match="no space"):
            write_segment(tmp_path / "a", *rows, before=disk)
        if disk.steps[-1] == "sync-folder":
            assert Segment.open(tmp_path / "a").count == 100
        else:
            assert names(tmp_path) == {"whole"}
