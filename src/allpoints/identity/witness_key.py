"""The key with which a member cosigns the ledger: ML-DSA-44, as c2sp.org/tlog-cosignature advises, used for that alone."""

import secrets
from functools import cached_property
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from allpoints.ground.refusal import Refusal

WITNESS_SEED_BYTES = 32
ML_DSA_44_KEY_BYTES = 1312
ML_DSA_44_SIGNATURE_BYTES = 2420


class WitnessKey:
    """A private key that cosigns; it shows its seed only to the key store."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != WITNESS_SEED_BYTES:
            raise Refusal("BAD-KEY", f"The seed of a witness key has {WITNESS_SEED_BYTES} bytes.", status=400)
        self._seed = bytes(seed)
        self._key = MLDSA44PrivateKey.from_seed_bytes(seed)

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(WITNESS_SEED_BYTES))

    @property
    def seed(self) -> bytes:
        return self._seed

    @cached_property
    def public(self) -> bytes:
        """The public half, as FIPS 204 encodes it."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Sign a message that carries its own label, with an empty context as the format asks."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"WitnessKey({self.public[:8].hex()})"


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the ML-DSA-44 signature is this key's over the message."""
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
