"""Sealed messages: signed inside, encrypted outside, for one or a few recipients.

    envelope = [ header, wraps, sealed ]
    wraps    = per recipient, sorted: [name, HPKE(content key)], bound to the header and the name
    sealed   = AES-256-GCM(padded [inner, signature]), bound to the header and to SHA-256(wraps)
    inner    = [SHA-256(header), type, handling, purpose, reply-to hash, body, first]

The inner part repeats the header's hash, so no recipient can re-address a signed text; the wraps are bound, so no
carrier can cut one recipient off while the others see a sound message. ``first`` is empty, or names the message whose
words are sealed here again, so that whoever opens both takes them once.
"""

import hashlib
import secrets
from collections.abc import Mapping

import msgspec

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.sealing import cbor, padding, wrapping
from allpoints.sealing.fields import Fields
from allpoints.sealing.header import HASH_BYTES, ID_BYTES, RECIPIENTS_LIMIT, Header, Place, read_header
from allpoints.sealing.parties import SIGNATURE_BYTES, Opener, Reception, Signer, Verifier

BODY_LIMIT_BYTES = 4 * 1024 * 1024
ENVELOPE_LIMIT_BYTES = 5 * 1024 * 1024
"""The largest body, its padding, and a wrap for each of the most recipients fit into this."""
SKEW_LIMIT_MS = 10 * MINUTE
"""How far ahead of the reader's clock a message may have been written."""

_LABEL = b"allpoints/envelope/1"
_INNER_LIMIT_BYTES = BODY_LIMIT_BYTES + 1024

_read = Fields("ENVELOPE-UNREADABLE")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A message before it is sealed. ``reply_to`` is the hash of the envelope it answers, or empty.

    ``first`` names the message of which this is another sealing, or is empty.
    """

    type: str
    handling: str
    purpose: str
    body: bytes
    created_ms: int
    expires_ms: int
    priority: int = 1
    reply_to: bytes = b""
    first: bytes = b""
    places: Mapping[str, Place] = {}


class Opened(msgspec.Struct, frozen=True):
    """A message as its recipient reads it: signed by the sender in the header, for the recipients in the header."""

    header: Header
    type: str
    handling: str
    purpose: str
    reply_to: bytes
    body: bytes
    envelope_hash: bytes
    first: bytes = b""

    @property
    def message(self) -> bytes:
        """The same for every sealing of these words by this sender."""
        return self.first or self.envelope_hash


class _Parts(msgspec.Struct, frozen=True):
    header: Header
    header_bytes: bytes
    wraps: list[tuple[str, bytes]]
    sealed: bytes

    @property
    def context(self) -> bytes:
        return _LABEL + self.header_bytes


def envelope_hash(data: bytes) -> bytes:
    """SHA-256 of an envelope, by which receipts, replies and the next one in a pair name it."""
    return hashlib.sha256(data).digest()


def seal(draft: Draft, sender: str, key: Signer, recipients: Mapping[str, Reception]) -> bytes:
    """Sign ``draft`` as ``sender`` and seal it for ``recipients`` (1 to 64); refuses what no one would open."""
    header = Header(
        id=secrets.token_bytes(ID_BYTES),
        sender=sender,
        recipients=tuple(sorted(recipients)),
        created_ms=draft.created_ms,
        expires_ms=draft.expires_ms,
        priority=draft.priority,
        places=draft.places,
        key_ids={name: reception.key_id for name, reception in recipients.items()},
    )
    header_bytes = header.to_bytes()
    read_header(header_bytes)
    words = [draft.type, draft.handling, draft.purpose, draft.reply_to, draft.body, draft.first]
    inner = cbor.encode([_sha256(header_bytes), *words])
    _read_inner(inner, _sha256(header_bytes))
    content_key = wrapping.new_content_key()
    wraps = wrapping.wrap(content_key, recipients, _LABEL + header_bytes)
    bound = _bound(header_bytes, wraps)
    signature = key.sign(_LABEL, bound + inner).to_bytes()
    plain = padding.pad(cbor.encode([inner, signature]))
    sealed = wrapping.seal_body(content_key, plain, _LABEL + bound)
    return cbor.encode([header_bytes, wraps, sealed])


def open_header(data: bytes) -> Header:
    """The readable head of an envelope, for a carrier or to find the sender's key; it proves nothing yet."""
    return _parts(data).header


def open_envelope(data: bytes, me: str, key: Opener, sender_key: Verifier, now_ms: int) -> Opened:
    """Open an envelope as recipient ``me`` and check that ``sender_key`` signed it, at ``now_ms``.

    Refuses: unreadable, expired or from the future, not for ``me`` or for another key of ``me``, altered in any bit
    (also in another recipient's wrap), signed by anyone else, or signed for another header.
    """
    parts = _parts(data)
    header = parts.header
    _check_time(header, now_ms)
    if me not in header.recipients:
        raise Refusal("NOT-A-RECIPIENT", f"This message was not sealed for {me}.", status=403)
    if header.key_ids[me] != key.public.key_id:
        raise Refusal(
            "UNKNOWN-RECEPTION-KEY",
            "This message was sealed to another key of this node.",
            hint="The key may have been renewed; ask the sender to send it again.",
            status=403,
        )
    content_key = wrapping.unwrap(parts.wraps, me, key, parts.context)
    bound = _bound(parts.header_bytes, parts.wraps)
    plain = padding.unpad(wrapping.open_body(content_key, parts.sealed, _LABEL + bound))
    pair = _read.array(cbor.decode(plain, ENVELOPE_LIMIT_BYTES), 2, "sealed")
    inner = _read.data(pair[0], "sealed[0]", limit=_INNER_LIMIT_BYTES)
    signature = _read.data(pair[1], "sealed[1]", size=SIGNATURE_BYTES)
    sender_key.verify_bytes(_LABEL, bound + inner, signature)
    type_, handling, purpose, reply_to, body, first = _read_inner(inner, _sha256(parts.header_bytes))
    return Opened(header, type_, handling, purpose, reply_to, body, envelope_hash(data), first)


def _parts(data: bytes) -> _Parts:
    header_value, wraps_value, sealed = _read.array(cbor.decode(data, ENVELOPE_LIMIT_BYTES), 3, "envelope")
    header_bytes = _read.data(header_value, "header")
    header = read_header(header_bytes)
    wraps = wrapping.read_wraps(wraps_value, RECIPIENTS_LIMIT)
    if tuple(name for name, _ in wraps) != header.recipients:
        raise _read.refuse("wraps", "The wraps are for other recipients than the header names.")
    return _Parts(header, header_bytes, wraps, _read.data(sealed, "sealed"))


def _read_inner(data: bytes, header_hash: bytes) -> tuple[str, str, str, bytes, bytes, bytes]:
    fields = _read.array(cbor.decode(data, _INNER_LIMIT_BYTES), 7, "inner")
    if fields[0] != header_hash:
        raise Refusal(
            "RE-ADDRESSED", "The signed text belongs to another envelope.", path="inner[0]", status=403
        )
    return (
        _read.text(fields[1], "inner.type"),
        _read.text(fields[2], "inner.handling", empty=True),
        _read.text(fields[3], "inner.purpose", empty=True),
        _hash_or_none(fields[4], "inner.reply_to"),
        _read.data(fields[5], "inner.body", limit=BODY_LIMIT_BYTES),
        _hash_or_none(fields[6], "inner.first"),
    )


def _hash_or_none(value: object, path: str) -> bytes:
    data = _read.data(value, path)
    return _read.data(data, path, size=HASH_BYTES) if data else b""


def _check_time(header: Header, now_ms: int) -> None:
    if now_ms >= header.expires_ms:
        raise Refusal("ENVELOPE-EXPIRED", "This message has expired.", path="header.expires", status=403)
    if header.created_ms > now_ms + SKEW_LIMIT_MS:
        raise Refusal(
            "ENVELOPE-FROM-FUTURE",
            "This message was written later than this machine's clock says it is.",
            path="header.created",
            hint="Check the clock of this machine.",
            status=403,
        )


def _bound(header_bytes: bytes, wraps: list[tuple[str, bytes]]) -> bytes:
    return _sha256(header_bytes) + _sha256(cbor.encode(wraps))


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
