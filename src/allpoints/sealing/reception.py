"""The reception keys of one day: what a node publishes so that others seal to keys that will be gone.

    bundle  = [body, signature]
    body    = [version, node, from, kept until, daily key, [SHA-256 of each one-time key, in the order given out]]

The node signs with its certificate's key. One-time keys travel beside the bundle, each to one sender; the hashes prove
that they are the node's. ``from`` is also the bundle's number: a later bundle has a higher one.
"""

import hashlib

import msgspec

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.sealing import cbor
from allpoints.sealing.fields import Fields
from allpoints.sealing.header import HASH_BYTES
from allpoints.sealing.parties import SIGNATURE_BYTES, Signer, Verifier
from allpoints.sealing.shortlived import SHORT_LIVED_BYTES

RECEPTION_KEY_BYTES = SHORT_LIVED_BYTES
"""An ML-KEM-768 and an X25519 public key, one after the other."""
KEPT_MS = 35 * DAY
"""How long the private halves of a bundle are kept at most; nothing sealed to them opens after that."""
LEAST_LIFE_MS = DAY
"""A key that ends sooner is not sealed to any more: the message could hardly arrive."""
SKEW_LIMIT_MS = HOUR
"""How far ahead of the reader's clock a bundle may begin."""
ONE_TIME_LIMIT = 256
BUNDLE_LIMIT_BYTES = 16 * 1024

_VERSION = 1
_LABEL = b"allpoints/reception/1"

_read = Fields("BUNDLE-UNREADABLE")


class Bundle(msgspec.Struct, frozen=True):
    """What a node says of its keys; ``one_time`` are the hashes of the keys that are good for one message each."""

    node: str
    from_ms: int
    kept_ms: int
    daily: bytes
    one_time: tuple[bytes, ...]


def sign_bundle(bundle: Bundle, key: Signer) -> bytes:
    """The bundle as it travels."""
    body = cbor.encode(
        [_VERSION, bundle.node, bundle.from_ms, bundle.kept_ms, bundle.daily, list(bundle.one_time)]
    )
    _bundle(body)
    return cbor.encode([body, key.sign(_LABEL, body).to_bytes()])


def read_bundle(data: bytes) -> Bundle:
    """What a bundle says, to find the key of the node that it names; nothing is proven yet."""
    return _bundle(_parts(data)[0])


def check_bundle(data: bytes, node: str, key: Verifier, now_ms: int) -> Bundle:
    """A bundle that ``node`` signed and that is of use at ``now_ms``.

    Refuses: unreadable, of another node, not signed by ``key``, ended (``BUNDLE-ENDED``), from the future
    (``BUNDLE-FROM-FUTURE``).
    """
    body, signature = _parts(data)
    bundle = _bundle(body)
    if bundle.node != node:
        raise Refusal("BUNDLE-FOREIGN", f"These are the keys of {bundle.node}, not of {node}.", status=403)
    key.verify_bytes(_LABEL, body, signature)
    if bundle.from_ms > now_ms + SKEW_LIMIT_MS:
        raise Refusal(
            "BUNDLE-FROM-FUTURE",
            f"These keys of {node} are for later than this machine's clock says it is.",
            hint="Check the clock of this machine.",
            status=403,
        )
    if now_ms >= bundle.kept_ms:
        raise Refusal("BUNDLE-ENDED", f"These keys of {node} are gone.", status=403)
    return bundle


def check_successor(known: Bundle, known_bytes: bytes, new: Bundle, new_bytes: bytes) -> None:
    """Refuse keys older than those that are known (``BUNDLE-ROLLBACK``), and others of the same moment."""
    if new.from_ms < known.from_ms:
        raise Refusal("BUNDLE-ROLLBACK", f"Newer keys of {new.node} are known already.", status=403)
    if new.from_ms == known.from_ms and new_bytes != known_bytes:
        raise Refusal("BUNDLE-FORKED", f"{new.node} signed two bundles of keys for one moment.", status=403)


def hash_of(one_time_key: bytes) -> bytes:
    """By which a bundle names a one-time key."""
    return hashlib.sha256(one_time_key).digest()


def check_one_time(bundle: Bundle, key: bytes) -> None:
    """Refuse (``ONE-TIME-KEY-FOREIGN``) a one-time key that is not of this bundle."""
    if len(key) != RECEPTION_KEY_BYTES or hash_of(key) not in bundle.one_time:
        raise Refusal("ONE-TIME-KEY-FOREIGN", f"This is no one-time key of {bundle.node}.", status=403)


def _parts(data: bytes) -> tuple[bytes, bytes]:
    body, signature = _read.array(cbor.decode(data, BUNDLE_LIMIT_BYTES), 2, "bundle")
    return _read.data(body, "bundle[0]"), _read.data(signature, "bundle[1]", size=SIGNATURE_BYTES)


def _bundle(body: bytes) -> Bundle:
    fields = cbor.decode(body, BUNDLE_LIMIT_BYTES)
    if type(fields) is list and fields and fields[0] != _VERSION:
        raise Refusal(
            "UNKNOWN-VERSION",
            f"These keys are published in a form that this node does not know; it knows version {_VERSION}.",
            path="bundle.version",
            status=400,
        )
    _, node, from_ms, kept_ms, daily, one_time = _read.array(fields, 6, "bundle")
    begins, ends = _read.number(from_ms, "bundle.from"), _read.number(kept_ms, "bundle.kept")
    if not 0 < ends - begins <= KEPT_MS:
        raise _read.refuse("bundle.kept", f"Reception keys are kept at most {KEPT_MS // DAY} days.")
    if type(one_time) is not list or len(one_time) > ONE_TIME_LIMIT:
        raise _read.refuse("bundle.one_time", f"Here stands a list of at most {ONE_TIME_LIMIT}.")
    hashes = tuple(
        _read.data(one, f"bundle.one_time[{index}]", size=HASH_BYTES) for index, one in enumerate(one_time)
    )
    if len(set(hashes)) != len(hashes):
        raise _read.refuse("bundle.one_time", "A one-time key stands here twice.")
    return Bundle(
        _read.text(node, "bundle.node"),
        begins,
        ends,
        _read.data(daily, "bundle.daily", size=RECEPTION_KEY_BYTES),
        hashes,
    )
