"""The members of the invented world: what their papers, plates and call signs look like, and who lives there."""

from functools import cache
from pathlib import Path

import msgspec
import yaml

DATA = Path(__file__).parent / "data"

SECRETARIAT = "XSC"
"""The member whose folder holds what the secretariat writes."""

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
"""Letters that stand in numbers: none that is taken for a digit or left out of one by habit."""

AIR, SEA, LAND = "air", "sea", "land"


class Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member. In patterns L stands for a letter and 9 for a digit; ``seat`` is where the capital lies."""

    code: str
    name: str
    adjective: str
    people: int
    tongues: dict[str, int]
    languages: tuple[str, ...]
    cities: tuple[str, ...]
    plate: str
    passport: str
    card: str
    mid: str
    hull: str
    seat: tuple[float, float]
    posts: dict[str, str]

    @property
    def has_coast(self) -> bool:
        return SEA in self.posts.values()


@cache
def countries() -> tuple[Country, ...]:
    """All members, in the order of their codes."""
    text = (DATA / "countries.yaml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(yaml.safe_load(text), list[Country]))


def country(code: str) -> Country:
    """The member with this code."""
    return next(one for one in countries() if one.code == code)
