"""DNA: stains lead to people on record, and relatives to who is missing."""

from allpoints.sample.countries import countries
from allpoints.sample.families import FATHER, FIRST_CHILD, MOTHER, Families
from allpoints.sample.persons import ACCUSED, MISSING, UNIDENTIFIED, OnFile
from allpoints.sample.profiles import EUROPEAN, LOCI
from allpoints.sample.samples import BODY, MISSING_PERSON, OFFENDER, STAIN, Samples, relatives
from allpoints.sample.world import World

WORLD = World(7)


def test_a_sample_is_of_the_person_the_world_says_it_is_of() -> None:
    member = countries()[0]
    files = OnFile(WORLD, member)
    statuses = {one.person.ref: one.status for one in files}
    found = list(Samples(WORLD, member))
    assert {one.kind for one in found} == {OFFENDER, STAIN, MISSING_PERSON, BODY}
    for one in found:
        if not one.of:
            assert one.kind in {STAIN, BODY}
            continue
        family, place = map(int, one.of.split("-")[2:])
        assert one.profile == files.families.profiles(family)[place]
        expected = (
            ACCUSED
            if one.kind in {OFFENDER, STAIN}
            else {MISSING if one.kind == MISSING_PERSON else UNIDENTIFIED}
        )
        assert statuses[one.of] in expected


def test_some_stains_are_of_somebody_whose_profile_is_held_too() -> None:
    held: dict[str, set[str]] = {}
    for member in countries():
        for one in Samples(WORLD, member):
            if one.of:
                held.setdefault(one.of, set()).add(one.kind)
    assert any({OFFENDER, STAIN} <= kinds for kinds in held.values())


def test_relatives_are_of_the_family_of_who_is_missing_and_share_half_of_the_alleles() -> None:
    found = [one for member in countries() for one in relatives(WORLD, member)]
    assert len(found) > 100
    assert len({one.code for one in found}) == len(found)
    for one in found[:40]:
        families = Families(
            WORLD, next(member for member in countries() if member.code == one.missing.member)
        )
        profiles = families.profiles(one.missing.family)
        assert one.person.family == one.missing.family
        assert one.person.place in {FATHER, MOTHER} or one.person.place >= FIRST_CHILD
        missing = profiles[one.missing.place]
        if one.relation in {"father", "mother"}:
            assert all(set(one.profile[locus.name]) & set(missing[locus.name]) for locus in LOCI)


def test_every_sample_has_the_loci_of_a_known_set() -> None:
    for one in Samples(WORLD, countries()[1]):
        assert set(one.loci) <= {*one.profile}
        assert len(one.loci) in {8, len(EUROPEAN) + 1, len(LOCI) + 1}
