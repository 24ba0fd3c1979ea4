"""The key of one holder of a network's root: Ed25519 and ML-DSA-87, used for root documents and approvals alone."""

import hashlib
import secrets
from functools import cached_property
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA87PrivateKey, MLDSA87PublicKey

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import grouped

HOLDER_SEEDS_BYTES = 64
"""The Ed25519 seed, then the ML-DSA-87 seed."""
ED25519_KEY_BYTES = 32
ED25519_SIGNATURE_BYTES = 64
ML_DSA_87_KEY_BYTES = 2592
ML_DSA_87_SIGNATURE_BYTES = 4627
HOLDER_KEY_BYTES = ED25519_KEY_BYTES + ML_DSA_87_KEY_BYTES
HOLDER_SIGNATURE_BYTES = ED25519_SIGNATURE_BYTES + ML_DSA_87_SIGNATURE_BYTES
HOLDER_ID_BYTES = 16

_SIGNED_PREFIX = b"allpoints/root-signature/1"


def _framed(label: bytes, message: bytes) -> bytes:
    # Another prefix than nodes' signatures have, so that neither can be shown as the other.
    return b"".join((_SIGNED_PREFIX, bytes((len(label),)), label, message))


class HolderPublic:
    """The public side of a holder's key."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != HOLDER_KEY_BYTES:
            raise Refusal(
                "BAD-KEY", f"A holder's key has {HOLDER_KEY_BYTES} bytes, not {len(raw)}.", status=400
            )
        self._raw = bytes(raw)
        try:
            self._ed25519 = Ed25519PublicKey.from_public_bytes(raw[:ED25519_KEY_BYTES])
            self._ml_dsa_87 = MLDSA87PublicKey.from_public_bytes(raw[ED25519_KEY_BYTES:])
        except ValueError as error:
            raise Refusal("BAD-KEY", "These bytes are no holder's key.", status=400) from error

    def to_bytes(self) -> bytes:
        return self._raw

    @cached_property
    def id(self) -> bytes:
        """The first 16 bytes of the key's SHA-256, by which signatures name it."""
        return hashlib.sha256(self._raw).digest()[:HOLDER_ID_BYTES]

    def fingerprint(self) -> str:
        """The SHA-256 of the key in hex, in groups of four digits."""
        return grouped(hashlib.sha256(self._raw).hexdigest())

    def verify(self, label: bytes, message: bytes, signature: bytes) -> None:
        """Accept only if both halves signed exactly this label and message; else ``BAD-SIGNATURE``."""
        if len(signature) != HOLDER_SIGNATURE_BYTES:
            raise Refusal(
                "BAD-SIGNATURE", f"A holder's signature has {HOLDER_SIGNATURE_BYTES} bytes.", status=403
            )
        framed = _framed(label, message)
        try:
            self._ed25519.verify(signature[:ED25519_SIGNATURE_BYTES], framed)
            self._ml_dsa_87.verify(signature[ED25519_SIGNATURE_BYTES:], framed)
        except InvalidSignature as error:
            raise Refusal(
                "BAD-SIGNATURE",
                "The signature does not belong to these words and this holder's key.",
                status=403,
            ) from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HolderPublic) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return f"HolderPublic({self.id.hex()})"


class HolderKey:
    """A holder's private key; it shows its seeds only to the file that keeps it."""

    def __init__(self, seeds: bytes) -> None:
        if len(seeds) != HOLDER_SEEDS_BYTES:
            raise Refusal(
                "BAD-KEY", f"The seeds of a holder's key have {HOLDER_SEEDS_BYTES} bytes.", status=400
            )
        self._seeds = bytes(seeds)
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(seeds[:32])
        self._ml_dsa_87 = MLDSA87PrivateKey.from_seed_bytes(seeds[32:])

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(HOLDER_SEEDS_BYTES))

    @property
    def seeds(self) -> bytes:
        return self._seeds

    @cached_property
    def public(self) -> HolderPublic:
        return HolderPublic(
            self._ed25519.public_key().public_bytes_raw() + self._ml_dsa_87.public_key().public_bytes_raw()
        )

    def sign(self, label: bytes, message: bytes) -> bytes:
        """Sign ``message`` for the one use that ``label`` names (1 to 64 bytes, fixed in the code)."""
        framed = _framed(label, message)
        return self._ed25519.sign(framed) + self._ml_dsa_87.sign(framed)

    def __repr__(self) -> str:
        return f"HolderKey({self.public.id.hex()})"
