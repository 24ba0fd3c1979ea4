"""Staying signed in: sessions begin with a proof of who it is, are renewed by it, and end by time or by hand.

A session is bound to its secret alone, which lies in one browser's cookie; an address or a browser's name may change.
"""

import secrets
import sqlite3

import msgspec

from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import (
    CERTIFIED,
    FRESH_MS,
    SECRET_BYTES,
    Asker,
    asker_of_row,
    existing,
    hash_secret,
)

IDLE_LIMIT_MS = 30 * MINUTE
ABSOLUTE_LIMIT_MS = 8 * HOUR
TOUCH_EVERY_MS = MINUTE
"""A session in use is marked no more often than this, so that reading pages does not write."""
ID_BYTES = 8
"""So much of the hash names a session to its officer; it opens nothing."""


class SignedIn(msgspec.Struct, frozen=True):
    """``secret`` is the session's only proof: it goes into the officer's cookie and nowhere else."""

    secret: str
    asker: Asker


class SessionView(msgspec.Struct, frozen=True):
    """A session as its officer sees it; ``method`` is how it was begun: password, passkey, provider, card."""

    id: str
    officer: str
    method: str
    started_ms: int
    seen_ms: int


def begin(db: sqlite3.Connection, name: str, method: str, now_ms: int, *, fresh: bool = True) -> SignedIn:
    """Begin a session of an officer who has just proved to be the one; not ``fresh``, the proof counts as an old one."""
    existing(db, name)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    db.execute(
        "INSERT INTO office_sessions VALUES (?, ?, ?, ?, ?, ?)",
        (hash_secret(secret), name, method, now_ms, now_ms, now_ms if fresh else now_ms - FRESH_MS),
    )
    return SignedIn(secret, resume(db, secret, now_ms))


def resume(db: sqlite3.Connection, secret: str, now_ms: int) -> Asker:
    """Who asks in this session; ``NOT-SIGNED-IN`` (401) once it was idle, or old, for too long."""
    hashed = hash_secret(secret)
    row = db.execute(
        f"SELECT s.started_ms, s.seen_ms, s.verified_ms, o.name, o.roles, {CERTIFIED} FROM office_sessions s"
        " JOIN office_officers o ON o.name = s.officer WHERE s.hash = ?",
        (hashed,),
    ).fetchone()
    if row is None or now_ms - row[0] >= ABSOLUTE_LIMIT_MS or now_ms - row[1] >= IDLE_LIMIT_MS:
        raise Refusal("NOT-SIGNED-IN", "You are not signed in, or no longer.", hint="Sign in.", status=401)
    if now_ms - row[1] >= TOUCH_EVERY_MS:
        db.execute("UPDATE office_sessions SET seen_ms = ? WHERE hash = ?", (now_ms, hashed))
    return asker_of_row(row[3:], hashed, verified_ms=row[2])


def renew(db: sqlite3.Connection, secret: str, now_ms: int) -> SignedIn:
    """The officer has proved again to be the one: the session goes on under a new secret; the old one ends.

    It lasts no longer for it. Raises Refusal NOT-SIGNED-IN.
    """
    resume(db, secret, now_ms)
    fresh = secrets.token_urlsafe(SECRET_BYTES)
    db.execute(
        "UPDATE office_sessions SET hash = ?, verified_ms = ?, seen_ms = ? WHERE hash = ?",
        (hash_secret(fresh), now_ms, now_ms, hash_secret(secret)),
    )
    db.execute(
        "UPDATE office_emergencies SET binding = ? WHERE binding = ?",
        (hash_secret(fresh), hash_secret(secret)),
    )
    return SignedIn(fresh, resume(db, fresh, now_ms))


def ends_ms(db: sqlite3.Connection, secret: str) -> int:
    """When the session ends if nothing more is done in it; 0 when there is none. Asking is no use of the session."""
    row = db.execute(
        "SELECT started_ms, seen_ms FROM office_sessions WHERE hash = ?", (hash_secret(secret),)
    ).fetchone()
    return min(row[0] + ABSOLUTE_LIMIT_MS, row[1] + IDLE_LIMIT_MS) if row else 0


def method_of(db: sqlite3.Connection, secret: str) -> str:
    """How the session was begun; empty when there is none."""
    row = db.execute("SELECT method FROM office_sessions WHERE hash = ?", (hash_secret(secret),)).fetchone()
    return str(row[0]) if row else ""


def list_sessions(db: sqlite3.Connection, name: str, now_ms: int) -> list[SessionView]:
    """The officer's sessions that go on, newest first."""
    rows = db.execute(
        "SELECT hash, officer, method, started_ms, seen_ms FROM office_sessions"
        " WHERE officer = ? AND started_ms > ? AND seen_ms > ? ORDER BY started_ms DESC, hash",
        (name, now_ms - ABSOLUTE_LIMIT_MS, now_ms - IDLE_LIMIT_MS),
    )
    return [SessionView(session_id(row[0]), *row[1:]) for row in rows]


def session_id(hashed: bytes) -> str:
    """The name of a session, from the hash of its secret."""
    return hashed[:ID_BYTES].hex()


def end_session(db: sqlite3.Connection, name: str, session: str) -> None:
    """End one session of the officer; raises Refusal UNKNOWN-SESSION (404)."""
    for (hashed,) in db.execute("SELECT hash FROM office_sessions WHERE officer = ?", (name,)).fetchall():
        if session_id(hashed) == session:
            db.execute("DELETE FROM office_sessions WHERE hash = ?", (hashed,))
            return
    raise Refusal("UNKNOWN-SESSION", "There is no such session of this officer.", path="session", status=404)


def end_all(db: sqlite3.Connection, name: str, but: str = "") -> int:
    """End all sessions of an officer, but the one with the secret ``but``; answers how many there were."""
    existing(db, name)
    return db.execute(
        "DELETE FROM office_sessions WHERE officer = ? AND hash <> ?", (name, hash_secret(but))
    ).rowcount


def end_everybody(db: sqlite3.Connection) -> None:
    """End every session of every officer."""
    db.execute("DELETE FROM office_sessions")


def sign_out(db: sqlite3.Connection, secret: str) -> None:
    """End a session; ending one that is not there is no fault."""
    db.execute("DELETE FROM office_sessions WHERE hash = ?", (hash_secret(secret),))


def sweep(db: sqlite3.Connection, now_ms: int) -> int:
    """Forget sessions that have ended, and codes and challenges that nobody can use; answers how many sessions went."""
    db.execute("DELETE FROM office_enrolments WHERE ends_ms <= ?", (now_ms,))
    db.execute("DELETE FROM office_used_challenges WHERE ends_ms <= ?", (now_ms,))
    return db.execute(
        "DELETE FROM office_sessions WHERE started_ms <= ? OR seen_ms <= ?",
        (now_ms - ABSOLUTE_LIMIT_MS, now_ms - IDLE_LIMIT_MS),
    ).rowcount
