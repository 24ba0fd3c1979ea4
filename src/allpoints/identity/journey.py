"""The way to an OpenID provider and back: what binds the answer to this browser, this use and this instant.

Nothing is kept while the officer is away. The state is a challenge that the node sealed for the browser's secret;
nonce (OpenID Connect Core 1.0, section 3.1.2.1) and code verifier (RFC 7636) follow from it and from a secret of the node.
"""

import base64
import binascii
import hashlib
import hmac
import sqlite3

import msgspec

from allpoints.identity import challenges
from allpoints.identity.password_sign_in import pepper

ONWARD_LIMIT_CHARACTERS = 200
STATE_LIMIT_CHARACTERS = 1_000


class Journey(msgspec.Struct, frozen=True):
    """``onward`` is where the officer goes afterwards; ``begun_ms`` when it began."""

    state: str
    nonce: str
    verifier: str
    onward: str
    begun_ms: int

    @property
    def challenge(self) -> str:
        """The hash of the verifier that goes out with the officer (RFC 7636, section 4.2: S256)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


def begin(db: sqlite3.Connection, use: str, bound: str, onward: str, now_ms: int) -> Journey:
    """Set out, for one ``use``, from the browser that holds the secret ``bound``."""
    onward = onward if len(onward) <= ONWARD_LIMIT_CHARACTERS else ""
    return _journey(db, challenges.make(db, use, _bound(bound, onward), now_ms), onward, use)


def arrive(db: sqlite3.Connection, use: str, bound: str, state: str, now_ms: int) -> Journey:
    """Come back, once; raises Refusal CHALLENGE-STALE to another browser, another use, too late, or again."""
    named, challenge, onward = _parts(state)
    challenges.use_up(db, challenge if named == use else b"", use, _bound(bound, onward), now_ms)
    return _journey(db, challenge, onward, use)


def use_of(state: str) -> str:
    """What a state says that it was made for; it proves nothing."""
    return state.partition(".")[0]


def _journey(db: sqlite3.Connection, challenge: bytes, onward: str, use: str) -> Journey:
    def derived(word: bytes) -> str:
        return _text(hmac.digest(pepper(db), b"allpoints/journey/1\0" + word + b"\0" + challenge, "sha256"))

    return Journey(
        state=f"{use}.{_text(challenge)}.{_text(onward.encode())}",
        nonce=derived(b"nonce"),
        verifier=derived(b"verifier"),
        onward=onward,
        begun_ms=challenges.made_ms(challenge),
    )


def _bound(secret: str, onward: str) -> str:
    return f"{secret}\0{onward}"


def _parts(state: str) -> tuple[str, bytes, str]:
    """What a state is made of; anything else is a challenge that nobody made."""
    parts = state.split(".") if len(state) <= STATE_LIMIT_CHARACTERS else []
    if len(parts) != 3:
        return "", b"", ""
    try:
        return parts[0], _bytes(parts[1]), _bytes(parts[2]).decode()
    except (ValueError, binascii.Error):
        return "", b"", ""


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(data) != text:
        raise ValueError("another spelling")
    return data
