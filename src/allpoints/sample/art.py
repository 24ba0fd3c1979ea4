"""Works of art: objects nobody made, described as Object ID asks."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import msgspec
import yaml

from allpoints.sample.chance import Chance, Odds
from allpoints.sample.countries import DATA, Country
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

STOLEN, DISCOVERED = "stolen", "discovered"
STATUSES = Odds(((STOLEN, 80), ("looted", 5), ("missing", 5), (DISCOVERED, 10)))
INSCRIPTIONS = (
    "",
    "signed lower right",
    "dated on the back",
    "workshop mark under the foot",
    "label of an exhibition",
)
FEATURES = (
    "Repaired crack on the left side",
    "Corner replaced in a different wood",
    "Loss of paint at the lower edge, filled in",
    "Old inventory number in red ink",
    "Small burn on the back",
    "Mount replaced in the last century",
)
OWNERS = ("Museum", "Parish church", "Private collection", "Library", "Town hall", "University")

_YEARS = 25 * 365


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of object: its folder, titles, materials, the years it is from and its sizes in centimetres."""

    folder: str
    title: tuple[str, ...]
    materials: tuple[str, ...]
    begun: int = msgspec.field(name="from")
    ended: int = msgspec.field(name="to")
    size: tuple[int, int]


class Work(NamedTuple):
    """One object."""

    number: int
    member: str
    status: str
    folder: str
    title: str
    materials: tuple[str, ...]
    height_mm: int
    width_mm: int
    inscriptions: str
    features: str
    period: str
    maker: str
    inventory: str
    hashes: tuple[str, ...]
    holder: str
    place: str
    lost_on: str

    @property
    def ref(self) -> str:
        """The national file number."""
        return f"{self.member}-A-{self.number:07d}"


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds of objects."""
    text = (DATA / "art.yaml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(yaml.safe_load(text), list[Kind]))


class Works:
    """The works of art on record at one member."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.count = world.count("art", member.code)
        self._own = number_of(member.code)

    def __iter__(self) -> Iterator[Work]:
        return map(self.work, range(self.count))

    def work(self, number: int) -> Work:
        """The object with this number."""
        chance = self.world.chance("art", self._own, number)
        kind = chance.one(kinds())
        place = chance.one(self.member.cities)
        return Work(
            number=number,
            member=self.member.code,
            status=chance.weighed(STATUSES),
            folder=kind.folder,
            title=chance.one(kind.title),
            materials=tuple(chance.one(kind.materials).split(";")),
            height_mm=10 * chance.between(*kind.size),
            width_mm=10 * chance.between(*kind.size),
            inscriptions=chance.one(INSCRIPTIONS),
            features=chance.one(FEATURES) if chance.in_hundred(60) else "",
            period=_period(kind, chance),
            maker=chance.one(("", f"School of {place}", f"Workshop of {self.member.cities[0]}")),
            inventory=f"{place[:3].upper()}-{chance.between(1880, 2020)}-{chance.between(1, 400)}"
            if chance.in_hundred(35)
            else "",
            hashes=(f"{chance.below(1 << 256):064x}",) if chance.in_hundred(30) else (),
            holder=chance.one(OWNERS),
            place=place,
            lost_on=self.world.day_before(chance, _YEARS).isoformat(),
        )


def _period(kind: Kind, chance: Chance) -> str:
    """A year, about a year, or a century, as ISO 8601-2 writes them."""
    year = chance.between(kind.begun, kind.ended)
    written = f"{'-' if year < 0 else ''}{abs(year):04d}"
    if year < 0 or chance.in_hundred(40):
        return f"{written}~"
    if chance.in_hundred(40):
        century = (year - 1) // 100 * 100
        return f"{century + 1:04d}/{century + 100:04d}"
    return written


def row(one: Work) -> Row:
    """The object as a row of the register's file."""
    return {
        "source_ref": one.ref,
        "status": one.status,
        "object_type": one.folder,
        "title": one.title,
        "maker": one.maker,
        "period": one.period,
        "materials": one.materials,
        "height_mm": one.height_mm,
        "width_mm": one.width_mm,
        "inscriptions": one.inscriptions,
        "features": one.features,
        "inventory_number": one.inventory,
        "picture_hashes": one.hashes,
        "holder": one.holder,
        "place": one.place,
        "theft_country": one.member,
        "theft_date": one.lost_on,
    }


TABLE = Table(
    "works-of-art",
    (
        "source_ref", "status", "object_type", "title", "maker", "period", "materials", "height_mm", "width_mm",
        "inscriptions", "features", "inventory_number", "picture_hashes", "holder", "place", "theft_country",
        "theft_date",
    ),
    lambda world, member: map(row, Works(world, member)),
)  # fmt: skip
