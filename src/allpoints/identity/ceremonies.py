"""What a browser brings back from a passkey, checked: made here, now, for this site, by this key, by a verified person.

W3C Web Authentication Level 3, sections 7.1 and 7.2; the steps on signatures and attestation are the library's.
"""

import base64
import binascii
import json

import msgspec
from cryptography.exceptions import InvalidSignature
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import parse_attestation_object
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AttestationFormat
from webauthn.registration.verify_registration_response import VerifiedRegistration

from allpoints.ground.refusal import Refusal

ANSWER_LIMIT_CHARACTERS = 32 * 1024
ALGORITHMS = (COSEAlgorithmIdentifier.EDDSA, COSEAlgorithmIdentifier.ECDSA_SHA_256)
"""Ed25519 and ECDSA P-256 with SHA-256."""

ANY_ATTESTATION, PACKED_ATTESTATION = "none", "packed"
ATTESTATIONS = (ANY_ATTESTATION, PACKED_ATTESTATION)

_UNREADABLE = (
    WebAuthnException,
    InvalidSignature,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
)
"""What the library raises at answers that are false or no answers at all."""


class Policy(msgspec.Struct, frozen=True):
    """What passkeys a node takes.

    ``site`` is the relying party's identifier, a domain; ``origins`` are the addresses of the console. With
    ``attestation`` packed a maker's certificate must lead to one of ``roots`` (PEM); ``models`` are the AAGUIDs that
    are taken, all where it is empty.
    """

    site: str
    origins: tuple[str, ...]
    attestation: str = ANY_ATTESTATION
    models: frozenset[str] = frozenset()
    roots: tuple[bytes, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """A browser's answer as far as it can be read before it is checked."""

    text: str
    id: bytes
    challenge: bytes
    handle: bytes = b""


def read(text: str) -> Answer:
    """Which passkey answered which challenge, by its own word. Raises Refusal PASSKEY-UNREADABLE."""
    try:
        if len(text) > ANSWER_LIMIT_CHARACTERS:
            raise ValueError("too long")
        given = json.loads(text)
        response = given["response"]
        said = json.loads(_bytes(response["clientDataJSON"]))
        if said.get("crossOrigin"):
            raise ValueError("made inside a page of another site")
        return Answer(
            text,
            _bytes(given["id"]),
            _bytes(said["challenge"]),
            _bytes(response.get("userHandle") or ""),
        )
    except _UNREADABLE as error:
        raise Refusal(
            "PASSKEY-UNREADABLE",
            "What the browser sent is no answer of a passkey.",
            hint="Load the page again. The console needs scripts for passkeys.",
            status=400,
        ) from error


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("no text")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error


def check_registration(answer: Answer, policy: Policy) -> VerifiedRegistration:
    """Check what a new passkey says of itself; raises Refusal PASSKEY-REFUSED, PASSKEY-MODEL."""
    packed = policy.attestation == PACKED_ATTESTATION
    try:
        made = verify_registration_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=policy.site,
            expected_origin=list(policy.origins),
            require_user_verification=True,
            supported_pub_key_algs=list(ALGORITHMS),
            pem_root_certs_bytes_by_fmt={AttestationFormat.PACKED: list(policy.roots)},
        )
    except _UNREADABLE as error:
        raise refused() from error
    if made.credential_id != answer.id:
        raise refused()
    if packed and not (made.fmt == AttestationFormat.PACKED and _by_maker(made)):
        raise _not_taken("This passkey does not prove who made it, which this node demands.")
    if policy.models and made.aaguid not in policy.models:
        raise _not_taken("Passkeys of this model are not taken at this node.")
    return made


def check_assertion(answer: Answer, policy: Policy, public_key: bytes) -> VerifiedAuthentication:
    """Check that the passkey with this key (COSE) answered; its count is left to the caller. PASSKEY-REFUSED."""
    try:
        return verify_authentication_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=policy.site,
            expected_origin=list(policy.origins),
            credential_public_key=public_key,
            # A count that does not rise is no lie of the browser's: it is told apart, since it needs an alert.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise refused() from error


def refused() -> Refusal:
    """What is said of every false answer: which of its parts is false helps only who forges it."""
    return Refusal(
        "PASSKEY-REFUSED",
        "This passkey is not known here, or its answer does not hold.",
        hint="Use a passkey that you enrolled at this node, with its PIN or fingerprint.",
        status=401,
    )


def _by_maker(made: VerifiedRegistration) -> bool:
    """Whether a certificate of the maker vouches, rather than the passkey for itself."""
    return bool(parse_attestation_object(made.attestation_object).att_stmt.x5c)


def _not_taken(sentence: str) -> Refusal:
    return Refusal(
        "PASSKEY-MODEL",
        sentence,
        hint="Ask the administrator which security keys are given out.",
        status=403,
    )
