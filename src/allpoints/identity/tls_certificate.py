"""A node's certificate in the form that TLS speaks: an X.509 projection of the one it has in the tree.

    X.509: subject and issuer CN=<node>, a short-lived P-256 key that signs itself, one extension of our own:
    extension = [body, signature]   body = [version, certificate, SHA-256(public key), not before, not after]

The signature is by the node's hybrid key in the tree, so whoever knows that key knows the TLS key, and nobody else's
word is asked for: no authority, no store. TLS speaks neither of our two halves together, hence a key for it alone, which
is made anew twice a day and never written down.
"""

import datetime as dt
import hashlib
import re
from typing import NamedTuple

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from allpoints.ground.clock import HOUR, SECOND
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.certificate import CERTIFICATE_LIMIT_BYTES, Certificate
from allpoints.identity.keys import Signature, SigningKey

PROJECTION_LIMIT_BYTES = CERTIFICATE_LIMIT_BYTES + 8 * 1024
LIFE_MS = 24 * HOUR
SKEW_MS = HOUR
"""A projection is good a little before it was made, so that a neighbour's slow clock does not refuse it."""
EXTENSION = x509.ObjectIdentifier("2.25.320165026413749140462401942929196189302")
"""The extension's name: a random UUID under 2.25, where ITU-T X.667 lets anybody name things."""

_UNREADABLE = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises for bytes that are no certificate, or one that is not signed by its own key."""

_HEAD = re.compile(
    rb"\x30\x82..\x30\x82..\xa0\x03\x02\x01\x02\x02[\x01-\x14](?:[\x01-\x7f]|\x00[\x80-\xff])", re.DOTALL
)
"""How the DER of a projection begins: two lengths of two bytes, version 3, the serial number."""

_VERSION = "allpoints/tls/1"
_LABEL = _VERSION.encode()
_HASH_BYTES = 32
_BODY = (str, bytes, bytes, int, int)


class Projection(NamedTuple):
    """An X.509 certificate with its private key, for this process alone."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey
    made_ms: int


class Projected(msgspec.Struct, frozen=True):
    """What a projection says: which certificate of the tree it stands for, and when.

    Whether that certificate is a known one is not said here. ``body`` is what was signed and ``signature`` what signed
    it, kept as they came.
    """

    certificate: Certificate
    key_hash: bytes
    not_before_ms: int
    not_after_ms: int
    body: bytes
    signature: bytes

    def to_bytes(self) -> bytes:
        """The extension's content."""
        return row.encode(self.body, self.signature)

    def check(self, now_ms: int) -> None:
        """Refuse a projection that the certificate's holder did not sign, or that is not good at ``now_ms``."""
        self.certificate.verify_key.verify_bytes(_LABEL, self.body, self.signature)
        if not self.not_before_ms <= now_ms < self.not_after_ms:
            early = now_ms < self.not_before_ms
            raise Refusal(
                "TLS-CERTIFICATE-EARLY" if early else "TLS-CERTIFICATE-EXPIRED",
                f"The TLS certificate of {self.certificate.subject} is {'not good yet' if early else 'no longer good'}.",
                hint="Check the clocks of both machines.",
                status=403,
            )


def project(certificate: Certificate, signing: SigningKey, now_ms: int) -> Projection:
    """Make a projection of a node's certificate with a new key, good for a day."""
    key = generate_private_key(SECP256R1())
    # X.509 knows whole seconds.
    begins = (now_ms - SKEW_MS) // SECOND * SECOND
    ends = begins + SKEW_MS + LIFE_MS
    body = row.encode(_VERSION, certificate.to_bytes(), _key_hash(key.public_key()), begins, ends)
    content = row.encode(body, signing.sign(_LABEL, body).to_bytes())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, certificate.subject)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_instant(begins))
        .not_valid_after(_instant(ends))
        .add_extension(x509.UnrecognizedExtension(EXTENSION, content), critical=False)
        .sign(key, SHA256())
    )
    return Projection(made, key, now_ms)


def read(der: bytes) -> Projected:
    """Read an X.509 certificate as a projection, strictly; who signed it is not checked here.

    Raises Refusal TLS-CERTIFICATE-UNREADABLE.
    """
    if len(der) > PROJECTION_LIMIT_BYTES:
        raise _unreadable(f"A TLS certificate has at most {PROJECTION_LIMIT_BYTES} bytes.", 413)
    if not _HEAD.match(der):
        raise _unreadable("This is no X.509 certificate of version 3 with a positive serial number.")
    try:
        found = x509.load_der_x509_certificate(der)
        extensions = list(found.extensions)
        key_hash = _key_hash(found.public_key())
        names = (found.subject.public_bytes(), found.issuer.public_bytes())
        span = (found.not_valid_before_utc, found.not_valid_after_utc)
        found.verify_directly_issued_by(found)
        # The library reads past a wrong count of unused bits before the signature.
        sound = der.endswith(b"\x00" + found.signature)
    except _UNREADABLE as error:
        raise _unreadable("This is no X.509 certificate that can be read.") from error
    if not sound or len(extensions) != 1 or extensions[0].oid != EXTENSION:
        raise _unreadable("This TLS certificate does not stand for a certificate of the network.")
    said = _read_extension(extensions[0].value.public_bytes())
    subject = said.certificate.subject
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]).public_bytes()
    if names != (name, name):
        raise _unreadable(f"The TLS certificate of {subject} bears another name.")
    if said.key_hash != key_hash:
        raise _unreadable(f"{subject} signed for another TLS key than this one.")
    if span != (_instant(said.not_before_ms), _instant(said.not_after_ms)):
        raise _unreadable(f"The TLS certificate of {subject} has other dates than were signed.")
    return said


def _read_extension(content: bytes) -> Projected:
    what, limit = "TLS certificate", PROJECTION_LIMIT_BYTES
    body, signature = row.decode(content, (bytes, bytes), what=what, limit=limit)
    version, data, key_hash, begins, ends = row.decode(body, _BODY, what=what, limit=limit)
    if version != _VERSION:
        raise _unreadable("This version of TLS certificate is not known.")
    certificate = Certificate.from_bytes(data)
    Signature.from_bytes(signature)
    if len(key_hash) != _HASH_BYTES or not 0 < ends - begins <= LIFE_MS + SKEW_MS or ends >= 1 << 42:
        raise _unreadable("A TLS certificate names its key and is good for a day at most.")
    return Projected(certificate, key_hash, begins, ends, body, signature)


def _key_hash(key: CertificatePublicKeyTypes) -> bytes:
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()


def _instant(at_ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_ms / SECOND, dt.UTC)


def _unreadable(sentence: str, status: int = 400) -> Refusal:
    return Refusal("TLS-CERTIFICATE-UNREADABLE", sentence, path="certificate", status=status)
