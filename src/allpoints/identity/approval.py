"""Approvals: the word of one holder of the root that one thing, by its exact bytes, may be done."""

import hashlib
from collections.abc import Sequence
from typing import Self

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.holder_key import HOLDER_ID_BYTES, HolderKey
from allpoints.identity.root import HASH_BYTES, HOLDERS_LIMIT, Root

APPROVAL_LIMIT_BYTES = 8 * 1024
ADMISSION = "admission"
MEASURE = "measure"
RESTORATION = "restoration"
REVOCATION = "revocation"
RECOVERY = "recovery"
ACTS = (ADMISSION, MEASURE, RESTORATION, REVOCATION, RECOVERY)
"""What holders are asked to approve."""
EXPIRY_LIMIT_MS = 2**53

_APPROVAL = "allpoints/approval/1"
_LABEL = _APPROVAL.encode()
_BODY = (str, str, int, bytes, str, bytes, int, bytes)


class Approval(msgspec.Struct, frozen=True):
    """A holder's word: ``subject`` is the SHA-256 of what is approved, ``root`` the hash of the root it is given under."""

    network: str
    version: int
    root: bytes
    act: str
    subject: bytes
    expires_ms: int
    holder: bytes
    body: bytes
    signature: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read an approval strictly; whether it counts is for ``check_approvals``."""
        body, signature = row.decode(data, (bytes, bytes), what="approval", limit=APPROVAL_LIMIT_BYTES)
        form, network, version, root, act, about, expires_ms, holder = row.decode(
            body, _BODY, what="approval", limit=APPROVAL_LIMIT_BYTES
        )
        approval = cls(network, version, root, act, about, expires_ms, holder, body, signature)
        sizes = (len(approval.root), len(approval.subject), len(approval.holder))
        if (
            form != _APPROVAL
            or approval.act not in ACTS
            or sizes != (HASH_BYTES, HASH_BYTES, HOLDER_ID_BYTES)
            or not 0 < approval.expires_ms < EXPIRY_LIMIT_MS
        ):
            raise Refusal("APPROVAL-UNREADABLE", "This is no approval that this program knows.", status=400)
        return approval

    def to_bytes(self) -> bytes:
        return row.encode(self.body, self.signature)


def approve(root: Root, key: HolderKey, act: str, subject: bytes, expires_ms: int) -> Approval:
    """Give a holder's word under ``root`` for the bytes ``subject``, until ``expires_ms``; refuses who holds nothing."""
    if root.holder(key.public.id) is None:
        raise Refusal("APPROVAL-HOLDER", "This key is no holder's of this root.", path="key", status=403)
    body = row.encode(
        _APPROVAL, root.network, root.version, root.hash, act, _hash(subject), expires_ms, key.public.id
    )
    return Approval.from_bytes(row.encode(body, key.sign(_LABEL, body)))


def check_approvals(root: Root, given: Sequence[bytes], act: str, subject: bytes, at_ms: int) -> None:
    """Refuse what not enough holders of ``root`` approved; a false approval among good ones refuses them all.

    Raises Refusal APPROVALS-MISSING when all hold and are too few; a holder counts once.
    """
    if len(given) > HOLDERS_LIMIT:
        raise Refusal("APPROVALS-TOO-MANY", f"At most {HOLDERS_LIMIT} approvals are taken.", status=413)
    holders = {_checked(root, data, act, subject, at_ms) for data in given}
    if len(holders) < root.threshold:
        raise Refusal(
            "APPROVALS-MISSING",
            f"{len(holders)} holders of the root approved this; it takes {root.threshold} of {len(root.holders)}.",
            path="approvals",
            status=403,
        )


def _checked(root: Root, data: bytes, act: str, subject: bytes, at_ms: int) -> bytes:
    approval = Approval.from_bytes(data)
    holder = root.holder(approval.holder)
    under = (approval.network, approval.version, approval.root)
    if holder is None or under != (root.network, root.version, root.hash):
        raise Refusal(
            "APPROVAL-HOLDER",
            f"This approval was not given under version {root.version} of the root of {root.network}.",
            path="approvals",
            status=403,
        )
    if (approval.act, approval.subject) != (act, _hash(subject)):
        raise Refusal("APPROVAL-OTHER", "This approval is for something else.", path="approvals", status=403)
    if at_ms >= approval.expires_ms:
        raise Refusal(
            "APPROVAL-EXPIRED",
            f"The approval of {holder.name} has ended.",
            path="approvals",
            hint="Ask the holder for a new one.",
            status=403,
        )
    holder.key.verify(_LABEL, approval.body, approval.signature)
    return approval.holder


def _hash(subject: bytes) -> bytes:
    return hashlib.sha256(subject).digest()
