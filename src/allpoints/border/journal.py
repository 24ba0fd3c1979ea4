"""The journal of a check worker: what it answered by itself, written before each answer and taken in later.

A worker writes one file and holds a lock on it; a file that nobody holds is finished. What ``write`` has returned for
survives the end of the process; ``sync`` makes it survive a power cut.
"""

import contextlib
import fcntl
import os
import zlib
from pathlib import Path
from typing import NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal

FOLDER = "checks"
"""Within a node's folder."""
SUFFIX = ".journal"
MAGIC = b"allpoints/check-journal/1\n"
FRAME_HEAD_BYTES = 8
"""In front of each frame: its length and its CRC-32, four bytes each."""
FRAME_LIMIT_BYTES = 16 * 1024
FILE_LIMIT_BYTES = 32 * 1024 * 1024
"""A file that is longer is finished and another one begun, so that what was taken in can be deleted."""


class Head(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The first frame of a file: by which policy set its checks were allowed."""

    policy: str


class JournalLine(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One check that found nothing: who asked what, and under which tokens a later record would concern it.

    ``asked`` is the question as JSON; ``emergency`` the number of an emergency access or empty.
    """

    check: str
    at_ms: int
    officer: str
    purpose: str
    case: str
    emergency: str
    asked: bytes
    number: str
    issuer: str
    pair: bytes
    tokens: tuple[bytes, ...]


class Piece(NamedTuple):
    """Lines read from one place of a file, and where the next one begins."""

    policy: str
    lines: list[JournalLine]
    end: int


_encode = msgspec.msgpack.Encoder().encode
_line = msgspec.msgpack.Decoder(JournalLine)
_head = msgspec.msgpack.Decoder(Head)


def frame(line: JournalLine) -> bytes:
    """The bytes of one line, with length and check sum in front."""
    return framed(_encode(line))


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big") + body


class Journal:
    """The files of one worker, one after the other."""

    def __init__(self, folder: Path, policy: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._start = MAGIC + framed(_encode(Head(policy)))
        self._file = -1
        self._size = 0
        self._written = self._synced = 0

    def write(self, frames: bytes) -> None:
        """Hand frames to the operating system; raises OSError, and then nothing may be answered that rests on them."""
        if self._file < 0 or self._size > FILE_LIMIT_BYTES:
            self._begin()
        try:
            taken = os.write(self._file, frames)
        except OSError:
            self._end()
            raise
        if taken != len(frames):
            # What lies there now is half a frame: nothing must come after it in the same file.
            self._end()
            raise OSError("The disk took only a part of a check.")
        self._size += len(frames)
        self._written += 1

    @property
    def unsynced(self) -> bool:
        return self._written != self._synced

    def sync(self) -> None:
        """Return once everything written so far is on the disk; may run in another thread than ``write``."""
        written, file = self._written, self._file
        if written == self._synced or file < 0:
            return
        held = os.dup(file)
        try:
            os.fdatasync(held)
        finally:
            os.close(held)
        self._synced = written

    def _begin(self) -> None:
        """Begin a file; it has its name only once this process holds its lock, or it could be taken for a finished one."""
        self._end()
        name = os.urandom(12).hex()
        part = self._folder / f"{name}.part"
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.write(file, self._start)
            os.fdatasync(file)
            part.rename(self._folder / f"{name}{SUFFIX}")
            _sync_folder(self._folder)
        except OSError:
            os.close(file)
            raise
        self._file, self._size = file, len(self._start)

    def _end(self) -> None:
        if self._file >= 0:
            with contextlib.suppress(OSError):
                os.fdatasync(self._file)
            os.close(self._file)
            self._file = -1

    def close(self) -> None:
        self._end()


def files(folder: Path) -> list[Path]:
    """The journals of a folder, in no order that means anything."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def is_finished(path: Path) -> bool:
    """Whether nobody writes this file any more."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def read(path: Path, start: int, limit: int) -> Piece:
    """Up to ``limit`` lines from ``start`` (0 for the beginning); ends before a frame that is not whole.

    Raises Refusal CHECK-JOURNAL-BROKEN for a file that no worker began, or a whole frame that none wrote.
    """
    with path.open("rb") as file:
        data = file.read(len(MAGIC) + 1_024)
        if not data.startswith(MAGIC):
            raise broken(path)
        body, at = _next(data, len(MAGIC))
        if body is None:
            raise broken(path)
        try:
            policy = _head.decode(body).policy
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise broken(path) from None
        start = max(start, at)
        file.seek(start)
        data = file.read(limit * 512 + FRAME_LIMIT_BYTES)
    lines: list[JournalLine] = []
    at = 0
    while len(lines) < limit:
        body, after = _next(data, at)
        if body is None:
            break
        try:
            lines.append(_line.decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise broken(path) from None
        at = after
    return Piece(policy, lines, start + at)


def _next(data: bytes, at: int) -> tuple[bytes | None, int]:
    """The frame at a place, and where the next one begins; None when it is not wholly there."""
    body_at = at + FRAME_HEAD_BYTES
    size = int.from_bytes(data[at : at + 4], "big")
    body = data[body_at : body_at + size]
    whole = 0 < size <= FRAME_LIMIT_BYTES and len(body) == size
    if not whole or zlib.crc32(body) != int.from_bytes(data[at + 4 : body_at], "big"):
        return None, at
    return body, body_at + size


def broken(path: Path) -> Refusal:
    return Refusal(
        "CHECK-JOURNAL-BROKEN",
        f"The journal {path.name} holds what no check worker wrote.",
        hint="It is set aside as .broken for whoever examines the disk.",
        status=503,
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
