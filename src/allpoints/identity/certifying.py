"""Certifications: which officer may read which of the registers that are closed to all others."""

import sqlite3
from collections.abc import Collection

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import OUTSIDER, existing


def certify(
    db: sqlite3.Connection, name: str, register: str, certifiable: Collection[str], now_ms: int
) -> None:
    """Let an officer read a register from the next question on; ``certifiable`` are those that need it.

    Raises Refusal UNKNOWN-OFFICER, NOT-CERTIFIABLE. Certifying twice changes nothing.
    """
    officer = existing(db, name)
    if OUTSIDER in officer.roles:
        raise Refusal("NOT-CERTIFIABLE", "An outsider is certified for nothing.", path="name")
    if register not in certifiable:
        raise Refusal(
            "NOT-CERTIFIABLE",
            f"No officer is certified for {register!r}.",
            path="register",
            hint=f"These registers need it: {', '.join(sorted(certifiable)) or 'none'}.",
        )
    db.execute("INSERT OR IGNORE INTO office_certifications VALUES (?, ?, ?)", (name, register, now_ms))


def decertify(db: sqlite3.Connection, name: str, register: str) -> None:
    """Take a certification back; sessions end, since their pages may remember what was read.

    A register that has left the vocabulary can be taken back too. Raises Refusal UNKNOWN-OFFICER, NOT-CERTIFIED.
    """
    officer = existing(db, name)
    if register not in officer.certified:
        raise Refusal(
            "NOT-CERTIFIED",
            f"{name} is not certified for {register!r}.",
            path="register",
            hint=f"Certified for: {', '.join(sorted(officer.certified)) or 'none'}.",
            status=404,
        )
    db.execute("DELETE FROM office_certifications WHERE officer = ? AND register = ?", (name, register))
    db.execute("DELETE FROM office_sessions WHERE officer = ?", (name,))
