"""Passwords: made at random or long enough, kept only as what scrypt makes of them."""

import hashlib
import hmac
import secrets
import sqlite3
import unicodedata

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import existing

CHOSEN_MINIMUM_CHARACTERS = 12
LENGTH_LIMIT_CHARACTERS = 256
DISTINCT_MINIMUM_CHARACTERS = 5
SALT_BYTES = 16
HASH_BYTES = 32

_MEMORY_LIMIT_BYTES = 256 * 1024 * 1024
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0/o, 1/l/i: a password is read off paper."""
_GROUPS = 5
_GROUP_CHARACTERS = 4


class Cost(msgspec.Struct, frozen=True):
    """What one guess costs (RFC 7914); stored beside each hash, so that it can rise later."""

    n: int = 2**14
    r: int = 8
    p: int = 1


STANDARD_COST = Cost()
"""About 40 ms and 16 MiB a guess."""


class Stretching(msgspec.Struct, frozen=True):
    """How one officer's password is stretched; pure and slow, so it can run beside the engine."""

    salt: bytes
    cost: Cost

    def stretch(self, password: str) -> bytes:
        """32 bytes; the same password typed on another keyboard gives the same ones (NFKC)."""
        # Beyond the limit no password was ever stored; the cut keeps the work bounded and the time the same.
        typed = unicodedata.normalize("NFKC", password[: LENGTH_LIMIT_CHARACTERS + 1])
        return hashlib.scrypt(
            typed.encode("utf-8", "surrogatepass"),
            salt=self.salt,
            n=self.cost.n,
            r=self.cost.r,
            p=self.cost.p,
            maxmem=_MEMORY_LIMIT_BYTES,
            dklen=HASH_BYTES,
        )


def new_stretching(cost: Cost) -> Stretching:
    """A fresh salt."""
    return Stretching(secrets.token_bytes(SALT_BYTES), cost)


def same(left: bytes, right: bytes) -> bool:
    """Equality that takes the same time wherever the difference lies."""
    return hmac.compare_digest(left, right)


def make_password() -> str:
    """A password of about 99 bits, in groups that can be read and typed: ``k7mq-…``."""
    return "-".join(
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARACTERS)) for _ in range(_GROUPS)
    )


def check_chosen(password: str, name: str) -> None:
    """Refuse a chosen password that is short, endless, of a few letters, or made of the officer's name."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < CHOSEN_MINIMUM_CHARACTERS or len(set(folded)) < DISTINCT_MINIMUM_CHARACTERS:
        raise Refusal(
            "WEAK-PASSWORD",
            f"A chosen password has at least {CHOSEN_MINIMUM_CHARACTERS} characters,"
            f" {DISTINCT_MINIMUM_CHARACTERS} of them different.",
            path="password",
            hint="Leave it empty and a good one is made.",
        )
    if len(password) > LENGTH_LIMIT_CHARACTERS:
        raise Refusal(
            "WEAK-PASSWORD", f"A password has at most {LENGTH_LIMIT_CHARACTERS} characters.", path="password"
        )
    if name.casefold() in folded:
        raise Refusal("WEAK-PASSWORD", "A password does not contain the officer's name.", path="password")


def set_password(db: sqlite3.Connection, name: str, *, password: str = "", cost: Cost = STANDARD_COST) -> str:
    """Give an officer a new password (made here unless one was chosen); ends the officer's sessions and waits.

    Answers with the password, which is not kept.
    """
    existing(db, name)
    if password:
        check_chosen(password, name)
    given = password or make_password()
    stretching = new_stretching(cost)
    db.execute(
        "INSERT OR REPLACE INTO office_passwords VALUES (?, ?, ?, ?, ?, ?)",
        (name, stretching.salt, cost.n, cost.r, cost.p, stretching.stretch(given)),
    )
    db.execute("DELETE FROM office_sessions WHERE officer = ?", (name,))
    db.execute("DELETE FROM office_sign_in_failures WHERE name = ?", (name,))
    return given
