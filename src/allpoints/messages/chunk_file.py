"""A file's sealed chunks on a disk, one behind the other: written in order, read at any place, never the whole in memory."""

import os
from pathlib import Path

from allpoints.sealing.chunks import SEALED_CHUNK_BYTES


class ChunkFile:
    """The sealed chunks of one file; who uses it remembers how many are there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, position: int, sealed: bytes) -> None:
        """Put a sealed chunk into its place; it is on the disk when this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            os.pwrite(handle, sealed, position * SEALED_CHUNK_BYTES)
            os.fsync(handle)
        finally:
            os.close(handle)

    def read(self, position: int) -> bytes:
        """The sealed chunk at a place; empty when there is none."""
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return b""
        try:
            return os.pread(handle, SEALED_CHUNK_BYTES, position * SEALED_CHUNK_BYTES)
        finally:
            os.close(handle)

    def erase(self) -> None:
        """Take the file away; without its key, which goes with its letter, what is left on the disk opens for nobody."""
        self.path.unlink(missing_ok=True)
