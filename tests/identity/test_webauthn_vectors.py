"""The published cases of Web Authentication Level 3: taken where they fit what this package takes, else refused."""

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tests.identity.country_ca import CountryCa
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import parse_attestation_object

from allpoints.ground.refusal import Refusal
from allpoints.identity import ceremonies
from allpoints.identity.ceremonies import PACKED_ATTESTATION, Policy

pytestmark = pytest.mark.vectors
SITE, ORIGIN = "example.org", "https://example.org"
POLICY = Policy(SITE, (ORIGIN,))
VERIFIED = 0x04
"""The bit of the flags that says that the person was verified."""
FLAGS_AT = 32

UNVERIFIED = {"none-es256", "none-es256-long-credential-id", "packed-eddsa"}
"""Fit in all else: published without user verification at registration."""
TAKEN = {"packed-self-es256", "packed-es256"}
EMBEDDED = {"none-es256-crossOrigin", "none-es256-topOrigin"}
"""Made inside a page of another site."""
ALGORITHMS = {"packed-es384", "packed-es512", "packed-rs256", "packed-ed448"}
FORMATS = {"tpm-es256", "android-key-es256", "apple-es256", "fido-u2f-es256"}
"""Attestations of makers whose form is not among those that are read."""


@cache
def vectors() -> dict[str, Any]:
    path = Path(__file__).parents[1] / "vectors/webauthn/webauthn.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def names() -> list[str]:
    return [case["name"] for case in vectors()["cases"]]


def case_of(name: str) -> dict[str, Any]:
    return next(case for case in vectors()["cases"] if case["name"] == name)


def b64(text: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(text)).rstrip(b"=").decode()


def answer(case: dict[str, Any], part: str) -> str:
    """What a browser would send of this case."""
    names = {
        "registration": ("clientDataJSON", "attestationObject"),
        "authentication": ("clientDataJSON", "authenticatorData", "signature"),
    }
    response = {name: b64(case[part][name]) for name in names[part]}
    identifier = b64(case["registration"]["credential_id"])
    return json.dumps({"id": identifier, "rawId": identifier, "type": "public-key", "response": response})


def refused(text: str, policy: Policy = POLICY) -> str:
    with pytest.raises(Refusal) as caught:
        ceremonies.check_registration(ceremonies.read(text), policy)
    return caught.value.code


def roots() -> tuple[bytes, ...]:
    certificate = x509.load_der_x509_certificate(bytes.fromhex(vectors()["attestation_ca_cert"]))
    return (certificate.public_bytes(Encoding.PEM),)


def public_key(case: dict[str, Any]) -> bytes:
    attested = parse_attestation_object(bytes.fromhex(case["registration"]["attestationObject"]))
    assert attested.auth_data.attested_credential_data is not None
    return attested.auth_data.attested_credential_data.credential_public_key


def test_every_published_case_is_among_those_that_are_spoken_of() -> None:
    assert set(names()) == TAKEN | UNVERIFIED | EMBEDDED | ALGORITHMS | FORMATS


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_registrations_that_fit_are_taken(name: str) -> None:
    case = case_of(name)
    made = ceremonies.check_registration(ceremonies.read(answer(case, "registration")), POLICY)
    assert made.credential_id.hex() == case["registration"]["credential_id"]
    assert made.aaguid.replace("-", "") == case["registration"]["aaguid"]
    assert ceremonies.read(answer(case, "registration")).challenge.hex() == case["registration"]["challenge"]


def test_with_packed_attestation_demanded_a_maker_must_vouch() -> None:
    packed = Policy(SITE, (ORIGIN,), PACKED_ATTESTATION, roots=roots())
    by_maker = ceremonies.read(answer(case_of("packed-es256"), "registration"))
    assert ceremonies.check_registration(by_maker, packed).user_verified
    assert refused(answer(case_of("packed-self-es256"), "registration"), packed) == "PASSKEY-MODEL"
    other = Policy(SITE, (ORIGIN,), PACKED_ATTESTATION, roots=(_another_root(),))
    assert refused(answer(case_of("packed-es256"), "registration"), other) == "PASSKEY-REFUSED"


def _another_root() -> bytes:
    return CountryCa().pem


@pytest.mark.parametrize("name", sorted(UNVERIFIED))
def test_registrations_without_user_verification_are_refused_for_that_alone(name: str) -> None:
    case = case_of(name)
    text = answer(case, "registration")
    assert refused(text) == "PASSKEY-REFUSED"
    made = verify_registration_response(
        credential=text,
        expected_challenge=bytes.fromhex(case["registration"]["challenge"]),
        expected_rp_id=SITE,
        expected_origin=ORIGIN,
        require_user_verification=False,
        supported_pub_key_algs=list(ceremonies.ALGORITHMS),
    )
    assert not made.user_verified


@pytest.mark.parametrize("name", sorted(EMBEDDED))
def test_what_was_made_inside_a_page_of_another_site_is_refused(name: str) -> None:
    assert refused(answer(case_of(name), "registration")) == "PASSKEY-UNREADABLE"


@pytest.mark.parametrize("name", sorted(ALGORITHMS | FORMATS))
def test_other_algorithms_and_attestations_are_refused(name: str) -> None:
    assert refused(answer(case_of(name), "registration")) == "PASSKEY-REFUSED"


@pytest.mark.parametrize("name", sorted(set(names()) - ALGORITHMS - EMBEDDED))
def test_proofs_hold_where_the_person_was_verified_and_nowhere_else(name: str) -> None:
    case = case_of(name)
    text, key = answer(case, "authentication"), public_key(case)
    verified = bytes.fromhex(case["authentication"]["authenticatorData"])[FLAGS_AT] & VERIFIED
    holds = verify_authentication_response(
        credential=text,
        expected_challenge=bytes.fromhex(case["authentication"]["challenge"]),
        expected_rp_id=SITE,
        expected_origin=ORIGIN,
        credential_public_key=key,
        credential_current_sign_count=0,
        require_user_verification=False,
    )
    assert holds.user_verified == bool(verified)
    if verified:
        assert ceremonies.check_assertion(ceremonies.read(text), POLICY, key).user_verified
    else:
        with pytest.raises(Refusal, match="its answer does not hold"):
            ceremonies.check_assertion(ceremonies.read(text), POLICY, key)


def test_proofs_with_and_without_verification_are_among_the_cases() -> None:
    flags = [
        bytes.fromhex(case["authentication"]["authenticatorData"])[FLAGS_AT] for case in vectors()["cases"]
    ]
    assert len({one & VERIFIED for one in flags}) == 2
