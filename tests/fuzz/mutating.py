"""Damage to valid input: what a hostile sender does to bytes and to text, from a seed that can be repeated."""

from collections.abc import Callable, Sequence
from random import Random

INSERTED_LIMIT = 64
SIZE_LIMIT = 256 * 1024
"""Larger inputs are cut: they cost time and find nothing that smaller ones do not."""

EDGES = (
    0,
    1,
    2,
    0x17,
    0x18,
    0x19,
    0x1B,
    0x1F,
    0x3B,
    0x40,
    0x5F,
    0x60,
    0x7F,
    0x80,
    0x9F,
    0xA0,
    0xBF,
    0xC1,
    0xF6,
    0xFF,
)
"""Bytes at which CBOR and MessagePack change their meaning."""

SPELLINGS = (
    "", "\0", "\n", "\r\n", "\t", " ", "—", "é", "е", "\u202e", "\ud7ff", "🛂", "٣", "A", "<", "{", "}", "[", "]", '"',
    "\\u0000", "null", "true", "-1", "1e999", "9" * 40, "0x10", "NaN", "../", "%00", "'", ";", "+", "=", "==", ":",
)  # fmt: skip

Damage = Callable[[bytearray, Random], None]


def _place(data: bytearray, chance: Random) -> int:
    return chance.randrange(len(data)) if data else 0


def _flip(data: bytearray, chance: Random) -> None:
    if data:
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _replace(data: bytearray, chance: Random) -> None:
    if data:
        data[_place(data, chance)] = chance.choice(EDGES)


def _insert(data: bytearray, chance: Random) -> None:
    at = _place(data, chance)
    data[at:at] = chance.randbytes(chance.randint(1, INSERTED_LIMIT))


def _spell(data: bytearray, chance: Random) -> None:
    at = _place(data, chance)
    data[at : at + chance.randint(0, 3)] = chance.choice(SPELLINGS).encode()


def _remove(data: bytearray, chance: Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.randint(1, INSERTED_LIMIT)]


def _cut(data: bytearray, chance: Random) -> None:
    del data[_place(data, chance) :]


def _repeat(data: bytearray, chance: Random) -> None:
    at = _place(data, chance)
    piece = data[at : at + chance.randint(1, INSERTED_LIMIT)]
    data[at:at] = piece * chance.randint(1, 4)


def _swap(data: bytearray, chance: Random) -> None:
    first, second = sorted((_place(data, chance), _place(data, chance)))
    size = chance.randint(1, 32)
    data[first : first + size], data[second : second + size] = (
        data[second : second + size],
        data[first : first + size],
    )


DAMAGES: tuple[Damage, ...] = (_flip, _flip, _flip, _replace, _insert, _spell, _remove, _cut, _repeat, _swap)


def damaged(samples: Sequence[bytes], chance: Random) -> bytes:
    """One of the samples with one to eight damages, or its beginning with another's end, or noise, or itself."""
    kind = chance.random()
    if kind < 0.02:
        return chance.randbytes(chance.randrange(512))
    data = bytearray(chance.choice(samples))
    if kind < 0.03:
        return bytes(data[:SIZE_LIMIT])
    if kind < 0.13:
        other = chance.choice(samples)
        data[_place(data, chance) :] = other[chance.randrange(len(other) + 1) :]
    for _ in range(min(8, 1 + int(chance.expovariate(0.7)))):
        chance.choice(DAMAGES)(data, chance)
    return bytes(data[:SIZE_LIMIT])
