"""A node's own record of who asked what, when, why: written before the answer, each line a leaf of a Merkle tree.

One log holds queries, releases and administration, told apart by their events: their order among each other is
evidence too, and one head is anchored. The tree grows behind the lines (``audit_tree``); its head is anchored in the
network's ledger, so that nobody can shorten or rewrite the log unseen.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit_tree, audit_verify
from allpoints.ledger.audit_line import ERASED, SALT_BYTES, Line, commitment, leaf
from allpoints.ledger.audit_tree import Head

DETAIL_LIMIT_BYTES = 16_384
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
    "emergency",
)
"""What a line may be shown to be about where no purpose is stated. What was asked of persons is left out: overseeing
officers does not need it, and to read it would be one more disclosure."""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS office_audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, event TEXT NOT NULL, policy TEXT NOT NULL,
    officer TEXT NOT NULL, post TEXT NOT NULL, purpose TEXT NOT NULL, case_ref TEXT NOT NULL,
    detail BLOB NOT NULL, salt BLOB, commitment BLOB, leaf BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS office_audit_policy (one INTEGER PRIMARY KEY CHECK (one = 1), policy TEXT NOT NULL);
{audit_tree.SCHEMA}
"""
"""A number is never given twice (AUTOINCREMENT): with the last lines cut off, the log goes on with a gap that shows."""

_encode = msgspec.json.Encoder().encode
_INSERT = (
    "INSERT INTO office_audit (at_ms, event, policy, officer, post, purpose, case_ref, detail, salt, leaf)"
    " VALUES (?,?,?,?,?,?,?,?,?,?)"
)


def record(db: sqlite3.Connection, event: str, asker: Asker, at_ms: int, **detail: Any) -> int:
    """Write one line and return its number; the answer may go out only after the commit that holds it."""
    if asker.emergency is not None:
        detail["emergency"] = str(asker.emergency.id)
    encoded = _encode(detail)
    if len(encoded) > DETAIL_LIMIT_BYTES:
        raise Refusal("AUDIT-TOO-LONG", "The question is longer than the audit log can hold.", status=413)
    policy = policy_in_force(db)
    salt = os.urandom(SALT_BYTES)
    personal = (asker.officer, asker.post, asker.purpose, asker.case, encoded)
    hashed = leaf(at_ms, event, policy, commitment(salt, *personal))
    written = db.execute(_INSERT, (at_ms, event, policy, *personal, salt, hashed))
    return written.lastrowid or 0


def take_over(
    db: sqlite3.Connection, event: str, policy: str, lines: Iterable[tuple[int, str, str, str, bytes]]
) -> None:
    """Write lines that were on the disk elsewhere before their answers: (at_ms, officer, purpose, case, detail).

    ``policy`` is the digest of the policy set by which those answers were allowed.
    """
    rows = []
    for at_ms, officer, purpose, case, detail in lines:
        if len(detail) > DETAIL_LIMIT_BYTES:
            raise Refusal("AUDIT-TOO-LONG", "The question is longer than the audit log can hold.", status=413)
        salt = os.urandom(SALT_BYTES)
        personal = (officer, "", purpose, case, detail)
        rows.append(
            (at_ms, event, policy, *personal, salt, leaf(at_ms, event, policy, commitment(salt, *personal)))
        )
    db.executemany(_INSERT, rows)


def decide_by(db: sqlite3.Connection, policy: str) -> None:
    """From now on every line says that this policy set, named by its digest, is in force."""
    db.execute("INSERT OR REPLACE INTO office_audit_policy VALUES (1,?)", (policy,))


def policy_in_force(db: sqlite3.Connection) -> str:
    """The digest that lines carry at present; empty before any policy was set."""
    row = db.execute("SELECT policy FROM office_audit_policy").fetchone()
    return str(row[0]) if row else ""


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


def size(db: sqlite3.Connection) -> int:
    """The number of the last line."""
    return int(db.execute("SELECT coalesce(max(number), 0) FROM office_audit").fetchone()[0])


def erase(db: sqlite3.Connection, before_ms: int, limit: int) -> int:
    """Erase what is personal in up to ``limit`` lines written before an instant; returns how many.

    Instant, event, policy and commitment stay, so that the tree and every proof of it stay whole.
    """
    rows = db.execute(
        "SELECT * FROM office_audit WHERE salt IS NOT NULL AND at_ms < ? ORDER BY number LIMIT ?",
        (before_ms, limit),
    ).fetchall()
    db.executemany(
        "UPDATE office_audit SET officer=?, post=?, purpose=?, case_ref=?, detail=?, salt=NULL, commitment=?"
        " WHERE number=?",
        [(*ERASED, line.committed(), line.number) for line in (Line(*row) for row in rows)],
    )
    return len(rows)


def verify(db: sqlite3.Connection, anchors: Iterable[Head] = ()) -> int:
    """Re-read the whole log and return its length; refuses at the first line that is missing or was changed."""
    return audit_verify.whole(db, anchors)
