"""What a member has in a register and the file of the whole register does not name.

The reference that a row names is remembered while the file is read; everything else is left over. A file that would
withdraw a large part of a register is more often cut off than meant, so it is refused unless that was said.
"""

import sqlite3

from allpoints.ground.refusal import Fault
from allpoints.registers.import_job import ImportJob
from allpoints.vocabulary.register import Register

PAGE_RECORDS = 300
"""Records withdrawn in one go, so that checks are answered in between."""

LEAST_ALLOWED = 10
ALLOWED_SHARE = 10
"""Unless another number is allowed, so many may go, or one in so many of the member's records if that is more."""

FIRST = "00"
"""Sorts before every record."""

_OWN = """
    SELECT record_id, ref FROM office_own_records WHERE register=:register AND withdrawn=0 AND record_id>:after
    UNION
    SELECT record_id, ref FROM state_records WHERE register=:register AND owner=:member AND status IN ('valid','blocked')
    AND record_id>:after
    AND NOT EXISTS (SELECT 1 FROM office_own_records AS own WHERE own.record_id=state_records.record_id AND withdrawn)
"""
_UNNAMED = f"""
    SELECT record_id, ref FROM ({_OWN}) AS had
    WHERE NOT EXISTS (SELECT 1 FROM office_import_refs WHERE number=:number AND record_id=had.record_id)
    ORDER BY record_id LIMIT :limit
"""


def _values(job: ImportJob, register: Register, limit: int) -> dict[str, object]:
    return {
        "register": register.code,
        "member": job.member,
        "number": job.number,
        "after": bytes.fromhex(job.cleared or FIRST),
        "limit": limit,
    }


def page(db: sqlite3.Connection, job: ImportJob, register: Register) -> list[tuple[bytes, str]]:
    """Identities and references of the next records that the file does not name."""
    return db.execute(_UNNAMED, _values(job, register, PAGE_RECORDS)).fetchall()


def count(db: sqlite3.Connection, job: ImportJob, register: Register) -> tuple[int, int]:
    """How many records the file does not name, and how many of them may go."""
    values = _values(job, register, -1)
    (left,) = db.execute(f"SELECT count(*) FROM ({_UNNAMED})", values).fetchone()
    if job.at_most_gone >= 0:
        return left, job.at_most_gone
    (had,) = db.execute(f"SELECT count(*) FROM ({_OWN})", values).fetchone()
    return left, max(LEAST_ALLOWED, had // ALLOWED_SHARE)


def too_many(left: int, most: int) -> Fault:
    """Why a file is refused that would withdraw more than may go."""
    return Fault(
        "GONE-TOO-MANY",
        f"{left:,} records are not in the file and would be withdrawn; at most {most:,} may be.",
        "file",
        "Is the file whole? If it is, allow as many with --at-most-gone.",
    )
