"""What a holder of the ledger publishes of it: its checkpoint and tiles, to be served or written to a folder.

Nothing here needs a signature of its own: whoever reads tiles computes the root and compares it with the checkpoint.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger import store, witnessing
from allpoints.ledger.tiles import CHECKPOINT, WIDTH, Tile, bundle, index_path, tiles_of

CONTENTS = "contents"
"""Where the bytes of entries stand in an exported folder; they are in no public tile."""

_LENGTH_BYTES = 4

Progress = Callable[[int, int], None]
"""``progress(done, total)``: told after every tile."""


class Exported(msgspec.Struct, frozen=True):
    """How large the ledger in the folder is, and how many files were written and were there already."""

    size: int
    written: int
    kept: int


def published(db: sqlite3.Connection) -> tuple[int, str]:
    """Size and text of the checkpoint to show: the last one with a quorum, or the last, before there was any.

    Raises Refusal LEDGER-EMPTY before the first.
    """
    latest = store.latest_checkpoint(db)
    if latest is None or not latest[0]:
        raise Refusal("LEDGER-EMPTY", "Nothing stands in this ledger yet.", status=404)
    witnessed = witnessing.witnessed(db)
    # Members hear what was witnessed from the relay too, perhaps before the entries themselves.
    return witnessed if 0 < witnessed[0] <= latest[0] else latest


def tile_bytes(db: sqlite3.Connection, tile: Tile, size: int) -> bytes:
    """A tile of the tree of ``size`` leaves. Raises Refusal TILE-BEYOND."""
    if not tile.fits(size):
        raise Refusal("TILE-BEYOND", f"A ledger of {size} entries has no such tile.", path="path", status=404)
    if tile.level is None:
        return bundle(store.commitments(db, tile.first + 1, tile.first + tile.width))
    return b"".join(store.row(db, tile.level * store.TILE_LEVELS, tile.first, tile.first + tile.width - 1))


def export(db: sqlite3.Connection, folder: Path, progress: Progress, *, contents: bool = False) -> Exported:
    """Write the published ledger into a folder as it would be served; files of the right length are kept.

    The checkpoint comes last, so that what it covers is there. With ``contents`` also the entries' bytes, or their
    stubs: those are compared, since what was erased after the last time must go from the folder too.
    """
    size, text = published(db)
    files = [(tile.path, tile) for tile in tiles_of(size)]
    total = len(files) + 1
    written = kept = 0
    for done, (path, tile) in enumerate(files, 1):
        target = folder / path
        if target.is_file() and target.stat().st_size == tile.length:
            kept += 1
        else:
            _write(target, tile_bytes(db, tile, size))
            written += 1
        progress(done, total)
    for target, data in _contents(db, folder, size) if contents else ():
        if target.is_file() and target.read_bytes() == data:
            kept += 1
        else:
            _write(target, data)
            written += 1
    _write(folder / CHECKPOINT, text.encode())
    progress(total, total)
    return Exported(size, written + 1, kept)


def _contents(db: sqlite3.Connection, folder: Path, size: int) -> Iterator[tuple[Path, bytes]]:
    """The entries' bytes, 256 to a file, each after its length in four bytes."""
    for index in range(-(-size // WIDTH)):
        first, last = index * WIDTH + 1, min(size, (index + 1) * WIDTH)
        data = store.encoded(db, first, last)
        target = folder / CONTENTS / index_path(index)
        yield target, b"".join(len(one).to_bytes(_LENGTH_BYTES, "big") + one for one in data)


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
