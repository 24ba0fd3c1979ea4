"""Leafing through one register: its newest records, and how many there are, as far as anybody wants to know."""

import sqlite3

from allpoints.registers.store import VALID


def rows_newest(db: sqlite3.Connection, register: int, before: int, limit: int) -> list[int]:
    """Row numbers of valid records of a register below ``before``, the newest first."""
    rows = db.execute(
        "SELECT row FROM state_records WHERE register=? AND status=? AND row<? ORDER BY row DESC LIMIT ?",
        (register, VALID, before, limit),
    )
    return [row for (row,) in rows]


def count_up_to(db: sqlite3.Connection, register: int, limit: int) -> int:
    """How many valid records a register has, counted no further than ``limit``."""
    counted = "SELECT count(*) FROM (SELECT 1 FROM state_records WHERE register=? AND status=? LIMIT ?)"
    (count,) = db.execute(counted, (register, VALID, limit)).fetchone()
    return int(count)
