"""Receipts: what became of an envelope, said and signed by the service that says it."""

import msgspec

from allpoints.sealing import cbor
from allpoints.sealing.fields import Fields
from allpoints.sealing.header import HASH_BYTES
from allpoints.sealing.parties import SIGNATURE_BYTES, Signer, Verifier

RELAYED = "relayed"
"""The relay holds it: a convenience, since the sender keeps its copy."""
DELIVERED = "delivered"
"""The recipient's service opened it and has it on its disk."""
READ = "read"
"""An officer in ``role`` read it or acted on it."""
UNOPENED = "unopened"
"""The recipient's service has it and cannot open it."""
KINDS = (RELAYED, DELIVERED, READ, UNOPENED)

KEY_UNKNOWN, KEY_USED, ALTERED = "key-unknown", "key-used", "altered"
EXPIRED, KIND, UNREADABLE = "expired", "kind", "unreadable"
REASONS = (KEY_UNKNOWN, KEY_USED, ALTERED, EXPIRED, KIND, UNREADABLE)
"""Why an envelope was not opened: its key is gone or was never here, was used before, the bytes are not as they were
sealed, it came too late, this node knows no such kind of message, or its content is none of that kind."""
MENDED_BY_SEALING_AGAIN = frozenset({KEY_UNKNOWN, KEY_USED, ALTERED})

RECEIPT_LIMIT_BYTES = 4 * 1024
_VERSION = 1
_LABEL = b"allpoints/receipt/1"

_fields = Fields("RECEIPT-UNREADABLE")


class Receipt(msgspec.Struct, frozen=True):
    """One statement about one envelope; ``by`` is the service (a node's name), ``role`` the officer's or empty.

    ``reason`` says in one word of ``REASONS`` why an envelope could not be opened, and is empty otherwise.
    """

    kind: str
    envelope_hash: bytes
    by: str
    role: str
    at_ms: int
    reason: str = ""


def sign_receipt(receipt: Receipt, key: Signer) -> bytes:
    """The receipt as it travels, signed by the service it names."""
    body = cbor.encode(
        [
            _VERSION,
            receipt.kind,
            receipt.envelope_hash,
            receipt.by,
            receipt.role,
            receipt.at_ms,
            receipt.reason,
        ]
    )
    _receipt(body)
    return cbor.encode([body, key.sign(_LABEL, body).to_bytes()])


def read_receipt(data: bytes) -> Receipt:
    """What a receipt says, to find the key of the service it names; nothing is proven yet."""
    return _receipt(_parts(data)[0])


def check_receipt(data: bytes, key: Verifier) -> Receipt:
    """What a receipt says, once ``key`` is found to have signed it."""
    body, signature = _parts(data)
    receipt = _receipt(body)
    key.verify_bytes(_LABEL, body, signature)
    return receipt


def _parts(data: bytes) -> tuple[bytes, bytes]:
    body, signature = _fields.array(cbor.decode(data, RECEIPT_LIMIT_BYTES), 2, "receipt")
    return _fields.data(body, "receipt[0]"), _fields.data(signature, "receipt[1]", size=SIGNATURE_BYTES)


def _receipt(body: bytes) -> Receipt:
    version, kind, envelope_hash, by, role, at_ms, reason = _fields.array(
        cbor.decode(body, RECEIPT_LIMIT_BYTES), 7, "receipt"
    )
    if _fields.number(version, "version") != _VERSION:
        raise _fields.refuse("version", "This version of receipt is not known.")
    if kind not in KINDS:
        raise _fields.refuse("kind", f"A receipt is one of {', '.join(KINDS)}.")
    if (kind == UNOPENED) != (reason in REASONS) or (kind != UNOPENED and reason != ""):
        raise _fields.refuse("reason", "A receipt says why exactly if the envelope was not opened.")
    return Receipt(
        kind=kind,
        envelope_hash=_fields.data(envelope_hash, "envelope_hash", size=HASH_BYTES),
        by=_fields.text(by, "by"),
        role=_fields.text(role, "role", empty=True),
        at_ms=_fields.number(at_ms, "at_ms"),
        reason=reason,
    )
