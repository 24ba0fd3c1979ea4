"""A country's certificate authority for tests: servers, officers' cards, and lists of what was revoked."""

import datetime as dt
import ipaddress
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
DAY = dt.timedelta(days=1)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Issued:
    """A certificate with its key."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self.key = key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(SHA256()).hex()

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Certificate and key as PEM files."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        paths = folder / f"{name}.pem", folder / f"{name}.key"
        paths[0].write_bytes(self.pem)
        paths[1].write_bytes(key)
        return paths


def name_of(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "XA"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Police of Arvandia"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


class CountryCa:
    """One authority, itself signed by ``above`` or by itself."""

    def __init__(self, common: str = "Cards of Arvandia", above: "CountryCa | None" = None) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name_of(common)
        issuer, signer = (above.name, above.key) if above is not None else (self.name, self.key)
        built = self._base(self.name, issuer, self.key.public_key(), now() - DAY, now() + 3_650 * DAY)
        built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        built = built.add_extension(_usage(signs=True), critical=True)
        built = built.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False
        )
        built = built.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        self.certificate = built.sign(signer, SHA256())

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def _base(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        key: ec.EllipticCurvePublicKey,
        begins: dt.datetime,
        ends: dt.datetime,
    ) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(begins).not_valid_after(ends)

    def issue(
        self,
        common: str,
        *,
        uses: Iterable[x509.ObjectIdentifier] = (CLIENT,),
        begins: dt.datetime | None = None,
        ends: dt.datetime | None = None,
        hosts: Iterable[str] = (),
        authority: bool = False,
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        built = self._base(
            name_of(common), self.name, key.public_key(), begins or now() - DAY, ends or now() + 90 * DAY
        )
        built = built.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        built = built.add_extension(_usage(signs=authority), critical=True)
        if listed := list(uses):
            built = built.add_extension(x509.ExtendedKeyUsage(listed), critical=False)
        built = built.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
        )
        if names := [_host(one) for one in hosts]:
            built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return Issued(built.sign(self.key, SHA256()), key)

    def revoked(
        self, *issued: Issued, next_update: dt.datetime | None = None, signer: "CountryCa | None" = None
    ) -> bytes:
        """A list of what was revoked, as PEM."""
        built = x509.CertificateRevocationListBuilder().issuer_name(self.name).last_update(now() - DAY)
        built = built.next_update(next_update or now() + DAY)
        for one in issued:
            entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
            built = built.add_revoked_certificate(entry.revocation_date(now() - DAY).build())
        return built.sign((signer or self).key, SHA256()).public_bytes(Encoding.PEM)


def _host(name: str) -> x509.GeneralName:
    if name.replace(".", "").isdigit():
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
