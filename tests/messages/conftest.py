"""Sealed envelopes of invented members, made once."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.messages import mailbox, store
from allpoints.sealing.envelope import Draft, seal

NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000

Envelope = Callable[..., bytes]


@cache
def keys(name: str) -> tuple[SigningKey, ReceptionKey]:
    return SigningKey.generate(), ReceptionKey.generate()


@cache
def _envelope(sender: str, to: tuple[str, ...], body: bytes, expires_ms: int) -> bytes:
    draft = Draft(
        type="letter",
        handling="official-use",
        purpose="border-control",
        body=body,
        created_ms=NOW_MS,
        expires_ms=expires_ms,
    )
    return seal(draft, sender, keys(sender)[0], {name: keys(name)[1].public for name in to})


@pytest.fixture(scope="session")
def envelope() -> Envelope:
    """Seals a letter; the same arguments give the same bytes."""

    def made(
        sender: str = "XAV",
        to: tuple[str, ...] = ("XBM",),
        body: bytes = b"words",
        expires_ms: int = NOW_MS + HOUR_MS,
    ) -> bytes:
        return _envelope(sender, to, body, expires_ms)

    return made


@pytest.fixture
def relay_db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.executescript(mailbox.SCHEMA)
    yield connection
    connection.close()


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(store.SCHEMA)
    yield connection
    connection.close()
