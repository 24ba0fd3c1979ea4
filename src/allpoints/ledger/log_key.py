"""The log's own key: plain Ed25519 over the bare text of a checkpoint, for every tool that reads signed notes.

It is a key of its own, and signs nothing else. The relay's hybrid key signs no unlabelled text, in either half: what
an unlabelled signature says is decided by whoever shows it. Members go on trusting the hybrid lines alone, so a thief
of this key, or a computer that breaks Ed25519, can deceive only those who have no quorum of witnesses in their policy.
"""

import base64
import secrets
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from allpoints.ground.refusal import Refusal
from allpoints.ledger.checkpoint import Checkpoint
from allpoints.ledger.vkey import ED25519, VKey

LOG_SEED_BYTES = 32


class LogKey:
    """The private half, made from one seed of 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != LOG_SEED_BYTES:
            raise Refusal("BAD-KEY", f"The seed of a log's key has {LOG_SEED_BYTES} bytes.", status=400)
        self.seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(LOG_SEED_BYTES))

    def vkey(self, origin: str) -> VKey:
        """The public half, under the ledger's origin."""
        return VKey(origin, ED25519, self._key.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint) -> str:
        """The signature line, ended."""
        data = self.vkey(checkpoint.origin).key_id + self._key.sign(checkpoint.text().encode())
        return f"— {checkpoint.origin} {base64.b64encode(data).decode()}\n"

    def __repr__(self) -> str:
        return "LogKey()"
