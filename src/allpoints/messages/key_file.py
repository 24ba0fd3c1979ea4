"""The seeds of reception keys, in a file of fixed places that are overwritten where they lie.

They are not in the database: its write-ahead log and its free pages keep copies for a while, and its backups for ever.
A place is written before the database names it and erased after the database has let it go, so that a power cut leaves at
most a seed that nobody names; ``keep_only`` erases those when the node starts.
"""

import os
from collections.abc import Collection, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED_BYTES = 32
PLACES_LIMIT = 4_000_000
"""A century of daily keys with as many one-time keys as a bundle may have."""

_NOTHING = bytes(SEED_BYTES)


class KeyFile:
    """One node's seeds, by place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, seeds: Mapping[int, bytes]) -> None:
        """Put seeds into their places; they are on the disk when this returns."""
        with self._open() as handle:
            for place, seed in seeds.items():
                if not 0 <= place < PLACES_LIMIT or len(seed) != SEED_BYTES:
                    raise ValueError("no place or no seed")
                os.pwrite(handle, seed, place * SEED_BYTES)
            os.fsync(handle)

    def read(self, place: int) -> bytes | None:
        """The seed at a place, or None when it was erased or never came here."""
        with self._open() as handle:
            seed = os.pread(handle, SEED_BYTES, place * SEED_BYTES)
        return None if len(seed) != SEED_BYTES or seed == _NOTHING else seed

    def erase(self, places: Collection[int]) -> None:
        """Overwrite these places with zeros."""
        if places:
            self.write(dict.fromkeys(places, _NOTHING))

    def keep_only(self, places: Collection[int]) -> None:
        """Overwrite every place that is not among these."""
        with self._open() as handle:
            held = os.fstat(handle).st_size // SEED_BYTES
            content = os.pread(handle, held * SEED_BYTES, 0)
        kept = frozenset(places)
        self.erase(
            [
                place
                for place in range(held)
                if place not in kept and content[place * SEED_BYTES : (place + 1) * SEED_BYTES] != _NOTHING
            ]
        )

    @contextmanager
    def _open(self) -> "Iterator[int]":
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            yield handle
        finally:
            os.close(handle)
