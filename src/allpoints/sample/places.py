"""Where things happen: near the cities of members, all of them in the empty ocean."""

from typing import NamedTuple

from allpoints.sample.chance import Chance
from allpoints.sample.countries import Country

_HUNDREDTHS = 100


class Place(NamedTuple):
    """Where something happened."""

    name: str
    coordinates: str


def near(country: Country, chance: Chance, degrees: int) -> Place:
    """A place not farther than so many degrees from the capital, north to south and east to west."""
    reach = degrees * _HUNDREDTHS
    north, east = (at + chance.between(-reach, reach) / _HUNDREDTHS for at in country.seat)
    return Place(chance.one(country.cities), f"{north:.5f},{east:.5f}")
