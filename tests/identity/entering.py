"""Officers with a password that costs nothing to stretch."""

import sqlite3
from collections.abc import Iterable

from allpoints.identity.officers import add_officer
from allpoints.identity.passwords import Cost, set_password

FAST = Cost(n=2)
PASSWORD = "a long enough one"


def enter(db: sqlite3.Connection, name: str, roles: Iterable[str], now_ms: int = 5) -> str:
    """Enter an officer who can sign in; answers with the password."""
    add_officer(db, name, roles, now_ms)
    return set_password(db, name, password=PASSWORD, cost=FAST)
