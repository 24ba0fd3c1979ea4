"""Making a whole index at once, in memory that does not grow with it.

Postings are spread over files by the top bits of their tokens as they come; at the end each file is put in order by
itself and written on to one segment. Adding one by one would write large segments again and again in merges.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from allpoints.ground.refusal import Refusal
from allpoints.matching.discarding import Discards
from allpoints.matching.durable import BeforeWrite, unhindered
from allpoints.matching.form import Form
from allpoints.matching.layout import BUCKET_BITS_LIMIT, KEY_BYTES, buckets_of
from allpoints.matching.manifest import Manifest, SegmentLine, segment_name, write_manifest
from allpoints.matching.merging import Discarded
from allpoints.matching.ordering import Rows, distinct_order
from allpoints.matching.posting import POSTING_BYTES
from allpoints.matching.tokens import TOKEN_BYTES
from allpoints.matching.writing import CHUNK_ROWS, SegmentLabel, SegmentWriter

PART_ROWS = 1 << 20
"""A file is put in order in memory, so it has about so many rows: 48 megabytes."""
PARTS_LIMIT = 512
"""Files open at a time."""

_ROW_BYTES = KEY_BYTES + POSTING_BYTES


class BulkLoad(Discards):
    """Takes the acts of an index in the ledger's order, as ``ExactIndex`` does, and writes the index at the end.

    The folder holds no index yet (``ExactIndex.erase``), and none after leaving the block without ``finish``. ``expected``
    is about how many postings come: it decides into how many files they are spread.
    """

    def __init__(self, folder: Path, expected: int, before: BeforeWrite = unhindered) -> None:
        super().__init__()
        self._folder = folder
        self._before = before
        self._bits = min(PARTS_LIMIT.bit_length() - 1, max(0, (expected - 1) // PART_ROWS).bit_length())
        self._open = ExitStack()
        self._parts: list[IO[bytes]] = []
        self._keys: list[bytes] = []
        self._postings: list[bytes] = []
        self._form = Form.joined(())
        self.count = 0

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for _ in range(1 << self._bits):
            self._parts.append(self._open.enter_context(tempfile.TemporaryFile(dir=self._folder)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def add(self, token: bytes, posting: bytes) -> None:
        """Let a token find a packed posting; raises Refusal INDEX-ROW for wrong lengths."""
        if len(token) != TOKEN_BYTES or len(posting) != POSTING_BYTES:
            raise Refusal("INDEX-ROW", "A token has 16 bytes and a posting 32.")
        self._keys.append(token)
        self._postings.append(posting)
        if len(self._keys) >= CHUNK_ROWS:
            self._spread()

    def add_many(self, keys: Rows, postings: Rows) -> None:
        """Let each of (n, 16) tokens find the posting in the same of (n, 32) rows."""
        if keys.shape != (len(keys), KEY_BYTES) or postings.shape != (len(keys), POSTING_BYTES):
            raise Refusal("INDEX-ROW", "A token has 16 bytes and a posting 32.")
        self._spread()
        for start in range(0, len(keys), CHUNK_ROWS):
            self._put(keys[start : start + CHUNK_ROWS], postings[start : start + CHUNK_ROWS])

    def finish(self, applied_seq: int, now_ms: int = 0) -> None:
        """Make the index durable; raises OSError when the disk fails, and then the folder holds none."""
        self._spread()
        path = self._folder / segment_name(1)
        lines: tuple[SegmentLine, ...] = ()
        with SegmentWriter(
            path, self.count, self._form, SegmentLabel(created_ms=now_ms), self._before
        ) as writer:
            for keys, postings in self._ordered():
                writer.append(keys, postings)
        if writer.count:
            lines = (SegmentLine(path.name, writer.digest.hex(), writer.count),)
        else:
            path.unlink()
        write_manifest(
            self._folder, Manifest(applied_seq=applied_seq, generation=1, segments=lines), self._before
        )

    def _spread(self) -> None:
        if self._keys:
            keys = np.frombuffer(b"".join(self._keys), np.uint8).reshape(-1, KEY_BYTES)
            postings = np.frombuffer(b"".join(self._postings), np.uint8).reshape(-1, POSTING_BYTES)
            self._keys, self._postings = [], []
            self._put(keys, postings)

    def _put(self, keys: Rows, postings: Rows) -> None:
        self.count += len(keys)
        self._form = Form.joined((self._form, Form.of(postings)))
        parts = buckets_of(keys, BUCKET_BITS_LIMIT) >> (BUCKET_BITS_LIMIT - self._bits)
        order = np.argsort(parts, kind="stable")
        rows = np.hstack((keys, postings))[order]
        ends = np.searchsorted(parts[order], np.arange(len(self._parts) + 1))
        for number in np.flatnonzero(ends[1:] > ends[:-1]).tolist():
            self._parts[number].write(rows[ends[number] : ends[number + 1]].tobytes())

    def _ordered(self) -> Iterator[tuple[Rows, Rows]]:
        dead = Discarded(self._discarded)
        for part in self._parts:
            part.seek(0)
            rows = np.frombuffer(part.read(), np.uint8).reshape(-1, _ROW_BYTES)
            keys, postings = rows[:, :KEY_BYTES], rows[:, KEY_BYTES:]
            alive = np.flatnonzero(~dead.dead(postings))
            chosen = alive[distinct_order(keys[alive], postings[alive])]
            for start in range(0, len(chosen), CHUNK_ROWS):
                some = chosen[start : start + CHUNK_ROWS]
                yield keys[some], postings[some]
