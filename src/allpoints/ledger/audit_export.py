"""Audit lines taken out of their node as a file that proves itself: JSON, one object a line.

The first object is the head: log, size and root, the checkpoint that the node signed over them, and its certificate.
Each further one is an audit line with its salt and the path by which its leaf stands in the tree of that head.
"""

import sqlite3
from collections.abc import Iterable
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate, check_signature
from allpoints.ledger import audit_tree, checkpoint
from allpoints.ledger.anchor import origin
from allpoints.ledger.audit_line import SALT_BYTES, Line, commitment, leaf
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.ledger.merkle import HASH_BYTES, verify_inclusion

FORMAT = "allpoints-audit/2"
LINE_LIMIT_BYTES = 256 * 1024

NUMBER_LIMIT = 2**53

Number = Annotated[int, Meta(ge=0, le=NUMBER_LIMIT)]
T = TypeVar("T")


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The head that a file's lines are proved against; ``entry`` is the ledger's entry that anchors it.

    ``certificate``, in hexadecimal, names the key under the checkpoint.
    """

    format: str
    log: str
    network: str
    generation: Number
    size: Number
    root: str
    entry: Number
    checkpoint: str
    certificate: str


class Proved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line with its proof: hashes and salt in hexadecimal; an erased line has a commitment in place of a salt."""

    number: Number
    at_ms: Number
    event: str
    policy: str
    officer: str
    post: str
    purpose: str
    case: str
    detail: str
    salt: str
    commitment: str
    path: tuple[str, ...]

    def leaf(self) -> bytes:
        """The leaf that the line's own words give."""
        if self.salt:
            personal = (self.officer, self.post, self.purpose, self.case, self.detail.encode())
            committed = commitment(_bytes(self.salt, SALT_BYTES), *personal)
        else:
            committed = _bytes(self.commitment, HASH_BYTES)
        return leaf(self.at_ms, self.event, self.policy, committed)


def prove(db: sqlite3.Connection, line: Line, size: int) -> Proved:
    """A line with the proof that it is among the first ``size``."""
    path = audit_tree.inclusion(db, line.number, size)
    return Proved(
        line.number,
        line.at_ms,
        line.event,
        line.policy,
        line.officer,
        line.post,
        line.purpose,
        line.case_ref,
        line.detail.decode(),
        "" if line.salt is None else line.salt.hex(),
        line.committed().hex() if line.erased else "",
        tuple(one.hex() for one in path),
    )


def check(lines: Iterable[bytes]) -> tuple[Head, int, int]:
    """Verify a file's lines against its head; gives the head, how many lines there are and how many are erased.

    The head is signed by the key of the certificate beside it. That the network admitted this certificate, and that the
    ledger holds the head, is for the caller to compare. Raises Refusal AUDIT-EXPORT.
    """
    head: Head | None = None
    count = erased = last = 0
    for place, text in enumerate(lines, 1):
        if head is None:
            head = _read(text, Head, place)
            if head.format != FORMAT:
                raise _unsound(place, f"its format is {head.format}, not {FORMAT}")
            _check_head(head, place)
            continue
        one = _read(text, Proved, place)
        if one.number <= last:
            raise _unsound(place, "its lines are not in order")
        if bool(one.salt) == bool(one.commitment):
            raise _unsound(place, "a line has a salt or, if it is erased, a commitment")
        if not one.salt and (one.officer or one.post or one.purpose or one.case or one.detail != "{}"):
            raise _unsound(place, "an erased line says nothing more")
        _check_one(one, head, place)
        last, count, erased = one.number, count + 1, erased + (not one.salt)
    if head is None:
        raise _unsound(1, "it is empty")
    return head, count, erased


def _check_head(head: Head, place: int) -> None:
    """Refuse a head whose checkpoint does not say the same, or is not by the log's own node."""
    try:
        certificate = Certificate.from_bytes(_bytes(head.certificate))
        check_signature(certificate, certificate.verify_key)
        keys = RelayKeys(origin(head.network, head.log, head.generation), (certificate.verify_key,))
        signed = checkpoint.verify(head.checkpoint, keys)
    except Refusal as refusal:
        raise _unsound(place, f"{head.log} did not sign its head ({refusal.sentence})") from refusal
    if certificate.subject != head.log or not certificate.self_signed:
        raise _unsound(place, f"its head is signed by {certificate.subject}, not by {head.log}")
    if (signed.size, signed.root.hex()) != (head.size, head.root):
        raise _unsound(place, "its head is not the one that was signed")


def _check_one(one: Proved, head: Head, place: int) -> None:
    try:
        path = [_bytes(step, HASH_BYTES) for step in one.path]
        verify_inclusion(one.leaf(), one.number - 1, head.size, path, _bytes(head.root, HASH_BYTES))
    except Refusal as refusal:
        raise _unsound(
            place, f"line {one.number} of the audit log is not the one under this head"
        ) from refusal


def _read(text: bytes, kind: type[T], place: int) -> T:
    if len(text) > LINE_LIMIT_BYTES:
        raise _unsound(place, "it is too long")
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _unsound(place, f"it cannot be read ({error})") from error


def _bytes(text: str, length: int = 0) -> bytes:
    """Hexadecimal in its one spelling, of one length where it has one."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if data.hex() != text or (length and len(data) != length):
        raise Refusal("AUDIT-EXPORT", "This is not the hexadecimal that stands here.", status=400)
    return data


def _unsound(place: int, why: str) -> Refusal:
    return Refusal("AUDIT-EXPORT", f"Line {place} of this file is not sound: {why}.", path=f"lines[{place}]")
