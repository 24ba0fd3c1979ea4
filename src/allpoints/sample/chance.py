"""Chance that is the same on every machine: draws from a hash of the seed and of the name of what is drawn for."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")

_DRAWN_BYTES = 64
_ENOUGH_BITS = 64
"""Bits kept beyond the largest draw, so that no number is likelier than another in any way that could be seen."""
_STRIDE = 5_700_043_918_776_251_449
"""A prime larger than any space of numbers here: steps of it visit every number once."""


class Odds(Generic[T]):
    """Choices with their weights, made ready once for many draws."""

    __slots__ = ("choices", "ends", "total")

    def __init__(self, choices: Iterable[tuple[T, int]]) -> None:
        weighed = [(choice, weight) for choice, weight in choices if weight]
        self.choices = tuple(choice for choice, _ in weighed)
        self.ends = tuple(accumulate(weight for _, weight in weighed))
        self.total = self.ends[-1] if self.ends else 0


class Chance:
    """Draws for one thing; the next thing's draws do not depend on how many of these were taken."""

    __slots__ = ("_left", "_more")

    def __init__(self, seed: "hashlib.blake2b") -> None:
        self._more = seed
        self._left = int.from_bytes(seed.digest(), "little")

    def below(self, limit: int) -> int:
        """A number from 0 to ``limit`` - 1."""
        if self._left >> _ENOUGH_BITS < limit:
            self._more.update(b"more")
            self._left = self._left << (8 * _DRAWN_BYTES) | int.from_bytes(self._more.digest(), "little")
        self._left, drawn = divmod(self._left, limit)
        return drawn

    def between(self, lowest: int, highest: int) -> int:
        """A number from ``lowest`` to ``highest``, both possible."""
        return lowest + self.below(highest - lowest + 1)

    def one(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely as another."""
        return choices[self.below(len(choices))]

    def in_hundred(self, share: int) -> bool:
        """True in ``share`` of a hundred cases."""
        return self.below(100) < share

    def weighed(self, odds: Odds[T]) -> T:
        """One of the choices, each with its weight."""
        return odds.choices[bisect_right(odds.ends, self.below(odds.total))]

    def some(self, choices: Sequence[T], count: int) -> tuple[T, ...]:
        """``count`` different ones of the choices, in no order."""
        left = list(choices)
        return tuple(left.pop(self.below(len(left))) for _ in range(min(count, len(left))))

    def filled(self, pattern: str, letters: str, digits: str = "0123456789") -> str:
        """The pattern with a letter for every L and a digit for every 9; all else stays."""
        return "".join(
            self.one(letters) if sign == "L" else self.one(digits) if sign == "9" else sign
            for sign in pattern
        )


class Seed:
    """Where all chance of one world comes from."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._root = hashlib.blake2b(b"allpoints sample %d" % number, digest_size=_DRAWN_BYTES)

    def chance(self, what: str, *numbers: int) -> Chance:
        """The draws for one thing, named by words and numbers."""
        state = self._root.copy()
        state.update(f"/{what}/{numbers}".encode())
        return Chance(state)


def scattered(number: int, space: int, shift: int = 0) -> int:
    """The place of a number when those from 0 to ``space`` - 1 are put into no visible order, each in its own place."""
    return (number * _STRIDE + shift) % space


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` divided by weights into whole numbers that sum up to it, the largest remainders rounded up."""
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), at))
    for at in remainders[: total - sum(shares)]:
        shares[at] += 1
    return shares
