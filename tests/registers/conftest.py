"""A bureau's tables in memory, the real vocabulary, and records made by number."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.registers.importer import Bureau

from allpoints.registers import import_job, store
from allpoints.registers.entering import Carriage
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Register, Vocabulary

Raw = dict[str, object]


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load()


@pytest.fixture(scope="session")
def documents(vocabulary: Vocabulary) -> Register:
    return vocabulary.registers["travel-documents"]


@pytest.fixture(scope="session")
def persons(vocabulary: Vocabulary) -> Register:
    return vocabulary.registers["persons"]


@pytest.fixture(scope="session")
def carriage(vocabulary: Vocabulary) -> Carriage:
    """What sample records carry: the first purpose and the first handling code there are."""
    return Carriage(next(iter(vocabulary.purposes)), next(iter(vocabulary.handling)), by_role="desk")


@pytest.fixture(scope="session")
def other_carriage(vocabulary: Vocabulary) -> Carriage:
    return Carriage(list(vocabulary.purposes)[1], next(iter(vocabulary.handling)), by_role="desk")


@pytest.fixture
def open_db() -> Iterator[Callable[[], sqlite3.Connection]]:
    """Makes further nodes' tables; all are closed in the end."""
    opened = []

    def make() -> sqlite3.Connection:
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.executescript(store.SCHEMA)
        db.executescript(import_job.SCHEMA)
        opened.append(db)
        return db

    yield make
    for db in opened:
        db.close()


@pytest.fixture
def db(open_db: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
    return open_db()


class _Failing(sqlite3.Connection):
    """A disk that fails at the n-th statement."""

    left = 1_000_000

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise sqlite3.OperationalError("disk I/O error")

    def execute(self, *given: Any) -> sqlite3.Cursor:
        self._count()
        return super().execute(*given)

    def executemany(self, *given: Any) -> sqlite3.Cursor:
        self._count()
        return super().executemany(*given)


@pytest.fixture
def failing() -> Iterator[tuple[sqlite3.Connection, Callable[[Callable[[], object]], int]]]:
    """Tables, and a way to do something on them that first fails at each of its statements in turn.

    Each failure is rolled back; the number of failures is returned once the act came through.
    """
    db = sqlite3.connect(":memory:", isolation_level=None, factory=_Failing)
    db.executescript(store.SCHEMA)
    db.executescript(import_job.SCHEMA)

    def survive(act: Callable[[], object]) -> int:
        failures = 0
        while True:
            db.execute("BEGIN")
            db.left = failures + 1
            try:
                act()
            except sqlite3.OperationalError:
                failures += 1
                db.left = 1_000_000
                db.execute("ROLLBACK")
            else:
                db.left = 1_000_000
                db.execute("COMMIT")
                return failures

    yield db, survive
    db.close()


@pytest.fixture(scope="session")
def document() -> Callable[..., Raw]:
    """The fields of Arvandia's n-th stolen passport, some of them changed."""

    def make(n: int, **changes: object) -> Raw:
        raw: Raw = {
            "source_ref": f"AV-{n}",
            "document_number": f"AV{n:07d}",
            "issuer": "XAV",
            "document_type": "passport",
            "fraud": "stolen",
        }
        return raw | changes

    return make


@pytest.fixture(scope="session")
def person() -> Callable[..., Raw]:
    """The fields of the n-th invented person, some of them changed."""

    def make(n: int, **changes: object) -> Raw:
        raw: Raw = {
            "source_ref": f"P-{n}",
            "family_name": "Quillfeather",
            "given_names": "Osric Bramble",
            "sex": "M",
            "birth_date": "1949-03-14",
            "nationalities": ["XBM"],
            "documents": [{"number": f"BM{n:06d}", "issuer": "XBM", "type": "passport"}],
            "status_of_person": "wanted",
        }
        return raw | changes

    return make


@pytest.fixture
def bureau(db: sqlite3.Connection, vocabulary: Vocabulary, carriage: Carriage, tmp_path: Path) -> Bureau:
    return Bureau(db, vocabulary, carriage, tmp_path / "spooled")
