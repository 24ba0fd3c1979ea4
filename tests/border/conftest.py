"""An empty database with the border's tables."""

import sqlite3
from collections.abc import Iterator

import pytest

from allpoints.border import store


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(store.SCHEMA)
    yield connection
    connection.close()
