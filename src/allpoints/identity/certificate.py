"""Certificates: which keys speak for which node, said by whom, until when.

The secretariat's certificate is self-signed and believed because the root of the network names its key; it signs the
relay's, whose key the root names too. A bureau signs its own: the holders of the root approve exactly these bytes, so
that the secretariat, which writes the admission, cannot mint a bureau's key. A bureau signs its posts' certificates.

A bureau's certificate commits to the key that will follow its own, by a hash: whoever steals the key in use cannot put
one of his own in its place.
"""

import hashlib
import secrets
from typing import Self

import msgspec

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.keys import ReceptionPublic, Signature, SigningKey, VerifyKey
from allpoints.identity.names import BUREAU, POST, SECRETARIAT, check_label, check_node

CERTIFICATE_LIMIT_BYTES = 16 * 1024
SERIAL_BYTES = 16
COMMITMENT_BYTES = 32
TERM_LIMIT_MS = 5 * 366 * DAY
"""No certificate is good for longer."""
POST_TERM_LIMIT_MS = 31 * DAY
"""A post's device can be stolen, so its certificate must be renewed at least monthly."""

_VERSION = "allpoints/certificate/2"
_LABEL = _VERSION.encode()
_NEXT_LABEL = b"allpoints/next-key/1"
_BODY = (str, bytes, str, str, str, str, bytes, bytes, str, int, int, bytes)


class Holder(msgspec.Struct, frozen=True):
    """A node and its public keys, as it asks to be known."""

    subject: str
    role: str
    member: str
    label: str
    verify_key: VerifyKey
    reception_key: ReceptionPublic

    def check(self) -> None:
        """Refuse names, roles and labels that do not fit together."""
        check_node(self.subject, self.role, self.member)
        check_label(self.label)


class Certificate(msgspec.Struct, frozen=True):
    """A statement by ``issuer`` that ``subject`` is known by these keys in a span of time.

    ``body`` is what was signed and ``signature`` what signed it, kept as they came. ``next_key`` is the commitment to
    the key that follows; empty where none ever does.
    """

    subject: str
    role: str
    member: str
    label: str
    verify_key: VerifyKey
    reception_key: ReceptionPublic
    issuer: str
    not_before_ms: int
    not_after_ms: int
    serial: bytes
    next_key: bytes
    body: bytes
    signature: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a certificate strictly; its signature is not checked here."""
        body, signature = row.decode(data, (bytes, bytes), what="certificate", limit=CERTIFICATE_LIMIT_BYTES)
        fields = row.decode(body, _BODY, what="certificate", limit=CERTIFICATE_LIMIT_BYTES)
        version, serial, subject, role, member, label, verify, reception, *rest = fields
        issuer, not_before, not_after, next_key = rest
        if version != _VERSION:
            raise Refusal(
                "CERTIFICATE-UNREADABLE", "This version of certificate is not known.", path="[0]", status=400
            )
        Signature.from_bytes(signature)
        certificate = cls(
            subject=subject,
            role=role,
            member=member,
            label=label,
            verify_key=VerifyKey.from_bytes(verify),
            reception_key=ReceptionPublic.from_bytes(reception),
            issuer=issuer,
            not_before_ms=not_before,
            not_after_ms=not_after,
            serial=serial,
            next_key=next_key,
            body=body,
            signature=signature,
        )
        _check_shape(certificate)
        return certificate

    def to_bytes(self) -> bytes:
        return row.encode(self.body, self.signature)

    @property
    def hash(self) -> bytes:
        """SHA-256 of the whole certificate, by which an admission names it."""
        return hashlib.sha256(self.to_bytes()).digest()

    @property
    def self_signed(self) -> bool:
        return self.issuer == self.subject

    @property
    def holder(self) -> Holder:
        return Holder(self.subject, self.role, self.member, self.label, self.verify_key, self.reception_key)

    def good_at(self, at_ms: int) -> bool:
        return self.not_before_ms <= at_ms < self.not_after_ms


def issue(
    issuer: str,
    key: SigningKey,
    holder: Holder,
    *,
    not_before_ms: int,
    not_after_ms: int,
    serial: bytes | None = None,
    next_key: bytes = b"",
) -> Certificate:
    """Sign a certificate for ``holder`` in the name of ``issuer`` (the holder's own name: self-signed).

    ``next_key`` is the commitment to its successor's key, at a bureau.
    """
    body = row.encode(
        _VERSION,
        secrets.token_bytes(SERIAL_BYTES) if serial is None else serial,
        holder.subject,
        holder.role,
        holder.member,
        holder.label,
        holder.verify_key.to_bytes(),
        holder.reception_key.to_bytes(),
        issuer,
        not_before_ms,
        not_after_ms,
        next_key,
    )
    signature = key.sign(_LABEL, body).to_bytes()
    certificate = Certificate.from_bytes(row.encode(body, signature))
    check_signature(certificate, key.public)
    return certificate


def commitment(key: VerifyKey) -> bytes:
    """SHA-256 of a label and a verification key, by which a certificate names its successor without showing it."""
    return hashlib.sha256(_NEXT_LABEL + key.to_bytes()).digest()


def check_signature(certificate: Certificate, issuer_key: VerifyKey) -> None:
    """Refuse a certificate that the holder of ``issuer_key`` did not sign."""
    if certificate.self_signed and certificate.verify_key != issuer_key:
        raise Refusal(
            "BAD-SIGNATURE",
            f"The certificate of {certificate.subject} names another key than the one expected.",
            path="verify_key",
            status=403,
        )
    issuer_key.verify_bytes(_LABEL, certificate.body, certificate.signature)


def check(certificate: Certificate, issuer_key: VerifyKey, now_ms: int) -> None:
    """Refuse a certificate that ``issuer_key`` did not sign or that is not good at ``now_ms``."""
    check_signature(certificate, issuer_key)
    if not certificate.good_at(now_ms):
        early = now_ms < certificate.not_before_ms
        raise Refusal(
            "CERTIFICATE-EARLY" if early else "CERTIFICATE-EXPIRED",
            f"The certificate of {certificate.subject} is "
            + ("not good yet." if early else "no longer good."),
            hint="Check the clock of this machine." if early else "Its issuer has to sign a new one.",
            status=403,
        )


def _check_shape(certificate: Certificate) -> None:
    certificate.holder.check()
    own = certificate.role in {SECRETARIAT, BUREAU}
    if certificate.issuer != (certificate.subject if own else certificate.member):
        raise Refusal(
            "BAD-ISSUER",
            f"A {certificate.role}'s certificate is signed by {'itself' if own else certificate.member}.",
            path="issuer",
        )
    if len(certificate.serial) != SERIAL_BYTES:
        raise Refusal("BAD-SERIAL", f"A serial has {SERIAL_BYTES} bytes.", path="serial")
    if certificate.next_key and (certificate.role != BUREAU or len(certificate.next_key) != COMMITMENT_BYTES):
        raise Refusal(
            "BAD-COMMITMENT",
            f"A bureau's certificate commits to its next key by {COMMITMENT_BYTES} bytes; no other one does.",
            path="next_key",
        )
    term = certificate.not_after_ms - certificate.not_before_ms
    limit = POST_TERM_LIMIT_MS if certificate.role == POST else TERM_LIMIT_MS
    if not 0 < term <= limit:
        raise Refusal(
            "BAD-TERM",
            f"A {certificate.role}'s certificate is good for at most {limit // DAY} days, and ends after it begins.",
            path="not_after_ms",
        )
