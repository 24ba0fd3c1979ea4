"""Signing in with a password, and being locked out.

A stranger learns nothing here: an unknown officer costs the same time, gets the same answer, and is locked out after
the same number of tries as a known one.
"""

import hmac
import secrets
import sqlite3

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity import sessions
from allpoints.identity.officers import NAME_LIMIT_CHARACTERS
from allpoints.identity.passwords import HASH_BYTES, SALT_BYTES, STANDARD_COST, Cost, Stretching, same
from allpoints.identity.sessions import SignedIn

FAILURES_LIMIT = 5
LOCKOUT_MS = 15 * MINUTE
FAILURE_ROWS_LIMIT = 10_000
"""Tries under invented names are remembered too; this many names at most."""
PASSWORD = "password"  # noqa: S105 - how a session was begun


def stretching(db: sqlite3.Connection, name: str) -> Stretching:
    """How the password of ``name`` is stretched; an unknown name gets a salt too, always the same one.

    Stretching takes tens of milliseconds: a caller may do it outside the engine, between this and ``finish_sign_in``.
    """
    name = typed(name)
    columns = "SELECT salt, cost_n, cost_r, cost_p FROM office_passwords"
    row = db.execute(f"{columns} WHERE officer = ?", (name,)).fetchone()
    if row:
        return Stretching(row[0], Cost(row[1], row[2], row[3]))
    other = db.execute(f"{columns} ORDER BY officer LIMIT 1").fetchone()
    cost = Cost(other[1], other[2], other[3]) if other else STANDARD_COST
    return Stretching(hmac.digest(pepper(db), name.encode(), "sha256")[:SALT_BYTES], cost)


def sign_in(db: sqlite3.Connection, name: str, password: str, now_ms: int) -> SignedIn | Refusal:
    """Sign an officer in with a password. A refusal is *returned*: raised, it would undo the count of failures.

    ``SIGN-IN-REFUSED`` (401) or ``LOCKED-OUT`` (429); which of name and password was wrong is not said.
    """
    return finish_sign_in(db, name, stretching(db, name).stretch(password), now_ms)


def finish_sign_in(db: sqlite3.Connection, name: str, stretched: bytes, now_ms: int) -> SignedIn | Refusal:
    """Sign in with what ``Stretching.stretch`` made of the password; see ``sign_in``."""
    refused = check_stretched(db, name, stretched, now_ms)
    return refused or sessions.begin(db, typed(name), PASSWORD, now_ms)


def check_stretched(db: sqlite3.Connection, name: str, stretched: bytes, now_ms: int) -> Refusal | None:
    """Whether the password is the officer's: nothing, or the refusal to give back; failures are counted."""
    name = typed(name)
    if (locked := locked_out(db, name, now_ms)) is not None:
        return locked
    row = db.execute("SELECT hash FROM office_passwords WHERE officer = ?", (name,)).fetchone()
    expected = row[0] if row else secrets.token_bytes(HASH_BYTES)
    if not same(expected, stretched) or row is None:
        count_failure(db, name, now_ms)
        return Refusal("SIGN-IN-REFUSED", "Name and password do not belong together.", status=401)
    db.execute("DELETE FROM office_sign_in_failures WHERE name = ?", (name,))
    return None


def locked_out(db: sqlite3.Connection, name: str, now_ms: int) -> Refusal | None:
    """The refusal for a name that has to wait; nothing for any other."""
    if now_ms >= locked_until_ms(db, name):
        return None
    return Refusal(
        "LOCKED-OUT",
        f"After {FAILURES_LIMIT} failed tries this name has to wait {LOCKOUT_MS // MINUTE} minutes.",
        hint="An administrator can set a new password, which ends the wait.",
        status=429,
    )


def typed(name: str) -> str:
    """A name as it was meant: capitals and spaces around it do not count."""
    kept = name.strip().lower()[: NAME_LIMIT_CHARACTERS + 1]
    return kept.encode("utf-8", "replace").decode()


def locked_until_ms(db: sqlite3.Connection, name: str) -> int:
    """Until when this name has to wait, after too many failures; 0 when it does not."""
    row = db.execute(
        "SELECT count, last_ms FROM office_sign_in_failures WHERE name = ?", (typed(name),)
    ).fetchone()
    return row[1] + LOCKOUT_MS if row and row[0] >= FAILURES_LIMIT else 0


def count_failure(db: sqlite3.Connection, name: str, now_ms: int) -> None:
    """Remember a failed try; after a few of them the name has to wait."""
    name = typed(name)
    db.execute("DELETE FROM office_sign_in_failures WHERE last_ms <= ?", (now_ms - LOCKOUT_MS,))
    db.execute(
        "INSERT INTO office_sign_in_failures VALUES (?, 1, ?)"
        " ON CONFLICT (name) DO UPDATE SET count = count + 1, last_ms = excluded.last_ms",
        (name, now_ms),
    )
    if db.execute("SELECT COUNT(*) FROM office_sign_in_failures").fetchone()[0] <= FAILURE_ROWS_LIMIT:
        return
    # Names of real officers are the last to be forgotten, so that a flood of invented names cannot free one.
    db.execute(
        "DELETE FROM office_sign_in_failures WHERE name IN (SELECT f.name FROM office_sign_in_failures f"
        " LEFT JOIN office_officers o ON o.name = f.name ORDER BY o.name IS NULL, f.last_ms DESC, f.name"
        " LIMIT -1 OFFSET ?)",
        (FAILURE_ROWS_LIMIT,),
    )


def pepper(db: sqlite3.Connection) -> bytes:
    """A secret of this node that never leaves it."""
    row = db.execute("SELECT pepper FROM office_sign_in_pepper").fetchone()
    if row:
        return bytes(row[0])
    pepper = secrets.token_bytes(32)
    db.execute("INSERT INTO office_sign_in_pepper VALUES (1, ?)", (pepper,))
    return pepper
