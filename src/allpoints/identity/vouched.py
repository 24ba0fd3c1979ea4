"""Officers for whom another vouches: a provider by its subject, a country's card by its certificate.

Who that is, the bureau says, once for each: nobody becomes an officer by signing in, and no claim gives a role.
"""

import hashlib
import re
import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import existing

PROVIDER, CARD, CARD_SUBJECT = "provider", "card", "card-subject"
KINDS = (PROVIDER, CARD, CARD_SUBJECT)
"""A provider's subject; the SHA-256 of a card's certificate in hexadecimal; the subject of one (RFC 4514)."""
VALUE_LIMIT_CHARACTERS = 500
VOUCHED_LIMIT = 10
ID_BYTES = 8
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def of_provider(issuer: str, subject: str) -> str:
    """The value of a provider's subject: another provider's of the same name is somebody else."""
    return f"{issuer} {subject.strip()}"


class Vouched(msgspec.Struct, frozen=True):
    """One of an officer's; ``id`` names it, ``used_ms`` is when it was last signed in with, or 0."""

    id: str
    officer: str
    kind: str
    value: str
    created_ms: int
    used_ms: int


def vouch(db: sqlite3.Connection, name: str, kind: str, value: str, now_ms: int) -> Vouched:
    """Say that this subject or certificate is the officer. Refusals NOT-GIVEN, BAD-VOUCHED, VOUCHED-TWICE."""
    existing(db, name)
    if kind not in KINDS:
        raise Refusal("BAD-VOUCHED", f"{kind!r} is none of {', '.join(KINDS)}.", path="kind")
    value = _plain(kind, value)
    if len(list_vouched(db, name)) >= VOUCHED_LIMIT:
        raise Refusal("TOO-MANY-VOUCHED", f"An officer has at most {VOUCHED_LIMIT} of them.", status=409)
    if db.execute("SELECT 1 FROM office_vouched WHERE kind = ? AND value = ?", (kind, value)).fetchone():
        raise Refusal(
            "VOUCHED-TWICE",
            "This subject or certificate is an officer's already.",
            path="value",
            hint="One stands for one officer. Take it back there first.",
            status=409,
        )
    db.execute("INSERT INTO office_vouched VALUES (?, ?, ?, ?, 0)", (kind, value, name, now_ms))
    return Vouched(_id(kind, value), name, kind, value, now_ms, 0)


def list_vouched(db: sqlite3.Connection, name: str) -> list[Vouched]:
    """Who vouches for the officer, oldest first."""
    rows = db.execute(
        "SELECT officer, kind, value, created_ms, used_ms FROM office_vouched WHERE officer = ?"
        " ORDER BY created_ms, kind, value",
        (name,),
    )
    return [Vouched(_id(row[1], row[2]), *row) for row in rows]


def unvouch(db: sqlite3.Connection, name: str, vouched: str) -> None:
    """Take one back; raises Refusal UNKNOWN-VOUCHED (404)."""
    for one in list_vouched(db, name):
        if one.id == vouched:
            db.execute("DELETE FROM office_vouched WHERE kind = ? AND value = ?", (one.kind, one.value))
            return
    raise Refusal(
        "UNKNOWN-VOUCHED", "No such subject or certificate is this officer's.", path="vouched", status=404
    )


def officer_of(db: sqlite3.Connection, kind: str, value: str, now_ms: int) -> str:
    """Whose it is, marked as used; empty for nobody's."""
    row = db.execute(
        "SELECT officer FROM office_vouched WHERE kind = ? AND value = ?", (kind, value)
    ).fetchone()
    if row is None:
        return ""
    db.execute("UPDATE office_vouched SET used_ms = ? WHERE kind = ? AND value = ?", (now_ms, kind, value))
    return str(row[0])


def _plain(kind: str, value: str) -> str:
    value = value.strip()
    if kind == CARD:
        value = value.replace(":", "").replace(" ", "").lower()
    if not value:
        raise Refusal("NOT-GIVEN", "Say which subject or certificate is the officer.", path="value")
    bad = len(value) > VALUE_LIMIT_CHARACTERS or not value.isprintable()
    if bad or (kind == CARD and not _FINGERPRINT.fullmatch(value)):
        raise Refusal(
            "BAD-VOUCHED",
            "This is no subject, and no SHA-256 of a certificate in hexadecimal.",
            path="value",
            hint=f"A subject has at most {VALUE_LIMIT_CHARACTERS} printable characters.",
        )
    return value


def _id(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\0{value}".encode()).hexdigest()[: 2 * ID_BYTES]
