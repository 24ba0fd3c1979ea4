"""Vessels and their engines: numbers with right check digits, and flags, call signs and names that no ship has."""

from collections.abc import Iterator
from typing import NamedTuple

from allpoints.sample.chance import Chance, Odds, scattered
from allpoints.sample.countries import Country
from allpoints.sample.numbers import hull_number, imo_number
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

SHIP, BOAT, ENGINE = "ship", "boat", "engine"
STATUSES = Odds((("stolen", 92), ("embezzled", 5), ("sought", 3)))
KINDS = Odds(((SHIP, 20), (BOAT, 55), (ENGINE, 25)))

SHIP_TYPES = Odds((("cargo", 5), ("tanker", 3), ("fishing", 6), ("passenger", 2), ("tug", 2)))
BOAT_TYPES = Odds(
    (("sailing-boat", 6), ("motor-boat", 8), ("inflatable", 4), ("jet-ski", 3), ("catamaran", 1))
)

_FIRST_STEM, _STEMS = 200_000, 300_007
"""Stems of IMO numbers that were never given out: ships have numbers from one million on, and from five on again."""
_STATIONS = 1_000_000
_AFLOAT = 500_000
"""Numbers from here on are of ships that are where they should be."""
_CALLS = 8 * 8_000
_DAYS = 9 * 365
_LETTERS = "ABCDEFGHJKLM"
_ADJECTIVES = (
    "Silver",
    "Quiet",
    "Northern",
    "Amber",
    "Distant",
    "Morning",
    "Seventh",
    "Painted",
    "Patient",
    "Little",
)
_NOUNS = (
    "Heron",
    "Lantern",
    "Tide",
    "Kestrel",
    "Compass",
    "Harbour",
    "Petrel",
    "Meridian",
    "Willow",
    "Current",
)
_BUILDERS = (
    ("Selmouth Yard", "SEL", ("Arven 32", "Tern 24", "Skua 40")),
    ("Rocamar Náutica", "ROC", ("Brisa 28", "Levante 45")),
    ("Anemos Marine", "ANE", ("Zefyros 36", "Meltemi 21")),
    ("Aonami Craft", "AON", ("Nami 18", "Tsuru 30")),
)
_ENGINES = (
    ("Polyn Marine", "PM 150"),
    ("Aokumo Outboard", "AO 90"),
    ("Neelam Sea", "NS 250"),
    ("Tarn Diesel", "TD 420"),
)


class Vessel(NamedTuple):
    """One stolen vessel, or one engine stolen by itself; what a kind has not is empty."""

    number: int
    member: str
    kind: str
    type: str
    status: str
    name: str
    imo: str
    mmsi: str
    call_sign: str
    hull: str
    registration: str
    make: str
    model: str
    year: int
    length_cm: int
    colour: str
    engines: tuple[str, ...]
    engine_make: str
    port: str
    lost_on: str

    @property
    def ref(self) -> str:
        """The national file number of its theft."""
        return f"{self.member}-B-{self.number:07d}"


class Vessels:
    """The stolen vessels of one member."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.count = world.count("vessels", member.code)
        self._own = number_of(member.code)
        draws = world.chance("sea", 0)
        self._stems = draws.below(_STEMS)
        self._shift = draws.below(_CALLS)

    def __iter__(self) -> Iterator[Vessel]:
        return map(self.vessel, range(self.count))

    def vessel(self, number: int) -> Vessel:
        """The stolen vessel with this number."""
        chance = self.world.chance("vessel", self._own, number)
        return self._built(number, chance.weighed(KINDS), chance)

    def afloat(self, number: int) -> Vessel:
        """A ship that was never stolen."""
        return self._built(number + _AFLOAT, SHIP, self.world.chance("afloat", self._own, number))

    def _built(self, number: int, kind: str, chance: Chance) -> Vessel:
        at_sea, small = kind == SHIP, kind == BOAT
        year = self.world.today.year - 1 - chance.below(30)
        builder, mark, models = chance.one(_BUILDERS)
        engine_make, engine_model = chance.one(_ENGINES)
        stem = _FIRST_STEM + scattered(number * len(_LETTERS) + self._own, _STEMS, self._stems)
        station = scattered(number, _STATIONS, self._shift)
        serial = chance.below(100_000)
        return Vessel(
            number=number,
            member=self.member.code,
            kind=kind,
            type=chance.weighed(SHIP_TYPES) if at_sea else chance.weighed(BOAT_TYPES) if small else ENGINE,
            status=chance.weighed(STATUSES),
            name=f"{chance.one(_ADJECTIVES)} {chance.one(_NOUNS)}" if kind != ENGINE else "",
            imo=imo_number(stem) if at_sea else "",
            mmsi=f"{self.member.mid}{station:06d}" if kind != ENGINE else "",
            call_sign=self._call(number) if kind != ENGINE else "",
            hull=hull_number(self.member.hull, mark, serial, year, chance.between(1, 12)) if small else "",
            registration=f"{self.member.code[1:]}-{chance.below(90_000) + 10_000}" if kind != ENGINE else "",
            make=engine_make if kind == ENGINE else builder,
            model=engine_model if kind == ENGINE else chance.one(models) if small else "",
            year=year,
            length_cm=chance.between(2_500, 22_000) if at_sea else chance.between(350, 1_800) if small else 0,
            colour=chance.one(("white", "blue", "red", "black", "grey", "green")) if kind != ENGINE else "",
            engines=tuple(
                f"{engine_model.replace(' ', '')}{chance.below(10**6):06d}"
                for _ in range(1 if kind == ENGINE else chance.between(1, 2))
            ),
            engine_make=engine_make,
            port=chance.one(self.member.cities),
            lost_on=self.world.day_before(chance, _DAYS).isoformat(),
        )

    def _call(self, number: int) -> str:
        series, at = divmod(scattered(number, _CALLS, self._shift), 8_000)
        return f"X{2 + series}{_LETTERS[self._own]}{2_000 + at}"


def row(one: Vessel) -> Row:
    """The vessel or engine as a row of the register's file."""
    return {
        "source_ref": one.ref,
        "status": one.status,
        "kind": one.type,
        "name": one.name,
        "hull_number": one.hull,
        "imo": one.imo,
        "mmsi": one.mmsi,
        "call_sign": one.call_sign,
        "registration": one.registration,
        "flag": one.member if one.registration else "",
        "make": one.make,
        "model": one.model,
        "year": one.year,
        "length_cm": one.length_cm,
        "colour": one.colour,
        "engine_numbers": one.engines,
        "engine_make": one.engine_make,
        "theft_date": one.lost_on,
        "theft_country": one.member,
        "port": one.port,
    }


TABLE = Table(
    "stolen-vessels",
    (
        "source_ref", "status", "kind", "name", "hull_number", "imo", "mmsi", "call_sign", "registration", "flag",
        "make", "model", "year", "length_cm", "colour", "engine_numbers", "engine_make", "theft_date",
        "theft_country", "port",
    ),
    lambda world, member: map(row, Vessels(world, member)),
)  # fmt: skip
