"""Motor vehicles: makes nobody builds, with identification numbers, plates and engine numbers in their right forms."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import msgspec
import yaml

from allpoints.sample.chance import Odds, scattered
from allpoints.sample.countries import DATA, Country
from allpoints.sample.numbers import model_year_code, numbered, space, vin_check_digit
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

STOLEN, DRIVEN = range(2)
"""The halves of a member's plates: stolen vehicles, and those that cross a border in good order."""

COLOURS = Odds((
    ("white", 24), ("black", 20), ("grey", 18), ("silver", 14), ("blue", 9), ("red", 7), ("green", 3), ("brown", 2),
    ("yellow", 1), ("orange", 1),
))  # fmt: skip

STATUSES = Odds((("stolen", 88), ("embezzled", 9), ("sought", 3)))
ONE_PART_IN = 40
"""Of so many records one is of a part that has a number of its own."""

_PART_AT = 3
_SERIALS = 1_000_000
_REGISTRATIONS = 100_000_000
_DAYS = 9 * 365
_PLANTS = "ABCDEFGHJKLMNPRSTVWX"
_MEMBERS = "ABCDEFGHJKLM"
_CHECK_AT = 8


class Make(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A maker, its world manufacturer identifier, and its models with their kinds."""

    make: str
    maker: str
    checked: bool
    models: dict[str, str]


class Vehicle(NamedTuple):
    """One vehicle."""

    number: int
    member: str
    vin: str
    plate: str
    kind: str
    make: str
    model: str
    year: int
    colour: str
    engine: str
    registration: str

    @property
    def ref(self) -> str:
        """The national file number of its theft."""
        return f"{self.member}-V-{self.number:07d}"


@cache
def makes() -> tuple[Make, ...]:
    """All makes."""
    text = (DATA / "vehicles.yaml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(yaml.safe_load(text), list[Make]))


@cache
def _models() -> tuple[tuple[Make, str, str, str], ...]:
    """Every model with its make, its kind and the two characters that stand for it."""
    return tuple(
        (make, model, kind, f"{_PLANTS[at]}{at + 1}")
        for make in makes()
        for at, (model, kind) in enumerate(make.models.items())
    )


class Vehicles:
    """The vehicles of one member."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.count = world.count("vehicles", member.code)
        self._own = number_of(member.code)
        self._plates = space(member.plate)
        draws = world.chance("plates", self._own)
        self._shift = draws.below(self._plates)
        self._serial_shift = draws.below(_SERIALS * len(_PLANTS))

    def __iter__(self) -> Iterator[Vehicle]:
        return map(self.vehicle, range(self.count))

    def vehicle(self, number: int, half: int = STOLEN) -> Vehicle:
        """The vehicle with this number."""
        chance = self.world.chance("vehicle", self._own, half, number)
        make, model, kind, mark = chance.one(_models())
        year = self.world.today.year - chance.below(22)
        return Vehicle(
            number=number,
            member=self.member.code,
            vin=self._vin(number, half, make, mark, year),
            plate=numbered(
                self.member.plate, scattered(number + half * (self._plates // 2), self._plates, self._shift)
            ),
            kind=kind,
            make=make.make,
            model=model,
            year=year,
            colour=chance.weighed(COLOURS),
            engine=f"{make.maker[1:]}{mark}{chance.below(10**7):07d}"
            if kind not in {"trailer", "caravan"}
            else "",
            registration=f"RD{scattered(number + half * (_REGISTRATIONS // 2), _REGISTRATIONS, self._shift):08d}",
        )

    def _vin(self, number: int, half: int, make: Make, mark: str, year: int) -> str:
        made = _SERIALS * len(_PLANTS)
        plant, serial = divmod(scattered(number + half * (made // 2), made, self._serial_shift), _SERIALS)
        start = f"{make.maker}{_MEMBERS[self._own]}{mark}ZZ"
        end = f"{model_year_code(year)}{_PLANTS[plant]}{serial:06d}"
        check = vin_check_digit(f"{start}0{end}") if make.checked else "Z"
        return f"{start}{check}{end}"


def is_part(number: int) -> bool:
    """Whether the record with this number is of a part instead of a whole vehicle."""
    return number % ONE_PART_IN == _PART_AT


def _rows(world: World, member: Country) -> Iterator[Row]:
    for one in Vehicles(world, member):
        chance = world.chance("theft", number_of(member.code), one.number)
        row: dict[str, object] = {
            "source_ref": one.ref,
            "status": chance.weighed(STATUSES),
            "make": one.make,
            "model": one.model,
            "year": one.year,
            "theft_date": world.day_before(
                chance, min(_DAYS, 365 * (world.today.year - one.year) + 60)
            ).isoformat(),
            "theft_country": member.code if chance.in_hundred(75) else chance.one(world.members).code,
        }
        if is_part(one.number):
            yield row | {"kind": "part", "part_number": f"{one.make[:2].upper()}{chance.below(10**8):08d}"}
            continue
        yield row | {
            "kind": one.kind,
            "vin": one.vin,
            "plate": one.plate,
            "plate_country": member.code,
            "engine_number": one.engine,
            "registration_document": one.registration if chance.in_hundred(60) else "",
            "colour": one.colour,
        }


TABLE = Table(
    "stolen-vehicles",
    (
        "source_ref", "status", "kind", "vin", "plate", "plate_country", "engine_number", "part_number",
        "registration_document", "make", "model", "year", "colour", "theft_date", "theft_country",
    ),
    _rows,
)  # fmt: skip
