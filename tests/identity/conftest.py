"""Keys and certificates of invented members, made once."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from allpoints.ground.clock import DAY
from allpoints.identity.certificate import Certificate, Holder, issue
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.keystore import Keys
from allpoints.identity.officer_tables import SCHEMA
from allpoints.identity.root import Root, RootHolder

NOW = 1_800_000_000_000


@pytest.fixture(scope="session")
def now_ms() -> int:
    return NOW


@pytest.fixture(scope="session")
def keys_of() -> Callable[[str], Keys]:
    made: dict[str, Keys] = {}

    def keys(name: str) -> Keys:
        if name not in made:
            made[name] = Keys(SigningKey.generate(), ReceptionKey.generate())
        return made[name]

    return keys


@pytest.fixture(scope="session")
def holders() -> tuple[HolderKey, ...]:
    """Keys of five holders."""
    return tuple(HolderKey.generate() for _ in range(5))


@pytest.fixture(scope="session")
def rooted(keys_of: Callable[[str], Keys], holders: tuple[HolderKey, ...]) -> Callable[[str], Root]:
    """A root of one holder that names the keys of a secretariat and its relay."""

    def root(secretariat: str) -> Root:
        services = (keys_of(secretariat).signing.public, keys_of(f"{secretariat}/relay").signing.public)
        one = [RootHolder("Ines", holders[0].public)]
        return Root.draft("Allpoints training network", 1, 1, one, services).signed(holders[0])

    return root


@pytest.fixture(scope="session")
def holder_of(keys_of: Callable[[str], Keys]) -> Callable[[str, str], Holder]:
    def holder(name: str, role: str) -> Holder:
        keys = keys_of(name)
        return Holder(name, role, name[:3], f"Office {name}", keys.signing.public, keys.reception.public)

    return holder


@pytest.fixture(scope="session")
def certified(
    keys_of: Callable[[str], Keys], holder_of: Callable[[str, str], Holder]
) -> Callable[[str, str], Certificate]:
    made: dict[tuple[str, str], Certificate] = {}

    def certificate(name: str, role: str) -> Certificate:
        if (name, role) not in made:
            issuer = name[:3]
            made[name, role] = issue(
                issuer,
                keys_of(issuer).signing,
                holder_of(name, role),
                not_before_ms=NOW - DAY,
                not_after_ms=NOW + 20 * DAY,
            )
        return made[name, role]

    return certificate


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    yield connection
    connection.close()
