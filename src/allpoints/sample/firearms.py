"""Firearms nobody makes: the reference table of their makers and models, and weapons that went astray."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import msgspec
import yaml

from allpoints.sample.chance import Odds, scattered
from allpoints.sample.countries import DATA, Country
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

STATUSES = Odds((("stolen", 45), ("lost", 25), ("trafficked", 18), ("smuggled", 12)))

_SERIALS = 10_000_000
_DAYS = 365


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model of a maker."""

    model: str
    type: str
    action: str
    calibre: str
    capacity: int
    barrel_mm: int
    begun: int = msgspec.field(name="from")


class Maker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A maker of firearms, where it works and what it stamps."""

    make: str
    country: str
    marks: str
    models: tuple[Model, ...]


class Reference(NamedTuple):
    """One entry of the reference table."""

    ref: str
    maker: Maker
    model: Model


class Firearm(NamedTuple):
    """One weapon on record."""

    number: int
    member: str
    reference: Reference
    serial: str
    status: str
    year: int
    importer: str
    lost_on: str
    lost_in: str
    place: str

    @property
    def ref(self) -> str:
        """The national file number."""
        return f"{self.member}-W-{self.number:07d}"


@cache
def references() -> tuple[Reference, ...]:
    """The whole reference table."""
    text = (DATA / "firearms.yaml").read_text(encoding="utf-8")
    makers = msgspec.convert(yaml.safe_load(text), list[Maker])
    pairs = [(maker, model) for maker in makers for model in maker.models]
    return tuple(Reference(f"IFRT-{at + 1:04d}", maker, model) for at, (maker, model) in enumerate(pairs))


class Firearms:
    """The weapons on record at one member."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.count = world.count("firearms", member.code)
        self._own = number_of(member.code)

    def __iter__(self) -> Iterator[Firearm]:
        return map(self.firearm, range(self.count))

    def firearm(self, number: int) -> Firearm:
        """The weapon with this number."""
        chance = self.world.chance("firearm", self._own, number)
        reference = chance.one(references())
        year = chance.between(reference.model.begun, self.world.today.year - 1)
        lost = self.world.day_before(chance, 12 * _DAYS)
        # Serials of a maker go on; what tells two members' weapons of a model apart is the letter in front.
        serial = scattered(number, _SERIALS, _SERIALS // 3)
        return Firearm(
            number=number,
            member=self.member.code,
            reference=reference,
            serial=f"{chr(ord('A') + self._own)}{serial:07d}",
            status=chance.weighed(STATUSES),
            year=min(year, lost.year),
            importer=chance.one(self.world.members).code if chance.in_hundred(40) else "",
            lost_on=lost.isoformat(),
            lost_in=self.member.code if chance.in_hundred(80) else chance.one(self.world.members).code,
            place=chance.one(self.member.cities),
        )


def row(one: Firearm) -> Row:
    """The weapon as a row of the register's file."""
    maker, model = one.reference.maker, one.reference.model
    return {
        "source_ref": one.ref,
        "status": one.status,
        "type": model.type,
        "make": maker.make,
        "model": model.model,
        "calibre": model.calibre,
        "serial": one.serial,
        "reference": one.reference.ref,
        "marks": maker.marks,
        "importer_mark": f"IMP {one.importer} {one.year % 100:02d}" if one.importer else "",
        "country_of_manufacture": maker.country,
        "year": one.year,
        "theft_date": one.lost_on,
        "theft_country": one.lost_in,
        "place": one.place,
    }


def _references(world: World, member: Country) -> Iterator[Row]:
    """What is made in this country."""
    del world
    for one in references():
        if one.maker.country == member.code:
            yield {
                "source_ref": one.ref,
                "make": one.maker.make,
                "model": one.model.model,
                "type": one.model.type,
                "action": one.model.action,
                "calibre": one.model.calibre,
                "capacity": one.model.capacity,
                "barrel_mm": one.model.barrel_mm,
                "country_of_manufacture": one.maker.country,
                "made_from": one.model.begun,
                "marks": one.maker.marks,
            }


REFERENCE_TABLE = Table(
    "firearms-reference",
    (
        "source_ref", "make", "model", "type", "action", "calibre", "capacity", "barrel_mm",
        "country_of_manufacture", "made_from", "marks",
    ),
    _references,
    by_secretariat=True,
)  # fmt: skip

TABLE = Table(
    "firearms",
    (
        "source_ref", "status", "type", "make", "model", "calibre", "serial", "reference", "marks",
        "importer_mark", "country_of_manufacture", "year", "theft_date", "theft_country", "place",
    ),
    lambda world, member: map(row, Firearms(world, member)),
)  # fmt: skip
