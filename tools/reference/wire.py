"""What travels: kinds of ledger entries, kinds of messages, and frames of a line."""

import importlib
import re
from typing import get_args

import msgspec

from allpoints.node import frames, membership
from tools.reference.markdown import code, codes, page, table
from tools.reference.reading import modules, sentence
from tools.tree import SOURCE

NAME = "wire"

ENTRIES = {
    "network.founded": "The first entry: the network's name, its first root, the certificates of secretariat and relay.",
    "member.admitted": "A member belongs to the network from here on; holds its certificate and the holders' approvals ([root](root.md)).",
    "root.changed": "The next version of the root, and the certificates of secretariat and relay that it names ([root](root.md)).",
    "member.rotated": "A member's next key takes the place of its present one; holds the certificate by the next key.",
    "member.revoked": "Nothing counts after it that a member's present key signs; holds the holders' approvals ([recovery](recovery.md)).",
    "member.recovering": "Another key is to take the place of a member's, which may object until then; holds the approvals.",
    "member.objected": "A member's present key stops the recovery that is under way.",
    "member.recovered": "A recovery is complete: the new key signs for the member from here on.",
    "member.limited": "A measure against a member: its mode, kinds, dates, reason and authority; a long one holds holders' approvals ([root](root.md)).",
    "member.restored": "Measures against a member, each named, that end here.",
    "records.entered": "Up to a thousand acts (put, withdraw, achieve) of one owner in one register.",
    "record.blocked": "The secretariat examines a record: nothing finds it at whoever holds it.",
    "record.unblocked": "An examination is over: the record can be found again.",
    "file.part": "Parts of files to which a record of the same owner refers in an entry that follows.",
    "link.entered": "An owner of one of two records says how they belong together, to those who may read both.",
    "link.undone": "A member takes its link back.",
    "entries.erased": "An author has earlier sealed entries of its own erased: id and commitment of each.",
    "audience.epoch": "An author gives each reader its keys of the tree in which it seals for them from here on.",
    "audience.widened": "The content keys of an author's earlier entries, for one member that missed them.",
    "readers.excluded": "An order to delete records of its author's, for the members alone that it shut out ([exclusion](exclusion.md)).",
    "audit.anchored": "Heads of the audit logs of a member and of its posts, each with the proof that it only grew.",
    "notice.published": "A reviewed notice, as its owner signed it, with the rule version it passed.",
    "notice.withdrawn": "The owner takes its notice back.",
    "notice.cancelled": "The secretariat ends a notice.",
    "witness.announced": "A member can witness the ledger from here on; holds its key as a verifier key.",
    "witnesses.named": "The policy that says whose cosignatures make a quorum; holds a C2SP tlog-policy file.",
}
MESSAGES = {
    "mail.missing": "The numbers of messages that never came, told to their sender.",
    "readers.obeyed": "A member has deleted what an owner ordered, signed, to that owner alone.",
    "letter": "One officer writes to officers of other members.",
    "ledger.head": "The latest checkpoint that a member holds: the other compares it with its own copy.",
    "receipt": "A message was delivered, read, or could not be opened and why, signed by whoever says so.",
    "hit.raised": "A check found a record: told to its owner and to the command centre.",
    "hit.answered": "The owner confirms or refutes a hit.",
    "trace.asked": "A member asks one other what its files say of a firearm.",
    "trace.answered": "The member that was asked says it, to the requester alone.",
    "trace.withdrawn": "The requester asks a member no longer.",
    "trace.overdue": "The requester tells the command centre that a member is silent, or no longer is.",
    "openings.asked": "An owner asks a member how often its records were opened there; [format](openings.md).",
    "openings.answered": "That member says on which days and for which purposes, signed, under an anchored head.",
    "notice.submitted": "A member asks the secretariat for a notice, or answers its query.",
    "notice.taken-back": "A member takes back what it submitted.",
    "notice.decided": "The secretariat tells the member how its submission stands.",
}
GRANTS = (
    "A grant is canonical CBOR, an array of two byte strings: body and signature (64 bytes Ed25519, then 3,309 bytes "
    "ML-DSA-65). Both halves sign `allpoints/hybrid-signature/1`, one byte 17, `allpoints/grant/1`, and the body. The "
    "body is an array of ten:\n"
)
GRANT_FIELDS = [
    ("0", "version", "text `allpoints/grant/1`"),
    ("1", "serial", "16 random bytes"),
    ("2", "node", "text, the node that signed"),
    ("3", "officer", "text, 1 to 64 characters"),
    ("4", "roles", "text, sorted words with one space between, at least one"),
    ("5", "registers", "the same, perhaps empty: what the officer is certified for; empty at a post"),
    ("6", "purposes", "the same: codes of purposes"),
    ("7", "binding", "the first 16 bytes of SHA-256 over the session's hash"),
    ("8", "issued", "milliseconds UTC"),
    ("9", "ends", "milliseconds UTC, at most eight hours later"),
]
GRANT_RULES = (
    "It goes with `Ask`, and with what a post did alone, as MessagePack `{grant, purpose, case}`. A bureau refuses a "
    "grant that its post's certified key did not sign, that was not good at the moment, that names a register, or that "
    "`GrantsEnded` named before. Published grants: `tests/vectors/grant/grants.json`."
)
CLEAR = "by everyone, the relay too"


def entry_kinds() -> frozenset[str]:
    return membership.SECRETARIAT_KINDS | membership.BUREAU_KINDS


def message_kinds() -> frozenset[str]:
    """Every kind for which a node registers a handler; kinds are constants of the module that does."""
    found = set()
    for module in modules():
        path = SOURCE / (module.name.replace(".", "/") + ".py")
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for name in re.findall(r"handlers(?:\[| *:.*= *\{)([A-Z_]+)", text):
            found.add(str(getattr(importlib.import_module(f"allpoints.{module.name}"), name)))
    return frozenset(found)


def frame_types() -> tuple[type[frames.Frame], ...]:
    return get_args(frames.AnyFrame)


def _authors(kind: str) -> str:
    may = [("secretariat", membership.SECRETARIAT_KINDS), ("bureau", membership.BUREAU_KINDS)]
    return ", ".join(who for who, kinds in may if kind in kinds)


def write() -> str:
    entries = [
        (
            code(kind),
            _authors(kind),
            CLEAR if kind in membership.CLEAR_KINDS else "by its audience",
            ENTRIES[kind],
        )
        for kind in sorted(entry_kinds())
    ]
    messages = [(code(kind), MESSAGES[kind]) for kind in sorted(message_kinds())]
    lines = [
        (code(one.__name__), codes(field.encode_name for field in msgspec.structs.fields(one)), sentence(one))
        for one in frame_types()
    ]
    return page(
        "Wire: entries, messages, frames",
        "## Entries of the ledger\n",
        "An entry is header, audience, sealed body and two signatures (Ed25519 and ML-DSA-65) over the hashes of the "
        "three. The relay refuses an entry whose author may not write its kind. What stands in an audience is described "
        "in [audience](audience.md).\n",
        table(["kind", "written by", "opened", "what it says"], entries),
        "## Messages\n",
        "A message is sealed to each recipient and signed by its sender; the relay keeps it until it was taken. "
        "Envelopes, receipts, reception keys and chunks of files are described in [messages](messages.md).\n",
        table(["kind", "what it says"], messages),
        "## Frames of a line\n",
        "One frame is one MessagePack array that begins with its name, inside the encrypted line between two nodes.\n",
        table(["frame", "fields", "what it says"], lines),
        "## Grants\n",
        GRANTS,
        table(["place", "field", "what it is"], GRANT_FIELDS),
        GRANT_RULES,
    )
