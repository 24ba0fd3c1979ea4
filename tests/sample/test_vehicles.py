"""Vehicles: identification numbers, plates and engines in their right forms."""

from allpoints.sample.countries import countries
from allpoints.sample.numbers import model_year_code, vin_check_digit
from allpoints.sample.vehicles import DRIVEN, STOLEN, Vehicle, Vehicles, makes
from allpoints.sample.world import World


def some(world: World) -> list[Vehicle]:
    return [
        Vehicles(world, member).vehicle(number, half)
        for member in countries()
        for half in (STOLEN, DRIVEN)
        for number in range(60)
    ]


def test_a_vin_has_its_check_digit_where_its_maker_computes_one(world: World) -> None:
    checked = {make.make: make.checked for make in makes()}
    assert set(checked.values()) == {True, False}
    for one in some(world):
        assert len(one.vin) == 17
        assert not set(one.vin) & set("IOQ")
        assert one.vin[9] == model_year_code(one.year)
        assert one.vin[8] == (vin_check_digit(one.vin) if checked[one.make] else "Z")


def test_no_two_vehicles_share_a_vin_or_a_countrys_plate(world: World) -> None:
    found = some(world)
    assert len({one.vin for one in found}) == len(found)
    assert len({(one.member, one.plate) for one in found}) == len(found)


def test_what_has_no_motor_has_no_engine_number(world: World) -> None:
    assert all(bool(one.engine) == (one.kind not in {"trailer", "caravan"}) for one in some(world))
