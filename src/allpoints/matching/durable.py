"""Files that are either wholly there or not at all, whatever happens while they are written."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PART_SUFFIX = ".part"
"""Ends the name of a file that is still being written; such a file means nothing after a crash."""

BeforeWrite = Callable[[str], None]
"""Called before each change of the disk with its name; what it raises stands for a failure of the disk."""


def unhindered(step: str) -> None:
    """Let every write happen."""


class DurableFile:
    """A new file that takes its name only when all its bytes are on the disk.

    Leaving the block normally syncs the file, renames it and syncs its folder; leaving it with an exception
    removes what was written. An OSError of the disk passes through.
    """

    def __init__(self, path: Path, before: BeforeWrite = unhindered) -> None:
        self._path = path
        self._part = path.with_name(path.name + PART_SUFFIX)
        self._before = before
        before("create")
        descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "w+b")

    def write(self, data: bytes | memoryview) -> None:
        self._before("write")
        self._file.write(data)

    def leave_room(self, size: int) -> None:
        """Begin after ``size`` bytes that ``rewrite_start`` fills in at the end."""
        self._file.seek(size)

    def rewrite_start(self, data: bytes) -> None:
        """Replace the file's first bytes: a header that is only known at the end."""
        self._before("write")
        self._file.seek(0)
        self._file.write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abandon()
            return
        try:
            self._commit()
        except OSError:
            self.abandon()
            raise

    def _commit(self) -> None:
        self._before("sync")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._before("rename")
        self._part.replace(self._path)
        sync_folder(self._path.parent, self._before)

    def abandon(self) -> None:
        """Remove what was written; safe to call twice."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._part.unlink(missing_ok=True)


def sync_folder(folder: Path, before: BeforeWrite = unhindered) -> None:
    """Make the names in a folder survive a power cut."""
    before("sync-folder")
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
