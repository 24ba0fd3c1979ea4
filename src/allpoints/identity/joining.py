"""Asking to join: a file with a node's public keys, and a fingerprint that both sides read to each other."""

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import certificate as certificates
from allpoints.identity import row
from allpoints.identity.certificate import Certificate, Holder
from allpoints.identity.filed import (
    base64url,
    check_fingerprint,
    fingerprint_of,
    parse,
    read_bytes,
    read_certificate,
    read_reception_key,
    read_verify_key,
    write_json,
)
from allpoints.identity.keys import SigningKey
from allpoints.identity.names import BUREAU, POST

TIME_LIMIT_MS = 2**53

VERSION = "join-request/1"
_LABEL = b"allpoints/join-request/1"


class JoinRequest(msgspec.Struct, frozen=True):
    """A node asks to be known by its keys, and shows by a signature that it holds them.

    A bureau's request carries the certificate it signed for itself; the secretariat admits exactly these bytes. A
    post's carries none: its bureau signs one.
    """

    holder: Holder
    created_ms: int
    certificate: Certificate | None
    signature: bytes

    def fingerprint(self) -> str:
        """Forty hex digits of the SHA-256 of all that is asked, to be read over the phone."""
        return fingerprint_of(_request_row(self.holder, self.created_ms, self.certificate))

    def write(self) -> str:
        """The file; ``read_join_request`` reads it back."""
        return write_json(
            _RequestFile(
                allpoints=VERSION,
                subject=self.holder.subject,
                role=self.holder.role,
                member=self.holder.member,
                label=self.holder.label,
                created_ms=self.created_ms,
                fingerprint=self.fingerprint(),
                verify_key=base64url(self.holder.verify_key.to_bytes()),
                reception_key=base64url(self.holder.reception_key.to_bytes()),
                certificate=base64url(self.certificate.to_bytes()) if self.certificate else "",
                signature=base64url(self.signature),
            )
        )


def make_join_request(
    holder: Holder, key: SigningKey, created_ms: int, certificate: Certificate | None = None
) -> JoinRequest:
    """Ask for ``holder``; a bureau gives the certificate that it signed for itself."""
    signature = key.sign(_LABEL, _request_row(holder, created_ms, certificate)).to_bytes()
    request = JoinRequest(holder, created_ms, certificate, signature)
    _check_request(request)
    return request


def read_join_request(text: str) -> JoinRequest:
    """Read a join request strictly: every field, the fingerprint, and the signature by the keys it names."""
    file = parse(text, _RequestFile, VERSION)
    request = JoinRequest(
        holder=Holder(
            subject=file.subject,
            role=file.role,
            member=file.member,
            label=file.label,
            verify_key=read_verify_key(file.verify_key, "verify_key"),
            reception_key=read_reception_key(file.reception_key, "reception_key"),
        ),
        created_ms=file.created_ms,
        certificate=read_certificate(file.certificate, "certificate") if file.certificate else None,
        signature=read_bytes(file.signature, "signature"),
    )
    if not 0 <= request.created_ms < TIME_LIMIT_MS:
        raise Refusal("FILE-UNREADABLE", "This is no time.", path="created_ms", status=400)
    _check_request(request)
    check_fingerprint(file.fingerprint, request.fingerprint())
    return request


class _RequestFile(msgspec.Struct, forbid_unknown_fields=True):
    allpoints: str
    subject: str
    role: str
    member: str
    label: str
    created_ms: int
    fingerprint: str
    verify_key: str
    reception_key: str
    signature: str
    certificate: str = ""


def _check_request(request: JoinRequest) -> None:
    holder, certificate = request.holder, request.certificate
    holder.check()
    if holder.role not in {BUREAU, POST}:
        raise Refusal("BAD-ROLE", "Bureaus and posts ask to join.", path="role")
    if holder.role == BUREAU and certificate is None:
        raise Refusal("FILE-UNREADABLE", "A bureau's request carries its certificate.", path="certificate")
    if holder.role == POST and certificate is not None:
        raise Refusal("FILE-UNREADABLE", "A post's request carries no certificate.", path="certificate")
    if certificate is not None:
        if certificate.holder != holder:
            raise Refusal(
                "FILE-CONTRADICTS",
                "The certificate says something else than the request.",
                path="certificate",
            )
        certificates.check_signature(certificate, holder.verify_key)
    holder.verify_key.verify_bytes(
        _LABEL, _request_row(holder, request.created_ms, certificate), request.signature
    )


def _request_row(holder: Holder, created_ms: int, certificate: Certificate | None) -> bytes:
    return row.encode(
        VERSION,
        holder.subject,
        holder.role,
        holder.member,
        holder.label,
        holder.verify_key.to_bytes(),
        holder.reception_key.to_bytes(),
        created_ms,
        certificate.to_bytes() if certificate else b"",
    )
