"""Who belongs to the network, as every node folds it from the ledger, and who may write which kind of entry."""

import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate, check_signature
from allpoints.identity.directory import Directory
from allpoints.identity.keys import VerifyKey
from allpoints.ledger.entry import Entry
from allpoints.ledger.erasing import ERASED
from allpoints.node import frames
from allpoints.node.credentials import Credentials

FOUNDED = "network.founded"
ADMITTED = "member.admitted"
RECORDS = "records.entered"
FILE_PART = "file.part"
BLOCKED = "record.blocked"
UNBLOCKED = "record.unblocked"
LINKED = "link.entered"
UNLINKED = "link.undone"
WIDENED = "audience.widened"
PUBLISHED = "notice.published"
WITHDRAWN = "notice.withdrawn"
CANCELLED = "notice.cancelled"

CLEAR_KINDS = frozenset({FOUNDED, ADMITTED, ERASED})
BUREAU_KINDS = frozenset({RECORDS, FILE_PART, LINKED, UNLINKED, WITHDRAWN, WIDENED, ERASED})
SECRETARIAT_KINDS = frozenset(
    {
        FOUNDED,
        ADMITTED,
        PUBLISHED,
        CANCELLED,
        RECORDS,
        FILE_PART,
        BLOCKED,
        UNBLOCKED,
        LINKED,
        UNLINKED,
        WIDENED,
        ERASED,
    }
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS state_members (
    name TEXT PRIMARY KEY, certificate BLOB NOT NULL, admitted_ms INTEGER NOT NULL,
    seq INTEGER NOT NULL) WITHOUT ROWID;
"""


class Founding(msgspec.Struct, frozen=True):
    """The first entry: the network's name, and the certificates of secretariat and relay."""

    network: str
    secretariat: bytes
    relay: bytes


class Admitting(msgspec.Struct, frozen=True):
    """A member's admission: its self-made certificate, byte for byte."""

    certificate: bytes


def load(db: sqlite3.Connection, me: Credentials) -> Directory:
    """The directory as the fold left it; the secretariat stands in it from the start."""
    directory = Directory(me.secretariat.verify_key)
    directory.add(me.secretariat, me.secretariat.not_before_ms)
    for (data,) in db.execute("SELECT certificate FROM state_members ORDER BY seq"):
        _add(directory, Certificate.from_bytes(data))
    return directory


def _add(directory: Directory, certificate: Certificate) -> None:
    # The ledger's order already says that the admission came first. Its clock time must not decide, or a member
    # whose clock is a little behind could never have its first entries accepted.
    directory.add(certificate, certificate.not_before_ms)


def admission(entry: Entry, me: Credentials) -> Certificate | None:
    """The certificate that an admission entry admits; refuses one that the secretariat did not write."""
    if entry.header.kind != ADMITTED:
        return None
    if entry.header.author != me.secretariat.subject:
        raise Refusal("ADMISSION-AUTHOR", "Only the secretariat writes admissions.", status=403)
    certificate = Certificate.from_bytes(frames.body(entry.sealed, Admitting).certificate)
    check_signature(certificate, certificate.verify_key)
    if certificate.role != "bureau":
        raise Refusal("ADMISSION-ROLE", "Only a member's bureau is admitted by the ledger.", status=422)
    return certificate


def fold(db: sqlite3.Connection, directory: Directory, me: Credentials, entry: Entry, seq: int) -> str | None:
    """Apply a membership entry to table and directory; the name of the member it admitted, if it did."""
    certificate = admission(entry, me)
    if certificate is None:
        return None
    known = directory.certificate(certificate.subject)
    if known is not None:
        if known.to_bytes() == certificate.to_bytes():
            return None
        raise Refusal("ADMISSION-TWICE", f"{certificate.subject} is already a member.", status=409)
    db.execute(
        "INSERT INTO state_members VALUES (?,?,?,?)",
        (certificate.subject, certificate.to_bytes(), entry.header.created_ms, seq),
    )
    _add(directory, certificate)
    return certificate.subject


def author_key(directory: Directory, me: Credentials, name: str, kind: str, at_ms: int) -> VerifyKey:
    """The key of an entry's author, who must be a member and may write this kind."""
    if name == me.secretariat.subject:
        allowed, key = SECRETARIAT_KINDS, me.secretariat.verify_key
    else:
        certificate = directory.certificate(name)
        if certificate is None:
            raise Refusal("UNKNOWN-AUTHOR", f"{name} is no member of this network.", status=403)
        # Written before the author's own certificate begins: its clock was set back, not its membership.
        if not directory.is_active(name, max(at_ms, certificate.not_before_ms)):
            raise Refusal("AUTHOR-SUSPENDED", f"{name} may not write at present.", status=403)
        allowed, key = BUREAU_KINDS, certificate.verify_key
    if kind not in allowed:
        raise Refusal("KIND-NOT-ALLOWED", f"{name} may not write an entry of kind {kind}.", status=403)
    return key
