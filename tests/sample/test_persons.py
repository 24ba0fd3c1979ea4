"""Who is on record."""

from allpoints.sample.countries import countries
from allpoints.sample.persons import ACCUSED, MAJORITY_YEARS, OnFile
from allpoints.sample.world import World


def test_about_two_thousand_persons_are_on_record_in_a_world_of_scale_one() -> None:
    world = World(1)
    found = [one for member in world.members for one in OnFile(world, member)]
    assert 1_800 < len(found) < 2_200
    statuses = {one.status for one in found}
    assert statuses >= {*ACCUSED, "missing", "victim", "possible-threat"}
    assert len({one.person.ref for one in found}) == len(found)


def test_minors_are_missing_and_never_accused(world: World) -> None:
    found = [one for member in countries() for one in OnFile(world, member)]
    minors = [one for one in found if one.minor]
    assert minors
    assert {one.status for one in minors} == {"missing"}
    assert all(one.restricted for one in minors)
    assert all(one.person.age(world.today) < MAJORITY_YEARS for one in minors)
    assert all(one.person.age(world.today) >= MAJORITY_YEARS for one in found if not one.minor)
    assert all(bool(one.offences) == (one.status in ACCUSED) for one in found)


def test_the_second_of_a_family_is_somebody_else(world: World) -> None:
    pairs = [
        files.of(number)
        for files in (OnFile(world, member) for member in countries())
        for number in range(files.count)
    ]
    assert any(len(pair) == 2 for pair in pairs)
    assert all(len({one.person.place for one in pair}) == len(pair) for pair in pairs)
