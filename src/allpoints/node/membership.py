"""Who belongs to the network, as every node folds it from the ledger, and who may write which kind of entry."""

import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import standing
from allpoints.identity.approval import ADMISSION, MEASURE, RESTORATION, check_approvals
from allpoints.identity.certificate import Certificate
from allpoints.identity.directory import Directory
from allpoints.identity.keys import VerifyKey
from allpoints.identity.names import BUREAU
from allpoints.identity.rotation import is_committed
from allpoints.identity.standing import Measure, Restoration
from allpoints.ledger import facts
from allpoints.ledger.entry import Entry
from allpoints.ledger.erasing import ERASED
from allpoints.node import frames, member_keys, root_changes
from allpoints.node.credentials import Credentials
from allpoints.node.member_keys import KEY_KINDS, OWN_KINDS, Event
from allpoints.node.root_changes import CHANGED

FOUNDED = "network.founded"
ADMITTED = "member.admitted"
LIMITED = "member.limited"
RESTORED = "member.restored"
RECORDS = "records.entered"
FILE_PART = "file.part"
BLOCKED = "record.blocked"
UNBLOCKED = "record.unblocked"
LINKED = "link.entered"
UNLINKED = "link.undone"
EPOCH = "audience.epoch"
WIDENED = "audience.widened"
EXCLUDED = "readers.excluded"
PUBLISHED = "notice.published"
WITHDRAWN = "notice.withdrawn"
CANCELLED = "notice.cancelled"
WITNESS_ANNOUNCED = "witness.announced"
WITNESSES_NAMED = "witnesses.named"
ANCHORED = "audit.anchored"

DECIDING_KINDS = KEY_KINDS | {LIMITED, RESTORED}
OVERTAKEN = frozenset(
    {"KEY-OTHER", "KEY-REVOKED", "KEY-AGAIN", "RECOVERY-NONE", "MEASURE-AGAIN", "MEASURE-UNKNOWN"}
)
"""Why what was decided may say nothing any more when it arrives: another decision stood in the ledger first."""
MEMBERSHIP_KINDS = DECIDING_KINDS | {ADMITTED, CHANGED}
"""Entries that change the directory: everyone reads and folds them."""
CLEAR_KINDS = facts.CLEAR_KINDS
BUREAU_KINDS = frozenset(
    {
        RECORDS,
        FILE_PART,
        LINKED,
        UNLINKED,
        WITHDRAWN,
        EPOCH,
        WIDENED,
        EXCLUDED,
        ERASED,
        WITNESS_ANNOUNCED,
        ANCHORED,
        *OWN_KINDS,
    }
)
SECRETARIAT_KINDS = frozenset(
    {
        *(CLEAR_KINDS - OWN_KINDS),
        PUBLISHED,
        CANCELLED,
        RECORDS,
        FILE_PART,
        BLOCKED,
        UNBLOCKED,
        LINKED,
        UNLINKED,
        WIDENED,
        EXCLUDED,
    }
)

KIND_OF_ENTRY = {WITHDRAWN: standing.NOTICES}
"""What a measure must be about to stop an entry of a bureau; all others are about records."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS state_members (
    name TEXT PRIMARY KEY, admitted_ms INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state_membership (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, author TEXT NOT NULL, at_ms INTEGER NOT NULL, body BLOB NOT NULL);
"""


class Founding(msgspec.Struct, frozen=True):
    """The first entry: the network's name, its first root, the certificates of secretariat and relay, the log's key."""

    network: str
    root: bytes
    secretariat: bytes
    relay: bytes
    log: str = ""


class Admitting(msgspec.Struct, frozen=True):
    """A member's admission: its self-made certificate, byte for byte, and the approvals of holders of the root.

    A renewed certificate needs none: the key that was approved signed it.
    """

    certificate: bytes
    approvals: list[bytes] = []


class Ordering(msgspec.Struct, frozen=True):
    """An order about a member: a measure or a restoration, in its canonical bytes, and the approvals of holders of the root.

    An urgent measure needs none: the secretariat orders it alone.
    """

    order: bytes
    approvals: list[bytes] = []


def load(db: sqlite3.Connection, me: Credentials) -> Directory:
    """The directory as the fold left it: the same events again, in the ledger's order."""
    directory = begin(me)
    for row in db.execute("SELECT seq, kind, author, at_ms, body FROM state_membership ORDER BY seq"):
        apply(directory, me, Event(*row))
    return directory


def begin(me: Credentials) -> Directory:
    """The directory before the first entry: the secretariat and its relay alone stand in it."""
    directory = Directory(me.root)
    directory.add(me.secretariat, me.secretariat.not_before_ms)
    if me.relay is not None:
        directory.add(me.relay, me.relay.not_before_ms)
    return directory


def apply(directory: Directory, me: Credentials, event: Event) -> str | None:
    """Apply a membership event to a directory; the member it is about, or None when it changes nothing."""
    if event.kind in OWN_KINDS:
        return member_keys.said(directory, event)
    if event.author != me.secretariat.subject:
        raise Refusal("EVENT-AUTHOR", "Only the secretariat writes who belongs to the network.", status=403)
    if event.kind == ADMITTED:
        return _admit(directory, event)
    if event.kind in KEY_KINDS:
        return member_keys.decided(directory, event)
    if event.kind == CHANGED:
        directory.change_root(root_changes.read(event.body), event.seq)
        return event.author
    return _order(directory, event)


def _order(directory: Directory, event: Event) -> str:
    body, at_ms = frames.body(event.body, Ordering), max(event.at_ms, directory.clock_ms)
    if event.kind == LIMITED:
        measure = Measure.from_bytes(body.order)
        if body.approvals:
            check_approvals(directory.root, body.approvals, MEASURE, body.order, at_ms)
        directory.limit(measure, event.seq, event.at_ms, approved=bool(body.approvals))
        return measure.member
    restoration = Restoration.from_bytes(body.order)
    # Without the word of enough holders, whoever writes for the secretariat would let back in whom it pleases.
    check_approvals(directory.root, body.approvals, RESTORATION, body.order, at_ms)
    directory.lift(restoration, event.at_ms)
    return restoration.member


def _admit(directory: Directory, event: Event) -> str | None:
    body = frames.body(event.body, Admitting)
    certificate = Certificate.from_bytes(body.certificate)
    if certificate.role != BUREAU:
        raise Refusal("ADMISSION-ROLE", "Only a member's bureau is admitted by the ledger.", status=422)
    if directory.knows(certificate):
        return None
    known = directory.certificate(certificate.subject)
    if known is not None and known.verify_key != certificate.verify_key:
        raise Refusal("ADMISSION-TWICE", f"{certificate.subject} is already a member.", status=409)
    if known is None:
        # Without the word of enough holders, whoever writes for the secretariat would make members as it pleases.
        at_ms = max(event.at_ms, directory.clock_ms)
        check_approvals(directory.root, body.approvals, ADMISSION, body.certificate, at_ms)
    # The ledger's order already says that the admission came first. Its clock time must not decide, or a member
    # whose clock is a little behind could never have its first entries accepted.
    directory.add(certificate, certificate.not_before_ms)
    return certificate.subject


def fold(db: sqlite3.Connection, directory: Directory, me: Credentials, entry: Entry, seq: int) -> str | None:
    """Apply a membership entry to tables and directory; the member it is about, or None when it changes nothing."""
    if entry.header.kind not in MEMBERSHIP_KINDS:
        return None
    event = Event.of(entry, seq)
    member = apply(directory, me, event)
    if member is None:
        return None
    db.execute("INSERT INTO state_membership VALUES (?,?,?,?,?)", event)
    if event.kind == ADMITTED:
        # A certificate that was renewed changes nothing about when its member came.
        db.execute("INSERT OR IGNORE INTO state_members VALUES (?,?,?)", (member, event.at_ms, seq))
    return member


def fold_at_relay(
    db: sqlite3.Connection, directory: Directory, me: Credentials, entry: Entry, seq: int
) -> str | None:
    """As ``fold``, but an order that another entry has overtaken stands and changes nothing, as it does at every member.

    Its author had not heard of that one; to refuse it would break the chain of all that this author writes.
    """
    try:
        return fold(db, directory, me, entry, seq)
    except Refusal as refusal:
        if entry.header.kind not in DECIDING_KINDS or refusal.code not in OVERTAKEN:
            raise
        return None


def author_key(directory: Directory, me: Credentials, name: str, kind: str, at_ms: int) -> VerifyKey:
    """The key of an entry's author, who must be a member and may write this kind."""
    if name == me.secretariat.subject:
        allowed, key = SECRETARIAT_KINDS, (directory.latest(name) or me.secretariat).verify_key
    else:
        directory.check_signs(name)
        certificate = directory.certificate(name)
        if certificate is None:
            raise Refusal("UNKNOWN-AUTHOR", f"{name} is no member of this network.", status=403)
        if kind in OWN_KINDS:
            # Suspended or run out, and above all when its key was stolen, a member may rotate and object.
            return certificate.verify_key
        if not directory.may_act(name, at_ms):
            raise Refusal("AUTHOR-SUSPENDED", f"{name} may not write at present.", status=403)
        allowed, key = BUREAU_KINDS, certificate.verify_key
        if kind in allowed and (found := limit_of(directory, name, kind, at_ms)) is not None:
            raise found
    if kind not in allowed:
        raise Refusal("KIND-NOT-ALLOWED", f"{name} may not write an entry of kind {kind}.", status=403)
    return key


def may_call(directory: Directory, certificate: Certificate) -> bool:
    """Whether a member may call with this certificate: by its present key, or by the next one.

    A bureau whose renewed certificate is on its way to it still calls with the one before. One that rotates calls with
    its next key already, to hand the rotation in: nobody else has the key that the commitment names.
    """
    present = directory.certificate(certificate.subject)
    if present is None:
        return False
    if present.verify_key == certificate.verify_key:
        return directory.knows(certificate)
    return is_committed(present, certificate)


def limit_of(directory: Directory, name: str, kind: str, at_ms: int) -> Refusal | None:
    """Why a member may not write an entry of this kind at present, if a measure forbids it."""
    if kind in {EPOCH, ANCHORED}:
        # An epoch says nothing by itself and precedes whatever may still be written; and no measure frees a member
        # from showing that its audit log is whole.
        return None
    about = KIND_OF_ENTRY.get(kind, standing.RECORDS)
    try:
        require_direct(directory, name, about, at_ms)
    except Refusal as refusal:
        return refusal
    return None


def require_direct(directory: Directory, name: str, about: str, at_ms: int) -> None:
    """Refuse what a member sends of a kind while a measure stops it; what is reviewed in any case may go."""
    if directory.mode(name, about, at_ms) in {standing.RECEIVE_ONLY, standing.SUSPENDED}:
        raise stopped(directory, name, about, at_ms)


def stopped(directory: Directory, name: str, about: str, at_ms: int) -> Refusal:
    """The strictest measure against a member that is about a kind, as a refusal."""
    mode = directory.mode(name, about, at_ms)
    found = directory.in_force(name, at_ms)
    sentence = next(
        (one.measure.sentence() for one in found if one.measure.mode == mode), f"{name} is limited."
    )
    return Refusal(
        "MEMBER-LIMITED",
        sentence,
        hint="The secretariat says how it is lifted: allpoints member show.",
        status=403,
    )
