"""Canonical CBOR: one value has exactly one form, and no other form is read.

Values are integers, texts, byte strings, booleans, null, arrays and maps with integer, text or byte-string keys.
Map keys are sorted shortest first (RFC 7049 section 3.9).
"""

from typing import Any

import cbor2

from allpoints.ground.refusal import Refusal

DEPTH_LIMIT = 16
ITEMS_LIMIT = 65_536
"""A small hostile message must not become a million objects."""

_SIMPLE = {0xF4: False, 0xF5: True, 0xF6: None}
_INTEGER_LOW = -(2**64)
_INTEGER_HIGH = 2**64


def encode(value: Any) -> bytes:
    """The canonical bytes of ``value``; a kind of value that is not allowed is a TypeError or ValueError."""
    _check(value, 0)
    return cbor2.dumps(value, canonical=True)


def decode(data: bytes, limit: int) -> Any:
    """Read canonical CBOR of at most ``limit`` bytes; refuses all that does not re-encode to the same bytes."""
    if len(data) > limit:
        raise Refusal(
            "CBOR-TOO-LARGE", f"The data has {len(data)} bytes; the limit here is {limit}.", status=413
        )
    try:
        value = _Reader(data).whole()
    except (IndexError, ValueError, TypeError) as error:
        raise Refusal("CBOR-UNREADABLE", f"The data cannot be read: {error}.", status=400) from error
    if cbor2.dumps(value, canonical=True) != data:
        raise Refusal("CBOR-NOT-CANONICAL", "The data is not in its one canonical form.", status=400)
    return value


class _Reader:
    # Not cbor2's own reader: that one resolves tags (dates, patterns, huge fractions) before anyone can refuse.
    # Lengths, order and repeated keys are left to the comparison in decode.
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._items = 0

    def whole(self) -> Any:
        value = self._value(0)
        if self._position != len(self._data):
            raise ValueError("there is something after the end")
        return value

    def _value(self, depth: int) -> Any:
        self._items += 1
        if self._items > ITEMS_LIMIT:
            raise ValueError("too many values")
        if depth > DEPTH_LIMIT:
            raise ValueError("nested too deeply")
        first = self._take(1)[0]
        major = first >> 5
        if major == 7:
            if first not in _SIMPLE:
                raise ValueError("a number with a fraction, or a value that is not known")
            return _SIMPLE[first]
        return self._counted(major, self._argument(first & 31), depth)

    def _counted(self, major: int, argument: int, depth: int) -> Any:
        match major:
            case 0 | 1:
                return -1 - argument if major else argument
            case 2:
                return self._take(argument)
            case 3:
                return self._take(argument).decode("utf-8")
            case 4:
                return [self._value(depth + 1) for _ in range(argument)]
            case 5:
                return self._map(argument, depth + 1)
            case _:
                raise ValueError("a tag")

    def _map(self, size: int, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for _ in range(size):
            key = self._value(depth)
            if type(key) not in {int, str, bytes}:
                raise ValueError("a map key that is no number, text or byte string")
            if key in found:
                raise ValueError("a repeated map key")
            found[key] = self._value(depth)
        return found

    def _argument(self, low: int) -> int:
        if low < 24:
            return low
        if low > 27:
            raise ValueError("a length that is not stated")
        return int.from_bytes(self._take(1 << (low - 24)), "big")

    def _take(self, size: int) -> bytes:
        end = self._position + size
        if end > len(self._data):
            raise ValueError("cut off")
        taken = self._data[self._position : end]
        self._position = end
        return taken


def _check(value: Any, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise ValueError("nested too deeply")
    kind = type(value)
    if kind is list or kind is tuple:
        for item in value:
            _check(item, depth + 1)
    elif kind is dict:
        for key, item in value.items():
            if type(key) not in {int, str, bytes}:
                raise TypeError(f"a map key may not be a {type(key).__name__}")
            _check(key, depth + 1)
            _check(item, depth + 1)
    elif kind is int:
        if not _INTEGER_LOW <= value < _INTEGER_HIGH:
            raise ValueError("an integer of more than 64 bits")
    elif kind not in {str, bytes, bool} and value is not None:
        raise TypeError(f"canonical CBOR has no {kind.__name__}")
