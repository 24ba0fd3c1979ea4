"""Base58Check: the older addresses of Bitcoin and of its relatives."""

import hashlib

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

BASE58_LIMIT = 64
"""Longest text decoded; an address has 26 to 35 characters."""

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_CHECKSUM = 4


def decoded(text: str) -> bytes | None:
    """Version and payload, or None when a character or the checksum is wrong."""
    if not 0 < len(text) <= BASE58_LIMIT or any(letter not in _VALUES for letter in text):
        return None
    number = 0
    for letter in text:
        number = number * 58 + _VALUES[letter]
    zeros = len(text) - len(text.lstrip("1"))
    whole = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    payload, checksum = whole[:-_CHECKSUM], whole[-_CHECKSUM:]
    return payload if len(whole) > _CHECKSUM and checksum == _checksum(payload) else None


def encoded(payload: bytes) -> str:
    """The text of version and payload, checksum included."""
    whole = payload + _checksum(payload)
    number = int.from_bytes(whole, "big")
    letters = ""
    while number:
        number, value = divmod(number, 58)
        letters = ALPHABET[value] + letters
    return "1" * (len(whole) - len(whole.lstrip(b"\0"))) + letters


def _checksum(payload: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:_CHECKSUM]
