"""A bureau of Arvandia with its key, a kind of notice in place of the vocabulary's, and databases."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import pytest

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey, VerifyKey
from allpoints.notices import store
from allpoints.notices.authorship import Lookup, digest
from allpoints.notices.folding import Applied, apply_published
from allpoints.notices.notice import Published, Signed, decode_submission
from allpoints.notices.publishing import publish
from allpoints.notices.rules import Approval, Network
from allpoints.notices.submitting import Draft, draft, submit

NOW_MS = 1_731_000_000_000
"""7 November 2024."""


class RedBody(msgspec.Struct, frozen=True, omit_defaults=True):
    family_name: str
    number: str
    urgent: bool = False
    marks: str | None = None


class RedKind:
    """Cleans to upper case, and knows one key: the person's document."""

    @property
    def name(self) -> str:
        return "red"

    def clean(self, raw: Mapping[str, object], /) -> RedBody:
        try:
            body = msgspec.convert(dict(raw), RedBody)
        except msgspec.ValidationError as cause:
            raise Refusal("FIELD", str(cause), path="body") from cause
        return msgspec.structs.replace(body, family_name=body.family_name.upper())

    def keys(self, body: Any, /) -> list[tuple[str, str]]:
        return [("document", f"XAV|{body.number}")]

    def names(self, body: Any, /) -> list[str]:
        return [body.family_name.lower()]

    def caption(self, body: Any, /) -> str:
        return str(body.family_name)


class Office:
    """One database in the place of a bureau and the secretariat, with steps that tests take."""

    def __init__(self, db: sqlite3.Connection, keys: dict[str, SigningKey]) -> None:
        self.db = db
        self.kind = RedKind()
        self.keys = keys
        self.network = Network("XAV", frozenset({"XAV", "XBM", "XCS", "XSC"}), "XSC")

    @property
    def lookup(self) -> Lookup:
        known: dict[str, VerifyKey] = {member: key.public for member, key in self.keys.items()}
        return known.get

    def drafted(self, number: int = 1, **fields: Any) -> str:
        values = {
            "owner_ref": f"AV-{number}",
            "body": {"family_name": "Sorin", "number": f"A{number}"},
            "by": "desk",
        }
        entered = Draft(id=f"{number:032x}", owner="XAV", **(values | fields))
        return draft(self.db, self.kind, entered, NOW_MS).id

    def submitted(self, number: int = 1, **fields: Any) -> Signed:
        return submit(self.db, self.drafted(number, **fields), self.keys["XAV"], self.network, NOW_MS)

    def approval(self, signed: Signed, **fields: Any) -> Approval:
        values: dict[str, Any] = {
            "submission_id": decode_submission(signed.submission).id,
            "digest": digest(signed),
            "reviewers": ("ada", "ben"),
            "rule_version": "red-2022-01",
            "approved_ms": NOW_MS,
        }
        return Approval(**(values | fields))

    def published(self, number: int = 1, now_ms: int = NOW_MS, **fields: Any) -> Published:
        signed = self.submitted(number, **fields)
        return publish(self.db, signed, self.approval(signed), self.lookup, now_ms)

    def folded(self, published: Published, seq: int = 1) -> Applied:
        return apply_published(self.db, self.kind, published, seq, self.lookup)


@pytest.fixture(scope="session")
def keys() -> dict[str, SigningKey]:
    return {member: SigningKey.from_seeds(bytes([at]) * 64) for at, member in enumerate(("XAV", "XBM"))}


@pytest.fixture
def new_db() -> Iterator[Callable[[], sqlite3.Connection]]:
    opened = []

    def make() -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.executescript(store.SCHEMA)
        opened.append(connection)
        return connection

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture
def new_office(new_db: Callable[[], sqlite3.Connection], keys: dict[str, SigningKey]) -> Callable[[], Office]:
    """Another node: the same keys, a database of its own."""
    return lambda: Office(new_db(), keys)


@pytest.fixture
def office(new_office: Callable[[], Office]) -> Office:
    return new_office()
