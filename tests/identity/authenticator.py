"""A security key in software, to prove with and to lie with: it answers as CTAP2 keys and browsers do."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

MODEL = bytes.fromhex("d8522d9f575b486688a9ba99fa02f35b")
ES256, EDDSA, ES384 = -7, -8, -35
UP, UV, AT = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One passkey. ``site`` and ``origin`` are what the browser was at; the rest can be made to lie."""

    def __init__(
        self, site: str = "node.example", origin: str = "https://node.example", algorithm: int = ES256
    ) -> None:
        self.site, self.origin, self.algorithm = site, origin, algorithm
        self.id = secrets.token_bytes(32)
        self.handle = b""
        self.count = 0
        self.flags = UP | UV
        self.more: dict[str, Any] = {}
        self.maker: tuple[ec.EllipticCurvePrivateKey, Certificate] | None = None
        self._p256 = ec.generate_private_key(ec.SECP256R1())
        self._p384 = ec.generate_private_key(ec.SECP384R1())
        self._ed25519 = ed25519.Ed25519PrivateKey.generate()

    def sign(self, data: bytes) -> bytes:
        if self.algorithm == EDDSA:
            return self._ed25519.sign(data)
        key = self._p256 if self.algorithm == ES256 else self._p384
        return key.sign(data, ec.ECDSA(SHA256()))

    def public_key(self) -> bytes:
        """The public half as COSE has it (RFC 9053)."""
        if self.algorithm == EDDSA:
            raw = self._ed25519.public_key().public_bytes_raw()
            return cbor2.dumps({1: 1, 3: EDDSA, -1: 6, -2: raw})
        p256 = self.algorithm == ES256
        numbers = (self._p256 if p256 else self._p384).public_key().public_numbers()
        size = 32 if p256 else 48
        x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
        return cbor2.dumps({1: 2, 3: self.algorithm, -1: 1 if p256 else 2, -2: x, -3: y})

    def _said(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps({**said, **self.more}).encode()

    def _data(self, flags: int, attested: bytes = b"") -> bytes:
        start = hashlib.sha256(self.site.encode()).digest()
        return start + bytes((flags,)) + self.count.to_bytes(4, "big") + attested

    def make(self, options: dict[str, Any]) -> str:
        """Answer ``navigator.credentials.create``."""
        self.handle = unb64(options["user"]["id"])
        said = self._said("webauthn.create", options["challenge"])
        attested = MODEL + len(self.id).to_bytes(2, "big") + self.id + self.public_key()
        data = self._data(self.flags | AT, attested)
        statement: dict[str, Any] = {}
        if self.maker is not None:
            key, certificate = self.maker
            signature = key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
            statement = {"alg": ES256, "sig": signature, "x5c": [certificate.public_bytes(Encoding.DER)]}
        form = {"fmt": "packed" if statement else "none", "attStmt": statement, "authData": data}
        return self._answer({"clientDataJSON": b64(said), "attestationObject": b64(cbor2.dumps(form))})

    def vouch_for_itself(self, options: dict[str, Any]) -> str:
        """Answer with packed self attestation: no maker, but a signature over all of it."""
        said = self._said("webauthn.create", options["challenge"])
        attested = MODEL + len(self.id).to_bytes(2, "big") + self.id + self.public_key()
        data = self._data(self.flags | AT, attested)
        signature = self.sign(data + hashlib.sha256(said).digest())
        form = {"fmt": "packed", "attStmt": {"alg": self.algorithm, "sig": signature}, "authData": data}
        return self._answer({"clientDataJSON": b64(said), "attestationObject": b64(cbor2.dumps(form))})

    def answer(self, options: dict[str, Any]) -> str:
        """Answer ``navigator.credentials.get``."""
        self.count += 1
        said = self._said("webauthn.get", options["challenge"])
        data = self._data(self.flags)
        return self._answer(
            {
                "clientDataJSON": b64(said),
                "authenticatorData": b64(data),
                "signature": b64(self.sign(data + hashlib.sha256(said).digest())),
                "userHandle": b64(self.handle),
            }
        )

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps(
            {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
        )
