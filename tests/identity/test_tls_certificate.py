"""A node's certificate as TLS speaks it: good under the tree's key alone, for this TLS key, for a day."""

import datetime as dt
import hashlib
import json
from pathlib import Path

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from tests.node.samples import NOW_MS, certificate, keys, post_certificate

from allpoints.ground.clock import HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import tls_certificate
from allpoints.identity.certificate import Certificate
from allpoints.identity.keys import VerifyKey

VECTOR = Path(__file__).parents[1] / "vectors" / "tls" / "projection.json"


def made(name: str = "XBM", role: str = "bureau") -> tls_certificate.Projection:
    held = certificate(name, role) if role == "bureau" else post_certificate(name)
    return tls_certificate.project(held, keys(name)[0], NOW_MS)


def der(projection: tls_certificate.Projection) -> bytes:
    return projection.certificate.public_bytes(Encoding.DER)


def accepted(data: bytes, now_ms: int = NOW_MS) -> Certificate:
    """The certificate of the tree that a projection stands for."""
    said = tls_certificate.read(data)
    said.check(now_ms)
    return said.certificate


@pytest.mark.parametrize(("name", "role"), [("XBM", "bureau"), ("XBM/post-1", "post")])
def test_what_a_node_projects_stands_for_its_certificate_in_the_tree(name: str, role: str) -> None:
    projection = made(name, role)
    stands_for = accepted(der(projection))
    assert (stands_for.subject, stands_for.verify_key) == (name, keys(name)[0].public)
    assert projection.certificate.subject.rfc4514_string() == f"CN={name}"


def test_it_is_good_for_a_day_and_an_hour_before_it_was_made() -> None:
    data = der(made())
    last = tls_certificate.LIFE_MS - 1
    for good in (NOW_MS, NOW_MS - HOUR, NOW_MS + last - NOW_MS % 1000):
        accepted(data, good)
    for bad, code in ((NOW_MS - HOUR - 1000, "EARLY"), (NOW_MS + last + 1000, "EXPIRED")):
        with pytest.raises(Refusal) as refused:
            accepted(data, bad)
        assert refused.value.code == f"TLS-CERTIFICATE-{code}"


def test_two_projections_of_one_node_have_two_keys() -> None:
    one, other = made(), made()
    assert one.key.private_numbers() != other.key.private_numbers()
    assert one.certificate.serial_number != other.certificate.serial_number


def test_no_flipped_byte_is_accepted() -> None:
    data = der(made())
    accepted(data)
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 1 << place % 8
        with pytest.raises(Refusal):
            accepted(bytes(altered))


def test_a_thief_of_the_extension_cannot_put_it_beside_his_own_key() -> None:
    """The statement is public; it names the key that it is for, so beside another it says nothing."""
    true = made().certificate
    for key, name in ((ec.generate_private_key(ec.SECP256R1()), "XBM"), (made().key, "XBM")):
        with pytest.raises(Refusal, match="another TLS key"):
            accepted(forged(true, key, name))
    own = made()
    with pytest.raises(Refusal, match="another name"):
        accepted(forged(own.certificate, own.key, "XAV"))
    accepted(forged(own.certificate, own.key, "XBM"))


def test_dates_that_were_not_signed_are_refused() -> None:
    own = made()
    for later in (dt.timedelta(seconds=1), dt.timedelta(days=300)):
        with pytest.raises(Refusal, match="other dates"):
            accepted(forged(own.certificate, own.key, "XBM", later))


def test_a_statement_by_another_key_than_the_trees_is_refused() -> None:
    """XAV signs that a TLS key is XBM's."""
    with pytest.raises(Refusal) as refused:
        accepted(der(tls_certificate.project(certificate("XBM", "bureau"), keys("XAV")[0], NOW_MS)))
    assert refused.value.code == "BAD-SIGNATURE"


def test_certificates_of_the_web_and_other_bytes_are_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    plain = _builder(key, "XBM", NOW_MS).sign(key, SHA256()).public_bytes(Encoding.DER)
    for data in (b"", b"\x30\x00", bytes(100), plain, bytes(tls_certificate.PROJECTION_LIMIT_BYTES + 1)):
        with pytest.raises(Refusal) as refused:
            tls_certificate.read(data)
        assert refused.value.code == "TLS-CERTIFICATE-UNREADABLE"


@pytest.mark.vectors
def test_the_published_projection_is_what_the_page_says() -> None:
    vector = json.loads(VECTOR.read_text())
    data = bytes.fromhex(vector["x509"])
    found = x509.load_der_x509_certificate(data)
    (extension,) = found.extensions
    assert extension.oid.dotted_string == vector["extension"]
    body, signature = cbor2.loads(extension.value.public_bytes())
    version, tree, key_hash, begins, ends = cbor2.loads(body)
    assert (version, tree.hex()) == ("allpoints/tls/1", vector["certificate"])
    key = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(key).hexdigest()
    assert key_hash.hex() == digest == vector["key_sha256"]
    assert (begins, ends) == (vector["not_before_ms"], vector["not_after_ms"])
    VerifyKey.from_bytes(bytes.fromhex(vector["verify_key"])).verify_bytes(
        b"allpoints/tls/1", body, signature
    )
    assert accepted(data, vector["not_before_ms"]).subject == vector["subject"]
    for bad in vector["refused"]:
        with pytest.raises(Refusal):
            accepted(bytes.fromhex(bad["x509"]), bad["at_ms"])


def _builder(key: ec.EllipticCurvePrivateKey, name: str, now_ms: int) -> x509.CertificateBuilder:
    known = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = dt.datetime.fromtimestamp(now_ms // 1000, dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(known)
        .issuer_name(known)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=1))
    )


def forged(
    true: x509.Certificate, key: ec.EllipticCurvePrivateKey, name: str, later: dt.timedelta = dt.timedelta()
) -> bytes:
    """A certificate with the extension of a true one, beside a key and a name of the forger's choice."""
    known = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    (extension,) = true.extensions
    built = (
        x509.CertificateBuilder()
        .subject_name(known)
        .issuer_name(known)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(true.not_valid_before_utc)
        .not_valid_after(true.not_valid_after_utc + later)
        .add_extension(extension.value, critical=False)
    )
    return built.sign(key, SHA256()).public_bytes(Encoding.DER)
