"""One address: its spelling and its network."""

import re
from typing import NamedTuple

from allpoints.vocabulary.wallets import base58, bech32
from allpoints.vocabulary.wallets.keccak import keccak_256

_VERSIONS = {
    0x00: "Bitcoin",
    0x05: "Bitcoin",
    0x6F: "Bitcoin test network",
    0xC4: "Bitcoin test network",
    0x30: "Litecoin",
    0x32: "Litecoin",
    0x1E: "Dogecoin",
    0x16: "Dogecoin",
    0x4C: "Dash",
    0x10: "Dash",
    0x41: "Tron",
}
_PREFIXES = {"bc": "Bitcoin", "tb": "Bitcoin test network", "ltc": "Litecoin"}
_ETHEREUM = "Ethereum and networks like it"
_PAYLOAD = 21
_HEX = re.compile(r"0[xX][0-9a-fA-F]{40}", re.ASCII)

NETWORKS = tuple(dict.fromkeys((*_VERSIONS.values(), *_PREFIXES.values(), _ETHEREUM)))
"""Networks whose addresses are told by themselves."""


class Address(NamedTuple):
    """An address in its one spelling; ``network`` is empty when only the checksum speaks for it."""

    text: str
    network: str


def address(text: str) -> Address | None:
    """The address a text is, or None when it is none or a checksum does not add up."""
    if _HEX.fullmatch(text):
        spelled = _mixed_case(text)
        digits = text[2:]
        plain = digits in (digits.lower(), digits.upper())
        return Address(spelled, _ETHEREUM) if plain or digits == spelled[2:] else None
    found = bech32.witness(text)
    if found is not None:
        network = _PREFIXES.get(found.prefix)
        return Address(text.lower(), network) if network else None
    payload = base58.decoded(text)
    if payload is None or len(payload) != _PAYLOAD:
        return None
    return Address(text, _VERSIONS.get(payload[0], ""))


def _mixed_case(text: str) -> str:
    """The spelling of EIP-55: a letter is a capital where the digest of the small digits has a high digit."""
    digits = text[2:].lower()
    digest = keccak_256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if high >= "8" else digit for digit, high in zip(digits, digest, strict=False)
    )
