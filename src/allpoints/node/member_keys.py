"""Entries about which key signs for a member: rotated by itself, revoked and recovered by the holders of the root."""

from typing import NamedTuple, Self

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import RECOVERY, REVOCATION, check_approvals
from allpoints.identity.certificate import Certificate
from allpoints.identity.directory import Directory
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.ledger.entry import Entry
from allpoints.node import frames

ROTATED = "member.rotated"
REVOKED = "member.revoked"
RECOVERING = "member.recovering"
OBJECTED = "member.objected"
RECOVERED = "member.recovered"

OWN_KINDS = frozenset({ROTATED, OBJECTED})
"""What a member says of its own keys, also while it is suspended or its certificate has run out."""
KEY_KINDS = OWN_KINDS | {REVOKED, RECOVERING, RECOVERED}
"""Entries about which key signs for a member."""
ENDS_KEY = frozenset({ROTATED, REVOKED, RECOVERED})
"""After these the key from before signs no more, and nobody stays on a line who came with it."""


class Rotating(msgspec.Struct, frozen=True):
    """A member's rotation: the certificate by its next key, byte for byte. Its present key signs the entry."""

    certificate: bytes


class Deciding(msgspec.Struct, frozen=True):
    """A revocation, or a recovery that begins, in its canonical bytes, and the approvals of holders of the root."""

    order: bytes
    approvals: list[bytes] = []


class Settling(msgspec.Struct, frozen=True):
    """How a recovery ends, by its id: the member's present key objects, or could do so no more."""

    member: str
    recovery: bytes


class Event(NamedTuple):
    """A membership entry as it is folded: its place, kind, author, time and clear body."""

    seq: int
    kind: str
    author: str
    at_ms: int
    body: bytes

    @classmethod
    def of(cls, entry: Entry, seq: int) -> Self:
        header = entry.header
        return cls(seq, header.kind, header.author, header.created_ms, entry.sealed)


def said(directory: Directory, event: Event) -> str:
    """What a member says of its own keys; its present key signed the entry."""
    if event.kind == ROTATED:
        certificate = Certificate.from_bytes(frames.body(event.body, Rotating).certificate)
        _check_own(event, certificate.subject)
        directory.rotate(certificate, event.seq)
    else:
        objection = frames.body(event.body, Settling)
        _check_own(event, objection.member)
        directory.stop_recovery(objection.member, objection.recovery)
    return event.author


def _check_own(event: Event, member: str) -> None:
    if event.author != member:
        raise Refusal("EVENT-AUTHOR", "A member speaks of its own key alone.", status=403)


def decided(directory: Directory, event: Event) -> str:
    """What the holders of the root decided about a member's key."""
    if event.kind == RECOVERED:
        settling = frames.body(event.body, Settling)
        directory.complete_recovery(settling.member, settling.recovery, event.seq, event.at_ms)
        return settling.member
    body, at_ms = frames.body(event.body, Deciding), max(event.at_ms, directory.clock_ms)
    if event.kind == REVOKED:
        revocation = Revocation.from_bytes(body.order)
        check_approvals(directory.root, body.approvals, REVOCATION, body.order, at_ms)
        directory.revoke(revocation, event.seq, event.at_ms)
        return revocation.member
    recovery = Recovery.from_bytes(body.order)
    check_approvals(directory.root, body.approvals, RECOVERY, body.order, at_ms)
    directory.begin_recovery(recovery, event.seq, event.at_ms)
    return recovery.member
