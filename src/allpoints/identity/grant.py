"""Grants: the signed word of a node that an officer is signed in there, in which roles, until when.

A grant travels with what the officer asks of another node. A bureau signs with its own key, a post with the key that
its bureau certified; so a post can name its officers and nothing more: it certifies none of them for any register.
"""

import hashlib
import secrets
from collections.abc import Collection
from typing import Self

import msgspec

from allpoints.ground.clock import HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.keys import Signature, SigningKey, VerifyKey
from allpoints.identity.officers import NAME_LIMIT_CHARACTERS, ROLES, Asker

GRANT_LIMIT_BYTES = 8 * 1024
TERM_LIMIT_MS = 8 * HOUR
SERIAL_BYTES = 16
BINDING_BYTES = 16

_VERSION = "allpoints/grant/1"
_LABEL = _VERSION.encode()
_BODY = (str, bytes, str, str, str, str, str, bytes, int, int)


class Grant(msgspec.Struct, frozen=True):
    """What one officer may do, said by ``node``; roles, registers and purposes in order, each once.

    ``binding`` is half the SHA-256 of the session's hash: it shows that two grants are of one session and opens nothing.
    ``body`` is what was signed and ``signature`` what signed it, kept as they came.
    """

    serial: bytes
    node: str
    officer: str
    roles: tuple[str, ...]
    registers: tuple[str, ...]
    purposes: tuple[str, ...]
    binding: bytes
    issued_ms: int
    ends_ms: int
    body: bytes
    signature: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a grant strictly; its signature is not checked here."""
        body, signature = row.decode(data, (bytes, bytes), what="grant", limit=GRANT_LIMIT_BYTES)
        fields = row.decode(body, _BODY, what="grant", limit=GRANT_LIMIT_BYTES)
        version, serial, node, officer, roles, registers, purposes, binding, issued_ms, ends_ms = fields
        if version != _VERSION:
            raise Refusal("GRANT-UNREADABLE", "This version of grant is not known.", path="[0]", status=400)
        Signature.from_bytes(signature)
        grant = cls(
            serial,
            node,
            officer,
            _listed(roles),
            _listed(registers),
            _listed(purposes),
            binding,
            issued_ms,
            ends_ms,
            body,
            signature,
        )
        grant._check_shape()
        return grant

    def to_bytes(self) -> bytes:
        return row.encode(self.body, self.signature)

    def good_at(self, at_ms: int) -> bool:
        return self.issued_ms <= at_ms < self.ends_ms

    def _check_shape(self) -> None:
        term_ms = self.ends_ms - self.issued_ms
        sized = len(self.serial) == SERIAL_BYTES and len(self.binding) == BINDING_BYTES
        named = 0 < len(self.officer) <= NAME_LIMIT_CHARACTERS
        if not (sized and named and self.roles and set(self.roles) <= set(ROLES)):
            raise Refusal("BAD-GRANT", "This grant names no officer with known roles.", path="roles")
        if not 0 < term_ms <= TERM_LIMIT_MS:
            raise Refusal("BAD-GRANT", "A grant is good for at most eight hours.", path="ends_ms")


class Standing(msgspec.Struct, frozen=True):
    """By what right something is asked: a grant, the purpose and the case."""

    grant: bytes
    purpose: str
    case: str


def issue(node: str, key: SigningKey, asker: Asker, purposes: Collection[str], now_ms: int) -> Grant:
    """Sign a grant for an officer who is signed in at ``node``, good for eight hours."""
    body = row.encode(
        _VERSION,
        secrets.token_bytes(SERIAL_BYTES),
        node,
        asker.officer,
        _words(asker.roles),
        _words(asker.certified),
        _words(purposes),
        hashlib.sha256(asker.binding).digest()[:BINDING_BYTES],
        now_ms,
        now_ms + TERM_LIMIT_MS,
    )
    return Grant.from_bytes(row.encode(body, key.sign(_LABEL, body).to_bytes()))


def check_signature(grant: Grant, node: str, key: VerifyKey) -> None:
    """Refuse a grant that ``node`` did not sign with ``key``."""
    if grant.node != node:
        raise Refusal("GRANT-OTHER", "This grant is of another node.", path="node", status=403)
    key.verify_bytes(_LABEL, grant.body, grant.signature)


def check_use(grant: Grant, purpose: str, at_ms: int) -> None:
    """Refuse a grant that is not good at ``at_ms``, or not for this purpose."""
    if not grant.good_at(at_ms):
        raise Refusal(
            "GRANT-ENDED",
            "The officer's grant was not good at that moment.",
            hint="Sign in again, and compare the clocks of the two machines.",
            status=403,
        )
    if purpose and purpose not in grant.purposes:
        raise Refusal(
            "GRANT-PURPOSE", "The officer's grant is not for this purpose.", path="purpose", status=403
        )


def _words(words: Collection[str]) -> str:
    return " ".join(sorted(words))


def _listed(text: str) -> tuple[str, ...]:
    """The words of a list as it is signed: one form only."""
    words = tuple(text.split(" ")) if text else ()
    if "" in words or list(words) != sorted(set(words)):
        raise Refusal("GRANT-UNREADABLE", "A list of the grant is not in its one form.", status=400)
    return words
