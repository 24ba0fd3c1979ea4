"""Families of three generations: who somebody is, where, when and to whom born, and by which papers known."""

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

import msgspec

from allpoints.sample.chance import Chance, Odds
from allpoints.sample.countries import Country
from allpoints.sample.names import FEMALE, MALE, Name, family_name, full_name, given_name, tongue_of, words
from allpoints.sample.papers import BEARERS, Papers
from allpoints.sample.profiles import Profile, child, founder
from allpoints.sample.world import World, number_of

GRANDFATHER, GRANDMOTHER, FATHER, MOTHER, FIRST_CHILD = range(5)
CHILDREN_LIMIT = 4
PLACES = FIRST_CHILD + CHILDREN_LIMIT
"""Most people of one family."""

PARENTS = {FATHER: (GRANDFATHER, GRANDMOTHER)} | dict.fromkeys(range(FIRST_CHILD, PLACES), (FATHER, MOTHER))
"""The places of somebody's parents; founders have none in the world."""

_DAYS = 365
_EYES = Odds((("BRO", 55), ("BLU", 15), ("HAZ", 10), ("GRN", 8), ("GRY", 6), ("BLK", 6)))
_HAIR = Odds((("BLK", 40), ("BRO", 35), ("BLN", 10), ("GRY", 6), ("RED", 4), ("SDY", 3), ("BAL", 2)))


class Person(msgspec.Struct, frozen=True):
    """One person of the world: the ``place`` in a ``family`` of a ``member``."""

    member: str
    family: int
    place: int
    sex: str
    name: Name
    birth_date: dt.date
    birth_place: str
    language: str
    height_cm: int
    weight_kg: int
    eyes: str
    hair: str

    @property
    def ref(self) -> str:
        """The national file number of this person."""
        return f"{self.member}-P-{self.family:07d}-{self.place}"

    def age(self, today: dt.date) -> int:
        """Whole years."""
        return age(self.birth_date, today)


class Household(NamedTuple):
    """What is decided for a whole family before its people are made, in the order of their places."""

    tongue: str
    sexes: tuple[str, ...]
    surnames: tuple[int, ...]
    born: tuple[dt.date, ...]


class Families:
    """The families of one member."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.papers = Papers(world, member)
        self._own = number_of(member.code)
        self.household = lru_cache(maxsize=8)(self._household)
        """What all of the family with a number have in common."""

    def of(self, number: int) -> tuple[Person, ...]:
        """Everybody of the family with this number, in the order of their places."""
        return tuple(self.person(number, place) for place in range(len(self.household(number).sexes)))

    def _household(self, number: int) -> Household:
        chance = self.world.chance("family", self._own, number)
        tongue = tongue_of(self.member, chance)
        known = len(words(tongue, "family"))
        own, hers, grandmothers = (chance.below(known) for _ in range(3))
        children = [chance.one((MALE, FEMALE)) for _ in range(chance.between(2, CHILDREN_LIMIT))]
        return Household(
            tongue,
            (MALE, FEMALE, MALE, FEMALE, *children),
            (own, grandmothers, own, hers, *(own for _ in children)),
            _birth_dates(chance, self.world.today, len(children)),
        )

    def name(self, number: int, place: int) -> Name:
        """How somebody is called."""
        drawn = self.household(number)
        chance = self.world.chance("name", self._own, number, place)
        surname = family_name(drawn.tongue, drawn.surnames[place], drawn.sexes[place])
        return full_name(drawn.tongue, surname, given_name(drawn.tongue, drawn.sexes[place], chance))

    def passport(self, person: Person) -> str:
        """The number of somebody's passport."""
        return self.papers.passport(BEARERS, person.family * PLACES + person.place)

    def card(self, person: Person) -> str:
        """The number of somebody's identity card."""
        return self.papers.card(BEARERS, person.family * PLACES + person.place)

    def person(self, number: int, place: int) -> Person:
        """The person in that place of a family."""
        drawn = self.household(number)
        chance = self.world.chance("person", self._own, number, place)
        sex, born = drawn.sexes[place], drawn.born[place]
        years = age(born, self.world.today)
        height = _height(chance, sex, years)
        return Person(
            member=self.member.code,
            family=number,
            place=place,
            sex=sex,
            name=self.name(number, place),
            birth_date=born,
            birth_place=chance.one(self.member.cities),
            language=self.member.languages[0],
            height_cm=height,
            weight_kg=max(3, height * height * chance.between(18, 29) // 10_000),
            eyes=chance.weighed(_EYES),
            hair="WHI" if years > 68 else chance.weighed(_HAIR),
        )

    def profiles(self, number: int) -> tuple[Profile, ...]:
        """The DNA of everybody of a family, in the order of their places."""
        found: list[Profile] = []
        for place, sex in enumerate(self.household(number).sexes):
            chance = self.world.chance("alleles", self._own, number, place)
            parents = PARENTS.get(place)
            if parents is None:
                found.append(founder(chance, sex))
            else:
                found.append(child(chance, found[parents[0]], found[parents[1]], sex))
        return tuple(found)


def age(born: dt.date, today: dt.date) -> int:
    """Whole years of somebody born then."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _height(chance: Chance, sex: str, years: int) -> int:
    grown = (178 if sex == MALE else 165) + chance.between(-9, 9) + chance.between(-6, 6)
    return grown if years >= 18 else grown * (45 + 3 * years) // 100


def _birth_dates(chance: Chance, today: dt.date, children: int) -> tuple[dt.date, ...]:
    """Births from the youngest child back: parents are 19 to 38 years older, brothers and sisters apart.

    All are on days of an even number, and travellers are born on odd ones: who is not on record never shares name
    and day of birth with somebody who is, however large the world.
    """

    def older(date: dt.date, least: int, most: int) -> dt.date:
        return date - dt.timedelta(days=_DAYS * least + chance.below(_DAYS * (most - least)))

    born = [older(today, 1, 36)]
    for _ in range(children - 1):
        born.append(born[-1] - dt.timedelta(days=400 + chance.below(1_200)))
    eldest = born[-1]
    father, mother = older(eldest, 21, 38), older(eldest, 19, 34)
    dates = (older(father, 22, 38), older(father, 20, 34), father, mother, *reversed(born))
    return tuple(date - dt.timedelta(days=date.toordinal() % 2) for date in dates)
