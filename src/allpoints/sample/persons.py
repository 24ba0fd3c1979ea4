"""Who of the invented families is on record, as what, and what is known of them."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from allpoints.sample.chance import Chance, Odds
from allpoints.sample.countries import Country
from allpoints.sample.families import FATHER, FIRST_CHILD, MOTHER, PARENTS, Families, Person, age
from allpoints.sample.table import OPEN, RESTRICTED, Row, Table
from allpoints.sample.world import World, number_of

MISSING, UNIDENTIFIED = "missing", "unidentified"
STATUSES = Odds(
    (
        ("wanted", 30),
        (MISSING, 20),
        ("suspect", 15),
        ("convicted", 10),
        ("charged", 9),
        ("possible-threat", 8),
        ("victim", 4),
        ("witness", 2),
        ("deceased", 2),
        (UNIDENTIFIED, 3),
    )
)
PROTECTED = frozenset({"victim", "witness"})
ACCUSED = frozenset({"wanted", "suspect", "convicted", "charged"})
TRAVELLING = frozenset({"wanted", "suspect", "charged", "possible-threat"})
"""Who of them may turn up at a border tomorrow."""

PRINTS_IN_HUNDRED = {**dict.fromkeys(ACCUSED, 22), MISSING: 15, UNIDENTIFIED: 80}
FACES_IN_HUNDRED = {**dict.fromkeys(ACCUSED, 18), MISSING: 40, UNIDENTIFIED: 60}
"""Of so many people of a status there are prints of grown-up ones, and pictures."""

SECOND_IN_HUNDRED = 25
"""So many families have a second member on record, as a suspect in the same case."""
MAJORITY_YEARS = 18

OFFENCES = (
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
_OCCUPATIONS = (
    "Ferry pilot", "Cook", "Welder", "Teacher", "Accountant", "Driver", "Electrician", "Nurse", "Student",
    "Fisherman", "Jeweller", "Translator", "Farmer", "Mechanic", "Dealer in used cars", "Decorator",
)  # fmt: skip
_CIRCUMSTANCES = (
    "Left the harbour of {} on the evening ferry.",
    "Last seen at the railway station of {}.",
    "Went for a walk near {} and did not return.",
    "Found on the shore near {}, without papers.",
    "Telephoned once from {} and was not heard of again.",
)
UNKNOWN_NAME = "Unknown"
"""What stands for the name of somebody whom nobody knows."""

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
    parents: tuple[str, ...]
    birth_name: str
    occupation: str
    phones: tuple[str, ...]
    e_mails: tuple[str, ...]
    fighter: bool
    last_seen: str
    circumstances: str
    has_prints: bool
    has_face: bool

    @property
    def prints(self) -> str:
        """The reference of this person's fingerprints."""
        person = self.person
        return f"{person.member}-F-{person.family:07d}-{person.place}" if self.has_prints else ""

    @property
    def face(self) -> str:
        """The file number of this person's picture."""
        person = self.person
        return f"{person.member}-I-{person.family:07d}-{person.place}" if self.has_face else ""

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
        born = self.families.household(number).born
        status = chance.weighed(STATUSES)
        adults = [
            place
            for place in range(FATHER, len(born))
            if age(born[place], self.world.today) >= MAJORITY_YEARS
        ]
        chief = chance.between(FIRST_CHILD, len(born) - 1) if status == MISSING else chance.one(adults)
        found = [self._record(number, chief, status, chance)]
        others = [place for place in adults if place != chief]
        if status in ACCUSED and others and chance.in_hundred(SECOND_IN_HUNDRED):
            found.append(self._record(number, chance.one(others), "suspect", chance))
        return tuple(found)

    def _record(self, number: int, place: int, status: str, chance: Chance) -> OnRecord:
        person = self.families.person(number, place)
        accused, lost = status in ACCUSED, status in {MISSING, UNIDENTIFIED}
        grown = person.age(self.world.today) >= MAJORITY_YEARS
        maiden = person.place == MOTHER and chance.in_hundred(30)
        seen = self.world.day_before(chance, 5 * 365).isoformat() if lost else ""
        return OnRecord(
            person=person,
            status=status,
            minor=not grown,
            offences=chance.some(OFFENCES, chance.between(1, 2)) if accused else (),
            warnings=chance.some(_WARNINGS, 1) if accused and chance.in_hundred(35) else (),
            aliases=_aliases(person, chance) if accused and chance.in_hundred(40) else (),
            marks=chance.one(_MARKS) if chance.in_hundred(45) else "",
            parents=self._parents(number, place) if chance.in_hundred(50) else (),
            birth_name=person.name.family if maiden else "",
            occupation=chance.one(_OCCUPATIONS) if grown and chance.in_hundred(60) else "",
            phones=(f"+999{chance.below(10**9):09d}",) if accused and chance.in_hundred(30) else (),
            e_mails=(f"{chance.below(16**8):08x}@mail.example",) if accused and chance.in_hundred(12) else (),
            fighter=grown and status in {"wanted", "possible-threat"} and chance.in_hundred(6),
            last_seen=seen,
            circumstances=chance.one(_CIRCUMSTANCES).format(chance.one(self.member.cities)) if lost else "",
            has_prints=grown and chance.in_hundred(PRINTS_IN_HUNDRED.get(status, 0)),
            has_face=chance.in_hundred(FACES_IN_HUNDRED.get(status, 0)),
        )

    def _parents(self, number: int, place: int) -> tuple[str, ...]:
        names = [self.families.name(number, parent) for parent in PARENTS.get(place, ())]
        return tuple(f"{name.family}, {name.given}" for name in names)


def _aliases(person: Person, chance: Chance) -> tuple[str, ...]:
    if chance.in_hundred(30):
        return (chance.one(_NICKNAMES),)
    first = person.name.given.partition(" ")[0]
    return (f"{person.name.family[:-1]}, {first}",)


def _rows(world: World, member: Country, *, restricted: bool) -> Iterator[Row]:
    files = OnFile(world, member)
    for one in files:
        if one.restricted == restricted:
            row = _nameless(one, world) if one.status == UNIDENTIFIED else _named(one, files.families)
            yield {name: value for name, value in (_described(one) | row).items() if value}


def _named(one: OnRecord, families: Families) -> dict[str, object]:
    person = one.person
    name = person.name
    return {
        "family_name": name.family,
        "given_names": name.given,
        "names_original": [name.original] if name.original else [],
        "names_scripted": [f"{name.original} = {name.given} {name.family}"] if name.original else [],
        "birth_name": one.birth_name,
        "aliases": one.aliases,
        "parents": one.parents,
        "birth_date": person.birth_date.isoformat(),
        "birth_place": person.birth_place,
        "nationalities": [person.member],
        "documents": [
            {"number": families.passport(person), "issuer": person.member, "type": "passport"},
            {"number": families.card(person), "issuer": person.member, "type": "identity-card"},
        ],
        "minor": one.minor,
        "languages": [person.language],
        "occupation": one.occupation,
        "warnings": one.warnings,
        "offences": one.offences,
        "phones": one.phones,
        "e_mails": one.e_mails,
        "foreign_terrorist_fighter": one.fighter,
    }


def _nameless(one: OnRecord, world: World) -> dict[str, object]:
    """Somebody whose name the world knows and the register does not."""
    return {"family_name": UNKNOWN_NAME, "estimated_age": one.person.age(world.today) // 5 * 5}


def _described(one: OnRecord) -> dict[str, object]:
    person = one.person
    return {
        "source_ref": person.ref,
        "sex": person.sex,
        "status_of_person": one.status,
        "height_cm": person.height_cm,
        "weight_kg": person.weight_kg,
        "eyes": person.eyes,
        "hair": person.hair,
        "marks": one.marks,
        "last_seen": one.last_seen,
        "circumstances": one.circumstances,
        "fingerprint_reference": one.prints,
    }


TABLES = tuple(
    Table("persons", (), partial(_rows, restricted=handling == RESTRICTED), handling)
    for handling in (OPEN, RESTRICTED)
)
