"""A world small enough for every test, and one of its members."""

import pytest

from allpoints.sample.countries import Country, country
from allpoints.sample.world import World


@pytest.fixture(scope="session")
def world() -> World:
    return World(7, 0.1)


@pytest.fixture(scope="session")
def arvandia() -> Country:
    return country("XAV")
