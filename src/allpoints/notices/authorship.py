"""Who wrote a submission: signing it, and checking the two signatures of what came."""

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import Signature, SigningKey, VerifyKey
from allpoints.notices.notice import SIGNING_LABEL, Signed, Submission, decode_submission, encode


class Key(Protocol):
    """What speaks for a member's bureau."""

    def verify(self, label: bytes, message: bytes, signature: Signature) -> None: ...


Lookup = Callable[[str], Key | None]
"""From a member's code to the key of its bureau; None for whoever is not an active member."""


class AnyKey:
    """All keys that a bureau has had: what it signed before a rotation is examined, and published, after it too."""

    def __init__(self, keys: Sequence[VerifyKey]) -> None:
        """``keys`` are given the oldest first, at least one."""
        self._keys = tuple(keys)

    def verify(self, label: bytes, message: bytes, signature: Signature) -> None:
        """Accept what one of the keys signed; else what the present one refuses."""
        *former, present = self._keys
        for key in reversed(former):
            with contextlib.suppress(Refusal):
                key.verify(label, message, signature)
                return
        present.verify(label, message, signature)


def sign(submission: Submission, key: SigningKey) -> Signed:
    """The submission's bytes with both signatures of its owner."""
    data = encode(submission)
    signature = key.sign(SIGNING_LABEL, data)
    return Signed(data, signature.ed25519, signature.ml_dsa_65)


def verify(signed: Signed, lookup: Lookup) -> Submission:
    """Read a signed submission.

    Refuses NOTICE-UNKNOWN-OWNER when the owner is no member, BAD-SIGNATURE when either signature fails.
    """
    submission = decode_submission(signed.submission)
    key = lookup(submission.owner)
    if key is None:
        raise Refusal(
            "NOTICE-UNKNOWN-OWNER", f"{submission.owner} is no active member.", path="owner", status=403
        )
    key.verify(SIGNING_LABEL, signed.submission, Signature(signed.ed25519, signed.ml_dsa_65))
    return submission


def digest(signed: Signed) -> str:
    """What an approval is bound to: SHA-256 (hex) of the signed submission's wire bytes."""
    return hashlib.sha256(encode(signed)).hexdigest()
