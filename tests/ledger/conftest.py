"""A relay, three authors and as many empty ledgers as a test wants."""

import hashlib
import itertools
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey, VerifyKey
from allpoints.ledger import appending, store, witnessing
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.ledger.entry import Entry, Head, Header, compose, parse
from allpoints.ledger.facts import CLEAR, SEALED
from allpoints.ledger.merkle import Frontier
from allpoints.sealing import cbor
from allpoints.sealing.audience_tree import Audience

NOW_MS = 1_790_000_000_000
ORIGIN = "ledger.allpoints.example"
TABLES = ("ledger_entries", "ledger_unordered", "ledger_heads", "ledger_tree", "ledger_nodes")
_counter = itertools.count(1)


class FailingConnection(sqlite3.Connection):
    """Fails at the n-th execute (counted from 1) once armed; the begin and rollback of a test are not counted."""

    fails_at = 0
    executes = 0

    def arm(self, number: int) -> None:
        self.fails_at, self.executes = number, 0

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if self.fails_at:
            self.executes += 1
            if self.executes == self.fails_at:
                raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, parameters)


class Author:
    """Writes a chain of entries."""

    def __init__(self, name: str, key: SigningKey) -> None:
        self.name = name
        self.key = key
        self.head = Head()

    def header(self, **changes: Any) -> Header:
        fields: dict[str, Any] = {
            "id": hashlib.sha256(next(_counter).to_bytes(8, "big")).digest()[:16],
            "kind": "records.entered",
            "author": self.name,
            "created_ms": NOW_MS,
            "author_seq": self.head.author_seq + 1,
            "prev": self.head.commitment,
            "sealing": CLEAR,
            "salt": hashlib.sha256(b"salt %d" % next(_counter)).digest(),
        }
        return Header(**{**fields, **changes})

    def write(self, sealed: bytes = b"body", audience: Audience | None = None, **changes: Any) -> Entry:
        header = self.header(**{"sealing": SEALED if audience else CLEAR, **changes})
        entry = compose(header, audience, sealed, self.key)
        self.head = Head(entry.header.author_seq, entry.commitment)
        return entry

    def unsigned(self, sealed: bytes = b"body") -> Entry:
        """An entry with empty signatures, for what is only stored and hashed."""
        parts = [self.header().to_bytes(), cbor.encode([]), sealed, [bytes(64), bytes(3309)]]
        entry = parse(cbor.encode(parts))
        self.head = Head(entry.header.author_seq, entry.commitment)
        return entry


class Network:
    """The relay's key, the authors' keys, and the look-up that every holder of the ledger uses."""

    def __init__(self) -> None:
        self.relay = SigningKey.generate()
        self.relay_keys = RelayKeys(ORIGIN, (self.relay.public,))
        self.keys = {name: SigningKey.generate() for name in ("XAV", "XBM", "XSC")}

    def author(self, name: str = "XAV") -> Author:
        return Author(name, self.keys[name])

    def author_key(self, name: str, kind: str, at_ms: int) -> VerifyKey:
        if name not in self.keys:
            raise Refusal("UNKNOWN-AUTHOR", f"{name} is no member.", status=403)
        if kind == "not.allowed" or at_ms < 0:
            raise Refusal("KIND-NOT-ALLOWED", f"{name} may not write {kind}.", status=403)
        return self.keys[name].public

    def database(self) -> FailingConnection:
        db = sqlite3.connect(":memory:", isolation_level=None, factory=FailingConnection)
        db.executescript(store.SCHEMA + witnessing.SCHEMA)
        return db

    def seal(self, db: sqlite3.Connection) -> str:
        return appending.seal_checkpoint(db, ORIGIN, self.relay)

    def append(self, db: sqlite3.Connection, entries: Iterable[Entry]) -> str:
        """Append as the relay does, as one group commit."""
        for entry in entries:
            appending.append(db, entry.encoded, self.author_key, NOW_MS)
        return self.seal(db)

    def hold(self, db: sqlite3.Connection, entries: list[Entry]) -> Frontier:
        """Store without verifying, and without a checkpoint."""
        before = store.frontier(db)
        after = store.add(db, before, entries)
        store.keep_unsigned(db, before, after)
        return after


@pytest.fixture(scope="session")
def network() -> Network:
    return Network()


@pytest.fixture(scope="session")
def history(network: Network) -> list[Entry]:
    """Twelve signed entries of three authors, in an order in which they can be appended."""
    authors = [network.author(name) for name in ("XSC", "XAV", "XBM")]
    return [authors[number % 3].write(b"body %d" % number) for number in range(12)]


@pytest.fixture
def db(network: Network) -> FailingConnection:
    return network.database()


@pytest.fixture(scope="session")
def refused() -> Callable[..., Refusal]:
    """Runs something that must be refused with a code, and gives the refusal."""

    def run(code: str, act: Callable[..., object], *arguments: Any) -> Refusal:
        with pytest.raises(Refusal) as caught:
            act(*arguments)
        assert caught.value.code == code, caught.value.sentence
        return caught.value

    return run


@pytest.fixture(scope="session")
def contents() -> Callable[[sqlite3.Connection], list[list[Any]]]:
    """Everything that the ledger's tables hold."""
    return lambda db: [db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES]
