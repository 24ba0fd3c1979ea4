"""What sealing asks of keys; ``allpoints.identity.keys`` has them, and a test may have others."""

from typing import Protocol

SIGNATURE_BYTES = 3373
"""An Ed25519 and an ML-DSA-65 signature, one after the other."""
WRAP_OVERHEAD_BYTES = 1136
"""What sealing to a reception key adds."""
KEY_ID_BYTES = 16


class Signed(Protocol):
    def to_bytes(self) -> bytes: ...


class Signer(Protocol):
    def sign(self, label: bytes, message: bytes) -> Signed:
        """A hybrid signature over a message for the one use that the label names."""
        ...


class Verifier(Protocol):
    def verify_bytes(self, label: bytes, message: bytes, signature: bytes) -> None:
        """Refuse (``BAD-SIGNATURE``) unless both halves of the signature verify."""
        ...


class Reception(Protocol):
    """The public side of a reception key."""

    @property
    def key_id(self) -> bytes: ...

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Seal to the holder of the private half."""
        ...


class Opener(Protocol):
    """The private side of a reception key."""

    @property
    def public(self) -> Reception: ...

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Open what was sealed with the same ``info``, or refuse (``CANNOT-OPEN``)."""
        ...
