"""One line of an audit log, and the leaf by which it stands in the log's tree.

    commitment = SHA-256(label || salt || MessagePack [officer, post, purpose, case, detail])
    leaf       = SHA-256(0x00 || MessagePack [1, at_ms, event, policy, commitment])

What is personal is hidden behind a salt of its own: once both are erased, the commitment says nothing about anybody,
and the leaf can still be computed. A line's number is its place in the tree and is not hashed.
"""

import hashlib
from typing import NamedTuple

import msgspec

from allpoints.ledger.merkle import leaf_hash

LINE_VERSION = 1
COMMITMENT_LABEL = b"allpoints/audit-line/1"
SALT_BYTES = 16

_encode = msgspec.msgpack.Encoder().encode
"""Arrays of texts, integers and bytes, each in MessagePack's shortest form: one value has one encoding."""


class Line(NamedTuple):
    """One line as it is kept; ``detail`` is JSON, ``policy`` the digest of the policies in force, ``leaf`` its hash.

    An erased line has no salt, and its commitment in place of what was personal.
    """

    number: int
    at_ms: int
    event: str
    policy: str
    officer: str
    post: str
    purpose: str
    case_ref: str
    detail: bytes
    salt: bytes | None
    commitment: bytes | None
    leaf: bytes

    @property
    def erased(self) -> bool:
        return self.salt is None

    def committed(self) -> bytes:
        """The commitment: computed from what is personal, or kept in its place."""
        if self.salt is None:
            return self.commitment or b""
        return commitment(self.salt, self.officer, self.post, self.purpose, self.case_ref, self.detail)

    def holds(self) -> bool:
        """Whether the line still gives the leaf that was written with it, and an erased one nothing else."""
        if self.salt is None:
            personal = (self.officer, self.post, self.purpose, self.case_ref, self.detail)
            if personal != ERASED or not _is_hash(self.commitment):
                return False
        elif self.commitment is not None or type(self.salt) is not bytes or len(self.salt) != SALT_BYTES:
            return False
        return self.leaf == leaf(self.at_ms, self.event, self.policy, self.committed())


ERASED = ("", "", "", "", b"{}")
"""What stands in an erased line for officer, post, purpose, case and detail."""


def commitment(salt: bytes, officer: str, post: str, purpose: str, case_ref: str, detail: bytes) -> bytes:
    """What stands for the personal part of a line: 32 bytes that say nothing to whoever lacks the salt."""
    personal = _encode((officer, post, purpose, case_ref, detail))
    return hashlib.sha256(COMMITMENT_LABEL + salt + personal).digest()


def leaf(at_ms: int, event: str, policy: str, committed: bytes) -> bytes:
    """The hash by which a line stands in the tree (RFC 6962 section 2.1)."""
    return leaf_hash(_encode((LINE_VERSION, at_ms, event, policy, committed)))


def _is_hash(value: object) -> bool:
    return type(value) is bytes and len(value) == hashlib.sha256().digest_size
