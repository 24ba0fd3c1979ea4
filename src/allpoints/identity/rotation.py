"""How a bureau's certificate may follow another one: by the same key, or by the one key that was committed to."""

from collections.abc import Sequence
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate, check_signature, commitment
from allpoints.identity.keys import VerifyKey
from allpoints.identity.names import BUREAU


class Signer(NamedTuple):
    """A key of a node, and the first place in the ledger at which it signs for it; no key: nobody signs from there on."""

    from_seq: int
    verify_key: VerifyKey | None


def is_committed(present: Certificate, certificate: Certificate) -> bool:
    """Whether a certificate is by the key to which the present one commits its holder."""
    return present.next_key == commitment(certificate.verify_key)


def check_renewal(present: Certificate, certificate: Certificate) -> None:
    """Refuse a renewal that changes the key (KEY-CHANGED) or the commitment to the next one (NEXT-CHANGED)."""
    if certificate.verify_key != present.verify_key:
        raise Refusal(
            "KEY-CHANGED", f"{certificate.subject} is known by another key.", path="verify_key", status=409
        )
    if certificate.next_key != present.next_key:
        # Whoever holds the key in use could commit it to one of his own, and then rotate.
        raise Refusal(
            "NEXT-CHANGED",
            f"{certificate.subject} has committed itself to another next key.",
            path="next_key",
            status=409,
        )


def check_rotation(present: Certificate, signers: Sequence[Signer], certificate: Certificate) -> None:
    """Refuse any key but the one committed to (KEY-NOT-COMMITTED), and one that was used before (KEY-AGAIN)."""
    check_signature(certificate, certificate.verify_key)
    if not certificate.role == present.role == BUREAU:
        raise Refusal("ROLE-CHANGED", "Only a member's bureau rotates.", path="role", status=409)
    if any(one.verify_key == certificate.verify_key for one in signers):
        raise Refusal(
            "KEY-AGAIN", f"{certificate.subject} has or had this key already.", path="verify_key", status=409
        )
    if not is_committed(present, certificate):
        raise Refusal(
            "KEY-NOT-COMMITTED",
            f"This is not the next key to which {certificate.subject} has committed itself.",
            path="verify_key",
            hint="Rotate with the next keys that were made with the present ones.",
            status=403,
        )
