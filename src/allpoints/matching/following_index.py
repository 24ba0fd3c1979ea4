"""The index of a folder as another process of the machine reads it while its owner changes it."""

import mmap
import os
import time
import zlib
from pathlib import Path

from allpoints.ground.refusal import Refusal
from allpoints.matching.index import ExactIndex
from allpoints.matching.live_log import (
    AS_OF,
    BEAT,
    BEGIN,
    END,
    EPOCH,
    FOLLOWED,
    HEADER_BYTES,
    HOLD,
    LIVE_NAME,
    ROW_BYTES,
    ROWS,
    WORDS,
    WORDS_AT,
    broken,
    manifest_digest,
    read_place,
    unpack_rows,
)

BEAT_LIMIT_MS = 10_000
"""A writer that was silent for longer may have stopped: nobody knows any more what is missing here."""
TRIES = 40
TRY_SECONDS = 0.05
ROWS_AT_ONCE = 1 << 15


class Live:
    """One live file, open for reading; ``rows`` of it were taken."""

    def __init__(self, folder: Path) -> None:
        try:
            self._file = os.open(folder / LIVE_NAME, os.O_RDONLY)
        except FileNotFoundError:
            raise broken("There is no live part here.") from None
        if os.fstat(self._file).st_size < HEADER_BYTES:
            os.close(self._file)
            raise broken("The live part ends within its header.")
        self._map = mmap.mmap(self._file, HEADER_BYTES, access=mmap.ACCESS_READ)
        self.words = memoryview(self._map)[WORDS_AT : WORDS_AT + 8 * WORDS].cast("Q")
        self.rows = 0
        try:
            self.place = read_place(self._map[:])
        except Refusal:
            self.close()
            raise
        self._salt = zlib.crc32(self.place.identity)

    def take(self, index: ExactIndex) -> None:
        """Let ``index`` say what the rows say that can be seen and were not taken yet."""
        seen = self.words[ROWS]
        if seen < self.rows:
            raise broken("The live part has become shorter.")
        while self.rows < seen:
            count = min(seen - self.rows, ROWS_AT_ONCE)
            data = os.pread(self._file, count * ROW_BYTES, HEADER_BYTES + self.rows * ROW_BYTES)
            if len(data) != count * ROW_BYTES:
                raise broken("The live part ends before its last row.")
            for kind, version, key, posting in unpack_rows(self._salt, self.rows, data):
                if kind == END:
                    index.discard(key, version)
                elif kind == BEGIN:
                    index.supersede(key, version)
                else:
                    index.add(key, posting)
            self.rows += count

    def close(self) -> None:
        self.words.release()
        self._map.close()
        os.close(self._file)


class Opened:
    """Segments and live file that belong together, opened apart from those in use."""

    def __init__(self, index: ExactIndex, live: Live) -> None:
        self.index = index
        self.live = live


def open_folder(folder: Path, earlier: ExactIndex | None = None) -> Opened:
    """Open what the folder's owner has there at this moment, all of it checked; raises Refusal INDEX-BROKEN.

    Segments that ``earlier`` has open are taken from there. It may run beside look-ups in ``earlier``.
    """
    for _ in range(TRIES):
        live = Live(folder)
        try:
            index = ExactIndex.reading(folder, earlier)
        except Refusal:
            # Its owner may have replaced a segment meanwhile; if not, it is broken indeed.
            if _is_present(folder, live):
                live.close()
                raise
        else:
            if _is_present(folder, live):
                return Opened(index, live)
            _close_but(index, earlier)
        live.close()
        time.sleep(TRY_SECONDS)
    raise broken("Segments and live part do not belong together.")


def _close_but(index: ExactIndex, other: ExactIndex | None) -> None:
    """Give back the segments of an index that the other one does not have open."""
    kept = () if other is None else other.segments
    for segment in index.segments:
        if segment not in kept:
            segment.close()


def _is_present(folder: Path, live: Live) -> bool:
    return manifest_digest(folder) == live.place.manifest and not live.words[FOLLOWED]


class FollowingIndex:
    """An index to look up in; call ``refresh`` before each look-up, from the same thread."""

    def __init__(self, folder: Path) -> None:
        opened = open_folder(folder)
        self.folder = folder
        self.index = opened.index
        self.is_whole = True
        """False once changes may be missing: nothing may be answered until ``adopt`` has succeeded."""
        self.wants_opening = False
        """Whether the folder's owner has other segments by now, so that this process holds more than it needs."""
        self._use(opened.live)

    def _use(self, live: Live) -> None:
        self.live = live
        self._words = live.words
        live.take(self.index)

    def refresh(self) -> None:
        """Take what is new; raises Refusal INDEX-BROKEN when that cannot be told, and then nothing may be answered."""
        words, live = self._words, self.live
        if not self.is_whole:
            raise broken("Changes may be missing here.")
        try:
            # The last rows of a file are there before another one follows it, so this is asked first.
            followed = words[FOLLOWED]
            if words[ROWS] != live.rows:
                live.take(self.index)
            if followed:
                self._follow()
        except (Refusal, OSError):
            self.is_whole, self.wants_opening = False, True
            raise

    def _follow(self) -> None:
        follower = Live(self.folder)
        if not follower.place.goes_on(self.live.place):
            follower.close()
            raise broken("Changes are missing between two live parts.")
        self.live.close()
        self.wants_opening = True
        self._use(follower)

    def opened(self) -> Opened:
        """The folder as it is now, for ``adopt``; may run in another thread beside look-ups."""
        return open_folder(self.folder, self.index)

    def adopt(self, opened: Opened) -> bool:
        """Look up in what was opened from now on; False when it is out of date already."""
        if opened.live.words[FOLLOWED]:
            opened.live.close()
            _close_but(opened.index, self.index)
            return False
        opened.live.take(opened.index)
        self.live.close()
        _close_but(self.index, opened.index)
        self.index, self.live, self._words = opened.index, opened.live, opened.live.words
        self.is_whole, self.wants_opening = True, False
        return True

    @property
    def epoch(self) -> tuple[bytes, int]:
        """Changes whenever someone's standing may have changed."""
        return self.live.place.run, self._words[EPOCH]

    @property
    def as_of_ms(self) -> int:
        return self._words[AS_OF]

    @property
    def held(self) -> bool:
        return bool(self._words[HOLD])

    def is_fresh(self, monotonic_ms: int) -> bool:
        """Whether the writer is alive."""
        return monotonic_ms - self._words[BEAT] <= BEAT_LIMIT_MS

    def close(self) -> None:
        self.live.close()
        self.index.close()
