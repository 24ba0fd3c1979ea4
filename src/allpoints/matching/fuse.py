"""A binary fuse filter over tokens: nine bits a token say "surely not there" or "look", and name none of them.

After Graf and Lemire, Binary Fuse Filters: Fast and Smaller Than Xor Filters (ACM JEA 27, 2022). Tokens are keyed hashes
and evenly spread, so their own bits take the place of the paper's hash. A filter is cut into shards by the tokens' top
bits: each is built in little memory while tokens come in order, and looked up within the processor's cache.

Layout, little-endian: number of shards (4 bytes, a power of two), then for each shard seed (2), logarithm of the segment
length (2), segments (4), tokens (4), four spare zeros, then the shards' fingerprints one after another.
"""

import math
import struct
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from allpoints.ground.refusal import Refusal
from allpoints.matching.ordering import Rows, words

SHARD_TOKENS = 1 << 21
"""A shard has about so many tokens or fewer: building one takes 150 megabytes and a second or two."""
SHARDS_LIMIT = 1 << 16
SEEDS_LIMIT = 64
"""Building fails for a seed about once in a thousand times; the next one is taken."""
FALSE_POSITIVES = 1 / 256

_LOG_LIMIT = 18
_ODD = 0x9E37_79B9_7F4A_7C15
_COUNT = struct.Struct("<I")
_SHARD = struct.Struct("<HHIIxxxx")

Hashes = NDArray[np.uint64]


class Geometry(NamedTuple):
    """How a shard is laid out: ``segments`` starting places of ``1 << log`` fingerprints each, and two more."""

    seed: int
    log: int
    segments: int

    @property
    def size(self) -> int:
        return (self.segments + 2) << self.log if self.segments else 0


class Fuse:
    """A filter over the bytes that ``FuseWriter`` made."""

    def __init__(self, data: memoryview) -> None:
        """Read the shards' table; raises Refusal FUSE-CORRUPT for what no writer makes."""
        shards = _COUNT.unpack_from(data)[0] if len(data) >= _COUNT.size else 0
        start = _COUNT.size + shards * _SHARD.size
        if not 0 < shards <= SHARDS_LIMIT or shards & (shards - 1) or len(data) < start:
            raise _corrupt()
        self.bits = shards.bit_length() - 1
        self.shards: list[Geometry] = []
        self._starts: list[int] = []
        self.count = 0
        for number in range(shards):
            seed, log, segments, tokens = _SHARD.unpack_from(data, _COUNT.size + number * _SHARD.size)
            if log > _LOG_LIMIT or seed >= SEEDS_LIMIT or bool(tokens) != bool(segments):
                raise _corrupt()
            self.shards.append(Geometry(seed, log, segments))
            self._starts.append(start)
            self.count += tokens
            start += self.shards[-1].size
        if start != len(data):
            raise _corrupt()
        self._data = data
        self._bytes = np.frombuffer(data, np.uint8)

    @classmethod
    def of(cls, tokens: Rows) -> Self:
        """The filter of (n, 16) tokens in any order."""
        pairs = words(tokens)
        writer = FuseWriter(len(tokens))
        writer.append(pairs[np.argsort(pairs[:, 0], kind="stable")])
        return cls(memoryview(writer.finish()))

    @property
    def byte_size(self) -> int:
        return len(self._data)

    def __contains__(self, token: bytes) -> bool:
        """Whether a token may be there."""
        return bool(self.may_hold(np.frombuffer(token, np.uint8).reshape(1, -1))[0])

    def may_hold(self, tokens: Rows) -> NDArray[np.bool_]:
        """Which of (n, 16) tokens may be there: each that is, and one in 256 of those that are not."""
        pairs = words(tokens)
        found = np.zeros(len(pairs), np.bool_)
        if self.bits == 0:
            return self._within(0, pairs)
        numbers = (pairs[:, 0] >> np.uint64(64 - self.bits)).astype(np.int64)
        order = np.argsort(numbers, kind="stable")
        ends = np.searchsorted(numbers[order], np.arange(len(self.shards) + 1))
        for number in np.flatnonzero(ends[1:] > ends[:-1]).tolist():
            rows = order[ends[number] : ends[number + 1]]
            found[rows] = self._within(number, pairs[rows])
        return found

    def _within(self, number: int, pairs: Hashes) -> NDArray[np.bool_]:
        shape, start = self.shards[number], self._starts[number]
        if not shape.segments:
            return np.zeros(len(pairs), np.bool_)
        hashes = _hashes(pairs, shape.seed)
        prints = self._bytes[start : start + shape.size]
        first, second, third = _places(hashes, shape)
        held: NDArray[np.bool_] = (prints[first] ^ prints[second] ^ prints[third]) == _fingerprints(hashes)
        return held

    def release(self) -> None:
        """Let go of the bytes."""
        self._bytes = np.zeros(0, np.uint8)
        self._data.release()


class FuseWriter:
    """Makes a filter of tokens that come in ascending order of their first eight bytes; ``expected`` of them or fewer."""

    def __init__(self, expected: int) -> None:
        self._bits = min(16, max(0, (expected - 1) // SHARD_TOKENS).bit_length())
        self._waiting: list[Hashes] = []
        self._made: list[bytes] = []
        self._table: list[bytes] = []

    def append(self, pairs: Hashes) -> None:
        """Add tokens as pairs of numbers, shape (n, 2), none before those already added."""
        if not len(pairs):
            return
        numbers = (pairs[:, 0] >> np.uint64(64 - self._bits)).astype(np.int64) if self._bits else None
        last = 0 if numbers is None else int(numbers[-1])
        while numbers is not None and len(self._table) < last:
            end = int(np.searchsorted(numbers, len(self._table), side="right"))
            self._waiting.append(pairs[:end])
            pairs, numbers = pairs[end:], numbers[end:]
            self._close_shard()
        self._waiting.append(pairs)

    def finish(self) -> bytes:
        """The filter's bytes."""
        while len(self._table) < 1 << self._bits:
            self._close_shard()
        return b"".join([_COUNT.pack(len(self._table)), *self._table, *self._made])

    def _close_shard(self) -> None:
        pairs = np.concatenate(self._waiting) if self._waiting else np.zeros((0, 2), np.uint64)
        self._waiting = []
        shape, prints, tokens = _build(pairs)
        self._table.append(_SHARD.pack(*shape, tokens))
        self._made.append(prints.tobytes())


def _build(pairs: Hashes) -> tuple[Geometry, NDArray[np.uint8], int]:
    if not len(pairs):
        return Geometry(0, 0, 0), np.zeros(0, np.uint8), 0
    for seed in range(SEEDS_LIMIT):
        hashes = np.unique(_hashes(pairs, seed))
        shape = _geometry(len(hashes), seed)
        placed = _peel(hashes, shape)
        if placed is not None:
            return shape, _assign(hashes, shape, placed), len(hashes)
    raise Refusal("FUSE-UNBUILT", "No filter can be built over these tokens: they are not evenly spread.")


def _geometry(count: int, seed: int) -> Geometry:
    """The paper's sizes for three places a token: section 4, as its authors' program has them."""
    log = min(_LOG_LIMIT, math.floor(math.log(count) / math.log(3.33) + 2.25)) if count > 1 else 2
    factor = max(1.125, 0.875 + 0.25 * math.log(1e6) / math.log(max(count, 2)))
    segments = max(1, math.ceil(count * factor / (1 << log)) - 2)
    return Geometry(seed, log, segments)


def _hashes(pairs: Hashes, seed: int) -> Hashes:
    mixed: Hashes = pairs[:, 1] ^ (pairs[:, 0] * np.uint64((2 * seed + 1) * _ODD % 2**64))
    return mixed


def _fingerprints(hashes: Hashes) -> NDArray[np.uint8]:
    return (hashes ^ (hashes >> np.uint64(32))).astype(np.uint8)


def _places(hashes: Hashes, shape: Geometry) -> tuple[NDArray[np.int64], ...]:
    length = 1 << shape.log
    mask = np.uint64(length - 1)
    first = ((hashes >> np.uint64(32)) * np.uint64(shape.segments * length)) >> np.uint64(32)
    second = (first + np.uint64(length)) ^ ((hashes >> np.uint64(18)) & mask)
    third = (first + np.uint64(2 * length)) ^ (hashes & mask)
    return tuple(places.astype(np.int64) for places in (first, second, third))


Placed = list[tuple[NDArray[np.int64], NDArray[np.int64]]]
"""Rounds of tokens with the place that was theirs alone when the tokens of the rounds before were taken out."""


def _peel(hashes: Hashes, shape: Geometry) -> Placed | None:
    """Take out, round by round, the tokens that have a place to themselves; None when some never have one."""
    places = np.stack(_places(hashes, shape)).astype(np.int32)
    numbers = np.arange(len(hashes), dtype=np.float64)
    counts = np.bincount(places.reshape(-1), minlength=shape.size).astype(np.int32)
    # The sum of the tokens at a place: where one is left, the sum is that token.
    sums = np.bincount(places.reshape(-1), weights=np.tile(numbers, 3), minlength=shape.size).astype(np.int64)
    alone = np.flatnonzero(counts == 1)
    rounds: Placed = []
    left = len(hashes)
    while len(alone):
        taken, firsts = np.unique(sums[alone], return_index=True)
        rounds.append((taken, alone[firsts]))
        touched = places[:, taken].reshape(-1)
        np.subtract.at(counts, touched, 1)
        np.subtract.at(sums, touched, np.tile(taken, 3))
        left -= len(taken)
        alone = np.unique(touched[counts[touched] == 1])
    return None if left else rounds


def _assign(
    hashes: Hashes, shape: Geometry, rounds: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> NDArray[np.uint8]:
    """The fingerprints: each token's own place, taken out last first, makes its three come to its fingerprint."""
    prints = np.zeros(shape.size, np.uint8)
    for taken, own in reversed(rounds):
        first, second, third = _places(hashes[taken], shape)
        prints[own] = _fingerprints(hashes[taken]) ^ prints[first] ^ prints[second] ^ prints[third]
    return prints


def _corrupt() -> Refusal:
    return Refusal("FUSE-CORRUPT", "These bytes are not a filter.")
