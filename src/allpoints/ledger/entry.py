"""One entry: header, audience, sealed body and two signatures, as bytes that are signed once and then kept.

An entry is canonical CBOR ``[header bytes, audience bytes, sealed bytes, [ed25519, ml-dsa-65]]``. Nothing is ever
encoded again to be verified: the signature covers the hashes of the three byte strings as they stand.

What stands in the tree, and what the author's next entry names, is a commitment to these bytes. They hold 32 random
bytes of the author's, so that nobody can tell from a commitment what was said once the bytes are erased.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import (
    ED25519_SIGNATURE_BYTES,
    ML_DSA_65_SIGNATURE_BYTES,
    Signature,
    SigningKey,
    VerifyKey,
)
from allpoints.ledger.facts import HASH_BYTES, SEALED, commit, fact_rules, refuse_unsound
from allpoints.ledger.merkle import leaf_hash
from allpoints.sealing import cbor
from allpoints.sealing.audience_tree import Audience

ENTRY_VERSION = 1
ENTRY_LABEL = b"allpoints/entry/1"
ENTRY_LIMIT_BYTES = 4 * 1024 * 1024
"""No entry is larger, signatures included; a file is sent as a message."""

HEADER_LIMIT_BYTES = 512
TIME_LIMIT_MS = 2**53 - 1
SALT_BYTES = 32
NO_PREVIOUS = bytes(HASH_BYTES)
"""What stands for the previous entry in an author's first one."""

NO_AUDIENCE = cbor.encode([])
"""What stands for the audience in a clear entry."""

_HEADER_TYPES = (int, bytes, str, str, int, int, bytes, int, bytes)

AuthorKey = Callable[[str, str, int], VerifyKey]
"""``author_key(name, kind, at_ms)``: the key that the author signs with at that moment.

Raises Refusal (UNKNOWN-AUTHOR, AUTHOR-SUSPENDED, KIND-NOT-ALLOWED) when this author may not write this kind then.
"""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What everyone may read of an entry: who wrote what kind, when, and after which of their own entries.

    ``prev`` is the commitment of the author's entry before; ``salt`` is random and goes when the bytes are erased.
    """

    id: bytes
    kind: str
    author: str
    created_ms: int
    author_seq: int
    prev: bytes
    sealing: int
    salt: bytes
    version: int = ENTRY_VERSION

    def to_bytes(self) -> bytes:
        """The canonical bytes, to which wraps and body are bound before the entry exists."""
        return cbor.encode(
            [
                self.version,
                self.id,
                self.kind,
                self.author,
                self.created_ms,
                self.author_seq,
                self.prev,
                self.sealing,
                self.salt,
            ]
        )


class Head(msgspec.Struct, frozen=True):
    """Where an author's chain ends: the number and the commitment of their last entry."""

    author_seq: int = 0
    commitment: bytes = NO_PREVIOUS

    def check_next(self, header: Header) -> None:
        """Refuse a header that does not continue the chain here (AUTHOR-GAP, AUTHOR-FORK)."""
        self.check_number(header.author, header.author_seq)
        if header.prev != self.commitment:
            raise _forked(header.author, header.author_seq, "header.prev")

    def check_number(self, author: str, author_seq: int) -> None:
        """Refuse a number that is not the author's next; all that can be checked of an entry that is erased."""
        expected = self.author_seq + 1
        if author_seq > expected:
            raise Refusal(
                "AUTHOR-GAP",
                f"{author} sends its entry {author_seq} before entry {expected}.",
                path="header.author_seq",
                hint=f"Send entry {expected} first.",
                status=409,
            )
        if author_seq < expected:
            raise _forked(author, author_seq, "header.author_seq")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry with the exact bytes it came in."""

    header: Header
    audience: Audience | None
    sealed: bytes
    signature: Signature
    header_bytes: bytes
    audience_bytes: bytes
    encoded: bytes
    digest: bytes
    """SHA-256 of the bytes."""

    commitment: bytes
    """What the tree and the author's next entry hold of this one."""

    @property
    def leaf(self) -> bytes:
        """The hash of this entry's leaf in the tree."""
        return leaf_hash(self.commitment)

    def verify(self, key: VerifyKey) -> None:
        """Refuse (BAD-SIGNATURE) unless both signatures are the author's over these bytes."""
        message = _signed_message(self.header_bytes, self.audience_bytes, self.sealed)
        key.verify(ENTRY_LABEL, message, self.signature)


def bound(header_bytes: bytes, audience_bytes: bytes) -> bytes:
    """What an entry's sealed body is bound to: its header, and every wrap of its audience."""
    return hashlib.sha256(header_bytes).digest() + hashlib.sha256(audience_bytes).digest()


def compose(header: Header, audience: Audience | None, sealed: bytes, key: SigningKey) -> Entry:
    """Sign an entry; there is no ``audience`` when the body is clear.

    Raises what ``parse`` would raise, so that nothing is sent that the relay must refuse.
    """
    header_bytes = header.to_bytes()
    audience_bytes = NO_AUDIENCE if audience is None else audience.to_bytes()
    signature = key.sign(ENTRY_LABEL, _signed_message(header_bytes, audience_bytes, sealed))
    halves = [signature.ed25519, signature.ml_dsa_65]
    return parse(cbor.encode([header_bytes, audience_bytes, sealed, halves]))


def parse(data: bytes) -> Entry:
    """Read an entry strictly: sizes, version, canonical form and every field; does not verify signatures."""
    if len(data) > ENTRY_LIMIT_BYTES:
        raise Refusal("ENTRY-TOO-LARGE", f"An entry is at most {ENTRY_LIMIT_BYTES} bytes.", status=413)
    parts = cbor.decode(data, ENTRY_LIMIT_BYTES)
    if not _shaped(parts, (bytes, bytes, bytes, list)) or not _shaped(parts[3], (bytes, bytes)):
        raise _malformed("", "An entry is header, audience, sealed body and two signatures.")
    header_bytes, audience_bytes, sealed, halves = parts
    if (len(halves[0]), len(halves[1])) != (ED25519_SIGNATURE_BYTES, ML_DSA_65_SIGNATURE_BYTES):
        raise _malformed("signatures", "A signature does not have its one length.")
    header = _read_header(header_bytes)
    digest = hashlib.sha256(data).digest()
    return Entry(
        header=header,
        audience=_read_audience(audience_bytes, header.sealing),
        sealed=sealed,
        signature=Signature(halves[0], halves[1]),
        header_bytes=header_bytes,
        audience_bytes=audience_bytes,
        encoded=data,
        digest=digest,
        commitment=commit(header.id, header.kind, header.author, header.author_seq, header.sealing, digest),
    )


def _signed_message(header_bytes: bytes, audience_bytes: bytes, sealed: bytes) -> bytes:
    return b"".join(hashlib.sha256(part).digest() for part in (header_bytes, audience_bytes, sealed))


def _shaped(value: Any, types: tuple[type, ...]) -> bool:
    """Whether a decoded value is a list of exactly these types; a bool is not an int here."""
    return type(value) is list and tuple(map(type, value)) == types


def _read_header(data: bytes) -> Header:
    fields = cbor.decode(data, HEADER_LIMIT_BYTES)
    version = fields[0] if type(fields) is list and fields else None
    if type(version) is int and version != ENTRY_VERSION:
        raise Refusal(
            "ENTRY-VERSION",
            f"Entries of version {version} are not understood here; this program reads version {ENTRY_VERSION}.",
            path="header.version",
            hint="Update this node.",
        )
    if not _shaped(fields, _HEADER_TYPES):
        raise _malformed("header", "A header has nine fields of fixed types.")
    names = ("version", "id", "kind", "author", "created_ms", "author_seq", "prev", "sealing", "salt")
    header = Header(**dict(zip(names, fields, strict=True)))
    begins = header.author_seq == 1
    refuse_unsound(
        [
            *fact_rules(header.id, header.kind, header.author, header.author_seq, header.sealing),
            ("created_ms", 0 <= header.created_ms <= TIME_LIMIT_MS, "The time is milliseconds since 1970."),
            (
                "prev",
                len(header.prev) == HASH_BYTES,
                f"The previous entry's commitment has {HASH_BYTES} bytes.",
            ),
            (
                "prev",
                begins == (header.prev == NO_PREVIOUS),
                "Only an author's first entry has none before it.",
            ),
            ("salt", len(header.salt) == SALT_BYTES, f"A salt has {SALT_BYTES} bytes."),
        ]
    )
    return header


def _read_audience(data: bytes, sealing: int) -> Audience | None:
    if (sealing == SEALED) == (data == NO_AUDIENCE):
        raise Refusal(
            "ENTRY-AUDIENCE", "A sealed entry has an audience, and a clear one has none.", path="audience"
        )
    return Audience.from_bytes(data) if sealing == SEALED else None


def _forked(author: str, author_seq: int, path: str) -> Refusal:
    return Refusal(
        "AUTHOR-FORK",
        f"{author} has already written another entry {author_seq}, or another one before it.",
        path=path,
        hint="Follow the ledger first, then write the entry again after the last one it holds.",
        status=409,
    )


def _malformed(path: str, sentence: str) -> Refusal:
    return Refusal("ENTRY-FORMAT", sentence, path=path, status=400)
