"""Signing in, staying signed in, and being locked out.

A stranger learns nothing here: an unknown officer costs the same time, gets the same answer, and is locked out after
the same number of tries as a known one.
"""

import hmac
import secrets
import sqlite3

import msgspec

from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import (
    CERTIFIED,
    NAME_LIMIT_CHARACTERS,
    SECRET_BYTES,
    Asker,
    asker_of_row,
    hash_secret,
)
from allpoints.identity.passwords import HASH_BYTES, SALT_BYTES, STANDARD_COST, Cost, Stretching, same

FAILURES_LIMIT = 5
LOCKOUT_MS = 15 * MINUTE
FAILURE_ROWS_LIMIT = 10_000
"""Tries under invented names are remembered too; this many names at most."""
IDLE_LIMIT_MS = 30 * MINUTE
ABSOLUTE_LIMIT_MS = 8 * HOUR
TOUCH_EVERY_MS = MINUTE
"""A session in use is marked no more often than this, so that reading pages does not write."""


class SignedIn(msgspec.Struct, frozen=True):
    """``secret`` is the session's only proof: it goes into the officer's cookie and nowhere else."""

    secret: str
    asker: Asker


def stretching(db: sqlite3.Connection, name: str) -> Stretching:
    """How the password of ``name`` is stretched; an unknown name gets a salt too, always the same one.

    Stretching takes tens of milliseconds: a caller may do it outside the engine, between this and ``finish_sign_in``.
    """
    name = _typed(name)
    columns = "SELECT salt, cost_n, cost_r, cost_p FROM office_officers"
    row = db.execute(f"{columns} WHERE name = ?", (name,)).fetchone()
    if row:
        return Stretching(row[0], Cost(row[1], row[2], row[3]))
    newest = db.execute(f"{columns} ORDER BY created_ms DESC LIMIT 1").fetchone()
    cost = Cost(newest[1], newest[2], newest[3]) if newest else STANDARD_COST
    return Stretching(hmac.digest(_pepper(db), name.encode(), "sha256")[:SALT_BYTES], cost)


def sign_in(db: sqlite3.Connection, name: str, password: str, now_ms: int) -> SignedIn | Refusal:
    """Sign an officer in with a password. A refusal is *returned*: raised, it would undo the count of failures.

    ``SIGN-IN-REFUSED`` (401) or ``LOCKED-OUT`` (429); which of name and password was wrong is not said.
    """
    return finish_sign_in(db, name, stretching(db, name).stretch(password), now_ms)


def finish_sign_in(db: sqlite3.Connection, name: str, stretched: bytes, now_ms: int) -> SignedIn | Refusal:
    """Sign in with what ``Stretching.stretch`` made of the password; see ``sign_in``."""
    name = _typed(name)
    if now_ms < locked_until_ms(db, name):
        return Refusal(
            "LOCKED-OUT",
            f"After {FAILURES_LIMIT} failed tries this name has to wait {LOCKOUT_MS // MINUTE} minutes.",
            hint="An administrator can set a new password, which ends the wait.",
            status=429,
        )
    row = db.execute(
        f"SELECT o.password_hash, o.name, o.roles, {CERTIFIED} FROM office_officers o WHERE o.name = ?",
        (name,),
    ).fetchone()
    expected = row[0] if row else secrets.token_bytes(HASH_BYTES)
    if not same(expected, stretched) or row is None:
        _count_failure(db, name, now_ms)
        return Refusal("SIGN-IN-REFUSED", "Name and password do not belong together.", status=401)
    db.execute("DELETE FROM office_sign_in_failures WHERE name = ?", (name,))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    db.execute("INSERT INTO office_sessions VALUES (?, ?, ?, ?)", (hash_secret(secret), name, now_ms, now_ms))
    return SignedIn(secret, asker_of_row(row[1:]))


def resume(db: sqlite3.Connection, secret: str, now_ms: int) -> Asker:
    """Who asks in this session; ``NOT-SIGNED-IN`` (401) once it was idle, or old, for too long."""
    hashed = hash_secret(secret)
    row = db.execute(
        f"SELECT s.started_ms, s.seen_ms, o.name, o.roles, {CERTIFIED} FROM office_sessions s"
        " JOIN office_officers o ON o.name = s.officer WHERE s.hash = ?",
        (hashed,),
    ).fetchone()
    if row is None or now_ms - row[0] >= ABSOLUTE_LIMIT_MS or now_ms - row[1] >= IDLE_LIMIT_MS:
        raise Refusal("NOT-SIGNED-IN", "You are not signed in, or no longer.", hint="Sign in.", status=401)
    if now_ms - row[1] >= TOUCH_EVERY_MS:
        db.execute("UPDATE office_sessions SET seen_ms = ? WHERE hash = ?", (now_ms, hashed))
    return asker_of_row(row[2:])


def ends_ms(db: sqlite3.Connection, secret: str) -> int:
    """When the session ends if nothing more is done in it; 0 when there is none. Asking is no use of the session."""
    row = db.execute(
        "SELECT started_ms, seen_ms FROM office_sessions WHERE hash = ?", (hash_secret(secret),)
    ).fetchone()
    return min(row[0] + ABSOLUTE_LIMIT_MS, row[1] + IDLE_LIMIT_MS) if row else 0


def sign_out(db: sqlite3.Connection, secret: str) -> None:
    """End a session; ending one that is not there is no fault."""
    db.execute("DELETE FROM office_sessions WHERE hash = ?", (hash_secret(secret),))


def sweep(db: sqlite3.Connection, now_ms: int) -> int:
    """Forget sessions that have ended and failures that no longer count; answers how many sessions went."""
    db.execute("DELETE FROM office_sign_in_failures WHERE last_ms <= ?", (now_ms - LOCKOUT_MS,))
    return db.execute(
        "DELETE FROM office_sessions WHERE started_ms <= ? OR seen_ms <= ?",
        (now_ms - ABSOLUTE_LIMIT_MS, now_ms - IDLE_LIMIT_MS),
    ).rowcount


def _typed(name: str) -> str:
    kept = name.strip().lower()[: NAME_LIMIT_CHARACTERS + 1]
    return kept.encode("utf-8", "replace").decode()


def locked_until_ms(db: sqlite3.Connection, name: str) -> int:
    """Until when this name has to wait, after too many failures; 0 when it does not."""
    row = db.execute(
        "SELECT count, last_ms FROM office_sign_in_failures WHERE name = ?", (_typed(name),)
    ).fetchone()
    return row[1] + LOCKOUT_MS if row and row[0] >= FAILURES_LIMIT else 0


def _count_failure(db: sqlite3.Connection, name: str, now_ms: int) -> None:
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


def _pepper(db: sqlite3.Connection) -> bytes:
    row = db.execute("SELECT pepper FROM office_sign_in_pepper").fetchone()
    if row:
        return bytes(row[0])
    pepper = secrets.token_bytes(32)
    db.execute("INSERT INTO office_sign_in_pepper VALUES (1, ?)", (pepper,))
    return pepper
