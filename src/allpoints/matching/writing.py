"""Writing a segment: keys first, postings after them, then the bucket table, the kinds, the filter and the note."""

import hashlib
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import numpy as np

from allpoints.ground.refusal import Refusal
from allpoints.matching.durable import BeforeWrite, DurableFile, unhindered
from allpoints.matching.form import Form
from allpoints.matching.fuse import FuseWriter
from allpoints.matching.layout import (
    FILTER_FROM,
    HEADER_BYTES,
    KEY_BYTES,
    NOTE_LIMIT_BYTES,
    POSTINGS_LIMIT,
    Header,
    aligned,
    bucket_bits_for,
    buckets_of,
    key_prefix_for,
    table_width,
)
from allpoints.matching.ordering import Rows, distinct_order, words
from allpoints.matching.posting import POSTING_BYTES

CHUNK_ROWS = 1 << 17
"""Rows gathered and written at a time: 6 MiB, so that memory does not grow with the file."""

SPOOL_MEMORY_BYTES = 8 * 1024 * 1024
"""Postings wait for the last key here, and in a nameless file beyond this size."""


class SegmentLabel(msgspec.Struct, frozen=True):
    """What the writer says about a segment; covered by its hash."""

    flags: int = 0
    created_ms: int = 0
    note: str = ""


class SegmentWriter:
    """Writes one segment from runs of rows that come in ascending order of key.

    Leaving the block normally makes the segment durable; ``digest`` then identifies it. ``expected`` is the
    number of rows to come, or more; rows are counted by bucket as they come. Postings are of the ``form`` given.
    """

    def __init__(
        self,
        path: Path,
        expected: int,
        form: Form,
        label: SegmentLabel,
        before: BeforeWrite = unhindered,
    ) -> None:
        self._note = label.note.encode()
        if len(self._note) > NOTE_LIMIT_BYTES:
            raise Refusal("SEGMENT-NOTE", f"A segment's note has at most {NOTE_LIMIT_BYTES} bytes.")
        if expected > POSTINGS_LIMIT:
            raise Refusal("SEGMENT-TOO-LARGE", f"A segment has at most {POSTINGS_LIMIT} postings.")
        self._label = label
        self._form = form
        self._expected = expected
        self._bits = bucket_bits_for(expected)
        self._prefix = key_prefix_for(expected)
        self._per_bucket = np.zeros(1 << self._bits, dtype=np.int64)
        self._fuse = FuseWriter(expected) if expected >= FILTER_FROM else None
        self._hash = hashlib.sha256()
        self._place = HEADER_BYTES
        self._file = DurableFile(path, before)
        self._postings = tempfile.SpooledTemporaryFile(SPOOL_MEMORY_BYTES, dir=str(path.parent))  # noqa: SIM115
        self.count = 0
        self.digest = b""

    def append(self, keys: Rows, postings: Rows) -> None:
        """Add rows whose keys are ascending and not below those already added."""
        if not len(keys):
            return
        if self.count + len(keys) > self._expected:
            raise Refusal("SEGMENT-ROWS", "More rows came than were expected.")
        buckets = buckets_of(keys, self._bits)
        first, last = int(buckets[0]), int(buckets[-1])
        self._per_bucket[first : last + 1] += np.bincount(buckets - first, minlength=last + 1 - first)
        self._postings.write(self._form.encode(postings).tobytes())
        self._add(np.ascontiguousarray(keys[:, self._prefix :]).tobytes())
        if self._fuse is not None:
            self._fuse.append(words(keys))
        self.count += len(keys)

    def __enter__(self) -> Self:
        # The header needs the hash of all that follows it.
        self._file.leave_room(HEADER_BYTES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._postings:
            if kind is not None:
                self._file.abandon()
                return
            with self._file:
                self._finish()

    def _finish(self) -> None:
        self._align()
        self._postings.seek(0)
        while chunk := self._postings.read(CHUNK_ROWS * POSTING_BYTES):
            self._add(chunk)
        self._align()
        # Fewer rows than expected need fewer buckets, but as many as the keys' missing bytes ask for.
        bits = max(bucket_bits_for(self.count), 8 * self._prefix)
        stride = KEY_BYTES - self._prefix
        per_bucket = self._per_bucket.reshape(1 << bits, -1).sum(axis=1)
        table = np.zeros(len(per_bucket) + 1, dtype=f"<u{table_width(self.count, stride)}")
        np.cumsum(per_bucket, out=table[1:], dtype=table.dtype)
        self._add((table * stride + HEADER_BYTES).astype(table.dtype).tobytes())
        self._add(b"".join(self._form.kinds))
        self._align()
        # As with the buckets: the rows that came decide, so that equal rows make equal bytes.
        fuse = self._fuse.finish() if self._fuse is not None and self.count >= FILTER_FROM else b""
        self._add(fuse)
        self._add(self._note)
        header = Header(
            flags=self._label.flags,
            count=self.count,
            created_ms=self._label.created_ms,
            bucket_bits=bits,
            note_bytes=len(self._note),
            payload_sha256=self._hash.digest(),
            key_prefix=self._prefix,
            row_bytes=self._form.row_bytes,
            kinds=len(self._form.kinds),
            time=self._form.time,
            version=self._form.version,
            filter_bytes=len(fuse),
        ).pack()
        self._file.rewrite_start(header)
        self.digest = header[-32:]

    def _align(self) -> None:
        self._add(bytes(aligned(self._place) - self._place))

    def _add(self, data: bytes) -> None:
        if not data:
            return
        self._hash.update(data)
        self._file.write(data)
        self._place += len(data)


def write_segment(
    path: Path,
    keys: Rows,
    postings: Rows,
    label: SegmentLabel = SegmentLabel(),  # noqa: B008 - frozen, so one for all calls is safe
    before: BeforeWrite = unhindered,
) -> bytes:
    """Write rows in any order as a segment and return its digest; equal rows are written once.

    ``keys`` is (n, 16) uint8, ``postings`` (n, 32) uint8. Raises Refusal SEGMENT-ROWS, SEGMENT-NOTE,
    SEGMENT-TOO-LARGE; OSError when the disk fails, and then no file has the name.
    """
    if keys.shape != (len(keys), KEY_BYTES) or postings.shape != (len(keys), POSTING_BYTES):
        raise Refusal("SEGMENT-ROWS", "A segment is written from n keys of 16 bytes and n postings of 32.")
    order = distinct_order(keys, postings)
    with SegmentWriter(path, len(order), Form.of(postings), label, before) as writer:
        for start in range(0, len(order), CHUNK_ROWS):
            rows = order[start : start + CHUNK_ROWS]
            writer.append(keys[rows], postings[rows])
    return writer.digest
