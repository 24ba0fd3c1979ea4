"""Audit lines taken out of their node as a file that proves itself: JSON, one object a line.

The first object is the head: log, size and root, and the checkpoint that the node signed over them. Each further one is
an audit line with its salt and the path by which its leaf stands in the tree of that head.
"""

import sqlite3
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger import audit_tree
from allpoints.ledger.audit_line import Line, commitment, leaf
from allpoints.ledger.merkle import verify_inclusion

FORMAT = "allpoints-audit/1"
LINE_LIMIT_BYTES = 256 * 1024

T = TypeVar("T")


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The head that a file's lines are proved against; ``entry`` is the ledger's entry that anchors it."""

    format: str
    log: str
    network: str
    generation: int
    size: int
    root: str
    entry: int
    checkpoint: str


class Proved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line with its proof: hashes and salt in hexadecimal; an erased line has a commitment in place of a salt."""

    number: int
    at_ms: int
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
            committed = commitment(_bytes(self.salt), *personal)
        else:
            committed = _bytes(self.commitment)
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

    Whose head it is, and that the ledger holds it, is for the caller to compare. Raises Refusal AUDIT-EXPORT.
    """
    head: Head | None = None
    count = erased = last = 0
    for place, text in enumerate(lines, 1):
        if head is None:
            head = _read(text, Head, place)
            if head.format != FORMAT:
                raise _unsound(place, f"its format is {head.format}, not {FORMAT}")
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


def _check_one(one: Proved, head: Head, place: int) -> None:
    path = [_bytes(step) for step in one.path]
    try:
        verify_inclusion(one.leaf(), one.number - 1, head.size, path, _bytes(head.root))
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


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _unsound(place: int, why: str) -> Refusal:
    return Refusal("AUDIT-EXPORT", f"Line {place} of this file is not sound: {why}.", path=f"lines[{place}]")
