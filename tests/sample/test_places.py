"""Incidents lie in the empty ocean, off the coasts of members that have one."""

from allpoints.sample import piracy, radiological
from allpoints.sample.art import Works
from allpoints.sample.countries import countries
from allpoints.sample.world import World
from allpoints.vocabulary.types.coordinates import Coordinates
from allpoints.vocabulary.types.period import Period, bounds

WORLD = World(7)


def test_every_place_is_in_the_empty_south_pacific() -> None:
    found = 0
    for member in countries():
        for row in (*piracy.rows(WORLD, member), *radiological.rows(WORLD, member)):
            place = str(row.get("coordinates", ""))
            if place:
                found += 1
                assert Coordinates().clean(place, "") == place
                north, east = map(float, place.split(","))
                assert -57 < north < -39
                assert -134 < east < -110
    assert found > 60


def test_attacks_are_at_sea_and_only_a_hijacked_crew_is_held() -> None:
    for member in countries():
        found = list(piracy.rows(WORLD, member))
        assert member.has_coast or not found
        incidents = [row for row in found if row["about"] == "incident"]
        assert all(
            bool(row["held"]) == bool(row["ransom"]) == (row["kind"] == "hijacked") for row in incidents
        )
        assert all(str(row["source_ref"]).startswith("XSC-") for row in found)


def test_a_work_of_art_has_a_period_that_is_understood() -> None:
    for one in Works(WORLD, countries()[0]):
        assert Period().clean(one.period, "") == one.period
        first, last = bounds(one.period)
        assert -700 < first <= last < 2010
