"""What is newer than the segments, for other processes of the same machine: one file that grows by fixed rows.

The process that changes the index appends rows and then lets their number be seen; readers look at that number before
each look-up. When the segments change, a new file takes this one's name and says that it goes on where this one ended.
The file is made anew at each start and never answers for the disk: it is as durable as the process that writes it.
"""

import contextlib
import hashlib
import mmap
import os
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.matching.manifest import MANIFEST_NAME
from allpoints.matching.posting import POSTING_BYTES, RECORD_ID_BYTES
from allpoints.matching.tokens import TOKEN_BYTES

LIVE_NAME = "live.log"
MAGIC = b"ap-live1"
HEADER_BYTES = 4_096
ROW_BYTES = 64
WORDS_AT = 128
"""Where the changing numbers begin, 8 bytes each in the machine's own order: the file never leaves the machine."""
ROWS, FOLLOWED, EPOCH, AS_OF, BEAT, HOLD = range(6)
"""Rows to be seen; 1 once another file goes on; how often standings changed; the instant up to which the network is
known; when the writer was last alive, by the machine's monotonic clock in milliseconds; 1 while checks must wait."""
WORDS = 6

END, BEGIN, TOKEN = 1, 2, 3
"""A record ends with this version; it is found from this version on; it is found under this token."""

_FIXED = struct.Struct(">8s16s16sQ32s")
_BODY = struct.Struct(">BHBQ16s32s")
_CHECK = struct.Struct(">I")
_NO_POSTING = bytes(POSTING_BYTES)


class Place(NamedTuple):
    """Which file this is: its own identity, the run of files that it belongs to and its place in it.

    ``manifest`` is the SHA-256 of the manifest that its rows come on top of, zeros for none.
    """

    identity: bytes
    run: bytes
    number: int
    manifest: bytes

    def goes_on(self, earlier: "Place") -> bool:
        """Whether this file's rows come right after the last one of ``earlier``."""
        return self.run == earlier.run and self.number == earlier.number + 1


class Row(NamedTuple):
    """One row: what it says, about which record or token, with which posting."""

    kind: int
    version: int
    key: bytes
    posting: bytes


def end_row(record_id: bytes, version: int) -> Row:
    return Row(END, version, record_id, _NO_POSTING)


def found_rows(record_id: bytes, version: int, posting: bytes, tokens: Iterable[bytes]) -> list[Row]:
    """The rows of one record under its tokens, in this version alone."""
    begin = Row(BEGIN, version, record_id, _NO_POSTING)
    return [begin, *(Row(TOKEN, version, token, posting) for token in tokens)]


class LiveLog:
    """The file as its writer has it; there is one writer of a folder."""

    def __init__(self, folder: Path, after: "LiveLog | None" = None) -> None:
        """Begin a file on top of the folder's present manifest, in the place of ``after`` or of whatever was there."""
        run = os.urandom(16) if after is None else after.place.run
        number = 0 if after is None else after.place.number + 1
        self.place: Place = Place(os.urandom(16), run, number, manifest_digest(folder))
        self._salt = zlib.crc32(self.place.identity)
        path = folder / LIVE_NAME
        part = path.with_name(f"{LIVE_NAME}.new")
        self._file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.truncate(self._file, HEADER_BYTES)
        os.pwrite(self._file, fixed_bytes(self.place), 0)
        self._map = mmap.mmap(self._file, HEADER_BYTES)
        self._words = memoryview(self._map)[WORDS_AT : WORDS_AT + 8 * WORDS].cast("Q")
        self._rows = 0
        if after is not None:
            self._words[EPOCH:WORDS] = after.words()
        part.replace(path)

    def words(self) -> memoryview:
        """What stays as it is when another file follows."""
        return self._words[EPOCH:WORDS]

    def append(self, rows: Iterable[Row]) -> None:
        """Add rows and let them be seen, all at once."""
        added, number = bytearray(), self._rows
        for row in rows:
            added += pack_row(self._salt, number, row)
            number += 1
        os.pwrite(self._file, added, HEADER_BYTES + self._rows * ROW_BYTES)
        self._rows = number
        # One store of eight bytes: whoever reads the number sees the old one or this one.
        self._words[ROWS] = number

    def beat(self, monotonic_ms: int, as_of_ms: int) -> None:
        """The writer is alive and knows the network up to this instant."""
        self._words[AS_OF] = as_of_ms
        self._words[BEAT] = monotonic_ms

    def standings_changed(self) -> None:
        """What readers remember of who may ask holds no more."""
        self._words[EPOCH] += 1

    def hold(self, *, held: bool) -> None:
        """Whether checks must wait, since what was answered is not taken in as fast."""
        self._words[HOLD] = int(held)

    def followed(self) -> None:
        """Nothing comes into this file any more: readers go on in the one that has its name, if there is one."""
        self._words[FOLLOWED] = 1
        self.close()

    def close(self) -> None:
        self._words.release()
        self._map.close()
        with contextlib.suppress(OSError):
            os.close(self._file)


def pack_row(salt: int, number: int, row: Row) -> bytes:
    """A row with its check sum over the file's identity, the row's number and what it says."""
    kind, version, key, posting = row
    body = _BODY.pack(kind, version >> 8, version & 0xFF, number, key, posting)
    return _CHECK.pack(zlib.crc32(body, salt)) + body


def unpack_rows(salt: int, first: int, data: bytes) -> list[Row]:
    """The rows in ``data``, the first of which has the number ``first``; raises Refusal INDEX-BROKEN."""
    rows: list[Row] = []
    for at in range(0, len(data), ROW_BYTES):
        body = data[at + _CHECK.size : at + ROW_BYTES]
        check = int.from_bytes(data[at : at + _CHECK.size], "big")
        if len(body) != _BODY.size or check != zlib.crc32(body, salt):
            raise broken("A row of the live part does not match its check sum.")
        kind, high, low, number, key, posting = _BODY.unpack(body)
        if number != first + len(rows) or kind not in {END, BEGIN, TOKEN}:
            raise broken("A row of the live part is not in its place.")
        rows.append(Row(kind, high << 8 | low, key, posting))
    return rows


def fixed_bytes(place: Place) -> bytes:
    """The part of the header that never changes, with its hash."""
    fixed = _FIXED.pack(MAGIC, *place)
    return fixed + hashlib.sha256(fixed).digest()


def read_place(data: bytes) -> Place:
    """Which file a header is of; raises Refusal INDEX-BROKEN for one that no writer wrote."""
    fixed = data[: _FIXED.size]
    if len(data) != HEADER_BYTES or data[_FIXED.size : _FIXED.size + 32] != hashlib.sha256(fixed).digest():
        raise broken("The live part's header does not match its hash.")
    magic, *place = _FIXED.unpack(fixed)
    if magic != MAGIC:
        raise broken("The live part is in another form.")
    return Place(*place)


def manifest_digest(folder: Path) -> bytes:
    """The SHA-256 of the manifest as it stands, zeros when there is none."""
    try:
        with (folder / MANIFEST_NAME).open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except FileNotFoundError:
        return bytes(32)


def broken(why: str) -> Refusal:
    return Refusal("INDEX-BROKEN", why, hint="Start the node again.", status=503)


assert _BODY.size + _CHECK.size == ROW_BYTES  # noqa: S101 - the layout's own arithmetic
assert RECORD_ID_BYTES == TOKEN_BYTES  # noqa: S101 - one column holds either
