"""Children inherit as Mendel found, and strangers seldom look like kin."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.sample.chance import Seed
from allpoints.sample.countries import countries
from allpoints.sample.families import PARENTS, Families
from allpoints.sample.profiles import AMELOGENIN, EUROPEAN, LOCI, STANDARD, Profile, child, founder
from allpoints.sample.world import World


def may_be_child(one: Profile, father: Profile, mother: Profile) -> bool:
    return all(
        any(
            sorted((first, second)) == sorted(one[locus.name])
            for first in father[locus.name]
            for second in mother[locus.name]
        )
        for locus in LOCI
    )


@given(st.integers(0, 10**6), st.sampled_from(countries()))
@settings(max_examples=25)
def test_every_child_has_one_allele_of_each_parent(number: int, member: object) -> None:
    families = Families(World(5), member)  # type: ignore[arg-type]
    people, profiles = families.of(number), families.profiles(number)
    for one in people:
        assert profiles[one.place][AMELOGENIN] == (("X", "Y") if one.sex == "M" else ("X", "X"))
        if one.place in PARENTS:
            father, mother = (profiles[place] for place in PARENTS[one.place])
            assert may_be_child(profiles[one.place], father, mother)


def test_a_stranger_is_nobodys_child() -> None:
    people = [founder(Seed(3).chance("stranger", number), "M") for number in range(60)]
    assert not any(may_be_child(one, people[0], people[1]) for one in people[2:])


def test_half_of_the_children_get_each_of_a_parents_alleles() -> None:
    seed = Seed(3)
    locus = LOCI[0].name
    father = founder(seed.chance("father"), "M") | {locus: ("8", "14")}
    mother = founder(seed.chance("mother"), "F") | {locus: ("11", "11")}
    found = Counter(child(seed.chance("child", at), father, mother, "F")[locus] for at in range(2_000))
    assert set(found) == {("8", "11"), ("11", "14")}
    assert 900 < found[("8", "11")] < 1_100


def test_alleles_stand_in_order_and_the_sets_are_parts_of_what_is_known() -> None:
    names = {locus.name for locus in LOCI}
    assert set(STANDARD) < set(EUROPEAN) < names
    assert (len(STANDARD), len(EUROPEAN), len(names)) == (7, 12, 20)
    for number in range(50):
        profile = founder(Seed(4).chance("one", number), "F")
        assert all(float(low) <= float(high) for low, high in (profile[name] for name in names))
