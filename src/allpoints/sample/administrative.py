"""Administrative documents: registrations, licences, certificates; single ones, and ranges of stolen blanks."""

from collections.abc import Iterator
from typing import NamedTuple

from allpoints.sample.chance import Odds, scattered
from allpoints.sample.countries import Country
from allpoints.sample.table import Row, Table
from allpoints.sample.vehicles import STOLEN, Vehicles
from allpoints.sample.world import World, number_of

REGISTRATION, BLANK = "vehicle-registration", "stolen-blank"
KINDS = Odds((
    (REGISTRATION, 34), ("driving-licence", 26), ("vehicle-title", 10), ("plate-blank", 8), ("weapon-licence", 7),
    ("customs-certificate", 5), ("export-certificate", 5), ("professional-card", 3), ("seal", 2),
))  # fmt: skip
STATUSES = Odds((("stolen", 45), ("lost", 45), ("revoked", 10)))
MARKS = {
    "driving-licence": "DL", "vehicle-title": "VT", "plate-blank": "PB", "weapon-licence": "WL",
    "customs-certificate": "CC", "export-certificate": "EX", "professional-card": "PC", "seal": "SE",
    REGISTRATION: "RD",
}  # fmt: skip
"""What numbers of each kind begin with."""

AUTHORITIES = {
    REGISTRATION: "Vehicle registry", "vehicle-title": "Vehicle registry", "plate-blank": "Vehicle registry",
    "driving-licence": "Licence office", "weapon-licence": "Police headquarters",
    "customs-certificate": "Customs house", "export-certificate": "Customs house", "seal": "Customs house",
    "professional-card": "Chamber of trades",
}  # fmt: skip

ONE_RANGE_IN = 25
"""Of so many records one is a range of stolen blanks."""
BLANKS_APART = 500

_SPACE = 100_000_000
_DAYS = 8 * 365


class Paper(NamedTuple):
    """One document, or the blanks from ``number`` to ``last``."""

    ref: str
    issuer: str
    kind: str
    number: str
    last: str
    status: str
    authority: str
    lost_on: str
    lost_in: str


class AdministrativePapers:
    """The administrative documents that one member reports."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.count = world.count("administrative", member.code)
        self._own = number_of(member.code)
        self._vehicles = Vehicles(world, member)

    def __iter__(self) -> Iterator[Paper]:
        return map(self.paper, range(self.count))

    def paper(self, number: int) -> Paper:
        """The record with this number."""
        chance = self.world.chance("administrative", self._own, number)
        kind = chance.weighed(KINDS)
        written, last, status = f"{MARKS[kind]}L{scattered(number, _SPACE):08d}", "", chance.weighed(STATUSES)
        if number % ONE_RANGE_IN == 0:
            first = number // ONE_RANGE_IN * BLANKS_APART
            status = BLANK
            written, last = (
                f"{MARKS[kind]}Q{at:08d}" for at in (first, first + chance.between(20, BLANKS_APART) - 1)
            )
        elif kind == REGISTRATION and number < self._vehicles.count:
            # The papers that went with a stolen vehicle: found in other hands, they tell of it.
            written, status = self._vehicles.vehicle(number, STOLEN).registration, "stolen"
        return Paper(
            ref=f"{self.member.code}-S-{number:07d}",
            issuer=self.member.code,
            kind=kind,
            number=written,
            last=last,
            status=status,
            authority=f"{AUTHORITIES[kind]} of {chance.one(self.member.cities)}",
            lost_on=self.world.day_before(chance, _DAYS).isoformat(),
            lost_in=self.member.code if chance.in_hundred(80) else chance.one(self.world.members).code,
        )


def row(one: Paper) -> Row:
    """The document as a row of the register's file."""
    return {
        "source_ref": one.ref,
        "kind": one.kind,
        "number": one.number,
        "last_number": one.last,
        "issuer": one.issuer,
        "authority": one.authority,
        "status": one.status,
        "theft_country": one.lost_in,
        "theft_date": one.lost_on,
    }


TABLE = Table(
    "administrative-documents",
    (
        "source_ref", "kind", "number", "last_number", "issuer", "authority", "status", "theft_country",
        "theft_date",
    ),
    lambda world, member: map(row, AdministrativePapers(world, member)),
)  # fmt: skip
