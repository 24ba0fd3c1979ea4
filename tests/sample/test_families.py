"""Families hang together: ages, names and papers, whoever is asked for first."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from allpoints.sample.countries import countries
from allpoints.sample.families import FATHER, FIRST_CHILD, MOTHER, PARENTS, Families
from allpoints.sample.world import World

MEMBERS = st.sampled_from(countries())
NUMBERS = st.integers(0, 10**6)


@given(MEMBERS, NUMBERS)
def test_parents_are_older_than_their_children_and_children_come_one_after_another(
    member: object, number: int
) -> None:
    world = World(7)
    people = Families(world, member).of(number)  # type: ignore[arg-type]
    for one in people:
        for parent in PARENTS.get(one.place, ()):
            years = one.birth_date.year - people[parent].birth_date.year
            assert 18 <= years <= 60
        assert one.birth_date < world.today
    assert all(one.birth_date < other.birth_date for one, other in pairwise(people[FIRST_CHILD:]))


def test_children_bear_their_fathers_name(world: World) -> None:
    families = Families(world, countries()[1])
    for number in range(20):
        people = families.of(number)
        assert {one.name.family for one in people[FIRST_CHILD:]} == {people[FATHER].name.family}


def test_a_person_is_the_same_whoever_was_asked_for_before(world: World) -> None:
    member = countries()[4]
    once = Families(world, member).person(31, MOTHER)
    families = Families(world, member)
    for number in (7, 31, 4):
        families.of(number)
    assert families.person(31, MOTHER) == once
    assert Families(World(8, 0.1), member).person(31, MOTHER) != once


def test_no_two_people_have_the_same_papers(world: World) -> None:
    for member in countries():
        families = Families(world, member)
        people = [one for number in range(60) for one in families.of(number)]
        assert len({one.ref for one in people}) == len(people)
        assert len(
            {number(one) for one in people for number in (families.passport, families.card)}
        ) == 2 * len(people)
