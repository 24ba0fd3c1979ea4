"""A content key for many members but some: wrapped under the fewest nodes of a key tree that cover exactly the allowed.

Complete-subtree cover (Naor, Naor and Lotspiech, "Revocation and Tracing Schemes for Stateless Receivers", CRYPTO 2001).
The tree has 256 slots. Its nodes are numbered as in a heap: 1 is the root, 2n and 2n + 1 are under n, and slot s is node
256 + s. Whoever sits in a slot holds the nine keys on the way from the root to it. A node is used only when every
slot under it is allowed, so whoever is not allowed holds no key that was used, alone or with others; a slot where
nobody sits is not allowed.

A wrap is found by a tag that only holders of its node's key can compute, another one in every entry, and wraps lie in the
order of their tags, filled up with random bytes to one of four numbers: a carrier learns neither which nodes were used
nor, but for that step, how many.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable
from itertools import pairwise

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from allpoints.ground.refusal import Refusal
from allpoints.sealing import cbor
from allpoints.sealing.fields import Fields

DEPTH = 8
SLOTS = 1 << DEPTH
SECRET_BYTES = 32
NODE_KEY_BYTES = 32
PATH_BYTES = (DEPTH + 1) * NODE_KEY_BYTES
EPOCH_BYTES = 16
CONTENT_KEY_BYTES = 32
TAG_BYTES = 8
WRAP_BYTES = TAG_BYTES + CONTENT_KEY_BYTES + 16
COUNTS = (16, 32, 64, 128)
"""How many wraps an entry may have; no cover of 256 slots needs more than 128 nodes."""

_LIMIT_BYTES = 32 + COUNTS[-1] * WRAP_BYTES
_NODE_LABEL = b"allpoints/audience-node/1"
_WRAP_LABEL = b"allpoints/audience-wrap/1"
_NONCE = bytes(12)

_read = Fields("AUDIENCE-UNREADABLE")


class Audience(msgspec.Struct, frozen=True):
    """What an entry carries for its readers: which of its author's epochs, and every wrap, tag first, joined."""

    epoch: bytes
    wraps: bytes

    def to_bytes(self) -> bytes:
        return cbor.encode([self.epoch, self.wraps])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Audience":
        """Read strictly: one of the four numbers of wraps, in the order of their tags, each tag once."""
        epoch, wraps = _read.array(cbor.decode(data, _LIMIT_BYTES), 2, "audience")
        _read.data(epoch, "audience.epoch", size=EPOCH_BYTES)
        _read.data(wraps, "audience.wraps", limit=_LIMIT_BYTES)
        if len(wraps) not in {count * WRAP_BYTES for count in COUNTS}:
            raise _read.refuse("audience.wraps", f"Here stand {', '.join(map(str, COUNTS))} wraps.")
        tags = [wraps[at : at + TAG_BYTES] for at in range(0, len(wraps), WRAP_BYTES)]
        if any(left >= right for left, right in pairwise(tags)):
            raise _read.refuse("audience.wraps", "The wraps are not in order, or a tag is there twice.")
        return cls(epoch, wraps)


def cover(slots: Iterable[int]) -> list[int]:
    """The fewest nodes under which are exactly these slots (0 to 255), in ascending order; none for no slots."""
    chosen: list[int] = []
    level = {SLOTS + slot for slot in slots}
    if any(not SLOTS <= node < 2 * SLOTS for node in level):
        raise ValueError(f"a slot is a number from 0 to {SLOTS - 1}")
    while level:
        # The root's neighbour would be 0, which is no node.
        chosen += (node for node in level if node ^ 1 not in level)
        level = {node >> 1 for node in level if node ^ 1 in level}
    return sorted(chosen)


def path(slot: int) -> list[int]:
    """The nine nodes from the root to a slot."""
    return [(SLOTS + slot) >> up for up in range(DEPTH, -1, -1)]


def node_key(secret: bytes, node: int) -> bytes:
    """The key of a node (1 to 511) of the tree that grows from an epoch's secret; nobody but the owner has the secret."""
    return hmac.digest(secret, _NODE_LABEL + node.to_bytes(2, "big"), "sha256")


def path_keys(secret: bytes, slot: int) -> bytes:
    """What whoever sits in a slot is given: nine keys, the root's first, joined."""
    return b"".join(node_key(secret, node) for node in path(slot))


def wrap(secret: bytes, epoch: bytes, slots: Iterable[int], content_key: bytes, context: bytes) -> Audience:
    """Wrap a content key for exactly these slots; the wraps open only with the same epoch and ``context``.

    ``context`` (an entry's header) must never be used for a second content key: each wrap has a fixed nonce.
    """
    wraps = {}
    for node in cover(slots):
        tag, key = _tag_and_key(node_key(secret, node), _bound(epoch, context))
        wraps[tag] = AESGCM(key).encrypt(_NONCE, content_key, None)
    count = next(count for count in COUNTS if len(wraps) <= count)
    while len(wraps) < count:
        wraps.setdefault(os.urandom(TAG_BYTES), os.urandom(WRAP_BYTES - TAG_BYTES))
    return Audience(epoch, b"".join(tag + wraps[tag] for tag in sorted(wraps)))


def unwrap(keys: bytes, audience: Audience, context: bytes) -> bytes | None:
    """The content key, for a holder of these path keys; None if nothing is wrapped for its slot.

    Raises Refusal CANNOT-OPEN when a wrap bears a tag of these keys and is no wrap of theirs: its author made it so.
    """
    bound = _bound(audience.epoch, context)
    for at in range(0, len(keys), NODE_KEY_BYTES):
        tag, key = _tag_and_key(keys[at : at + NODE_KEY_BYTES], bound)
        found = _find(audience.wraps, tag)
        if found is not None:
            return _open(key, found)
    return None


def _find(wraps: bytes, tag: bytes) -> bytes | None:
    place = wraps.find(tag)
    while place >= 0:
        if place % WRAP_BYTES == 0:
            return wraps[place + TAG_BYTES : place + WRAP_BYTES]
        place = wraps.find(tag, place + 1)
    return None


def _open(key: bytes, wrapped: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(_NONCE, wrapped, None)
    except InvalidTag as error:
        raise Refusal(
            "CANNOT-OPEN", "The wrap was altered, or its author made it wrong.", status=403
        ) from error


def _bound(epoch: bytes, context: bytes) -> bytes:
    return _WRAP_LABEL + epoch + hashlib.sha256(context).digest()


def _tag_and_key(key: bytes, bound: bytes) -> tuple[bytes, bytes]:
    # The key of each wrap serves once, so its nonce may be fixed; tag and key come from one call and tell nothing of
    # each other.
    derived = hmac.digest(key, bound, "sha512")
    return derived[:TAG_BYTES], derived[32:]
