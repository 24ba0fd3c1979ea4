"""The file with a holder's private key, under a passphrase; it lies off-line and is no node's."""

import hashlib
import secrets
import unicodedata
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.names import check_label

PASSPHRASE_LEAST_CHARACTERS = 12
HOLDER_FILE_LIMIT_BYTES = 1024
SALT_BYTES = 16
NONCE_BYTES = 12
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1
"""128 MiB and about half a second a guess (RFC 7914); the OWASP cheat sheet on password storage asks for this much."""

_VERSION = "allpoints/holder-key/1"


class HeldKey(NamedTuple):
    """A holder's key with the name by which the root knows the holder."""

    name: str
    key: HolderKey


def lock(held: HeldKey, passphrase: str) -> bytes:
    """The key under a passphrase of at least 12 characters; ``unlock`` reads it back."""
    if len(unicodedata.normalize("NFKC", passphrase)) < PASSPHRASE_LEAST_CHARACTERS:
        raise Refusal(
            "PASSPHRASE-SHORT",
            f"A passphrase has at least {PASSPHRASE_LEAST_CHARACTERS} characters.",
            path="passphrase",
            hint="Take six words drawn by dice.",
        )
    check_label(held.name, "name")
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    head = row.encode(_VERSION, held.name, salt, nonce)
    return row.encode(head, AESGCM(_stretched(passphrase, salt)).encrypt(nonce, held.key.seeds, head))


def unlock(data: bytes, passphrase: str) -> HeldKey:
    """The key in such a file; ``PASSPHRASE-WRONG`` for another passphrase or an altered file."""
    head, sealed = row.decode(data, (bytes, bytes), what="holder file", limit=HOLDER_FILE_LIMIT_BYTES)
    version, name, salt, nonce = row.decode(
        head, (str, str, bytes, bytes), what="holder file", limit=HOLDER_FILE_LIMIT_BYTES
    )
    if version != _VERSION or len(salt) != SALT_BYTES or len(nonce) != NONCE_BYTES:
        raise Refusal("HOLDER-FILE-UNREADABLE", "This is no holder's key of a known version.", status=400)
    try:
        seeds = AESGCM(_stretched(passphrase, salt)).decrypt(nonce, sealed, head)
    except InvalidTag as error:
        raise Refusal(
            "PASSPHRASE-WRONG",
            "The passphrase does not open this file, or the file was altered.",
            path="passphrase",
            status=403,
        ) from error
    return HeldKey(check_label(name, "name"), HolderKey(seeds))


def _stretched(passphrase: str, salt: bytes) -> bytes:
    # Typed on another keyboard, the same words give the same bytes.
    typed = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    memory = 2 * 128 * SCRYPT_N * SCRYPT_R
    return hashlib.scrypt(typed, salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, maxmem=memory, dklen=32)
