"""Officers of one node: who they are, what they may do, and how they and their programs are known.

Signing in and sessions are in ``sessions``. Passwords and tokens are shown once, when they are made, and kept only
as hashes.
"""

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Container, Iterable

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.passwords import (
    STANDARD_COST,
    Cost,
    Stretching,
    check_chosen,
    make_password,
    new_stretching,
)

BORDER = "border"
DESK = "desk"
REVIEWER = "reviewer"
COMMAND = "command"
ADMINISTRATOR = "administrator"
OUTSIDER = "outsider"
"""A vetted account outside the police. It stands alone, searches what is open to it and is nobody everywhere else."""

ROLES = (BORDER, DESK, REVIEWER, COMMAND, ADMINISTRATOR, OUTSIDER)

TOKEN_PREFIX = "ap_"  # noqa: S105 - not a secret: scanners of leaked text find our tokens by it
SECRET_BYTES = 32
SECRET_LIMIT_CHARACTERS = 64

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_officers (
    name TEXT PRIMARY KEY,
    roles TEXT NOT NULL,
    salt BLOB NOT NULL,
    cost_n INTEGER NOT NULL,
    cost_r INTEGER NOT NULL,
    cost_p INTEGER NOT NULL,
    password_hash BLOB NOT NULL,
    token_hash BLOB UNIQUE,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_sessions (
    hash BLOB PRIMARY KEY,
    officer TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_sign_in_failures (
    name TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    last_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_certifications (
    officer TEXT NOT NULL,
    register TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (officer, register)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_sign_in_pepper (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pepper BLOB NOT NULL
);
"""

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
    has_token: bool
    created_ms: int
    certified: frozenset[str] = frozenset()
    """Names of the registers, readable only by officers certified for them, that this one may read."""


class Asker(msgspec.Struct, frozen=True):
    """Who asks, in which roles, for what purpose, in which case, at which post, certified for which registers."""

    officer: str
    roles: frozenset[str]
    purpose: str = ""
    case: str = ""
    post: str = ""
    certified: frozenset[str] = frozenset()

    @property
    def outside(self) -> bool:
        """Whether this is no officer but a vetted outsider."""
        return OUTSIDER in self.roles

    def at_post(self, post: str) -> "Asker":
        """The same officer at a post, which signs for its officers and can certify none of them."""
        return msgspec.structs.replace(self, post=post, certified=frozenset())


def require(asker: Asker, *roles: str) -> None:
    """Refuse (403) an officer who has none of ``roles``."""
    if asker.roles.isdisjoint(roles):
        raise Refusal(
            "NOT-ALLOWED",
            f"This is for officers with the role {' or '.join(roles)}.",
            hint="An administrator can change an officer's roles.",
            status=403,
        )


def require_purpose(asker: Asker, purposes: Container[str]) -> None:
    """Refuse (403) a question without one of the vocabulary's purposes."""
    if asker.purpose not in purposes:
        raise Refusal(
            "NO-PURPOSE",
            "A question states its purpose." if not asker.purpose else "This purpose is not known.",
            path="purpose",
            hint="Choose one of the listed purposes.",
            status=403,
        )


def add_officer(
    db: sqlite3.Connection,
    name: str,
    roles: Iterable[str],
    now_ms: int,
    *,
    password: str = "",
    cost: Cost = STANDARD_COST,
) -> str:
    """Enter an officer; answers with the password (made here unless one was chosen), which is not kept."""
    if len(name) > NAME_LIMIT_CHARACTERS or not _NAME.fullmatch(name):
        raise Refusal(
            "BAD-OFFICER-NAME", "An officer's name has small letters, digits and . _ - inside.", path="name"
        )
    if find_officer(db, name) is not None:
        raise Refusal("OFFICER-EXISTS", f"There is an officer {name} already.", path="name", status=409)
    given, stretched, stretching = _stretched(name, password, cost)
    db.execute(
        "INSERT INTO office_officers VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)",
        (name, _packed(roles), stretching.salt, cost.n, cost.r, cost.p, stretched, now_ms),
    )
    return given


def set_password(db: sqlite3.Connection, name: str, *, password: str = "", cost: Cost = STANDARD_COST) -> str:
    """Give an officer a new password (made here unless one was chosen); ends the officer's sessions and waits."""
    existing(db, name)
    given, stretched, stretching = _stretched(name, password, cost)
    db.execute(
        "UPDATE office_officers SET salt = ?, cost_n = ?, cost_r = ?, cost_p = ?, password_hash = ? WHERE name = ?",
        (stretching.salt, cost.n, cost.r, cost.p, stretched, name),
    )
    db.execute("DELETE FROM office_sessions WHERE officer = ?", (name,))
    db.execute("DELETE FROM office_sign_in_failures WHERE name = ?", (name,))
    return given


def set_roles(db: sqlite3.Connection, name: str, roles: Iterable[str]) -> None:
    """Change what an officer may do, from the next question on."""
    existing(db, name)
    packed = _packed(roles)
    db.execute("UPDATE office_officers SET roles = ? WHERE name = ?", (packed, name))
    if packed == OUTSIDER:
        db.execute("DELETE FROM office_certifications WHERE officer = ?", (name,))


def remove_officer(db: sqlite3.Connection, name: str) -> None:
    """Take an officer out: sessions, token and certifications end at once."""
    existing(db, name)
    db.execute("DELETE FROM office_officers WHERE name = ?", (name,))
    db.execute("DELETE FROM office_certifications WHERE officer = ?", (name,))
    db.execute("DELETE FROM office_sessions WHERE officer = ?", (name,))


def find_officer(db: sqlite3.Connection, name: str) -> Officer | None:
    row = db.execute(f"{_OFFICERS} WHERE o.name = ?", (name,)).fetchone()
    return _officer(row) if row else None


def list_officers(db: sqlite3.Connection) -> list[Officer]:
    """All officers, by name."""
    return [_officer(row) for row in db.execute(f"{_OFFICERS} ORDER BY o.name")]


def issue_token(db: sqlite3.Connection, name: str) -> str:
    """A token for the officer's programs, shown this once; an earlier one ends."""
    existing(db, name)
    token = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    db.execute("UPDATE office_officers SET token_hash = ? WHERE name = ?", (hash_secret(token), name))
    return token


def revoke_token(db: sqlite3.Connection, name: str) -> None:
    """The officer's token ends at once."""
    existing(db, name)
    db.execute("UPDATE office_officers SET token_hash = NULL WHERE name = ?", (name,))


def asker_of_token(db: sqlite3.Connection, token: str) -> Asker:
    """Who asks with this bearer token; else ``NOT-SIGNED-IN`` (401)."""
    row = db.execute(
        f"SELECT o.name, o.roles, {CERTIFIED} FROM office_officers o WHERE o.token_hash = ?",
        (hash_secret(token),),
    ).fetchone()
    if row is None:
        raise Refusal("NOT-SIGNED-IN", "This token is not known.", hint="Ask for a new one.", status=401)
    return asker_of_row(row)


def asker_of_row(row: tuple[str, str, str]) -> Asker:
    """Who asks, from name, roles and certifications as they are kept."""
    name, roles, certified = row
    return Asker(name, _unpacked(roles), certified=_unpacked(certified))


def hash_secret(secret: str) -> bytes:
    """How a random 256-bit secret is kept. It is looked up by this hash, so no comparison can leak the secret."""
    return hashlib.sha256(secret[: SECRET_LIMIT_CHARACTERS + 1].encode("utf-8", "surrogatepass")).digest()


def _stretched(name: str, password: str, cost: Cost) -> tuple[str, bytes, Stretching]:
    if password:
        check_chosen(password, name)
    given = password or make_password()
    stretching = new_stretching(cost)
    return given, stretching.stretch(given), stretching


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
    f"SELECT o.name, o.roles, o.token_hash IS NOT NULL, o.created_ms, {CERTIFIED} FROM office_officers o"
)


def _officer(row: tuple[str, str, int, int, str]) -> Officer:
    name, roles, has_token, created_ms, certified = row
    return Officer(name, _unpacked(roles), bool(has_token), created_ms, _unpacked(certified))
