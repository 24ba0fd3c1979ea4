"""Bech32 and Bech32m (BIP-173 and BIP-350): the newer addresses of Bitcoin and of its relatives."""

from typing import NamedTuple

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

BECH32_LIMIT = 90
"""Longest text, as BIP-173 has it."""

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32 = 1
_BECH32M = 0x2BC830A3


class Witness(NamedTuple):
    """A segregated-witness address: its network's prefix, version and program."""

    prefix: str
    version: int
    program: bytes


def witness(text: str) -> Witness | None:
    """What an address says, or None when it is not one or its checksum is wrong."""
    found = decoded(text)
    if found is None or not found[1]:
        return None
    prefix, (version, *groups), modern = found
    program = _bytes(groups)
    if program is None or version > 16 or not 2 <= len(program) <= 40 or modern != (version > 0):
        return None
    if version == 0 and len(program) not in (20, 32):
        return None
    return Witness(prefix, version, program)


def decoded(text: str) -> tuple[str, list[int], bool] | None:
    """Prefix, groups of five bits, and whether the checksum is that of Bech32m; None when it is neither."""
    if len(text) > BECH32_LIMIT or any(not 33 <= ord(letter) <= 126 for letter in text):
        return None
    if text not in (text.lower(), text.upper()):
        return None
    prefix, _, data = text.lower().rpartition("1")
    if not prefix or len(data) < 6 or any(letter not in _VALUES for letter in data):
        return None
    groups = [_VALUES[letter] for letter in data]
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    remainder = _remainder(spread + groups)
    if remainder not in (_BECH32, _BECH32M):
        return None
    return prefix, groups[:-6], remainder == _BECH32M


def _remainder(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate(_GENERATORS):
            if top >> at & 1:
                checksum ^= generator
    return checksum


def _bytes(groups: list[int]) -> bytes | None:
    """Groups of five bits as bytes; None when what is left over is more than four bits or not zero."""
    number = 0
    for group in groups:
        number = number << 5 | group
    left_over = 5 * len(groups) % 8
    if left_over > 4 or number & ((1 << left_over) - 1):
        return None
    return (number >> left_over).to_bytes(5 * len(groups) // 8, "big")
