"""What the holders of the root decide about a member's key: it counts no more, or another one takes its place.

A recovery names the moment until which the key in use may object. The holders sign that moment too, so whoever writes the
entry cannot shorten it by its own clock.
"""

from typing import Self

import msgspec

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.certificate import Certificate, check_signature
from allpoints.identity.names import BUREAU, check_label, check_member
from allpoints.identity.root import HASH_BYTES, key_hash
from allpoints.identity.standing import ID_BYTES, TIME_LIMIT_MS, moment

COOLING_MS = 72 * HOUR
"""How long the key in use may object at least, from the entry that begins a recovery on: a weekend, and the telephone."""
COOLING_LIMIT_MS = 30 * DAY
"""And at most: nobody's key hangs in the air for longer."""
REVOCATION_LIMIT_BYTES = 4 * 1024
RECOVERY_LIMIT_BYTES = 24 * 1024

_REVOCATION = "allpoints/revocation/1"
_RECOVERY = "allpoints/recovery/1"


class Revocation(msgspec.Struct, frozen=True):
    """A member's key counts no more; ``key`` is the SHA-256 of the verification key that is meant."""

    id: bytes
    member: str
    key: bytes
    reason: str
    authority: str

    def check(self) -> None:
        """Refuse what no revocation says."""
        _check_order(self.id, self.key, self.member, self.reason, self.authority)

    def sentence(self) -> str:
        """The revocation as a person reads it."""
        return f"Nothing counts any more that the present key of {self.member} signs: {self.reason} ({self.authority})."

    def to_bytes(self) -> bytes:
        return row.encode(_REVOCATION, self.id, self.member, self.key, self.reason, self.authority)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a revocation strictly."""
        kinds = (str, bytes, str, bytes, str, str)
        version, *fields = row.decode(data, kinds, what="revocation", limit=REVOCATION_LIMIT_BYTES)
        if version != _REVOCATION:
            raise Refusal("REVOCATION-UNREADABLE", "This version of revocation is not known.", status=400)
        revocation = cls(*fields)
        revocation.check()
        return revocation


class Recovery(msgspec.Struct, frozen=True):
    """Another key takes the place of a member's; ``key`` is the SHA-256 of the one that is replaced.

    ``until_ms`` is when the key in use can object no more, 0 at once: for the key alone that the member committed itself to.
    ``certificate`` is the member's own, by its new key.
    """

    id: bytes
    member: str
    key: bytes
    until_ms: int
    certificate: Certificate
    reason: str
    authority: str

    def check(self) -> None:
        """Refuse what no recovery says, and a certificate that its own key did not sign."""
        _check_order(self.id, self.key, self.member, self.reason, self.authority)
        if not 0 <= self.until_ms < TIME_LIMIT_MS:
            raise Refusal("RECOVERY-TIME", "A time is milliseconds since 1970.", path="until_ms")
        certificate = self.certificate
        if certificate.role != BUREAU or certificate.subject != self.member:
            raise Refusal("RECOVERY-OTHER", f"This is no certificate of {self.member}.", path="certificate")
        check_signature(certificate, certificate.verify_key)
        if key_hash(certificate.verify_key) == self.key:
            raise Refusal("KEY-AGAIN", "A recovery replaces a key by another one.", path="certificate")

    def sentence(self) -> str:
        """The recovery as a person reads it."""
        objects = (
            f"which may object until {moment(self.until_ms)}"
            if self.until_ms
            else "at once, if the member committed itself to it"
        )
        return f"Another key takes the place of the one of {self.member}, {objects}: {self.reason} ({self.authority})."

    def to_bytes(self) -> bytes:
        return row.encode(
            _RECOVERY,
            self.id,
            self.member,
            self.key,
            self.until_ms,
            self.certificate.to_bytes(),
            self.reason,
            self.authority,
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a recovery strictly."""
        kinds = (str, bytes, str, bytes, int, bytes, str, str)
        version, *fields = row.decode(data, kinds, what="recovery", limit=RECOVERY_LIMIT_BYTES)
        if version != _RECOVERY:
            raise Refusal("RECOVERY-UNREADABLE", "This version of recovery is not known.", status=400)
        identifier, member, key, until_ms, certificate, reason, authority = fields
        recovery = cls(
            identifier, member, key, until_ms, Certificate.from_bytes(certificate), reason, authority
        )
        recovery.check()
        return recovery


def _check_order(identifier: bytes, key: bytes, member: str, reason: str, authority: str) -> None:
    if len(identifier) != ID_BYTES:
        raise Refusal("ORDER-ID", f"An order's identifier has {ID_BYTES} bytes.", path="id")
    if len(key) != HASH_BYTES:
        raise Refusal("ORDER-KEY", f"A key's hash has {HASH_BYTES} bytes.", path="key")
    check_member(member)
    check_label(reason, "reason")
    check_label(authority, "authority")
