"""Which records of the world belong together: somebody used a document, drove a vehicle, carried a weapon."""

from collections.abc import Iterator

from allpoints.sample.persons import ACCUSED, OnFile
from allpoints.sample.traffic import owners
from allpoints.sample.world import World, number_of

COLUMNS = (
    "register",
    "owner",
    "record",
    "relation",
    "to_register",
    "to_owner",
    "to_record",
)

RELATIONS = (
    ("used", "travel-documents", "documents", "D", 14),
    ("drove", "stolen-vehicles", "vehicles", "V", 9),
)
"""What an accused person may have done with a record of another register, and in how many of a hundred cases."""


def rows(world: World) -> Iterator[tuple[str, ...]]:
    """All links, each as a row of ``COLUMNS``."""
    held = {kind: owners(world, kind) for _, _, kind, _, _ in RELATIONS}
    for member in world.members:
        for one in OnFile(world, member):
            if one.status not in ACCUSED:
                continue
            person = one.person
            chance = world.chance("links", number_of(person.member), person.family, person.place)
            for relation, register, kind, mark, share in RELATIONS:
                if chance.in_hundred(share):
                    owner = chance.weighed(held[kind])
                    number = chance.below(world.count(kind, owner.code))
                    ref = f"{owner.code}-{mark}-{number:07d}"
                    yield ("persons", person.member, person.ref, relation, register, owner.code, ref)
