"""An immutable, sorted, memory-mapped file of tokens and postings: the unit of the index and of an extract."""

import hashlib
import mmap
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allpoints.ground.refusal import Refusal
from allpoints.matching.layout import (
    BUCKET_BITS_LIMIT,
    HEADER_BYTES,
    KEY_BYTES,
    Header,
    buckets_of,
    read_header,
    table_width,
)
from allpoints.matching.ordering import Rows, words
from allpoints.matching.posting import POSTING_BYTES
from allpoints.matching.writing import SegmentLabel, write_segment

__all__ = ["Segment", "SegmentLabel", "Spans", "write_segment"]

BATCH_ROWS = 1 << 16
"""Tokens looked up at a time in a batch, so that intermediate arrays stay in the processor's cache."""

_TOP = struct.Struct(">I12x").unpack


class Spans(NamedTuple):
    """Where the postings of each token of a batch stand: the first one's row, and how many (0 on a miss)."""

    first: NDArray[np.int64]
    counts: NDArray[np.int64]


class Segment:
    """One open segment; read it from any thread.

    ``digest`` is the hash of the header, which holds the hash of everything after it.
    """

    __slots__ = (
        "_map", "_postings_at", "_shift", "_table", "byte_size", "count", "created_ms", "digest", "flags",
        "header", "note", "path",
    )  # fmt: skip

    def __init__(self, path: Path, header: Header, digest: bytes, mapped: mmap.mmap) -> None:
        self.path = path
        self.header = header
        self.digest = digest
        self.count = header.count
        self.flags = header.flags
        self.created_ms = header.created_ms
        self.byte_size = header.file_bytes
        self._map = mapped
        self._shift = BUCKET_BITS_LIMIT - header.bucket_bits
        self._postings_at = header.postings_at
        # A memory view gives plain integers faster than numpy does; numpy turns the bytes where it must.
        self._table = _native_table(mapped, header).data
        try:
            self.note = mapped[header.note_at : header.file_bytes].decode()
        except UnicodeDecodeError:
            raise Refusal("SEGMENT-CORRUPT", "The segment's note is not text.") from None

    @classmethod
    def open(cls, path: Path, *, verify: bool = True) -> "Segment":
        """Map a segment after checking it whole.

        ``verify=False`` skips the hash and is for files that this process has just written. Raises Refusal
        SEGMENT-MISSING, SEGMENT-TRUNCATED, SEGMENT-CORRUPT, SEGMENT-VERSION.
        """
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise Refusal("SEGMENT-MISSING", f"The segment {path.name} is not there.") from None
        with file:
            start = file.read(HEADER_BYTES)
            header = read_header(start)
            size = path.stat().st_size
            if size < header.file_bytes:
                raise Refusal("SEGMENT-TRUNCATED", f"The segment {path.name} ends before its end.")
            if size > header.file_bytes:
                raise Refusal("SEGMENT-CORRUPT", f"The segment {path.name} goes on after its end.")
            if verify and hashlib.file_digest(file, "sha256").digest() != header.payload_sha256:
                raise Refusal("SEGMENT-CORRUPT", f"The segment {path.name} does not match its hash.")
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        segment = cls(path, header, start[-32:], mapped)
        if verify:
            segment._check_table()
        return segment

    def lookup(self, token: bytes) -> list[bytes]:
        """The packed postings of a token, in the order written; a token is exactly 16 bytes."""
        bucket = _TOP(token)[0] >> self._shift
        table, mapped = self._table, self._map
        end = table[bucket + 1]
        place = mapped.find(token, table[bucket], end)
        if place < 0:
            return []
        following = place + KEY_BYTES
        if place & 15 or (following < end and mapped[following : following + KEY_BYTES] == token):
            return self._postings_from(token, place, end)
        at = self._postings_at + (place - HEADER_BYTES) * 2
        return [mapped[at : at + POSTING_BYTES]]

    def _postings_from(self, token: bytes, place: int, end: int) -> list[bytes]:
        mapped = self._map
        # Bytes across two keys can spell a third one: only a find at a key's start counts.
        while place & 15:
            place = mapped.find(token, place + 1, end)
            if place < 0:
                return []
        at = self._postings_at + (place - HEADER_BYTES) * 2
        found = [mapped[at : at + POSTING_BYTES]]
        place += KEY_BYTES
        while place < end and mapped[place : place + KEY_BYTES] == token:
            at += POSTING_BYTES
            found.append(mapped[at : at + POSTING_BYTES])
            place += KEY_BYTES
        return found

    def lookup_many(self, tokens: Rows) -> Spans:
        """Look up (n, 16) tokens at once; ``postings`` gives what stands in the rows found."""
        if tokens.dtype != np.uint8 or tokens.shape != (len(tokens), KEY_BYTES):
            raise Refusal("TOKEN-ROWS", "A batch of tokens is an array of bytes with 16 columns.")
        spans = Spans(np.zeros(len(tokens), np.int64), np.zeros(len(tokens), np.int64))
        for start in range(0, len(tokens), BATCH_ROWS):
            part = slice(start, start + BATCH_ROWS)
            spans.first[part], spans.counts[part] = self._spans(tokens[part])
        return spans

    def _spans(self, tokens: Rows) -> Spans:
        keys = self._keys_as_words()
        table = np.asarray(self._table)
        sought = words(tokens)
        buckets = buckets_of(tokens, self.header.bucket_bits)
        low = (table[buckets].astype(np.int64) - HEADER_BYTES) >> 4
        high = (table[buckets + 1].astype(np.int64) - HEADER_BYTES) >> 4
        first = _bound(keys, sought, low, high, after=False)
        counts = np.zeros(len(tokens), np.int64)
        inside = np.flatnonzero(first < high)
        same = (keys[first[inside]] == sought[inside]).all(axis=1)
        rows = inside[same]
        counts[rows] = _bound(keys, sought[rows], first[rows], high[rows], after=True) - first[rows]
        return Spans(first, counts)

    def postings(self, rows: NDArray[np.int64] | slice) -> Rows:
        """A copy of the postings in the given rows; (n, 32) uint8."""
        size = self.count * POSTING_BYTES
        held = np.frombuffer(self._map, np.uint8, size, self._postings_at).reshape(-1, POSTING_BYTES)
        return held[rows].copy() if isinstance(rows, slice) else held[rows]

    def keys(self, rows: slice) -> Rows:
        """A copy of the keys in the given rows; (n, 16) uint8."""
        size = self.count * KEY_BYTES
        held = np.frombuffer(self._map, np.uint8, size, HEADER_BYTES).reshape(-1, KEY_BYTES)
        return held[rows].copy()

    def key_at(self, row: int) -> bytes:
        place = HEADER_BYTES + row * KEY_BYTES
        return self._map[place : place + KEY_BYTES]

    def close(self) -> None:
        """Give the mapping back; the segment answers nothing afterwards."""
        self._table.release()
        self._map.close()

    def _keys_as_words(self) -> NDArray[np.uint64]:
        return np.frombuffer(self._map, ">u8", self.count * 2, HEADER_BYTES).reshape(-1, 2)

    def _check_table(self) -> None:
        table = np.asarray(self._table)
        ends = int(table[0]) == HEADER_BYTES and int(table[-1]) == self._postings_at
        if not ends or bool((table[1:] < table[:-1]).any()) or bool((table & 15).any()):
            raise Refusal("SEGMENT-CORRUPT", f"The bucket table of {self.path.name} makes no sense.")


def _native_table(mapped: mmap.mmap, header: Header) -> NDArray[np.uint32] | NDArray[np.uint64]:
    entries = (1 << header.bucket_bits) + 1
    if table_width(header.count) == 4:
        return np.frombuffer(mapped, "<u4", entries, header.table_at).astype(np.uint32, copy=False)
    return np.frombuffer(mapped, "<u8", entries, header.table_at).astype(np.uint64, copy=False)


def _bound(
    keys: NDArray[np.uint64],
    sought: NDArray[np.uint64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    *,
    after: bool,
) -> NDArray[np.int64]:
    """For each sought key the first row in [low, high) whose key is not below it (``after``: above it).

    Binary search of all at once: a bucket holds a few keys, but one identifier may have thousands of postings.
    """
    low, high = low.copy(), high.copy()
    while (searching := low < high).any():
        middle = np.minimum((low + high) >> 1, len(keys) - 1)
        tops = keys[middle, 0].astype(np.uint64)
        below = tops < sought[:, 0]
        ties = np.flatnonzero(tops == sought[:, 0])
        if len(ties):
            rests = keys[middle[ties], 1].astype(np.uint64)
            below[ties] = rests <= sought[ties, 1] if after else rests < sought[ties, 1]
        low = np.where(searching & below, middle + 1, low)
        high = np.where(searching & ~below, middle, high)
    return low
