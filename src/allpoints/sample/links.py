"""Which records of the world belong together, as a bureau that knows both would say."""

from collections.abc import Iterator

from allpoints.sample.administrative import REGISTRATION, AdministrativePapers
from allpoints.sample.countries import SECRETARIAT, Country
from allpoints.sample.exhibits import exhibits
from allpoints.sample.persons import ACCUSED, OnFile, OnRecord
from allpoints.sample.piracy import PERSON_MARK, suspects
from allpoints.sample.vehicles import Vehicles
from allpoints.sample.world import World, number_of

COLUMNS = ("register", "owner", "record", "relation", "to_register", "to_owner", "to_record")

RELATIONS = (
    ("bears", "travel-documents", "documents", "D", 14),
    ("drives", "stolen-vehicles", "vehicles", "V", 9),
    ("carries", "firearms", "firearms", "W", 6),
    ("held", "works-of-art", "art", "A", 2),
)
"""What an accused person may have done with a record of another register, and in how many of a hundred cases."""

Link = tuple[str, ...]


def rows(world: World) -> Iterator[Link]:
    """All links, each as a row of ``COLUMNS``."""
    for member in world.members:
        for one in OnFile(world, member):
            yield from _of_person(world, one)
        yield from _of_papers(world, member)
        yield from _of_exhibits(world, member)
        yield from _of_pirates(world, member)


def _of_person(world: World, one: OnRecord) -> Iterator[Link]:
    person = one.person
    me = ("persons", person.member, person.ref)
    if one.prints:
        yield (*me, "identified-by", "fingerprints", person.member, one.prints)
    if one.face:
        yield (*me, "identified-by", "facial-images", person.member, one.face)
    if one.status not in ACCUSED:
        return
    chance = world.chance("links", number_of(person.member), person.family, person.place)
    for relation, register, kind, mark, share in RELATIONS:
        if chance.in_hundred(share):
            owner = chance.weighed(world.owners(kind))
            number = chance.below(world.count(kind, owner.code))
            yield (*me, relation, register, owner.code, f"{owner.code}-{mark}-{number:07d}")


def _of_papers(world: World, member: Country) -> Iterator[Link]:
    """Registration papers that went with a stolen vehicle."""
    vehicles = Vehicles(world, member)
    for number, paper in enumerate(AdministrativePapers(world, member)):
        if paper.kind == REGISTRATION and not paper.last and number < vehicles.count:
            there = ("stolen-vehicles", member.code, vehicles.vehicle(number).ref)
            yield ("administrative-documents", member.code, paper.ref, "belongs-to", *there)


def _of_exhibits(world: World, member: Country) -> Iterator[Link]:
    """Test shots, with the weapon that was fired."""
    for one in exhibits(world, member):
        if one.tested:
            yield ("ballistics", member.code, one.ref, "fired-by", "firearms", member.code, one.weapon.ref)


def _of_pirates(world: World, member: Country) -> Iterator[Link]:
    """Who took part in an attack at sea, with the secretariat's file and with the incident."""
    for incident, one in suspects(world, member):
        person = ("persons", one.person.member, one.person.ref)
        yield (*person, "same-as", "maritime-piracy", SECRETARIAT, f"{incident}{PERSON_MARK}")
        yield (*person, "took-part-in", "maritime-piracy", SECRETARIAT, incident)
