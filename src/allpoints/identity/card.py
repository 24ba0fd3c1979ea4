"""An officer's card: the certificate that a TLS terminator verified, checked once more against the country's own authority.

RFC 5280; which authority, for which use and until when is decided here, whatever the terminator was told.
"""

import base64
import datetime as dt
from collections.abc import Iterable
from itertools import pairwise
from urllib.parse import unquote_to_bytes

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store

from allpoints.ground.refusal import Refusal

HEADER_LIMIT_CHARACTERS = 16 * 1024
DEPTH_LIMIT = 3
"""Authorities between a card and a root."""
SECOND_MS = 1_000
NO_CERTIFICATE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises at certificates and lists that are none, or of a kind that it does not know."""


class Terms(msgspec.Struct, frozen=True):
    """Whose cards are taken: those that lead to a root; ``between`` are authorities that cards do not bring along.

    ``revoked`` are the lists of what was revoked; without ``listed`` none is asked for.
    """

    roots: tuple[x509.Certificate, ...]
    between: tuple[x509.Certificate, ...] = ()
    listed: bool = False
    revoked: tuple[x509.CertificateRevocationList, ...] = ()


class Card(msgspec.Struct, frozen=True):
    """A card that holds: the SHA-256 of its certificate in hexadecimal, and its subject (RFC 4514)."""

    fingerprint: str
    subject: str


def read(header: str) -> x509.Certificate:
    """The certificate in a Client-Cert header (RFC 9440), or as nginx escapes it. Refusals CARD-MISSING, CARD-UNREADABLE."""
    if not header:
        raise Refusal(
            "CARD-MISSING",
            "No card was shown.",
            hint="Put your card in, close the browser, and open this page again.",
            status=401,
        )
    try:
        return _certificate(header[: HEADER_LIMIT_CHARACTERS + 1])
    except NO_CERTIFICATE as error:
        raise Refusal(
            "CARD-UNREADABLE",
            "What came as a card is no certificate.",
            hint="Tell the administrator.",
            status=400,
        ) from error


def _certificate(header: str) -> x509.Certificate:
    if header.startswith(":") and header.endswith(":") and len(header) > 1:
        return x509.load_der_x509_certificate(base64.b64decode(header[1:-1], validate=True))
    (one,) = x509.load_pem_x509_certificates(unquote_to_bytes(header))
    return one


def check(shown: x509.Certificate, terms: Terms, now_ms: int) -> Card:
    """The card, if it holds now; raises Refusal CARD-REFUSED, whose path says where it does not, or CARD-LIST-OLD."""
    now = dt.datetime.fromtimestamp(now_ms / SECOND_MS, dt.UTC)
    builder = PolicyBuilder().store(Store(list(terms.roots))).time(now).max_chain_depth(DEPTH_LIMIT)
    policies = builder.extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=_OF_CARDS)
    try:
        chain = policies.build_client_verifier().verify(shown, list(terms.between)).chain
        subject = shown.subject.rfc4514_string()
    except (verification.VerificationError, *NO_CERTIFICATE) as error:
        raise refused("chain") from error
    if terms.listed:
        for one, above in pairwise(chain):
            _check_listed(one, above, terms.revoked, now)
    return Card(shown.fingerprint(SHA256()).hex(), subject)


def _check_listed(
    one: x509.Certificate,
    above: x509.Certificate,
    lists: Iterable[x509.CertificateRevocationList],
    now: dt.datetime,
) -> None:
    """Whether its issuer has revoked it, by a list that holds now; without one nothing is known, so nobody comes in."""
    fitting = [listed for listed in lists if _is_of(listed, above) and _is_current(listed, now)]
    if not fitting:
        raise Refusal(
            "CARD-LIST-OLD",
            "Whether this card was revoked cannot be said now: the list is missing, old or of somebody else.",
            hint="Sign in with a passkey. The administrator brings a new list.",
            status=503,
        )
    if any(listed.get_revoked_certificate_by_serial_number(one.serial_number) for listed in fitting):
        raise refused("revoked")


def _is_of(listed: x509.CertificateRevocationList, above: x509.Certificate) -> bool:
    """Whether this authority signed the list, and the list is of all that it issued."""
    try:
        if listed.issuer != above.subject or any(extension.critical for extension in listed.extensions):
            return False
        return listed.is_signature_valid(above.public_key())  # type: ignore[arg-type]  # else TypeError
    except (TypeError, *NO_CERTIFICATE):
        return False


def _is_current(listed: x509.CertificateRevocationList, now: dt.datetime) -> bool:
    return listed.next_update_utc is not None and listed.last_update_utc <= now < listed.next_update_utc


def refused(path: str) -> Refusal:
    """What is said of a card that does not hold."""
    return Refusal(
        "CARD-REFUSED",
        "This card does not hold here: of another authority, for another use, too old, or revoked.",
        path=path,
        hint="Ask who issues your cards.",
        status=401,
    )


def _for_clients(_policy: Policy, _certificate: x509.Certificate, uses: x509.ExtendedKeyUsage) -> None:
    if ExtendedKeyUsageOID.CLIENT_AUTH not in uses:
        raise ValueError("not for clients")


def _signs(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.digital_signature:
        raise ValueError("not to sign with")


def _no_authority(
    _policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints | None
) -> None:
    if constraints is not None and constraints.ca:
        raise ValueError("an authority is no officer")


_OF_CARDS = (
    ExtensionPolicy.permit_all()
    .require_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _for_clients)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _signs)
    .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _no_authority)
)
"""Cards seldom name a host, so no alternative name is demanded; the use is."""
