"""Challenges that a passkey signs: made without remembering them, good for five minutes, for one use and one browser.

A challenge carries its instant and is sealed by a secret of the node, so that a flood of beginnings keeps nothing and
pushes nobody else's out. Only those that were used are remembered, until they could not be used again anyway.
"""

import hmac
import secrets
import sqlite3

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity.password_sign_in import pepper

LIFE_MS = 5 * MINUTE
_INSTANT_BYTES = 8
_NONCE_BYTES = 16
_SEAL_BYTES = 32
CHALLENGE_BYTES = _INSTANT_BYTES + _NONCE_BYTES + _SEAL_BYTES


def make(db: sqlite3.Connection, use: str, bound: str, now_ms: int) -> bytes:
    """A challenge for one ``use`` (sign-in, verify, add, enrol), good only together with the secret ``bound``."""
    start = now_ms.to_bytes(_INSTANT_BYTES, "big") + secrets.token_bytes(_NONCE_BYTES)
    return start + _seal(db, use, bound, start)


def use_up(db: sqlite3.Connection, challenge: bytes, use: str, bound: str, now_ms: int) -> None:
    """Take a challenge that was answered; raises Refusal CHALLENGE-STALE when it is not, or no longer, one of ours."""
    start, seal = challenge[:-_SEAL_BYTES], challenge[-_SEAL_BYTES:]
    ours = len(challenge) == CHALLENGE_BYTES and hmac.compare_digest(seal, _seal(db, use, bound, start))
    if not ours or not 0 <= now_ms - made_ms(challenge) < LIFE_MS:
        raise _stale()
    kept = db.execute(
        "INSERT OR IGNORE INTO office_used_challenges VALUES (?, ?)",
        (challenge, made_ms(challenge) + LIFE_MS),
    )
    if not kept.rowcount:
        raise _stale()


def made_ms(challenge: bytes) -> int:
    """When a challenge was made, by its own word."""
    return int.from_bytes(challenge[:_INSTANT_BYTES], "big")


def _seal(db: sqlite3.Connection, use: str, bound: str, start: bytes) -> bytes:
    words = (
        b"allpoints/challenge/1\0" + use.encode() + b"\0" + bound.encode("utf-8", "replace") + b"\0" + start
    )
    return hmac.digest(pepper(db), words, "sha256")


def _stale() -> Refusal:
    return Refusal(
        "CHALLENGE-STALE",
        "This was begun too long ago, in another browser, or was used already.",
        hint="Load the page again and begin anew.",
        status=403,
    )
