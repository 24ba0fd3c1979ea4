"""Officers of one node: who they are and what they may do.

How each proves to be the one is in ``passkeys``, ``passwords`` and ``tokens``; staying signed in is in ``sessions``.
An officer who was only entered has nothing to sign in with: ``enrolment`` gives the first proof.
"""

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Iterable

import msgspec

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.officer_tables import OF_ONE_OFFICER

BORDER = "border"
DESK = "desk"
REVIEWER = "reviewer"
COMMAND = "command"
ADMINISTRATOR = "administrator"
OVERSEER = "overseer"
"""The data-protection officer: reads the audit log, and nothing that the log is about."""
OUTSIDER = "outsider"
"""A vetted account outside the police. It stands alone, searches what is open to it and is nobody everywhere else."""

ROLES = (BORDER, DESK, REVIEWER, COMMAND, ADMINISTRATOR, OVERSEER, OUTSIDER)

EXPORT, ADMINISTER = "export", "administer"
"""Acts that need a fresh proof of who acts, or a token that was made for them."""

PERMISSIONS = (EXPORT, ADMINISTER)

FRESH_MS = 5 * MINUTE
"""How long a proof of who sits there is fresh."""

SECRET_BYTES = 32
SECRET_LIMIT_CHARACTERS = 64
HANDLE_BYTES = 32

CERTIFIED = (
    "coalesce((SELECT group_concat(register, ' ') FROM office_certifications WHERE officer = o.name), '')"
)
"""The registers that an officer, a row ``o`` of a query, is certified for."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
NAME_LIMIT_CHARACTERS = 64


class Officer(msgspec.Struct, frozen=True):
    """An officer as the administrator sees one."""

    name: str
    roles: frozenset[str]
    created_ms: int
    certified: frozenset[str] = frozenset()
    """Names of the registers, readable only by officers certified for them, that this one may read."""
    has_token: bool = False
    has_password: bool = False
    passkeys: int = 0
    vouched: int = 0
    """For how many subjects of a provider and certificates of cards the bureau has said that they are this officer."""


class EmergencyAccess(msgspec.Struct, frozen=True):
    """What an officer has opened in an emergency: one register or one role, until ``ends_ms``."""

    id: int
    register: str
    role: str
    ends_ms: int


class Asker(msgspec.Struct, frozen=True):
    """Who asks, in which roles, for what purpose, in which case, at which post, certified for which registers."""

    officer: str
    roles: frozenset[str]
    purpose: str = ""
    case: str = ""
    post: str = ""
    certified: frozenset[str] = frozenset()
    verified_ms: int = 0
    """When this officer last proved to be the one, in this session; programs never do."""
    may: frozenset[str] = frozenset()
    """What the token of a program was made for beyond asking."""
    binding: bytes = b""
    """The hash of the session's or the token's secret."""
    emergency: EmergencyAccess | None = None
    """What is open to this officer beyond role and certification; every line in the audit log says so."""

    @property
    def outside(self) -> bool:
        """Whether this is no officer but a vetted outsider."""
        return OUTSIDER in self.roles

    def at_post(self, post: str) -> "Asker":
        """The same officer at a post, which signs for its officers and can certify none of them."""
        return Asker(self.officer, self.roles, self.purpose, self.case, post)


def has_proved(asker: Asker, permission: str, now_ms: int) -> bool:
    """Whether the asker proved to be the one within five minutes, or asks with a token made for this."""
    return permission in asker.may or 0 <= now_ms - asker.verified_ms < FRESH_MS


def add_officer(db: sqlite3.Connection, name: str, roles: Iterable[str], now_ms: int) -> None:
    """Enter an officer, who can do nothing before a first proof is enrolled."""
    if len(name) > NAME_LIMIT_CHARACTERS or not _NAME.fullmatch(name):
        raise Refusal(
            "BAD-OFFICER-NAME", "An officer's name has small letters, digits and . _ - inside.", path="name"
        )
    if find_officer(db, name) is not None:
        raise Refusal("OFFICER-EXISTS", f"There is an officer {name} already.", path="name", status=409)
    db.execute(
        "INSERT INTO office_officers VALUES (?, ?, ?, ?)",
        (name, _packed(roles), secrets.token_bytes(HANDLE_BYTES), now_ms),
    )


def set_roles(db: sqlite3.Connection, name: str, roles: Iterable[str]) -> None:
    """Change what an officer may do; sessions end, since they were begun with other rights."""
    existing(db, name)
    packed = _packed(roles)
    db.execute("DELETE FROM office_sessions WHERE officer = ?", (name,))
    db.execute("UPDATE office_officers SET roles = ? WHERE name = ?", (packed, name))
    if packed == OUTSIDER:
        db.execute("DELETE FROM office_certifications WHERE officer = ?", (name,))


def remove_officer(db: sqlite3.Connection, name: str) -> None:
    """Take an officer out: sessions, token, passkeys and certifications end at once."""
    existing(db, name)
    db.execute("DELETE FROM office_officers WHERE name = ?", (name,))
    for table in OF_ONE_OFFICER:
        db.execute(f"DELETE FROM {table} WHERE officer = ?", (name,))


def find_officer(db: sqlite3.Connection, name: str) -> Officer | None:
    row = db.execute(f"{_OFFICERS} WHERE o.name = ?", (name,)).fetchone()
    return _officer(row) if row else None


def list_officers(db: sqlite3.Connection) -> list[Officer]:
    """All officers, by name."""
    return [_officer(row) for row in db.execute(f"{_OFFICERS} ORDER BY o.name")]


def asker_of_row(row: tuple[str, str, str], binding: bytes, *, verified_ms: int = 0, may: str = "") -> Asker:
    """Who asks, from name, roles and certifications as they are kept."""
    name, roles, certified = row
    return Asker(
        name,
        _unpacked(roles),
        certified=_unpacked(certified),
        verified_ms=verified_ms,
        may=_unpacked(may),
        binding=binding,
    )


def hash_secret(secret: str) -> bytes:
    """How a random 256-bit secret is kept. It is looked up by this hash, so no comparison can leak the secret."""
    return hashlib.sha256(secret[: SECRET_LIMIT_CHARACTERS + 1].encode("utf-8", "surrogatepass")).digest()


def existing(db: sqlite3.Connection, name: str) -> Officer:
    """The officer of this name; raises Refusal UNKNOWN-OFFICER (404)."""
    found = find_officer(db, name)
    if found is None:
        raise Refusal("UNKNOWN-OFFICER", f"There is no officer {name}.", path="name", status=404)
    return found


def _packed(roles: Iterable[str]) -> str:
    asked = set(roles)
    unknown = sorted(asked.difference(ROLES))
    if unknown or not asked:
        raise Refusal(
            "BAD-ROLE",
            f"{unknown[0]} is no role." if unknown else "An officer has at least one role.",
            path="roles",
            hint=f"Roles are {', '.join(ROLES)}.",
        )
    if OUTSIDER in asked and len(asked) > 1:
        raise Refusal(
            "BAD-ROLE",
            "An outsider has no other role.",
            path="roles",
            hint="Whoever works for the police as well gets a second account.",
        )
    return " ".join(sorted(asked))


def _unpacked(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OFFICERS = (
    f"SELECT o.name, o.roles, o.created_ms, {CERTIFIED},"
    " EXISTS (SELECT 1 FROM office_tokens WHERE officer = o.name),"
    " EXISTS (SELECT 1 FROM office_passwords WHERE officer = o.name),"
    " (SELECT count(*) FROM office_passkeys WHERE officer = o.name),"
    " (SELECT count(*) FROM office_vouched WHERE officer = o.name) FROM office_officers o"
)


def _officer(row: tuple[str, str, int, str, int, int, int, int]) -> Officer:
    name, roles, created_ms, certified, token, password, passkeys, vouched = row
    return Officer(
        name,
        _unpacked(roles),
        created_ms,
        _unpacked(certified),
        bool(token),
        bool(password),
        passkeys,
        vouched,
    )
