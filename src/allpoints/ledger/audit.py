"""A node's own record of who asked what, when, why: written before the answer, each line bound to the one before.

The chain makes any later change visible; anchoring its head in the network's ledger is a step of its own.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker

DETAIL_LIMIT_BYTES = 16_384
START = bytes(32)
THINGS = (
    "hit",
    "notice",
    "submission",
    "trace",
    "record",
    "reference",
    "check",
    "register",
    "member",
    "post",
    "name",
)
"""What a line may be shown to be about where no purpose is stated. What was asked of persons is left out: overseeing
officers does not need it, and to read it would be one more disclosure."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_audit (
    number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, event TEXT NOT NULL, officer TEXT NOT NULL,
    post TEXT NOT NULL, purpose TEXT NOT NULL, case_ref TEXT NOT NULL, policy TEXT NOT NULL, detail BLOB NOT NULL,
    chain BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS office_audit_head (
    one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, chain BLOB NOT NULL, policy TEXT NOT NULL);
"""

_encode = msgspec.json.Encoder().encode


class Line(NamedTuple):
    """One line of the audit log.

    ``policy`` is the digest of the policy set under which it was written, ``detail`` is JSON, ``chain`` the running
    SHA-256 up to and with this line.
    """

    number: int
    at_ms: int
    event: str
    officer: str
    post: str
    purpose: str
    case_ref: str
    policy: str
    detail: bytes
    chain: bytes


def _bind(previous: bytes, line: tuple[int, int, str, str, str, str, str, str, bytes]) -> bytes:
    return hashlib.sha256(previous + msgspec.msgpack.encode(line)).digest()


def record(db: sqlite3.Connection, event: str, asker: Asker, at_ms: int, **detail: Any) -> int:
    """Write one line and return its number; the answer may go out only after the commit that holds it."""
    encoded = _encode(detail)
    if len(encoded) > DETAIL_LIMIT_BYTES:
        raise Refusal("AUDIT-TOO-LONG", "The question is longer than the audit log can hold.", status=413)
    last, previous, policy = _head(db)
    line = (last + 1, at_ms, event, asker.officer, asker.post, asker.purpose, asker.case, policy, encoded)
    bound = _bind(previous, line)
    db.execute("INSERT INTO office_audit VALUES (?,?,?,?,?,?,?,?,?,?)", (*line, bound))
    db.execute("INSERT OR REPLACE INTO office_audit_head VALUES (1,?,?,?)", (last + 1, bound, policy))
    return last + 1


def decide_by(db: sqlite3.Connection, policy: str) -> None:
    """From now on every line says that this policy set, named by its digest, is in force."""
    db.execute(
        "INSERT INTO office_audit_head VALUES (1,0,?,?) ON CONFLICT (one) DO UPDATE SET policy = excluded.policy",
        (START, policy),
    )


def _head(db: sqlite3.Connection) -> tuple[int, bytes, str]:
    # Kept apart from the lines: with the last lines cut off, the log goes on with a gap that shows.
    row: tuple[int, bytes, str] | None = db.execute(
        "SELECT number, chain, policy FROM office_audit_head"
    ).fetchone()
    return row or (0, START, "")


def lines(db: sqlite3.Connection, *, before: int | None = None, limit: int = 100) -> list[Line]:
    """Newest first."""
    rows = db.execute(
        "SELECT * FROM office_audit WHERE number < ? ORDER BY number DESC LIMIT ?",
        (before if before is not None else 1 << 62, limit),
    )
    return [Line(*row) for row in rows]


def things(detail: bytes) -> dict[str, str]:
    """The parts of a line's detail that name a thing and no person."""
    given = msgspec.json.decode(detail)
    if not isinstance(given, dict):
        return {}
    return {name: given[name] for name in THINGS if isinstance(given.get(name), str) and given[name]}


def walk(db: sqlite3.Connection) -> Iterator[Line]:
    for row in db.execute("SELECT * FROM office_audit ORDER BY number"):
        yield Line(*row)


def verify(db: sqlite3.Connection) -> int:
    """Re-read the whole log and return its length; refuses at the first line that is missing or was changed."""
    previous, expected = START, 1
    for line in walk(db):
        if line.number != expected or line.chain != _bind(previous, line[:9]):
            raise _broken(expected)
        previous, expected = line.chain, expected + 1
    if _head(db)[:2] != (expected - 1, previous):
        raise _broken(expected)
    return expected - 1


def _broken(at: int) -> Refusal:
    return Refusal(
        "AUDIT-BROKEN",
        f"The audit log was changed at line {at}.",
        path=f"office_audit[{at}]",
        hint="Keep this machine as it is and tell your data-protection officer.",
        status=409,
    )
