"""A content key, wrapped for each member of an audience, and a body sealed under it."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from allpoints.ground.refusal import Refusal
from allpoints.sealing.fields import Fields
from allpoints.sealing.parties import WRAP_OVERHEAD_BYTES, Opener, Reception

CONTENT_KEY_BYTES = 32
WRAP_BYTES = CONTENT_KEY_BYTES + WRAP_OVERHEAD_BYTES
AUDIENCE_LIMIT = 256
BODY_OVERHEAD_BYTES = 32 + 12 + 16
"""What ``seal_body`` adds: the commitment to the key, the nonce, the tag."""

_COMMITMENT_BYTES = 32
_NONCE_BYTES = 12
_WRAP_LABEL = b"allpoints/wrap/1"
_BODY_LABEL = b"allpoints/body/1"

_read = Fields("WRAPS-UNREADABLE")


def new_content_key() -> bytes:
    """A key for one body and no other."""
    return secrets.token_bytes(CONTENT_KEY_BYTES)


def wrap(content_key: bytes, recipients: Mapping[str, Reception], context: bytes) -> list[tuple[str, bytes]]:
    """The content key for each recipient, sorted by name; a wrap opens only with the same ``context``."""
    digest = hashlib.sha256(context).digest()
    return [(name, recipients[name].seal(content_key, _info(digest, name))) for name in sorted(recipients)]


def read_wraps(value: Any, limit: int = AUDIENCE_LIMIT) -> list[tuple[str, bytes]]:
    """Wraps from a decoded value, strictly: names in order, each once, each wrap of the one right size."""
    wraps: list[tuple[str, bytes]] = []
    for index, item in enumerate(_read.listed(value, "wraps", limit)):
        path = f"wraps[{index}]"
        name, wrapped = _read.array(item, 2, path)
        _read.text(name, f"{path}[0]")
        _read.data(wrapped, f"{path}[1]", size=WRAP_BYTES)
        if wraps and name <= wraps[-1][0]:
            raise _read.refuse(f"{path}[0]", "The names are not in order, or one is there twice.")
        wraps.append((name, wrapped))
    return wraps


def unwrap(wraps: Sequence[tuple[str, bytes]], me: str, key: Opener, context: bytes) -> bytes:
    """The content key, for ``me``; ``NOT-IN-AUDIENCE`` if there is no wrap for this name."""
    for name, wrapped in wraps:
        if name == me:
            content_key = key.open(wrapped, _info(hashlib.sha256(context).digest(), me))
            if len(content_key) != CONTENT_KEY_BYTES:
                raise Refusal("CANNOT-OPEN", "The wrap holds no content key.", status=403)
            return content_key
    raise Refusal("NOT-IN-AUDIENCE", f"This was not sealed for {me}.", status=403)


def seal_body(content_key: bytes, body: bytes, aad: bytes) -> bytes:
    """Seal ``body``; ``aad`` stays readable elsewhere but is bound to it."""
    key, commitment = _keys(content_key)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return commitment + nonce + AESGCM(key).encrypt(nonce, body, aad)


def open_body(content_key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Open what ``seal_body`` made with the same key and ``aad``; else ``CANNOT-OPEN``."""
    if len(sealed) < BODY_OVERHEAD_BYTES:
        raise Refusal("CANNOT-OPEN", "The sealed body is cut off.", status=403)
    key, commitment = _keys(content_key)
    if not hmac.compare_digest(commitment, sealed[:_COMMITMENT_BYTES]):
        raise Refusal("CANNOT-OPEN", "The body was sealed under another key.", status=403)
    nonce = sealed[_COMMITMENT_BYTES : _COMMITMENT_BYTES + _NONCE_BYTES]
    try:
        return AESGCM(key).decrypt(nonce, sealed[_COMMITMENT_BYTES + _NONCE_BYTES :], aad)
    except InvalidTag as error:
        raise Refusal("CANNOT-OPEN", "The sealed body was altered on the way.", status=403) from error


def _info(context_digest: bytes, name: str) -> bytes:
    return _WRAP_LABEL + context_digest + name.encode()


def _keys(content_key: bytes) -> tuple[bytes, bytes]:
    # AES-GCM does not commit to its key: a dishonest author could make one ciphertext that two recipients, handed
    # different keys, read as different words. The commitment, the same for all, makes them use the same key.
    derived = HKDF(SHA256(), length=64, salt=None, info=_BODY_LABEL).derive(content_key)
    return derived[:32], derived[32:]
