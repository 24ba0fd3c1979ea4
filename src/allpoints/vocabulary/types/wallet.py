"""The address of an electronic wallet."""

import re
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text
from allpoints.vocabulary.wallets import NETWORKS, address

WALLET_LIMIT = 90
"""Longest address (Bech32)."""

WALLET_TEXT_LIMIT = 500
"""Longest text looked at: an address may come as a payment link with an amount and a label."""

FEWEST_KNOWN = 6
"""Fewest known characters of a partial address."""

_LINK = re.compile(r"(?:bitcoin|litecoin|dogecoin|dash|tron|ethereum):(?://)?", re.IGNORECASE)
_PATTERN = re.compile(r"[A-Za-z0-9?*]+", re.ASCII)
_CASELESS = ("0x", "bc1", "tb1", "ltc1")


class Wallet(FieldType, frozen=True):
    """An address whose checksum adds up: Bitcoin and its relatives, Tron, Ethereum and networks like it."""

    name: ClassVar[str] = "e-wallet"
    personal: ClassVar[bool] = True

    def clean(self, raw: object, path: str) -> str:
        text = plain_text(raw, path, WALLET_TEXT_LIMIT)
        text = _LINK.sub("", text, count=1).partition("?")[0] if _LINK.match(text) else text
        if not text:
            return ""
        found = address(text)
        if found is None:
            raise Refusal(
                "WALLET-FORM",
                "This is no wallet address that can be verified: its form or its checksum is wrong.",
                path=path,
                hint=f"Copy it whole; capital and small letters matter. Known are {', '.join(NETWORKS)}.",
            )
        return found.text

    def normal(self, value: str) -> str:
        return value.lower() if value.startswith(_CASELESS) else value

    def pattern(self, text: str, path: str) -> str:
        partial = plain_text(text, path, WALLET_LIMIT).replace("…", "*").replace("...", "*")
        known = sum(letter not in "?*" for letter in partial)
        if not _PATTERN.fullmatch(partial) or known < FEWEST_KNOWN:
            raise Refusal(
                "WALLET-PATTERN",
                f"A partial address has at least {FEWEST_KNOWN} known letters or digits.",
                path=path,
                hint="Write ? for one unknown character and * for several: bc1qw508*8f3t4.",
            )
        small = partial.lower()
        return small if small.startswith(_CASELESS) else partial

    def advice(self, value: str) -> tuple[str, ...]:
        found = address(value)
        if found is None or found.network:
            return ()
        return ("The checksum is right, but the network is not known: say which it is in the remarks.",)

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        found = address(value)
        return (("Network", (found.network if found else "") or "not known"),)

    @property
    def examples(self) -> tuple[str, ...]:
        return (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        )

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=WALLET_LIMIT, pattern=r"^[A-Za-z0-9]*\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^[A-Za-z0-9]{{2,{WALLET_LIMIT}}}$"}
