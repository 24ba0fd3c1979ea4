"""What the world knows and no register may: whose a sample is, who left a mark, which weapon fired a shot.

It is the answer sheet for engines that find such things by themselves. It is never imported anywhere.
"""

from collections.abc import Iterator

from allpoints.sample.countries import Country
from allpoints.sample.exhibits import exhibits
from allpoints.sample.persons import UNIDENTIFIED, OnFile
from allpoints.sample.prints import marks
from allpoints.sample.samples import Samples, relatives
from allpoints.sample.world import World

COLUMNS = ("register", "owner", "record", "truth", "of_register", "of_owner", "of_record")

Known = tuple[str, ...]


def rows(world: World) -> Iterator[Known]:
    """All that is known, each as a row of ``COLUMNS``."""
    for member in world.members:
        yield from _samples(world, member)
        yield from _marks(world, member)
        yield from _unidentified(world, member)
        yield from _shots(world, member)


def _samples(world: World, member: Country) -> Iterator[Known]:
    for sample in Samples(world, member):
        if sample.of:
            yield ("dna-profiles", member.code, sample.ref, "is of", "persons", member.code, sample.of)
    for one in relatives(world, member):
        there = ("persons", member.code, one.missing.ref)
        yield ("family-dna", member.code, one.code, f"is of the {one.relation} of", *there)


def _marks(world: World, member: Country) -> Iterator[Known]:
    for mark in marks(world, member):
        if mark.of:
            yield ("fingerprints", member.code, mark.ref, "was left by", "persons", member.code, mark.of)


def _unidentified(world: World, member: Country) -> Iterator[Known]:
    for one in OnFile(world, member):
        if one.status == UNIDENTIFIED:
            name = f"{one.person.name.family}, {one.person.name.given}"
            yield ("persons", member.code, one.person.ref, f"is {name}", "", "", "")


def _shots(world: World, member: Country) -> Iterator[Known]:
    for one in exhibits(world, member):
        if not one.tested:
            yield (
                "ballistics",
                member.code,
                one.ref,
                "was fired by",
                "firearms",
                member.code,
                one.weapon.ref,
            )
