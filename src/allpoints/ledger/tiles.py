"""The tree cut into tiles, as C2SP tlog-tiles names and cuts them: static files that any cache or mirror can keep.

    checkpoint                       the signed tree
    tile/<level>/<index>[.p/<width>] 256 hashes of 32 bytes, or fewer at the right edge
    tile/entries/<index>[.p/<width>] the leaves' data, each after its length in two bytes

The data of a leaf here is the 32-byte commitment to an entry: tiles tell nobody what an entry says.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger.merkle import HASH_BYTES, TREE_SIZE_LIMIT

WIDTH = 256
WIDTH_BITS = 8
ENTRIES = "entries"
CHECKPOINT = "checkpoint"
PATH_LIMIT_CHARS = 64
DEPTH = -(-TREE_SIZE_LIMIT.bit_length() // WIDTH_BITS)
"""Levels that the largest tree has."""

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LENGTH_BYTES = 2


class Tile(msgspec.Struct, frozen=True):
    """One tile: of hashes at a level, or (``level`` None) of the leaves' data."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is served and written."""
        level = ENTRIES if self.level is None else self.level
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{index_path(self.index)}{part}"

    @property
    def first(self) -> int:
        """The position of its first hash in its level; for data, of its first leaf."""
        return self.index * WIDTH

    def fits(self, size: int) -> bool:
        """Whether a tree of ``size`` leaves has all of it."""
        return self.first + self.width <= size >> (WIDTH_BITS * (self.level or 0))

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.width * (HASH_BYTES + (_LENGTH_BYTES if self.level is None else 0))


def index_path(index: int) -> str:
    """1234067 as ``x001/x234/067``."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def parse_path(path: str) -> Tile:
    """The tile at a path, which is read in its one form (TILE-PATH)."""
    matched = _PATH.fullmatch(path) if len(path) <= PATH_LIMIT_CHARS else None
    if matched is not None:
        level = None if matched[1] == ENTRIES else int(matched[1])
        tile = Tile(level, int(matched[2].replace("x", "").replace("/", "")), int(matched[3] or WIDTH))
        if (level or 0) < DEPTH and tile.width <= WIDTH and tile.path == path:
            return tile
    raise Refusal("TILE-PATH", "There is no tile of this name.", path="path", status=404)


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of ``size`` leaves: the full ones and those at its right edge."""
    yield from _level_of(None, size)
    for level in range(DEPTH):
        count = size >> (WIDTH_BITS * level)
        if not count:
            return
        yield from _level_of(level, count)


def _level_of(level: int | None, count: int) -> Iterator[Tile]:
    full, rest = divmod(count, WIDTH)
    for index in range(full):
        yield Tile(level, index)
    if rest:
        yield Tile(level, full, rest)


def bundle(data: Sequence[bytes]) -> bytes:
    """Leaves' data as a tile of entries holds them."""
    return b"".join(len(one).to_bytes(_LENGTH_BYTES, "big") + one for one in data)
