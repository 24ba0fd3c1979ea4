"""Keys of invented members, made once."""

from collections.abc import Callable

import pytest

from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.keystore import Keys


@pytest.fixture(scope="session")
def keys_of() -> Callable[[str], Keys]:
    made: dict[str, Keys] = {}

    def keys(name: str) -> Keys:
        if name not in made:
            made[name] = Keys(SigningKey.generate(), ReceptionKey.generate())
        return made[name]

    return keys
