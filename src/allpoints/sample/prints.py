"""Fingerprints and faces: records only, for nobody in this world has fingers or a face."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from allpoints.sample.chance import Odds
from allpoints.sample.countries import Country
from allpoints.sample.families import Person
from allpoints.sample.persons import ACCUSED, MISSING, OFFENCES, UNIDENTIFIED, OnFile, OnRecord
from allpoints.sample.table import OPEN, RESTRICTED, Row, Table
from allpoints.sample.world import World, number_of

CATEGORIES = {"convicted": "offender", MISSING: "missing-person", UNIDENTIFIED: "body"}
"""Whose prints they are by the status of the person; everybody else is a suspect."""

KINDS = Odds((("ten-print", 60), ("ten-print-palms", 40)))
MARKS = Odds((("finger-mark", 80), ("palm-mark", 20)))
FINGERS = tuple(str(position) for position in range(1, 11))
SURFACES = ("Window frame", "Glass", "Steering wheel", "Door handle", "Till", "Adhesive tape", "Pistol grip")
SOLVED_IN_HUNDRED = 40
"""So many marks are of somebody whose prints are held."""

QUALITIES = Odds((("good", 55), ("usable", 35), ("poor", 10)))
POSES = Odds((("frontal", 80), ("half", 12), ("profile", 8)))
ORIGINS = {MISSING: "family", UNIDENTIFIED: "body"}

TRIES_LIMIT = 40
_DAYS = 8 * 365


class Mark(NamedTuple):
    """One mark from a scene; ``of`` is who left it, where the world knows."""

    ref: str
    kind: str
    fingers: tuple[str, ...]
    sha256: str
    offence: str
    case: str
    place: str
    found_on: str
    of: str


def marks(world: World, member: Country) -> Iterator[Mark]:
    """The marks from a member's scenes; two in turn are of one scene."""
    files = OnFile(world, member)
    for number in range(world.count("marks", member.code)):
        chance = world.chance("mark", number_of(member.code), number)
        whose = _whose(files, world, number)
        kind = chance.weighed(MARKS)
        yield Mark(
            ref=f"{member.code}-M-{number:07d}",
            kind=kind,
            fingers=chance.some(FINGERS, chance.between(1, 3)) if kind == "finger-mark" else (),
            sha256=f"{chance.below(1 << 256):064x}",
            offence=chance.one(OFFENCES),
            case=f"{member.code}-C-{number // 2:07d}",
            place=f"{chance.one(SURFACES)}, {chance.one(member.cities)}",
            found_on=world.day_before(chance, _DAYS).isoformat(),
            of=whose.ref if whose else "",
        )


def _whose(files: OnFile, world: World, number: int) -> Person | None:
    chance = world.chance("left by", number_of(files.member.code), number // 2)
    if not files.count or not chance.in_hundred(SOLVED_IN_HUNDRED):
        return None
    for _ in range(TRIES_LIMIT):
        for one in files.of(chance.below(files.count)):
            if one.prints and one.status in ACCUSED:
                return one.person
    return None


def _prints(world: World, member: Country) -> Iterator[Row]:
    for one in OnFile(world, member):
        if one.prints:
            yield _print_of(world, one)
    for mark in marks(world, member):
        yield {
            "source_ref": mark.ref,
            "fingerprint_reference": mark.ref,
            "category": "stain",
            "kind": mark.kind,
            "fingers": mark.fingers,
            "nist_sha256": mark.sha256,
            "offences": (mark.offence,),
            "taken_on": mark.found_on,
            "taken_in": member.code,
            "case_reference": mark.case,
            "place": mark.place,
        }


def _print_of(world: World, one: OnRecord) -> Row:
    person = one.person
    chance = world.chance("prints", number_of(person.member), person.family, person.place)
    missing = chance.in_hundred(10)
    known = one.status != UNIDENTIFIED
    return {
        "source_ref": one.prints,
        "fingerprint_reference": one.prints,
        "category": CATEGORIES.get(one.status, "suspect"),
        "kind": "fingers" if missing else chance.weighed(KINDS),
        "fingers": chance.some(FINGERS, chance.between(2, 8)) if missing else (),
        "nist_sha256": f"{chance.below(1 << 256):064x}",
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat() if known else "",
        "offences": one.offences,
        "taken_on": world.day_before(chance, _DAYS).isoformat(),
        "taken_in": person.member,
    }


def _faces(world: World, member: Country, *, restricted: bool) -> Iterator[Row]:
    for one in OnFile(world, member):
        if one.has_face and one.restricted == restricted:
            yield _face_of(world, one)


def _face_of(world: World, one: OnRecord) -> Row:
    person = one.person
    chance = world.chance("face", number_of(person.member), person.family, person.place)
    return {
        "source_ref": one.face,
        "person_reference": person.ref,
        "status_of_person": one.status,
        "image_sha256": f"{chance.below(1 << 256):064x}",
        "image_pdq": f"{chance.below(1 << 256):064x}",
        "quality": chance.weighed(QUALITIES),
        "pose": chance.weighed(POSES),
        "origin": ORIGINS.get(one.status, "custody"),
        "taken_on": world.day_before(chance, _DAYS).isoformat()[: chance.one((4, 7, 10))],
        "taken_in": person.member,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat() if one.status != UNIDENTIFIED else "",
        "minor": one.minor and one.status != UNIDENTIFIED,
    }


TABLE = Table(
    "fingerprints",
    (
        "source_ref", "fingerprint_reference", "category", "kind", "fingers", "nist_sha256", "sex", "birth_date",
        "offences", "taken_on", "taken_in", "case_reference", "place",
    ),
    _prints,
)  # fmt: skip

FACE_TABLES = tuple(
    Table(
        "facial-images",
        (
            "source_ref", "person_reference", "status_of_person", "image_sha256", "image_pdq", "quality", "pose",
            "origin", "taken_on", "taken_in", "sex", "birth_date", "minor",
        ),
        partial(_faces, restricted=handling == RESTRICTED),
        handling,
    )
    for handling in (OPEN, RESTRICTED)
)  # fmt: skip
