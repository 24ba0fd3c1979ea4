"""A next version of the root, with the certificates of the secretariat and the relay that it names."""

from collections.abc import Sequence
from typing import Self

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.identity.names import RELAY, SECRETARIAT
from allpoints.identity.root import Root
from allpoints.identity.rotation import Signer


class RootChange(msgspec.Struct, frozen=True):
    """What takes the place of the root in force, and of the keys that serve the network."""

    root: Root
    secretariat: Certificate
    relay: Certificate

    @classmethod
    def from_bytes(cls, root: bytes, secretariat: bytes, relay: bytes) -> Self:
        """Read the three strictly; whether they follow is for ``check``."""
        return cls(Root.from_bytes(root), Certificate.from_bytes(secretariat), Certificate.from_bytes(relay))

    def check(self, before: Root, secretariat: str) -> None:
        """Refuse what does not follow ``before``, and certificates that are not ``secretariat``'s and its relay's.

        Raises Refusal ROOT-NOT-NEXT, ROOT-THRESHOLD, ROOT-SIGNER, NOT-IN-ROOT, BAD-SIGNATURE, ROOT-SERVICES.
        """
        self.root.check_next(before)
        named = ((self.secretariat, SECRETARIAT, secretariat), (self.relay, RELAY, f"{secretariat}/relay"))
        for certificate, role, subject in named:
            if (certificate.role, certificate.subject) != (role, subject):
                raise Refusal(
                    "ROOT-SERVICES",
                    f"Here stands the certificate of {certificate.subject}, and {subject} serves the network.",
                    path=role,
                    status=409,
                )
            self.root.check_service(certificate, self.secretariat.verify_key)

    def check_keys(self, secretariat: Sequence[Signer], relay: Sequence[Signer]) -> None:
        """Refuse a key that served before and was replaced (KEY-AGAIN)."""
        for certificate, signers in ((self.secretariat, secretariat), (self.relay, relay)):
            if any(one.verify_key == certificate.verify_key for one in signers[:-1]):
                raise Refusal(
                    "KEY-AGAIN",
                    f"{certificate.subject} had this key before.",
                    path=certificate.role,
                    status=409,
                )
