"""An immutable, sorted, memory-mapped file of tokens and postings: the unit of the index and of an extract."""

import hashlib
import mmap
import os
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allpoints.ground.refusal import Refusal
from allpoints.matching.form import KIND_BYTES, Form
from allpoints.matching.fuse import Fuse
from allpoints.matching.layout import (
    BUCKET_BITS_LIMIT,
    HEADER_BYTES,
    KEY_BYTES,
    Header,
    buckets_of,
    read_header,
    table_width,
)
from allpoints.matching.ordering import Rows
from allpoints.matching.writing import SegmentLabel, write_segment

__all__ = ["Segment", "SegmentLabel", "Spans", "write_segment"]

BATCH_ROWS = 1 << 16
"""Tokens looked up at a time in a batch, so that intermediate arrays stay in the processor's cache."""

WORD_BYTES = 8

_TOP = struct.Struct(">I12x").unpack

Pair = tuple[NDArray[np.uint64], NDArray[np.uint64]]
"""First and last eight bytes of keys, as numbers; if both are equal, the keys are."""


class Spans(NamedTuple):
    """Where the postings of each token of a batch stand: the first one's row, and how many (0 on a miss)."""

    first: NDArray[np.int64]
    counts: NDArray[np.int64]


class Segment:
    """One open segment; read it from any thread.

    ``digest`` is the hash of the header, which holds the hash of everything after it.
    """

    __slots__ = (
        "_decoded", "_file", "_map", "_postings_at", "_prefix", "_row_bytes", "_shift", "_stride", "_table", "byte_size", "count",
        "created_ms", "digest", "flags", "form", "fuse", "header", "note", "path",
    )  # fmt: skip

    def __init__(self, path: Path, header: Header, digest: bytes, mapped: mmap.mmap, file: int) -> None:
        self.path = path
        self._file = file
        self.header = header
        self.digest = digest
        self.count = header.count
        self.flags = header.flags
        self.created_ms = header.created_ms
        self.byte_size = header.file_bytes
        self._map = mapped
        self._shift = BUCKET_BITS_LIMIT - header.bucket_bits
        self._prefix = header.key_prefix
        self._stride = header.stride
        self._row_bytes = header.row_bytes
        self._postings_at = header.postings_at
        self.form = _form(mapped, header)
        self._decoded = self.form.decoder()
        # A memory view gives plain integers faster than numpy does; numpy turns the bytes where it must.
        self._table = _native_table(mapped, header).data
        try:
            self.note = mapped[header.note_at : header.file_bytes].decode()
        except UnicodeDecodeError:
            raise Refusal("SEGMENT-CORRUPT", "The segment's note is not text.") from None
        filter_ = memoryview(mapped)[header.filter_at : header.note_at]
        self.fuse = Fuse(filter_) if header.filter_bytes else None

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
            segment = cls(path, header, start[-32:], mapped, os.dup(file.fileno()))
        if verify:
            segment._check_table()
        return segment

    def lookup(self, token: bytes) -> list[bytes]:
        """The packed postings of a token, in the order written; a token is exactly 16 bytes."""
        bucket = _TOP(token)[0] >> self._shift
        table, mapped, stride = self._table, self._map, self._stride
        end = table[bucket + 1]
        key = token[self._prefix :]
        place = mapped.find(key, table[bucket], end)
        if place < 0:
            return []
        row, across = divmod(place - HEADER_BYTES, stride)
        following = place + stride
        if across or (following < end and mapped[following : following + stride] == key):
            return self._postings_from(key, place, end)
        at = self._postings_at + row * self._row_bytes
        return [self._decoded(mapped[at : at + self._row_bytes])]

    def _postings_from(self, key: bytes, place: int, end: int) -> list[bytes]:
        mapped, stride, size = self._map, self._stride, self._row_bytes
        # Bytes across two keys can spell a third one: only a find at a key's start counts.
        while (place - HEADER_BYTES) % stride:
            place = mapped.find(key, place + 1, end)
            if place < 0:
                return []
        at = self._postings_at + (place - HEADER_BYTES) // stride * size
        found = []
        while place < end and mapped[place : place + stride] == key:
            found.append(self._decoded(mapped[at : at + size]))
            at += size
            place += stride
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
        if self.fuse is None:
            return self._searched(tokens)
        # Nearly all are misses: the filter lets one in 256 of them through.
        rows = np.flatnonzero(self.fuse.may_hold(tokens))
        spans = Spans(np.zeros(len(tokens), np.int64), np.zeros(len(tokens), np.int64))
        spans.first[rows], spans.counts[rows] = self._searched(tokens[rows])
        return spans

    def _searched(self, tokens: Rows) -> Spans:
        keys = self._keys_as_words()
        table = np.asarray(self._table)
        sought = (_word(tokens, self._prefix), _word(tokens, KEY_BYTES - WORD_BYTES))
        buckets = buckets_of(tokens, self.header.bucket_bits)
        low = (table[buckets].astype(np.int64) - HEADER_BYTES) // self._stride
        high = (table[buckets + 1].astype(np.int64) - HEADER_BYTES) // self._stride
        first = _bound(keys, sought, low, high, after=False)
        counts = np.zeros(len(tokens), np.int64)
        inside = np.flatnonzero(first < high)
        same = (keys[0][first[inside]] == sought[0][inside]) & (keys[1][first[inside]] == sought[1][inside])
        rows = inside[same]
        held = (sought[0][rows], sought[1][rows])
        counts[rows] = _bound(keys, held, first[rows], high[rows], after=True) - first[rows]
        return Spans(first, counts)

    def postings(self, rows: NDArray[np.int64] | slice) -> Rows:
        """A copy of the postings in the given rows; (n, 32) uint8."""
        if isinstance(rows, slice):
            return self.form.decode(self._read(rows, self._postings_at, self._row_bytes))
        size = self.count * self._row_bytes
        held = np.frombuffer(self._map, np.uint8, size, self._postings_at).reshape(-1, self._row_bytes)
        return self.form.decode(held[rows])

    def keys(self, rows: slice) -> Rows:
        """A copy of the keys in the given rows; (n, 16) uint8."""
        start, end, _ = rows.indices(self.count)
        made = np.empty((end - start, KEY_BYTES), np.uint8)
        made[:, self._prefix :] = self._read(rows, HEADER_BYTES, self._stride)
        if self._prefix:
            # What the file leaves out of a key is what its bucket says.
            table = np.asarray(self._table)
            places = np.arange(start, end) * self._stride + HEADER_BYTES
            buckets = np.searchsorted(table, places.astype(table.dtype), side="right") - 1
            tops = (buckets << (BUCKET_BITS_LIMIT - self.header.bucket_bits)).astype(">u4").view(np.uint8)
            made[:, : self._prefix] = tops.reshape(-1, 4)[:, : self._prefix]
        return made

    def _read(self, rows: slice, at: int, width: int) -> Rows:
        """Rows as they stand in the file; read and not mapped, or a merge would bring the whole file into memory."""
        start, end, _ = rows.indices(self.count)
        data = os.pread(self._file, (end - start) * width, at + start * width)
        return np.frombuffer(data, np.uint8).reshape(-1, width)

    def first_from(self, bound: bytes) -> int:
        """The first row whose key is not below ``bound``, a key."""
        bucket = _TOP(bound)[0] >> self._shift
        place, end = self._table[bucket], self._table[bucket + 1]
        while place < end and self._map[place : place + self._stride] < bound[self._prefix :]:
            place += self._stride
        return int((place - HEADER_BYTES) // self._stride)

    def close(self) -> None:
        """Give the mapping back; the segment answers nothing afterwards."""
        self._table.release()
        if self.fuse is not None:
            self.fuse.release()
        self._map.close()
        os.close(self._file)

    def _keys_as_words(self) -> Pair:
        """First and last eight bytes of each key as it stands in the file; they overlap in a short one."""
        last = HEADER_BYTES + self._stride - WORD_BYTES
        shape, strides = (self.count,), (self._stride,)
        first, rest = (
            np.ndarray(shape, ">u8", buffer=self._map, offset=offset, strides=strides)
            for offset in (HEADER_BYTES, last)
        )
        return first, rest

    def _check_table(self) -> None:
        table = np.asarray(self._table)
        ends = int(table[0]) == HEADER_BYTES and int(table[-1]) == HEADER_BYTES + self.count * self._stride
        if (
            not ends
            or bool((table[1:] < table[:-1]).any())
            or bool(((table - HEADER_BYTES) % self._stride).any())
        ):
            raise Refusal("SEGMENT-CORRUPT", f"The bucket table of {self.path.name} makes no sense.")


def _form(mapped: mmap.mmap, header: Header) -> Form:
    listed = mapped[header.kinds_at : header.kinds_at + KIND_BYTES * header.kinds]
    kinds = tuple(listed[at : at + KIND_BYTES] for at in range(0, len(listed), KIND_BYTES))
    form = Form(header.time, header.version, kinds)
    if (
        form.row_bytes != header.row_bytes
        or list(kinds) != sorted(set(kinds))
        or (header.count and not kinds)
    ):
        raise Refusal("SEGMENT-CORRUPT", "The form of the segment's postings makes no sense.")
    return form


def _native_table(mapped: mmap.mmap, header: Header) -> NDArray[np.uint32] | NDArray[np.uint64]:
    entries = (1 << header.bucket_bits) + 1
    if table_width(header.count, header.stride) == 4:
        return np.frombuffer(mapped, "<u4", entries, header.table_at).astype(np.uint32, copy=False)
    return np.frombuffer(mapped, "<u8", entries, header.table_at).astype(np.uint64, copy=False)


def _word(tokens: Rows, at: int) -> NDArray[np.uint64]:
    """Eight bytes of each token as a number that sorts as they do."""
    return np.ascontiguousarray(tokens[:, at : at + WORD_BYTES]).view(">u8")[:, 0].astype(np.uint64)


def _bound(
    keys: Pair, sought: Pair, low: NDArray[np.int64], high: NDArray[np.int64], *, after: bool
) -> NDArray[np.int64]:
    """For each sought key the first row in [low, high) whose key is not below it (``after``: above it).

    Binary search of all at once: a bucket holds a few keys, but one identifier may have thousands of postings.
    """
    low, high = low.copy(), high.copy()
    while (searching := low < high).any():
        middle = np.minimum((low + high) >> 1, len(keys[0]) - 1)
        tops = keys[0][middle].astype(np.uint64)
        below = tops < sought[0]
        ties = np.flatnonzero(tops == sought[0])
        if len(ties):
            rests = keys[1][middle[ties]].astype(np.uint64)
            below[ties] = rests <= sought[1][ties] if after else rests < sought[1][ties]
        low = np.where(searching & below, middle + 1, low)
        high = np.where(searching & ~below, middle, high)
    return low
