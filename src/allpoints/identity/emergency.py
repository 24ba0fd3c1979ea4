"""Emergency access: an officer opens for half an hour, with a reason, what is closed to it; another officer reviews it.

An access hangs on the session in which it was opened and ends with it. Until it is reviewed there is no second one.
"""

import sqlite3

import msgspec

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import DESK, Asker, EmergencyAccess

TERM_MS = 30 * MINUTE
TEXT_LIMIT_CHARACTERS = 1_000
OPENED_ROLES = (DESK,)
"""The roles whose reading may be opened."""
JUSTIFIED, NOT_JUSTIFIED = "justified", "not-justified"
VERDICTS = (JUSTIFIED, NOT_JUSTIFIED)
LISTED = 200

_COLUMNS = "number, officer, register, role, reason, opened_ms, ends_ms, ended_by, reviewer, verdict, review, reviewed_ms"
_OPEN = "ends_ms > ? AND EXISTS (SELECT 1 FROM office_sessions s WHERE s.hash = binding)"


class Terms(msgspec.Struct, frozen=True):
    """Whether a node allows emergency access at all, and which registers are never opened so."""

    allowed: bool
    never: frozenset[str]


class Emergency(msgspec.Struct, frozen=True):
    """One access: who opened what and why, until when, and what the reviewer found; ``register`` or ``role`` is empty.

    ``open`` says whether it goes on. An empty ``verdict`` waits for its review.
    """

    number: int
    officer: str
    register: str
    role: str
    reason: str
    opened_ms: int
    ends_ms: int
    ended_by: str
    reviewer: str
    verdict: str
    review: str
    reviewed_ms: int
    open: bool


def within(db: sqlite3.Connection, asker: Asker, now_ms: int) -> Asker:
    """The same officer with what is open in this session."""
    row = db.execute(
        "SELECT number, register, role, ends_ms FROM office_emergencies"
        " WHERE binding = ? AND officer = ? AND opened_ms <= ? AND ends_ms > ?",
        (asker.binding, asker.officer, now_ms, now_ms),
    ).fetchone()
    return asker if row is None else msgspec.structs.replace(asker, emergency=EmergencyAccess(*row))


def is_over(asker: Asker, now_ms: int) -> bool:
    """Whether the access that this officer was last seen with has run out."""
    return asker.emergency is not None and now_ms >= asker.emergency.ends_ms


def stated(text: str, path: str, sentence: str) -> str:
    """The text of a reason or a review; raises Refusal NO-REASON or TOO-LONG (422)."""
    given = text.strip()
    if not given:
        raise Refusal("NO-REASON", sentence, path=path)
    if len(given) > TEXT_LIMIT_CHARACTERS:
        raise Refusal("TOO-LONG", f"This is longer than {TEXT_LIMIT_CHARACTERS} characters.", path=path)
    return given


def open_access(
    db: sqlite3.Connection, asker: Asker, register: str, role: str, reason: str, now_ms: int
) -> Emergency:
    """Open a register or a role in this session.

    Raises Refusal EMERGENCY-UNREVIEWED (409) while an earlier access of the officer waits for its review.
    """
    if bool(register) == bool(role):
        raise Refusal("EMERGENCY-UNCLEAR", "Open one register, or the work of a desk.", path="register")
    if role and role not in OPENED_ROLES:
        raise Refusal("BAD-ROLE", "This role is not opened in an emergency.", path="role")
    said = stated(reason, "reason", "Say why this cannot wait.")
    if db.execute(
        "SELECT 1 FROM office_emergencies WHERE officer = ? AND verdict = ''", (asker.officer,)
    ).fetchone():
        raise Refusal(
            "EMERGENCY-UNREVIEWED",
            "Your last emergency access has not been reviewed yet.",
            hint="Ask an administrator to review it.",
            status=409,
        )
    number = db.execute(
        "INSERT INTO office_emergencies (officer, binding, register, role, reason, opened_ms, ends_ms,"
        " ended_by, reviewer, verdict, review, reviewed_ms) VALUES (?,?,?,?,?,?,?,'','','','',0)",
        (asker.officer, asker.binding, register, role, said, now_ms, now_ms + TERM_MS),
    ).lastrowid
    return found(db, number or 0, now_ms)


def end(db: sqlite3.Connection, number: int, by: str, now_ms: int) -> None:
    """End an access at once; raises Refusal EMERGENCY-OVER (409) when it has ended already."""
    if not found(db, number, now_ms).open:
        raise Refusal("EMERGENCY-OVER", "This emergency access has ended already.", status=409)
    db.execute(
        "UPDATE office_emergencies SET ends_ms = ?, ended_by = ?, binding = x'' WHERE number = ?",
        (now_ms, by, number),
    )


def review(db: sqlite3.Connection, number: int, reviewer: str, verdict: str, text: str, now_ms: int) -> None:
    """Keep what the reviewer found; refused while the access goes on, and a second time (409)."""
    held = found(db, number, now_ms)
    if verdict not in VERDICTS:
        raise Refusal("BAD-VERDICT", f"The verdict is {' or '.join(VERDICTS)}.", path="verdict")
    said = stated(text, "text", "Say what the verdict rests on.")
    if held.open:
        raise Refusal("EMERGENCY-OPEN", "This emergency access goes on.", hint="End it first.", status=409)
    if held.verdict:
        raise Refusal("EMERGENCY-REVIEWED", "This emergency access was reviewed already.", status=409)
    db.execute(
        "UPDATE office_emergencies SET reviewer = ?, verdict = ?, review = ?, reviewed_ms = ? WHERE number = ?",
        (reviewer, verdict, said, now_ms, number),
    )


def found(db: sqlite3.Connection, number: int, now_ms: int) -> Emergency:
    """The access of this number; raises Refusal UNKNOWN-EMERGENCY (404)."""
    row = db.execute(
        f"SELECT {_COLUMNS}, {_OPEN} FROM office_emergencies WHERE number = ?", (now_ms, number)
    ).fetchone()
    if row is None:
        raise unknown()
    return _emergency(row)


def listed(db: sqlite3.Connection, now_ms: int, officer: str = "") -> list[Emergency]:
    """The accesses of one officer, or of all: those that wait for review first, then the newest."""
    rows = db.execute(
        f"SELECT {_COLUMNS}, {_OPEN} FROM office_emergencies WHERE ? IN ('', officer)"
        " ORDER BY verdict <> '', number DESC LIMIT ?",
        (now_ms, officer, LISTED),
    )
    return [_emergency(row) for row in rows]


def waiting(db: sqlite3.Connection, reviewer: str) -> int:
    """How many accesses of others wait for a review."""
    row = db.execute(
        "SELECT count(*) FROM office_emergencies WHERE verdict = '' AND officer <> ?", (reviewer,)
    ).fetchone()
    return int(row[0])


def unknown() -> Refusal:
    """What is said of an access that is not there, or not for who asks."""
    return Refusal("UNKNOWN-EMERGENCY", "There is no such emergency access.", path="number", status=404)


def _emergency(row: tuple[int, str, str, str, str, int, int, str, str, str, str, int, int]) -> Emergency:
    return Emergency(*row[:-1], open=bool(row[-1]))
