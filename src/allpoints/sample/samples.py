"""DNA and prints: whose they are is the world's own knowledge, and no register's."""

from collections.abc import Iterator
from typing import NamedTuple

from allpoints.sample.chance import Chance, Odds, scattered
from allpoints.sample.countries import Country
from allpoints.sample.families import FATHER, FIRST_CHILD, MOTHER, Person
from allpoints.sample.names import FEMALE, MALE
from allpoints.sample.persons import ACCUSED, MISSING, OFFENCES, UNIDENTIFIED, OnFile, OnRecord
from allpoints.sample.profiles import AMELOGENIN, EUROPEAN, LOCI, STANDARD, Profile, founder, written
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

OFFENDER, STAIN, MISSING_PERSON, BODY = "offender", "stain", "missing-person", "body"
DNA_KINDS = Odds(((OFFENDER, 50), (STAIN, 35), (MISSING_PERSON, 8), (BODY, 7)))
SOURCES = {
    OFFENDER: ("mouth", "blood"),
    STAIN: ("blood", "saliva", "skin", "hair"),
    MISSING_PERSON: ("belongings", "hair"),
    BODY: ("bone", "tooth"),
}
SETS = Odds(((STANDARD, 15), (EUROPEAN, 35), (tuple(locus.name for locus in LOCI), 50)))
SOLVED_IN_HUNDRED = 35
"""So many stains and bodies are of somebody the world knows."""

GIVING_IN_HUNDRED = 40
"""So many families of a missing person give samples of relatives."""

TRIES_LIMIT = 60
_CASES = 100_000_000


class Sample(NamedTuple):
    """One DNA sample; ``of`` is whose it is, where the world knows."""

    ref: str
    member: str
    kind: str
    profile: Profile
    loci: tuple[str, ...]
    taken_on: str
    source: str
    kit: str
    offences: tuple[str, ...]
    of: str


class Relative(NamedTuple):
    """One relative's sample, given to find ``missing``."""

    code: str
    case: str
    person: Person
    relation: str
    profile: Profile
    taken_on: str
    missing: Person


class Samples:
    """The DNA samples of one member."""

    def __init__(self, world: World, member: Country) -> None:
        self.world = world
        self.member = member
        self.count = world.count("dna", member.code)
        self._own = number_of(member.code)
        self._files = OnFile(world, member)

    def __iter__(self) -> Iterator[Sample]:
        return map(self.sample, range(self.count))

    def sample(self, number: int) -> Sample:
        """The sample with this number."""
        chance = self.world.chance("sample", self._own, number)
        kind = chance.weighed(DNA_KINDS)
        whose = self._whose(kind, chance)
        if whose is None:
            kind = STAIN if kind == OFFENDER else BODY if kind == MISSING_PERSON else kind
            profile = founder(chance, chance.one((MALE, FEMALE)))
        else:
            profile = self._files.families.profiles(whose.person.family)[whose.person.place]
        loci = chance.weighed(SETS)
        return Sample(
            ref=f"{self.member.code}-G-{number:07d}",
            member=self.member.code,
            kind=kind,
            profile=profile,
            loci=(AMELOGENIN, *loci),
            taken_on=self.world.day_before(chance, 8 * 365).isoformat(),
            source=chance.one(SOURCES[kind]),
            kit=f"{len(loci)}-locus kit",
            offences=(chance.one(OFFENCES),) if kind in {OFFENDER, STAIN} else (),
            of=whose.person.ref if whose else "",
        )

    def _whose(self, kind: str, chance: Chance) -> OnRecord | None:
        """Who left it: an accused person, or for bodies and missing persons somebody who is missing."""
        if kind in {STAIN, BODY} and not chance.in_hundred(SOLVED_IN_HUNDRED):
            return None
        statuses = (
            ACCUSED if kind in {OFFENDER, STAIN} else {MISSING} if kind == MISSING_PERSON else {UNIDENTIFIED}
        )
        for _ in range(TRIES_LIMIT if self._files.count else 0):
            for one in self._files.of(chance.below(self._files.count)):
                if one.status in statuses:
                    return one
        return None


def relatives(world: World, member: Country) -> Iterator[Relative]:
    """The relatives of a member's missing persons who gave a sample, family after family."""
    files = OnFile(world, member)
    shift = world.chance("cases", number_of(member.code)).below(_CASES)
    for number in range(files.count):
        chief = files.of(number)[0]
        chance = world.chance("kin", number_of(member.code), number)
        if chief.status != MISSING or not chance.in_hundred(GIVING_IN_HUNDRED):
            continue
        profiles = files.families.profiles(number)
        kin = [place for place in range(FATHER, len(profiles)) if place != chief.person.place]
        # The case has a number of its own, for the family's would lead to the file of who is missing.
        case = f"{member.code}-K-{scattered(number, _CASES, shift):08d}"
        for at, place in enumerate(chance.some(kin, chance.between(1, 3)), start=1):
            yield Relative(
                code=f"{case}-{at}",
                case=case,
                person=files.families.person(number, place),
                relation=relation(place),
                profile=profiles[place],
                taken_on=world.day_before(chance, 4 * 365).isoformat(),
                missing=chief.person,
            )


def relation(place: int) -> str:
    """What somebody in this place of the family is to a missing child of it."""
    return {FATHER: "father", MOTHER: "mother"}.get(
        place, "sibling" if place >= FIRST_CHILD else "grandparent"
    )


def _samples(world: World, member: Country) -> Iterator[Row]:
    for one in Samples(world, member):
        yield {
            "source_ref": one.ref,
            "sample_code": one.ref,
            "category": one.kind,
            "profile": written(one.profile, one.loci),
            "source": one.source,
            "kit": one.kit,
            "laboratory": _laboratory(member),
            "taken_on": one.taken_on,
            "taken_in": one.member,
            "offences": one.offences,
        }


def _relatives(world: World, member: Country) -> Iterator[Row]:
    for one in relatives(world, member):
        yield {
            "source_ref": one.code,
            "sample_code": one.code,
            "missing_code": one.case,
            "relation": one.relation,
            "profile": written(one.profile, tuple(one.profile)),
            "status": "searching",
            "consent": True,
            "consent_on": one.taken_on,
            "taken_on": one.taken_on,
            "laboratory": _laboratory(member),
        }


def _laboratory(member: Country) -> str:
    return f"Forensic institute of {member.cities[0]}"


TABLE = Table(
    "dna-profiles",
    (
        "source_ref", "sample_code", "category", "profile", "source", "kit", "laboratory", "taken_on", "taken_in",
        "offences",
    ),
    _samples,
)  # fmt: skip

FAMILY_TABLE = Table(
    "family-dna",
    (
        "source_ref", "sample_code", "missing_code", "relation", "profile", "status", "consent", "consent_on",
        "taken_on", "laboratory",
    ),
    _relatives,
)  # fmt: skip
