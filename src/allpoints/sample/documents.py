"""Travel documents that were stolen, lost or revoked, and ranges of stolen blanks; never a word about their bearers."""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from allpoints.sample.chance import Chance, Odds
from allpoints.sample.countries import Country
from allpoints.sample.papers import BLANKS_APART, RECORDED, Papers
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

PASSPORT, CARD = "passport", "identity-card"
TYPES = Odds(((PASSPORT, 60), (CARD, 30), ("residence-permit", 6), ("visa", 3), ("laissez-passer", 1)))
FRAUDS = Odds((("lost", 55), ("stolen", 35), ("revoked", 10)))
ONE_RANGE_IN = 250
"""Of so many records one is a range of stolen blanks."""
_RANGE_AT = 12

_YEARS_VALID = 10
_DAYS = 365


class Reported(NamedTuple):
    """One record: a document, or the blanks from ``number`` to ``last``."""

    ref: str
    number: str
    issuer: str
    type: str
    fraud: str
    last: str
    theft_country: str
    theft_date: dt.date
    issue_date: dt.date | None
    expiry_date: dt.date | None


class Documents:
    """The reported documents of one member."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.papers = Papers(world, member)
        self.count = world.count("documents", member.code)
        self._own = number_of(member.code)
        self._elsewhere = tuple(one.code for one in world.members)

    def __iter__(self) -> Iterator[Reported]:
        return map(self.reported, range(self.count))

    def is_range(self, number: int) -> bool:
        """Whether the record with this number is of blanks."""
        return number % ONE_RANGE_IN == _RANGE_AT

    def reported(self, number: int) -> Reported:
        """The record with this number."""
        chance = self.world.chance("document", self._own, number)
        member = self.member.code
        ref = f"{member}-D-{number:07d}"
        reported = self.world.today - dt.timedelta(days=chance.below(8 * _DAYS))
        if self.is_range(number):
            first, last = self.papers.blanks(number // ONE_RANGE_IN, self._blanks(number))
            return Reported(ref, first, member, PASSPORT, "stolen-blank", last, member, reported, None, None)
        kind = chance.weighed(TYPES)
        issued = reported - dt.timedelta(days=30 + chance.below(_YEARS_VALID * _DAYS - 60))
        return Reported(
            ref,
            self.papers.card(RECORDED, number) if kind == CARD else self.papers.passport(RECORDED, number),
            member,
            kind,
            chance.weighed(FRAUDS),
            "",
            member if chance.below(10) < 6 else self._elsewhere[chance.below(len(self._elsewhere))],
            reported,
            issued,
            issued + dt.timedelta(days=_YEARS_VALID * _DAYS),
        )

    def _blanks(self, number: int) -> int:
        """How many blanks the range with this number holds."""
        return self.world.chance("blanks", self._own, number).between(20, BLANKS_APART)

    def shown(self, number: int, chance: Chance) -> tuple[Reported, str]:
        """The record with this number, and the number on one document that it is about."""
        one = self.reported(number)
        if not self.is_range(number):
            return one, one.number
        return one, self.papers.blank(number // ONE_RANGE_IN, chance.below(self._blanks(number)))


def row(one: Reported) -> Row:
    """The record as a row of the register's file."""
    return {
        "source_ref": one.ref,
        "document_number": one.number,
        "issuer": one.issuer,
        "document_type": one.type,
        "fraud": one.fraud,
        "last_number": one.last,
        "theft_country": one.theft_country,
        "theft_date": one.theft_date.isoformat(),
        "issue_date": one.issue_date.isoformat() if one.issue_date else "",
        "expiry_date": one.expiry_date.isoformat() if one.expiry_date else "",
    }


def _rows(world: World, member: Country) -> Iterator[Row]:
    return map(row, Documents(world, member))


TABLE = Table(
    "travel-documents",
    (
        "source_ref",
        "document_number",
        "issuer",
        "document_type",
        "fraud",
        "last_number",
        "theft_country",
        "theft_date",
        "issue_date",
        "expiry_date",
    ),
    _rows,
)
