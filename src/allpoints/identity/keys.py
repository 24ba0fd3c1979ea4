"""Hybrid keys: one signs (Ed25519 and ML-DSA-65), one receives (HPKE with X25519 and ML-KEM-768)."""

import hashlib
import secrets
from functools import cached_property
from typing import Self

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from allpoints.ground.refusal import Refusal

ED25519_KEY_BYTES = 32
ED25519_SIGNATURE_BYTES = 64
ML_DSA_65_KEY_BYTES = 1952
ML_DSA_65_SIGNATURE_BYTES = 3309
ML_KEM_768_KEY_BYTES = 1184
X25519_KEY_BYTES = 32

SIGNING_SEEDS_BYTES = 64
"""The Ed25519 seed, then the ML-DSA-65 seed."""
RECEPTION_SEED_BYTES = 32
"""One X-Wing seed, from which both halves are derived."""
VERIFY_KEY_BYTES = ED25519_KEY_BYTES + ML_DSA_65_KEY_BYTES
RECEPTION_KEY_BYTES = ML_KEM_768_KEY_BYTES + X25519_KEY_BYTES
SIGNATURE_BYTES = ED25519_SIGNATURE_BYTES + ML_DSA_65_SIGNATURE_BYTES
KEY_ID_BYTES = 16
SEALED_OVERHEAD_BYTES = 1120 + 16
"""What sealing to a reception key adds: the encapsulated key and the tag."""
LABEL_LIMIT_BYTES = 64

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_SIGNED_PREFIX = b"allpoints/hybrid-signature/1"


def grouped(digest_hex: str) -> str:
    """Hex digits in groups of four, as two people read them to each other."""
    return " ".join(digest_hex[i : i + 4] for i in range(0, len(digest_hex), 4))


def _framed(label: bytes, message: bytes) -> bytes:
    # Both halves sign the label with its length and a prefix of their own, so that neither half, nor a signature
    # made for one kind of thing, can ever be shown as a signature of another kind.
    if not 0 < len(label) <= LABEL_LIMIT_BYTES:
        raise ValueError(f"a label has 1 to {LABEL_LIMIT_BYTES} bytes")
    return b"".join((_SIGNED_PREFIX, bytes((len(label),)), label, message))


def _sized(data: bytes, size: int, what: str) -> bytes:
    if len(data) != size:
        raise Refusal("BAD-KEY", f"{what} has {size} bytes, not {len(data)}.", status=400)
    return data


class Signature(msgspec.Struct, frozen=True):
    """Two signatures over the same words; both must verify."""

    ed25519: bytes
    ml_dsa_65: bytes

    def to_bytes(self) -> bytes:
        return self.ed25519 + self.ml_dsa_65

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        if len(data) != SIGNATURE_BYTES:
            raise Refusal(
                "BAD-SIGNATURE",
                f"A signature has {SIGNATURE_BYTES} bytes, not {len(data)}.",
                path="signature",
                status=403,
            )
        return cls(data[:ED25519_SIGNATURE_BYTES], data[ED25519_SIGNATURE_BYTES:])


class VerifyKey:
    """The public side of a signing key."""

    def __init__(self, raw: bytes) -> None:
        self._raw = _sized(bytes(raw), VERIFY_KEY_BYTES, "A verification key")
        try:
            self._ed25519 = Ed25519PublicKey.from_public_bytes(raw[:ED25519_KEY_BYTES])
            self._ml_dsa_65 = MLDSA65PublicKey.from_public_bytes(raw[ED25519_KEY_BYTES:])
        except ValueError as error:
            raise Refusal("BAD-KEY", "These bytes are no verification key.", status=400) from error

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        return cls(data)

    def to_bytes(self) -> bytes:
        return self._raw

    def verify(self, label: bytes, message: bytes, signature: Signature) -> None:
        """Accept only if both halves signed exactly this label and message; else ``BAD-SIGNATURE``."""
        framed = _framed(label, message)
        try:
            half = "signature.ed25519"
            self._ed25519.verify(signature.ed25519, framed)
            half = "signature.ml_dsa_65"
            self._ml_dsa_65.verify(signature.ml_dsa_65, framed)
        except InvalidSignature as error:
            raise Refusal(
                "BAD-SIGNATURE",
                "The signature does not belong to these words and this key.",
                path=half,
                status=403,
            ) from error

    def verify_bytes(self, label: bytes, message: bytes, signature: bytes) -> None:
        """The same for a signature as it travels, both halves in one string."""
        self.verify(label, message, Signature.from_bytes(signature))

    @cached_property
    def key_id(self) -> bytes:
        return hashlib.sha256(self._raw).digest()[:KEY_ID_BYTES]

    def fingerprint(self) -> str:
        """The SHA-256 of the key in hex, in groups of four digits."""
        return grouped(hashlib.sha256(self._raw).hexdigest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyKey) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return f"VerifyKey({self.key_id.hex()})"


class SigningKey:
    """A private key that signs; it shows its seeds only to the key store."""

    def __init__(self, seeds: bytes) -> None:
        self._seeds = _sized(bytes(seeds), SIGNING_SEEDS_BYTES, "The seeds of a signing key")
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(seeds[:32])
        self._ml_dsa_65 = MLDSA65PrivateKey.from_seed_bytes(seeds[32:])

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(SIGNING_SEEDS_BYTES))

    @classmethod
    def from_seeds(cls, seeds: bytes) -> Self:
        return cls(seeds)

    @property
    def seeds(self) -> bytes:
        return self._seeds

    @cached_property
    def public(self) -> VerifyKey:
        return VerifyKey(
            self._ed25519.public_key().public_bytes_raw() + self._ml_dsa_65.public_key().public_bytes_raw()
        )

    def sign(self, label: bytes, message: bytes) -> Signature:
        """Sign ``message`` for the one use that ``label`` names (1 to 64 bytes, fixed in the code)."""
        framed = _framed(label, message)
        return Signature(self._ed25519.sign(framed), self._ml_dsa_65.sign(framed))

    def __repr__(self) -> str:
        return f"SigningKey({self.public.key_id.hex()})"


_TRIAL = X25519PrivateKey.from_private_bytes(bytes(range(32)))


def _of_full_order(key: X25519PublicKey) -> X25519PublicKey:
    """The same key; a point of small order gives no shared secret (ValueError), and nothing could be sealed to it."""
    _TRIAL.exchange(key)
    return key


class ReceptionPublic:
    """The public side of a reception key: whoever holds it can seal to the receiver."""

    def __init__(self, raw: bytes) -> None:
        self._raw = _sized(bytes(raw), RECEPTION_KEY_BYTES, "A reception key")
        try:
            self._key = hpke.MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(raw[:ML_KEM_768_KEY_BYTES]),
                _of_full_order(X25519PublicKey.from_public_bytes(raw[ML_KEM_768_KEY_BYTES:])),
            )
        except ValueError as error:
            raise Refusal("BAD-KEY", "These bytes are no reception key.", status=400) from error

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        return cls(data)

    def to_bytes(self) -> bytes:
        return self._raw

    @cached_property
    def key_id(self) -> bytes:
        return hashlib.sha256(self._raw).digest()[:KEY_ID_BYTES]

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Seal to the holder of the private half; whatever must be bound stands in ``info``."""
        return _SUITE.encrypt(plaintext, self._key, info=info)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReceptionPublic) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return f"ReceptionPublic({self.key_id.hex()})"


class ReceptionKey:
    """A private key that opens what was sealed to its public side (X-Wing, from one 32-byte seed)."""

    def __init__(self, seed: bytes) -> None:
        self._seed = _sized(bytes(seed), RECEPTION_SEED_BYTES, "The seed of a reception key")
        expanded = hashlib.shake_256(seed).digest(96)
        self._ml_kem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        self._x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        self._key = hpke.MLKEM768X25519PrivateKey(self._ml_kem, self._x25519)

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(RECEPTION_SEED_BYTES))

    @classmethod
    def from_seeds(cls, seeds: bytes) -> Self:
        return cls(seeds)

    @property
    def seeds(self) -> bytes:
        return self._seed

    @cached_property
    def public(self) -> ReceptionPublic:
        return ReceptionPublic(
            self._ml_kem.public_key().public_bytes_raw() + self._x25519.public_key().public_bytes_raw()
        )

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Open what was sealed to this key with exactly this ``info``; else ``CANNOT-OPEN``."""
        try:
            return _SUITE.decrypt(sealed, self._key, info=info)
        except (InvalidTag, ValueError) as error:
            raise Refusal(
                "CANNOT-OPEN",
                "This was not sealed to this key, or it was altered on the way.",
                status=403,
            ) from error

    def __repr__(self) -> str:
        return f"ReceptionKey({self.public.key_id.hex()})"
