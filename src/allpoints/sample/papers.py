"""Numbers of documents: every document of a member has its own, whoever bears it and whatever became of it."""

from functools import cached_property

from allpoints.sample.chance import scattered
from allpoints.sample.countries import Country
from allpoints.sample.numbers import numbered, space
from allpoints.sample.world import World, number_of

RECORDED, BEARERS, TRAVELLERS, OTHERS = range(4)
"""The quarters of a member's numbers: reported documents, those of people on record, of travellers, of anybody else."""

BLANKS_APART = 1_000
"""From the first number of one range of stolen blanks to that of the next; no range is longer."""


class Papers:
    """The numbers of one member's documents."""

    def __init__(self, world: World, member: Country) -> None:
        self.member = member
        self._passports = space(member.passport)
        self._cards = space(member.card)
        draws = world.chance("numbers", number_of(member.code))
        self._shift = draws.below(self._passports)
        self._card_shift = draws.below(self._cards)

    def passport(self, quarter: int, number: int) -> str:
        """The number of a passport, or of whatever else is numbered as passports are."""
        size = self._passports
        at = quarter * (size // 4) + number
        return numbered(self.member.passport, scattered(at, size, self._shift))

    def card(self, quarter: int, number: int) -> str:
        """The number of an identity card."""
        size = self._cards
        at = quarter * (size // 4) + number
        return numbered(self.member.card, scattered(at, size, self._card_shift))

    @cached_property
    def _blanks(self) -> str:
        # No other document has this letter, so that a range can hold none that somebody bears.
        return self.member.passport.replace("L", "Q")

    def blanks(self, number: int, count: int) -> tuple[str, str]:
        """First and last number of a range of stolen blanks."""
        return self.blank(number, 0), self.blank(number, count - 1)

    def blank(self, number: int, at: int) -> str:
        """One blank of a range."""
        return numbered(self._blanks, number * BLANKS_APART + at)
