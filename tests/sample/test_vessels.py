"""Vessels and engines stolen by themselves."""

from collections.abc import Callable

import pytest

from allpoints.sample.countries import countries
from allpoints.sample.vessels import BOAT, ENGINE, SHIP, Vessel, Vessels
from allpoints.sample.world import World
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.types.call_sign import CallSign
from allpoints.vocabulary.types.hin import Hin
from allpoints.vocabulary.types.imo import Imo
from allpoints.vocabulary.types.mmsi import Mmsi, station_of

COUNTRIES = load().countries
CLEAN: dict[str, Callable[[object, str], str]] = {
    "imo": Imo().clean,
    "mmsi": Mmsi(COUNTRIES).clean,
    "hull": Hin(COUNTRIES).clean,
    "call_sign": CallSign().clean,
}


@pytest.fixture(scope="module")
def some() -> list[Vessel]:
    world = World(7)
    return [
        Vessels(world, member).vessel(number)
        for member in countries()
        if member.has_coast
        for number in range(60)
    ]


def test_every_number_of_a_vessel_is_as_its_standard_wants_it(some: list[Vessel]) -> None:
    hin, call = Hin(COUNTRIES), CallSign()
    for one in some:
        for name, clean in CLEAN.items():
            assert bool(clean(getattr(one, name), name)) == bool(getattr(one, name))
        if one.hull:
            assert not hin.advice(hin.clean(one.hull, ""))
        if one.call_sign:
            assert not call.advice(one.call_sign)
            station = station_of(one.mmsi)
            assert station is not None
            assert station.kind == "ship"


def test_kinds_have_what_they_have(some: list[Vessel]) -> None:
    assert {one.kind for one in some} == {SHIP, BOAT, ENGINE}
    for one in some:
        assert bool(one.imo) == (one.kind == SHIP)
        assert bool(one.hull) == (one.kind == BOAT)
        assert bool(one.mmsi) == bool(one.name) == (one.kind != ENGINE)
        assert one.engines


def test_no_two_vessels_share_a_number(some: list[Vessel]) -> None:
    for name in ("imo", "mmsi", "call_sign", "ref"):
        numbers = [getattr(one, name) for one in some if getattr(one, name)]
        assert len(set(numbers)) == len(numbers)
