"""The encrypted line between two nodes, without any socket: bytes in, bytes out.

    hello = [body, signature]   body = [version, certificate, responder, created, random,
                                        HPKE(secret to the responder's key), short-lived public key]
    reply = [body, signature]   body = [version, random, HPKE(second secret to the short-lived key)]

The responder's signature covers the whole hello. The keys come from both secrets and from both messages, so a hello
that is sent again leads to keys in which no old frame opens, and a line recorded today stays closed when a node's
reception key is taken later. The first frame that opens proves that the initiator is no replay. An end of a line is not
signed: what was not acknowledged in a frame counts as not arrived.
"""

import hashlib
import secrets
from collections.abc import Callable

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from allpoints.ground.carrier import FRAME_LIMIT_BYTES
from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.sealing import cbor
from allpoints.sealing.fields import Fields
from allpoints.sealing.parties import (
    SIGNATURE_BYTES,
    WRAP_OVERHEAD_BYTES,
    Opener,
    Reception,
    Signer,
    Verifier,
)
from allpoints.sealing.shortlived import SHORT_LIVED_BYTES, ShortLivedKey, seal_to_short_lived

SKEW_LIMIT_MS = 5 * MINUTE
"""How far two nodes' clocks may stand apart."""
HELLO_LIMIT_BYTES = 32 * 1024
REPLY_LIMIT_BYTES = 8 * 1024
CERTIFICATE_LIMIT_BYTES = 16 * 1024
FRAME_OVERHEAD_BYTES = 16
FRAMES_LIMIT = 2**32
BYTES_LIMIT = 2**38
"""After so much under one key a line is worn out, and the nodes make a new one."""

_VERSION = 1
_RANDOM_BYTES = 32
_SECRET_BYTES = 32
_HELLO_LABEL = b"allpoints/line/hello/1"
_REPLY_LABEL = b"allpoints/line/reply/1"
_SECRET_LABEL = b"allpoints/line/secret/1"
_SHORT_LIVED_LABEL = b"allpoints/line/short-lived/1"
_FORWARD = b"allpoints/line/1 initiator to responder"
_BACKWARD = b"allpoints/line/1 responder to initiator"

_read = Fields("LINE-UNREADABLE")


class Peer(msgspec.Struct, frozen=True):
    """The other side of a line, as the directory knows it."""

    name: str
    verify_key: Verifier


class Line:
    """A line after both sides have shown who they are; frames open once each, in the order they were sealed."""

    def __init__(self, peer: str, sending: bytes, receiving: bytes) -> None:
        self.peer = peer
        self._sending = _Direction(sending)
        self._receiving = _Direction(receiving)
        self._broken = False

    @property
    def proven(self) -> bool:
        """Whether the other side has sent a frame that opened."""
        return self._receiving.frames > 0

    def seal(self, frame: bytes) -> bytes:
        """The next frame, sealed; refuses one that is too large (``FRAME-TOO-LARGE``)."""
        if len(frame) > FRAME_LIMIT_BYTES:
            raise _too_large(len(frame))
        if self._broken:
            raise _broken()
        nonce = self._sending.next(len(frame))
        return self._sending.cipher.encrypt(nonce, frame, None)

    def open(self, sealed: bytes) -> bytes:
        """The next frame, opened; after one that does not open nothing more does (``LINE-BROKEN``)."""
        if len(sealed) > FRAME_LIMIT_BYTES + FRAME_OVERHEAD_BYTES:
            self._broken = True
            raise _too_large(len(sealed) - FRAME_OVERHEAD_BYTES)
        if self._broken:
            raise _broken()
        try:
            frame = self._receiving.cipher.decrypt(self._receiving.nonce(), sealed, None)
        except InvalidTag as error:
            self._broken = True
            raise _broken() from error
        self._receiving.next(len(frame))
        return frame


class _Direction:
    def __init__(self, key: bytes) -> None:
        self.cipher = AESGCM(key)
        self.frames = 0
        self._bytes = 0

    def nonce(self) -> bytes:
        return self.frames.to_bytes(12, "big")

    def next(self, size: int) -> bytes:
        nonce = self.nonce()
        if self.frames >= FRAMES_LIMIT or self._bytes + size > BYTES_LIMIT:
            raise Refusal("LINE-WORN-OUT", "This line has carried enough; make a new one.", status=503)
        self.frames += 1
        self._bytes += size
        return nonce


class Initiator:
    """The side that calls: ``hello`` once, then ``finish`` with the answer."""

    def __init__(self, certificate: bytes, key: Signer, responder: Peer, reception: Reception) -> None:
        self._certificate = certificate
        self._key = key
        self._responder = responder
        self._reception = reception
        self._secret = secrets.token_bytes(_SECRET_BYTES)
        self._short_lived: ShortLivedKey | None = ShortLivedKey()
        self._hello = b""

    def hello(self, now_ms: int) -> bytes:
        """The first message of a line."""
        if self._hello or self._short_lived is None:
            raise Refusal("LINE-ORDER", "This side has said hello already.", status=409)
        head = [
            _VERSION,
            self._certificate,
            self._responder.name,
            now_ms,
            secrets.token_bytes(_RANDOM_BYTES),
            self._short_lived.public,
        ]
        body = cbor.encode([*head, self._reception.seal(self._secret, _secret_info(head))])
        self._hello = cbor.encode([body, self._key.sign(_HELLO_LABEL, body).to_bytes()])
        return self._hello

    def finish(self, reply: bytes) -> Line:
        """The line, once the reply is found to come from the responder and to answer this hello."""
        short_lived, self._short_lived = self._short_lived, None
        if not self._hello or short_lived is None:
            raise Refusal("LINE-ORDER", "There is no hello that this could answer.", status=409)
        body, signature = _pair(reply, REPLY_LIMIT_BYTES, "reply")
        self._responder.verify_key.verify_bytes(_REPLY_LABEL, _sha256(self._hello) + body, signature)
        version, random, sealed = _read.array(cbor.decode(body, REPLY_LIMIT_BYTES), 3, "reply")
        _check_version(version)
        _read.data(random, "reply.random", size=_RANDOM_BYTES)
        second = short_lived.open(
            _read.data(sealed, "reply.sealed", size=_SECRET_BYTES + WRAP_OVERHEAD_BYTES),
            _short_lived_info(self._hello, random),
        )
        forward, backward = _keys(self._secret + second, self._hello, body)
        return Line(self._responder.name, forward, backward)


class Answered(msgspec.Struct, frozen=True):
    """The responder's answer to a hello and the line it leads to."""

    reply: bytes
    line: Line
    peer: Peer


class Responder:
    """The side that is called. ``admit`` turns a certificate and a time into a peer, or refuses."""

    def __init__(self, me: str, key: Signer, reception: Opener, admit: Callable[[bytes, int], Peer]) -> None:
        self._me = me
        self._key = key
        self._reception = reception
        self._admit = admit

    def answer(self, hello: bytes, now_ms: int) -> Answered:
        """Check who calls, that this node is meant, and that it is now; then answer."""
        body, signature = _pair(hello, HELLO_LIMIT_BYTES, "hello")
        fields = _read.array(cbor.decode(body, HELLO_LIMIT_BYTES), 7, "hello")
        head, sealed = fields[:6], fields[6]
        certificate, short_lived = self._check_head(head, now_ms)
        _read.data(sealed, "hello.sealed", size=_SECRET_BYTES + WRAP_OVERHEAD_BYTES)
        peer = self._admit(certificate, now_ms)
        peer.verify_key.verify_bytes(_HELLO_LABEL, body, signature)
        secret = self._reception.open(sealed, _secret_info(head))
        _read.data(secret, "hello.secret", size=_SECRET_BYTES)
        second = secrets.token_bytes(_SECRET_BYTES)
        random = secrets.token_bytes(_RANDOM_BYTES)
        sealed_second = seal_to_short_lived(short_lived, second, _short_lived_info(hello, random))
        reply_body = cbor.encode([_VERSION, random, sealed_second])
        reply_signature = self._key.sign(_REPLY_LABEL, _sha256(hello) + reply_body).to_bytes()
        forward, backward = _keys(secret + second, hello, reply_body)
        return Answered(cbor.encode([reply_body, reply_signature]), Line(peer.name, backward, forward), peer)

    def _check_head(self, head: list[object], now_ms: int) -> tuple[bytes, bytes]:
        version, certificate, responder, created, random, short_lived = head
        _check_version(version)
        if _read.text(responder, "hello.responder") != self._me:
            raise Refusal(
                "WRONG-PEER", f"This hello is not for {self._me}.", path="hello.responder", status=403
            )
        if abs(now_ms - _read.number(created, "hello.created")) > SKEW_LIMIT_MS:
            raise Refusal(
                "CLOCK-SKEW",
                f"The two clocks stand more than {SKEW_LIMIT_MS // MINUTE} minutes apart, or this hello is old.",
                path="hello.created",
                hint="Set the clocks of both machines.",
                status=403,
            )
        _read.data(random, "hello.random", size=_RANDOM_BYTES)
        return (
            _read.data(certificate, "hello.certificate", limit=CERTIFICATE_LIMIT_BYTES),
            _read.data(short_lived, "hello.short_lived", size=SHORT_LIVED_BYTES),
        )


def _pair(data: bytes, limit: int, path: str) -> tuple[bytes, bytes]:
    body, signature = _read.array(cbor.decode(data, limit), 2, path)
    return _read.data(body, f"{path}[0]"), _read.data(signature, f"{path}[1]", size=SIGNATURE_BYTES)


def _check_version(version: object) -> None:
    if _read.number(version, "version") != _VERSION:
        raise _read.refuse("version", "This version of the line is not known.")


def _secret_info(head: list[object]) -> bytes:
    return _SECRET_LABEL + _sha256(cbor.encode(head))


def _short_lived_info(hello: bytes, random: bytes) -> bytes:
    return _SHORT_LIVED_LABEL + _sha256(hello) + random


def _keys(secret: bytes, hello: bytes, reply_body: bytes) -> tuple[bytes, bytes]:
    salt = _sha256(hello + reply_body)
    forward = HKDF(SHA256(), length=32, salt=salt, info=_FORWARD).derive(secret)
    return forward, HKDF(SHA256(), length=32, salt=salt, info=_BACKWARD).derive(secret)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _too_large(size: int) -> Refusal:
    return Refusal(
        "FRAME-TOO-LARGE", f"A frame has at most {FRAME_LIMIT_BYTES} bytes, not {size}.", status=413
    )


def _broken() -> Refusal:
    return Refusal(
        "LINE-BROKEN",
        "A frame was altered, lost, doubled or overtaken; nothing more opens on this line.",
        hint="The nodes make a new line by themselves.",
        status=403,
    )
