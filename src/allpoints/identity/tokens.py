"""Tokens for an officer's programs: shown once, kept as a hash, and able to do little unless made for more."""

import secrets
import sqlite3
from collections.abc import Iterable

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import (
    CERTIFIED,
    PERMISSIONS,
    SECRET_BYTES,
    Asker,
    asker_of_row,
    existing,
    hash_secret,
)

TOKEN_PREFIX = "ap_"  # noqa: S105 - not a secret: scanners of leaked text find our tokens by it


def issue_token(db: sqlite3.Connection, name: str, now_ms: int, may: Iterable[str] = ()) -> str:
    """A token for the officer's programs, shown this once; an earlier one ends.

    ``may`` are acts that need a fresh proof of a person (export, administer) and that this token does without one.
    """
    existing(db, name)
    asked = set(may)
    if unknown := sorted(asked.difference(PERMISSIONS)):
        raise Refusal(
            "BAD-PERMISSION",
            f"{unknown[0]} is nothing that a token is made for.",
            path="may",
            hint=f"A token is made for {' or '.join(PERMISSIONS)}, or for asking alone.",
        )
    token = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    db.execute(
        "INSERT OR REPLACE INTO office_tokens VALUES (?, ?, ?, ?)",
        (name, hash_secret(token), " ".join(sorted(asked)), now_ms),
    )
    return token


def revoke_token(db: sqlite3.Connection, name: str) -> None:
    """The officer's token ends at once."""
    existing(db, name)
    db.execute("DELETE FROM office_tokens WHERE officer = ?", (name,))


def asker_of_token(db: sqlite3.Connection, token: str) -> Asker:
    """Who asks with this bearer token; else ``NOT-SIGNED-IN`` (401)."""
    hashed = hash_secret(token)
    row = db.execute(
        f"SELECT o.name, o.roles, {CERTIFIED}, t.may FROM office_tokens t"
        " JOIN office_officers o ON o.name = t.officer WHERE t.hash = ?",
        (hashed,),
    ).fetchone()
    if row is None:
        raise Refusal("NOT-SIGNED-IN", "This token is not known.", hint="Ask for a new one.", status=401)
    return asker_of_row(row[:3], hashed, may=row[3])
