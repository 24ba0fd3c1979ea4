"""Who of the invented families is on record, as what, and what is known of them."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from allpoints.sample.chance import Chance
from allpoints.sample.countries import Country
from allpoints.sample.families import FATHER, FIRST_CHILD, Families, Person
from allpoints.sample.table import OPEN, RESTRICTED, Row, Table
from allpoints.sample.world import World, number_of

MISSING = "missing"
STATUSES = (
    ("wanted", 30),
    (MISSING, 20),
    ("suspect", 15),
    ("convicted", 10),
    ("charged", 9),
    ("possible-threat", 8),
    ("victim", 4),
    ("witness", 2),
    ("deceased", 2),
)
PROTECTED = frozenset({"victim", "witness"})
ACCUSED = frozenset({"wanted", "suspect", "convicted", "charged"})
TRAVELLING = frozenset({"wanted", "suspect", "charged", "possible-threat"})
"""Who of them may turn up at a border tomorrow."""

SECOND_IN_HUNDRED = 25
"""So many families have a second member on record, as a suspect in the same case."""
MAJORITY_YEARS = 18

_OFFENCES = (
    "PTW",
    "PTA",
    "PTR",
    "PTS",
    "PFF",
    "PFB",
    "PDO",
    "PDH",
    "PMM",
    "IKK",
    "IIP",
    "ILM",
    "PWC",
    "PAA",
    "PVV",
)
_WARNINGS = ("armed", "violent", "dangerous", "escape-risk")
_MARKS = (
    "Scar above the left eyebrow",
    "Tattoo of an anchor on the right forearm",
    "Tip of the left little finger missing",
    "Birthmark on the neck, size of a coin",
    "Walks with a limp on the right side",
    "Burn scar on the back of the left hand",
    "Tattoo of a swallow behind the ear",
    "Gold crown on an upper front tooth",
)
_NICKNAMES = (
    "The Ferryman",
    "Little Owl",
    "Matchstick",
    "The Clockmaker",
    "Seven",
    "Blue Jacket",
    "Grasshopper",
)


class OnRecord(NamedTuple):
    """One person's file at the bureau of his or her own country."""

    person: Person
    status: str
    minor: bool
    offences: tuple[str, ...]
    warnings: tuple[str, ...]
    aliases: tuple[str, ...]
    marks: str

    @property
    def restricted(self) -> bool:
        return self.minor or self.status in PROTECTED


class OnFile:
    """The people on record at one member, family after family."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.families = Families(world, member)
        self.count = world.count("families", member.code)
        """Families, each with one or two members on record."""

    def __iter__(self) -> Iterator[OnRecord]:
        for number in range(self.count):
            yield from self.of(number)

    def of(self, number: int) -> tuple[OnRecord, ...]:
        """Those of one family who are on record, the chief one first."""
        chance = self.world.chance("record", number_of(self.member.code), number)
        people = self.families.of(number)
        status = chance.weighed(STATUSES)
        children = people[FIRST_CHILD:]
        adults = [one for one in people[FATHER:] if one.age(self.world.today) >= MAJORITY_YEARS]
        chief = chance.one(children if status == MISSING else adults)
        found = [self._record(chief, status, chance)]
        others = [one for one in adults if one is not chief]
        if status in ACCUSED and others and chance.in_hundred(SECOND_IN_HUNDRED):
            found.append(self._record(chance.one(others), "suspect", chance))
        return tuple(found)

    def _record(self, person: Person, status: str, chance: Chance) -> OnRecord:
        accused = status in ACCUSED
        return OnRecord(
            person=person,
            status=status,
            minor=person.age(self.world.today) < MAJORITY_YEARS,
            offences=chance.some(_OFFENCES, chance.between(1, 2)) if accused else (),
            warnings=chance.some(_WARNINGS, 1) if accused and chance.in_hundred(35) else (),
            aliases=_aliases(person, chance) if accused and chance.in_hundred(40) else (),
            marks=chance.one(_MARKS) if chance.in_hundred(45) else "",
        )


def _aliases(person: Person, chance: Chance) -> tuple[str, ...]:
    if chance.in_hundred(30):
        return (chance.one(_NICKNAMES),)
    first = person.name.given.partition(" ")[0]
    return (f"{person.name.family[:-1]}, {first}",)


def _rows(world: World, member: Country, *, restricted: bool) -> Iterator[Row]:
    for one in OnFile(world, member):
        if one.restricted == restricted:
            yield _row(one)


def _row(one: OnRecord) -> Row:
    person = one.person
    row: dict[str, object] = {
        "source_ref": person.ref,
        "family_name": person.name.family,
        "given_names": person.name.given,
        "names_original": [person.name.original] if person.name.original else [],
        "aliases": list(one.aliases),
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "birth_place": person.birth_place,
        "nationalities": [person.member],
        "documents": [
            {"number": person.passport, "issuer": person.member, "type": "passport"},
            {"number": person.card, "issuer": person.member, "type": "identity-card"},
        ],
        "status_of_person": one.status,
        "height_cm": person.height_cm,
        "weight_kg": person.weight_kg,
        "eyes": person.eyes,
        "hair": person.hair,
        "marks": one.marks,
        "warnings": list(one.warnings),
        "offences": list(one.offences),
    }
    return {name: value for name, value in row.items() if value not in ("", [])}


TABLES = tuple(
    Table("persons", (), partial(_rows, restricted=handling == RESTRICTED), handling)
    for handling in (OPEN, RESTRICTED)
)
