"""Enrolment: a code, shown once and good for a short time, with which an officer enrols a first proof."""

import sqlite3

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import existing, hash_secret
from allpoints.identity.password_sign_in import count_failure, locked_out
from allpoints.identity.passwords import make_password, same

CODE_LIFE_MS = 2 * HOUR
FIRST_LIFE_MS = DAY
"""The first administrator's code lasts until the node is admitted and served."""


def issue_code(db: sqlite3.Connection, name: str, now_ms: int, life_ms: int = CODE_LIFE_MS) -> str:
    """A code for the officer, shown this once; an earlier one ends. About 99 random bits in readable groups."""
    existing(db, name)
    code = make_password()
    db.execute(
        "INSERT OR REPLACE INTO office_enrolments VALUES (?, ?, ?)",
        (name, hash_secret(code), now_ms + life_ms),
    )
    return code


def check_code(db: sqlite3.Connection, name: str, code: str, now_ms: int) -> Refusal | None:
    """Whether the code is this officer's: nothing, or the refusal to give back; failures are counted.

    The refusal is *returned*: raised, it would undo the count. It is the same for an unknown officer and a used code.
    """
    if (locked := locked_out(db, name, now_ms)) is not None:
        return locked
    row = db.execute("SELECT hash, ends_ms FROM office_enrolments WHERE officer = ?", (name,)).fetchone()
    expected, ends_ms = row or (bytes(32), 0)
    if same(expected, hash_secret(code)) and now_ms < ends_ms:
        return None
    count_failure(db, name, now_ms)
    return Refusal(
        "CODE-REFUSED",
        "Name and code do not belong together, or the code was used or has ended.",
        hint="Ask the administrator of this node for a new code.",
        status=401,
    )


def use_code(db: sqlite3.Connection, name: str) -> None:
    """The officer has enrolled: the code ends."""
    db.execute("DELETE FROM office_enrolments WHERE officer = ?", (name,))


def code_ends_ms(db: sqlite3.Connection, name: str) -> int:
    """Until when the officer's code can be used; 0 when there is none."""
    row = db.execute("SELECT ends_ms FROM office_enrolments WHERE officer = ?", (name,)).fetchone()
    return int(row[0]) if row else 0
