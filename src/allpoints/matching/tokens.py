"""Keyed tokens: what an index holds instead of an identifier."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from allpoints.ground.refusal import Refusal

TOKEN_BYTES = 16
"""Length of a token: 128 bits, so that two identifiers never share one by chance."""

KEY_BYTES_MINIMUM = 16
"""A shorter key could be guessed, and with it every identifier in a stolen index."""

KEY_BYTES_LIMIT = 64
"""The longest key that BLAKE2b takes."""

VALUE_LIMIT_CHARACTERS = 4_096
"""No identifier in its normal form is longer; a longer one is a mistake or an attack."""

_SEPARATOR = "\x1f"
_PERSON = b"allpoints/token1"
"""Separates these tokens from every other use of the same key."""

Keyed = Callable[[], blake2b]


@lru_cache(maxsize=64)
def _keyed(key: bytes) -> Keyed:
    # Copying a prepared state is twice as fast as keying a new one for each token.
    if not KEY_BYTES_MINIMUM <= len(key) <= KEY_BYTES_LIMIT:
        raise Refusal(
            "TOKEN-KEY-LENGTH",
            f"A token key has {KEY_BYTES_MINIMUM} to {KEY_BYTES_LIMIT} bytes, this one {len(key)}.",
        )
    return blake2b(digest_size=TOKEN_BYTES, key=key, person=_PERSON).copy


def token(key: bytes, kind: str, value: str) -> bytes:
    """The 16-byte token of one identifier: keyed BLAKE2b of kind, unit separator and value.

    ``value`` is the normal form that the vocabulary gives. Raises Refusal TOKEN-KEY-LENGTH, TOKEN-KIND,
    TOKEN-VALUE.
    """
    state = _keyed(key)()
    if _SEPARATOR in kind or len(value) > VALUE_LIMIT_CHARACTERS:
        raise _refusal(kind)
    try:
        state.update(f"{kind}\x1f{value}".encode())
    except UnicodeEncodeError:
        raise Refusal("TOKEN-VALUE", "The identifier is not valid text.") from None
    return state.digest()


def minting(key: bytes, kind: str) -> Callable[[str], bytes]:
    """``token`` for one kind, of values that are known to be short and in ASCII, in half the time."""
    begun = _keyed(key)()
    begun.update(f"{kind}{_SEPARATOR}".encode())
    copy = begun.copy

    def mint(value: str) -> bytes:
        state = copy()
        state.update(value.encode())
        return state.digest()

    return mint


def tokens(key: bytes, kind: str, values: Iterable[str]) -> NDArray[np.uint8]:
    """The tokens of many identifiers of one kind, as rows of an (n, 16) array."""
    joined = b"".join([token(key, kind, value) for value in values])
    return np.frombuffer(joined, np.uint8).reshape(-1, TOKEN_BYTES)


def _refusal(kind: str) -> Refusal:
    if _SEPARATOR in kind:
        return Refusal("TOKEN-KIND", "A kind of identifier has no unit separator in its name.")
    return Refusal("TOKEN-VALUE", f"An identifier has at most {VALUE_LIMIT_CHARACTERS} characters.")
