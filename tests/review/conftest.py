"""A good request, the rules, officers, and a database with the review's tables."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from allpoints.identity.officers import REVIEWER, Asker
from allpoints.review import store
from allpoints.review.request import Request
from allpoints.review.rulebook import Rulebook, load
from allpoints.vocabulary import loading as vocabularies
from allpoints.vocabulary.register import Vocabulary

GOLDEN = yaml.safe_load((Path(__file__).parent / "golden.yaml").read_text(encoding="utf-8"))
NOW_MS = 1_731_000_000_000
"""7 November 2024."""


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(store.SCHEMA)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load()


@pytest.fixture(scope="session")
def request_with() -> Callable[..., Request]:
    """Make the good request with a changed body (``None`` takes a field away) and changed request fields."""

    def make(body: Mapping[str, Any] | None = None, **fields: Any) -> Request:
        whole = deepcopy(GOLDEN["good"]["body"]) | dict(body or {})
        kept = {name: value for name, value in whole.items() if value is not None}
        values = GOLDEN["good"]["request"] | {"body": kept} | fields
        values.setdefault("submission", msgspec.msgpack.encode([values["revision"], kept]))
        return msgspec.convert(values, Request)

    return make


@pytest.fixture(scope="session")
def officers() -> tuple[Asker, Asker, Asker]:
    ada, ben, cem = (Asker(name, frozenset({REVIEWER}), "analyse") for name in ("ada", "ben", "cem"))
    return ada, ben, cem


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return vocabularies.load()


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    return dict(GOLDEN)
