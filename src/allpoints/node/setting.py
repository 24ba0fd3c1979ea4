"""What one setting is, and how the text of one is read."""

import ipaddress
from typing import Any, NamedTuple

PREFIX = "ALLPOINTS_"

Block = ipaddress.IPv4Network | ipaddress.IPv6Network


class Setting(NamedTuple):
    """One setting: where it stands in the file, its type and default, and what it does."""

    section: str
    name: str
    kind: type
    default: Any
    sentence: str

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        return PREFIX + self.path.replace(".", "_").upper()


def words(text: str) -> tuple[str, ...]:
    """The parts of a list with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def blocks(text: str) -> tuple[Block, ...]:
    """The networks in a list with commas; raises ValueError for what is none."""
    return tuple(ipaddress.ip_network(word) for word in words(text))


def are_blocks(text: str) -> bool:
    """Whether it is a list of addresses and networks."""
    try:
        blocks(text)
    except ValueError:
        return False
    return True
