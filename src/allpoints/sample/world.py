"""One invented world: its seed, its size, its day, and how much of everything there is in it."""

import datetime as dt
from functools import cache, cached_property

from allpoints.ground.refusal import Refusal
from allpoints.sample.chance import Chance, Odds, Seed, spread
from allpoints.sample.countries import SECRETARIAT, Country, countries

TODAY = dt.date(2026, 5, 18)
"""The day on which every world ends; nothing in it happens later."""

SCALE_LIMIT = 10_000.0
"""Largest world: fifty million documents, more than any member's numbers could tell apart in a register."""

COUNTS = {
    "families": 1_600,
    "documents": 5_000,
    "travellers": 20_000,
    "administrative": 800,
    "vehicles": 1_000,
    "vessels": 200,
    "art": 250,
    "firearms": 600,
    "ballistics": 200,
    "marks": 100,
    "dna": 300,
    "alerts": 60,
    "specimens": 48,
    "civil": 48,
    "hashes": 400,
    "piracy": 60,
    "radiological": 40,
}
"""How many there are of each in all members together, in a world of scale 1."""

COAST = frozenset({"vessels", "piracy"})
"""What only members with a coast have."""


class World:
    """Where everything else is found: each thing by its member and number, the same whenever it is asked for."""

    def __init__(self, seed: int, scale: float = 1.0, today: dt.date = TODAY) -> None:
        if not 0 < scale <= SCALE_LIMIT:
            raise Refusal(
                "SAMPLE-SCALE",
                f"A scale is more than 0 and at most {SCALE_LIMIT:,.0f}.",
                path="scale",
                hint="1 is a small world with 5,000 documents; 0.1 has a tenth of it, 100 a hundred times as many.",
            )
        self.seed = seed
        self.scale = scale
        self.today = today
        self._root = Seed(seed)
        self._counts: dict[str, dict[str, int]] = {}
        self._owners: dict[str, Odds[Country]] = {}

    @cached_property
    def members(self) -> tuple[Country, ...]:
        return countries()

    def chance(self, what: str, *numbers: int) -> Chance:
        """The draws for one thing."""
        return self._root.chance(what, *numbers)

    def total(self, kind: str) -> int:
        """How many there are of a kind in the whole world, at least one."""
        return max(1, round(COUNTS[kind] * self.scale))

    def count(self, kind: str, member: str) -> int:
        """How many of a kind a member has."""
        known = self._counts.get(kind)
        if known is None:
            known = self._counts[kind] = _shares(self.total(kind), kind)
        return known.get(member, 0)

    def owners(self, kind: str) -> Odds[Country]:
        """The members, each as likely as it has many of a kind: for drawing one of all."""
        known = self._owners.get(kind)
        if known is None:
            known = self._owners[kind] = Odds((one, self.count(kind, one.code)) for one in self.members)
        return known

    def day_before(self, chance: Chance, days: int, least: int = 0) -> dt.date:
        """A day at least ``least`` and fewer than ``days`` days ago."""
        return self.today - dt.timedelta(days=least + chance.below(max(1, days - least)))


def _shares(total: int, kind: str) -> dict[str, int]:
    holders = [one for one in countries() if one.has_coast or kind not in COAST]
    shares = spread(total, [one.people for one in holders])
    return {one.code: share for one, share in zip(holders, shares, strict=True)}


@cache
def number_of(member: str) -> int:
    """A member's number in draws and marks."""
    codes = [one.code for one in countries()]
    return len(codes) if member == SECRETARIAT else codes.index(member)
