"""Fired bullets and cases: test shots of weapons on record, and what the same weapons left at scenes."""

from collections.abc import Iterator
from typing import NamedTuple

from allpoints.sample.chance import Odds
from allpoints.sample.countries import Country
from allpoints.sample.firearms import Firearm, Firearms, Model
from allpoints.sample.persons import OFFENCES
from allpoints.sample.places import Place, near
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

OF_ONE_WEAPON = 3
"""So many exhibits in turn were fired by one weapon; the first of them is a test shot of it."""

KINDS = Odds((("case", 60), ("bullet", 32), ("fragment", 8)))
SHARING = Odds(
    (("near-border", 30), ("trafficking", 25), ("group", 20), ("customs", 15), ("foreign-resident", 10))
)
PINS = ("Firing pin mark off centre", "Firing pin mark with a double edge", "Round firing pin mark, shallow")
EJECTORS = ("ejector at seven o'clock", "ejector at eight o'clock", "no ejector mark")
GROOVES = (4, 5, 6, 6, 6, 8)
_DAYS = 10 * 365


class Exhibit(NamedTuple):
    """One exhibit; ``weapon`` is what fired it, which only the world knows of what lay at a scene."""

    number: int
    member: str
    kind: str
    tested: bool
    weapon: Firearm
    sharing: tuple[str, ...]
    twist: str
    grooves: int
    features: str
    found_on: str
    place: Place
    offence: str

    @property
    def ref(self) -> str:
        """The national file number."""
        return f"{self.member}-Y-{self.number:07d}"

    @property
    def model(self) -> Model:
        return self.weapon.reference.model


def exhibits(world: World, member: Country) -> Iterator[Exhibit]:
    """The exhibits of one member."""
    firearms = Firearms(world, member)
    if not firearms.count:
        return
    for number in range(world.count("ballistics", member.code)):
        group, at = divmod(number, OF_ONE_WEAPON)
        barrel = world.chance("barrel", number_of(member.code), group)
        chance = world.chance("exhibit", number_of(member.code), number)
        weapon = firearms.firearm(barrel.below(firearms.count))
        smooth = weapon.reference.model.type == "shotgun"
        yield Exhibit(
            number=number,
            member=member.code,
            kind="shot-case" if smooth else chance.weighed(KINDS),
            tested=at == 0,
            weapon=weapon,
            sharing=(chance.weighed(SHARING),),
            twist="none" if smooth else barrel.one(("right", "left")),
            grooves=0 if smooth else barrel.one(GROOVES),
            features=f"{barrel.one(PINS)}; {barrel.one(EJECTORS)}",
            found_on=world.day_before(chance, _DAYS).isoformat(),
            place=near(member, chance, 1),
            offence=chance.one(OFFENCES),
        )


def row(one: Exhibit) -> Row:
    """The exhibit as a row of the register's file."""
    weapon = one.weapon
    known = {
        "make": weapon.reference.maker.make,
        "model": one.model.model,
        "serial": weapon.serial,
    }
    found = {
        "case_reference": f"{one.member}-C-{one.number:07d}",
        "place": one.place.name,
        "coordinates": one.place.coordinates,
        "offences": (one.offence,),
    }
    return {
        "source_ref": one.ref,
        "exhibit": f"{one.member}-{one.found_on[2:4]}-{one.number:07d}",
        "status": "test-fired" if one.tested else "open",
        "kind": one.kind,
        "calibre": one.model.calibre,
        "sharing": one.sharing,
        "twist": one.twist,
        "grooves": one.grooves,
        "features": one.features,
        "found_on": one.found_on,
        "found_in": one.member,
        **(known if one.tested else found),
    }


TABLE = Table(
    "ballistics",
    (
        "source_ref", "exhibit", "status", "kind", "calibre", "sharing", "twist", "grooves", "features", "make",
        "model", "serial", "case_reference", "found_on", "found_in", "place", "coordinates", "offences",
    ),
    lambda world, member: map(row, exhibits(world, member)),
)  # fmt: skip
