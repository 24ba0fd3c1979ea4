"""How a segment's bytes are laid out: header, keys, postings, bucket table, kinds, filter, note.

Numbers are little-endian. Keys, postings, table and filter start at multiples of 16. Entry ``b`` of the bucket table is
the place in the file of the first key whose top bits are ``b`` or more, so two neighbouring entries enclose a bucket's
keys; there is one entry more than buckets. A large segment leaves out of its keys the leading bytes that their bucket
says already. Postings are rows of the segment's form (``form``), whose kinds stand in ascending order.
"""

import hashlib
import struct

import msgspec
import numpy as np
from numpy.typing import NDArray

from allpoints.ground.refusal import Refusal
from allpoints.matching.form import KIND_BYTES, KINDS_LIMIT, TIME_BYTES, VERSION_BYTES

MAGIC = b"\x93APSEG\r\n"
"""First bytes of every segment; the line end shows a file that went through a text conversion."""

FORMAT_VERSION = 2
"""The only version that this program reads and writes."""

HEADER_BYTES = 128
"""Length of the header, its own hash included."""

KEY_BYTES = 16
"""Length of a key, which is a token."""

POSTINGS_LIMIT = 1 << 32
"""A segment holds at most so many postings, about 200 gigabytes."""

NOTE_LIMIT_BYTES = 4_096
"""The writer's note is a short canonical text, not a place for data."""

BUCKET_BITS_LIMIT = 32
"""A bucket is found by at most the first four bytes of a key."""

SHORT_KEYS_FROM = 1 << 20
"""Segments of so many keys leave out what their buckets say; in smaller ones it would save nothing that matters."""

FILTER_FROM = 1 << 16
"""Segments of so many keys carry a filter; a smaller one is in the processor's cache anyway."""

FILTER_LIMIT_BYTES = 1 << 36

_FIELDS = struct.Struct("<8sHBBIQQII32sBBB6s3sQ4x")
_NARROW_LIMIT_BYTES = 1 << 32


class Header(msgspec.Struct, frozen=True):
    """What stands before the keys; ``time`` and ``version`` are the leading bytes that all postings share."""

    flags: int
    count: int
    created_ms: int
    bucket_bits: int
    note_bytes: int
    payload_sha256: bytes
    key_prefix: int = 0
    row_bytes: int = 0
    kinds: int = 0
    time: bytes = b""
    version: bytes = b""
    filter_bytes: int = 0

    @property
    def stride(self) -> int:
        """Bytes of a key in the file."""
        return KEY_BYTES - self.key_prefix

    @property
    def postings_at(self) -> int:
        return aligned(HEADER_BYTES + self.stride * self.count)

    @property
    def table_at(self) -> int:
        return aligned(self.postings_at + self.row_bytes * self.count)

    @property
    def kinds_at(self) -> int:
        entries = (1 << self.bucket_bits) + 1
        return self.table_at + table_width(self.count, self.stride) * entries

    @property
    def filter_at(self) -> int:
        return aligned(self.kinds_at + KIND_BYTES * self.kinds)

    @property
    def note_at(self) -> int:
        return self.filter_at + self.filter_bytes

    @property
    def file_bytes(self) -> int:
        return self.note_at + self.note_bytes

    def pack(self) -> bytes:
        """The header's bytes; the last 32 are the SHA-256 of those before, and identify the whole file."""
        fields = _FIELDS.pack(
            MAGIC,
            FORMAT_VERSION,
            self.key_prefix,
            self.bucket_bits,
            self.flags,
            self.count,
            self.created_ms,
            self.note_bytes,
            self.kinds,
            self.payload_sha256,
            len(self.time),
            len(self.version),
            self.row_bytes,
            self.time,
            self.version,
            self.filter_bytes,
        )
        return fields + hashlib.sha256(fields).digest()


def read_header(data: bytes) -> Header:
    """The header in the first 128 bytes of a file.

    Raises Refusal SEGMENT-TRUNCATED, SEGMENT-CORRUPT, SEGMENT-VERSION.
    """
    if len(data) < HEADER_BYTES:
        raise Refusal("SEGMENT-TRUNCATED", "The segment ends within its header.")
    magic, number, prefix, bits, flags, count, created_ms, note_bytes, kinds, payload, *rest = (
        _FIELDS.unpack_from(data)
    )
    if magic != MAGIC:
        raise Refusal("SEGMENT-CORRUPT", "The file does not begin as a segment does.")
    if number != FORMAT_VERSION:
        raise Refusal("SEGMENT-VERSION", f"The segment has format version {number}, not {FORMAT_VERSION}.")
    times, versions, row_bytes, time, version, filter_bytes = rest
    sizes = (
        (bits, BUCKET_BITS_LIMIT),
        (8 * prefix, bits),
        (count, POSTINGS_LIMIT),
        (note_bytes, NOTE_LIMIT_BYTES),
        (kinds, KINDS_LIMIT),
        (times, TIME_BYTES),
        (versions, VERSION_BYTES),
        (filter_bytes, FILTER_LIMIT_BYTES),
    )
    if any(size > limit for size, limit in sizes):
        raise Refusal("SEGMENT-CORRUPT", "The segment's header names sizes beyond the limits.")
    header = Header(
        flags, count, created_ms, bits, note_bytes, payload,
        prefix, row_bytes, kinds, time[:times], version[:versions], filter_bytes,
    )  # fmt: skip
    if header.pack() != data[:HEADER_BYTES]:
        raise Refusal("SEGMENT-CORRUPT", "The segment's header does not match its hash.")
    return header


def aligned(place: int) -> int:
    """The next multiple of 16."""
    return -(-place // 16) * 16


def table_width(count: int, stride: int = KEY_BYTES) -> int:
    """Bytes of one entry of the bucket table: four as long as the keys end below 4 GiB."""
    return 4 if HEADER_BYTES + stride * count < _NARROW_LIMIT_BYTES else 8


def bucket_bits_for(count: int) -> int:
    """Top bits of a key that number its bucket, so that a bucket has four to eight keys on average."""
    return min(BUCKET_BITS_LIMIT, max(0, (count // 4).bit_length() - 1))


def key_prefix_for(count: int) -> int:
    """Leading bytes of a key that a segment of so many keys leaves out."""
    return bucket_bits_for(count) // 8 if count >= SHORT_KEYS_FROM else 0


def buckets_of(keys: NDArray[np.uint8], bits: int) -> NDArray[np.int64]:
    """The bucket of each of (n, 16) keys."""
    tops = np.ascontiguousarray(keys).view(">u4")[:, 0].astype(np.int64)
    return tops >> (BUCKET_BITS_LIMIT - bits)
