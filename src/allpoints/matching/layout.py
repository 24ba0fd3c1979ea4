"""How a segment's bytes are laid out: header, keys, postings, bucket table, note.

Numbers are little-endian. Keys and postings start at multiples of 16. Entry ``b`` of the bucket table is the
place in the file of the first key whose top bits are ``b`` or more, so two neighbouring entries enclose a
bucket's keys; there is one entry more than buckets.
"""

import hashlib
import struct

import msgspec
import numpy as np
from numpy.typing import NDArray

from allpoints.ground.refusal import Refusal

MAGIC = b"\x93APSEG\r\n"
"""First bytes of every segment; the line end shows a file that went through a text conversion."""

FORMAT_VERSION = 1
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

_FIELDS = struct.Struct("<8sHBBIQQI4x32s24x")
_POSTING_BYTES = 32
_NARROW_LIMIT_BYTES = 1 << 32


class Header(msgspec.Struct, frozen=True):
    """What stands before the keys."""

    flags: int
    count: int
    created_ms: int
    bucket_bits: int
    note_bytes: int
    payload_sha256: bytes

    @property
    def postings_at(self) -> int:
        return HEADER_BYTES + KEY_BYTES * self.count

    @property
    def table_at(self) -> int:
        return self.postings_at + _POSTING_BYTES * self.count

    @property
    def note_at(self) -> int:
        return self.table_at + table_width(self.count) * ((1 << self.bucket_bits) + 1)

    @property
    def file_bytes(self) -> int:
        return self.note_at + self.note_bytes

    def pack(self) -> bytes:
        """The header's bytes; the last 32 are the SHA-256 of those before, and identify the whole file."""
        fields = _FIELDS.pack(
            MAGIC,
            FORMAT_VERSION,
            table_width(self.count),
            self.bucket_bits,
            self.flags,
            self.count,
            self.created_ms,
            self.note_bytes,
            self.payload_sha256,
        )
        return fields + hashlib.sha256(fields).digest()


def read_header(data: bytes) -> Header:
    """The header in the first 128 bytes of a file.

    Raises Refusal SEGMENT-TRUNCATED, SEGMENT-CORRUPT, SEGMENT-VERSION.
    """
    if len(data) < HEADER_BYTES:
        raise Refusal("SEGMENT-TRUNCATED", "The segment ends within its header.")
    magic, version, _, bits, flags, count, created_ms, note_bytes, payload = _FIELDS.unpack_from(data)
    if magic != MAGIC:
        raise Refusal("SEGMENT-CORRUPT", "The file does not begin as a segment does.")
    if version != FORMAT_VERSION:
        raise Refusal("SEGMENT-VERSION", f"The segment has format version {version}, not {FORMAT_VERSION}.")
    if bits > BUCKET_BITS_LIMIT or count > POSTINGS_LIMIT or note_bytes > NOTE_LIMIT_BYTES:
        raise Refusal("SEGMENT-CORRUPT", "The segment's header names sizes beyond the limits.")
    header = Header(flags, count, created_ms, bits, note_bytes, payload)
    if header.pack() != data[:HEADER_BYTES]:
        raise Refusal("SEGMENT-CORRUPT", "The segment's header does not match its hash.")
    return header


def table_width(count: int) -> int:
    """Bytes of one entry of the bucket table: four as long as the keys end below 4 GiB."""
    return 4 if HEADER_BYTES + KEY_BYTES * count < _NARROW_LIMIT_BYTES else 8


def bucket_bits_for(count: int) -> int:
    """Top bits of a key that number its bucket, so that a bucket has four to eight keys on average."""
    return min(BUCKET_BITS_LIMIT, max(0, (count // 4).bit_length() - 1))


def buckets_of(keys: NDArray[np.uint8], bits: int) -> NDArray[np.int64]:
    """The bucket of each of (n, 16) keys."""
    tops = np.ascontiguousarray(keys).view(">u4")[:, 0].astype(np.int64)
    return tops >> (BUCKET_BITS_LIMIT - bits)
