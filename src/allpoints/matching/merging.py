"""Merging segments into one, without what is dead and without doubles."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allpoints.matching.durable import BeforeWrite, unhindered
from allpoints.matching.form import Form
from allpoints.matching.layout import KEY_BYTES
from allpoints.matching.ordering import Rows, distinct_order
from allpoints.matching.posting import RECORD_ID_BYTES, VERSION_OFFSET
from allpoints.matching.segment import Segment
from allpoints.matching.writing import CHUNK_ROWS, SegmentLabel, SegmentWriter

_KEYS = 1 << (8 * KEY_BYTES)


class Discarded:
    """Records and the versions up to which they are dead, in columns, for asking about many postings."""

    def __init__(self, versions: dict[bytes, int]) -> None:
        ordered = sorted(versions.items())
        # Fixed-width byte strings compare as the ids do: padding zeros mean nothing at equal lengths.
        self._ids = np.array([record_id for record_id, _ in ordered], dtype=f"S{RECORD_ID_BYTES}")
        self._versions = np.array([version for _, version in ordered], dtype=np.int64)

    def dead(self, postings: Rows) -> NDArray[np.bool_]:
        """Which of (n, 32) postings are dead."""
        if not len(self._ids):
            return np.zeros(len(postings), dtype=np.bool_)
        ids = np.ascontiguousarray(postings[:, :RECORD_ID_BYTES]).view(self._ids.dtype).reshape(-1)
        places = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        parts = postings[:, VERSION_OFFSET : VERSION_OFFSET + 3].astype(np.int64)
        versions = parts[:, 0] << 16 | parts[:, 1] << 8 | parts[:, 2]
        dead: NDArray[np.bool_] = (self._ids[places] == ids) & (versions <= self._versions[places])
        return dead


class MergeJob:
    """One merge of immutable segments: ``run`` it in any thread, then let the index adopt it.

    ``sources`` stand from the oldest to the newest. ``merged`` is the new segment after ``run``, or None when
    nothing was left.
    """

    def __init__(
        self,
        path: Path | None,
        sources: tuple[Segment, ...],
        discarded: dict[bytes, int],
        created_ms: int,
        before: BeforeWrite = unhindered,
    ) -> None:
        self.sources = sources
        self.discarded = discarded
        self.revivals: dict[bytes, int] = {}
        """How often each record had come back after its end when the job began; the index compares when it adopts."""
        self.finished = False
        self.merged: Segment | None = None
        self._path = path
        self._created_ms = created_ms
        self._before = before

    def run(self) -> None:
        """Write the merged segment; raises OSError when the disk fails, and then can be run again."""
        if self._path is not None and self.sources:
            label = SegmentLabel(created_ms=self._created_ms)
            expected = sum(source.count for source in self.sources)
            dead = Discarded(self.discarded)
            form = Form.joined(source.form for source in self.sources)
            with SegmentWriter(self._path, expected, form, label, self._before) as writer:
                for keys, postings in _runs(self.sources, expected):
                    alive = np.flatnonzero(~dead.dead(postings))
                    chosen = alive[distinct_order(keys[alive], postings[alive])]
                    writer.append(keys[chosen], postings[chosen])
            if writer.count:
                self.merged = Segment.open(self._path, verify=False)
            else:
                self._path.unlink(missing_ok=True)
        self.finished = True


def _runs(sources: tuple[Segment, ...], expected: int) -> Iterator[tuple[Rows, Rows]]:
    """All rows of the sources in runs of ascending, disjoint ranges of keys; newest source first in each.

    Keys are evenly spread, so ranges of equal width hold about equal numbers and memory does not grow.
    """
    ranges = expected // CHUNK_ROWS + 1
    starts = [0] * len(sources)
    for number in range(1, ranges + 1):
        ends = [_first_from(source, number * _KEYS // ranges) for source in sources]
        parts = [
            (source, slice(start, end)) for source, start, end in zip(sources, starts, ends, strict=True)
        ][::-1]
        keys = np.concatenate([source.keys(rows) for source, rows in parts])
        yield keys, np.concatenate([source.postings(rows) for source, rows in parts])
        starts = ends


def _first_from(source: Segment, bound: int) -> int:
    return source.count if bound >= _KEYS else source.first_from(bound.to_bytes(KEY_BYTES, "big"))
