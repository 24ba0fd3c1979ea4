"""A key that lives for one handshake, so that a line recorded today stays closed when other keys are lost later."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from allpoints.ground.refusal import Refusal

_ML_KEM_BYTES = 1184
SHORT_LIVED_BYTES = _ML_KEM_BYTES + 32

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class ShortLivedKey:
    """Made for one handshake, never stored."""

    def __init__(self) -> None:
        ml_kem = MLKEM768PrivateKey.generate()
        x25519 = X25519PrivateKey.generate()
        self._key = hpke.MLKEM768X25519PrivateKey(ml_kem, x25519)
        self.public = ml_kem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """What the other side sealed, or ``CANNOT-OPEN``."""
        try:
            return _SUITE.decrypt(sealed, self._key, info=info)
        except (InvalidTag, ValueError) as error:
            raise Refusal("CANNOT-OPEN", "The reply was not sealed to this hello.", status=403) from error


def seal_to_short_lived(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal to the other side's short-lived key; ``BAD-KEY`` if it is none."""
    try:
        key = hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_ML_KEM_BYTES]),
            X25519PublicKey.from_public_bytes(public[_ML_KEM_BYTES:]),
        )
        return _SUITE.encrypt(plaintext, key, info=info)
    except ValueError as error:
        raise Refusal("BAD-KEY", "The short-lived key is no key.", status=400) from error
