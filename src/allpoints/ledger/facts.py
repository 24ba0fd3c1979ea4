"""The facts of an entry that stay when its bytes are erased, and the commitment that names them."""

import hashlib
import re

from allpoints.ground.refusal import Fault, Refusal
from allpoints.sealing import cbor

COMMITMENT_LABEL = b"allpoints/commitment/1"
ID_BYTES = 16
HASH_BYTES = 32
KIND_LIMIT_CHARS = 40
AUTHOR_LIMIT_CHARS = 64
CHAIN_LIMIT = 2**63 - 1

CLEAR, SEALED = 0, 1
"""How the body travels: readable by everyone, or under a content key that is wrapped for each member."""

CLEAR_KINDS = frozenset(
    {
        "audience.epoch",
        "audit.anchored",
        "entries.erased",
        "member.admitted",
        "member.limited",
        "member.objected",
        "member.recovered",
        "member.recovering",
        "member.restored",
        "member.revoked",
        "member.rotated",
        "network.founded",
        "root.changed",
        "witness.announced",
        "witnesses.named",
    }
)
"""What everybody must read, now and later: never sealed, so that it is never erased either."""

_KIND = re.compile(r"[a-z-]+\.[a-z-]+")
_AUTHOR = re.compile(r"[A-Z]{3}(/[a-z0-9][a-z0-9-]*)?")

Rule = tuple[str, bool, str]
"""A field, whether it is sound, and the sentence that refuses it."""


def fact_rules(id_: bytes, kind: str, author: str, author_seq: int, sealing: int) -> list[Rule]:
    """What is asked of the facts that a commitment names."""
    named = len(author) <= AUTHOR_LIMIT_CHARS and _AUTHOR.fullmatch(author) is not None
    return [
        ("id", len(id_) == ID_BYTES, f"An entry's id has {ID_BYTES} bytes."),
        (
            "kind",
            len(kind) <= KIND_LIMIT_CHARS and _KIND.fullmatch(kind) is not None,
            f"A kind is two words joined by a point, at most {KIND_LIMIT_CHARS} characters.",
        ),
        ("author", named, "An author is a node's name, such as XAV or XAV/post-1."),
        ("author_seq", 1 <= author_seq <= CHAIN_LIMIT, "An author counts its entries from 1."),
        ("sealing", sealing in {CLEAR, SEALED}, "A body is clear (0) or sealed for members (1)."),
        (
            "sealing",
            sealing == CLEAR or kind not in CLEAR_KINDS,
            f"An entry of kind {kind} is for everybody, and never sealed.",
        ),
    ]


def refuse_unsound(rules: list[Rule]) -> None:
    """Refuse (ENTRY-HEADER) with every rule that does not hold."""
    faults = [
        Fault("ENTRY-HEADER", sentence, f"header.{field}") for field, sound, sentence in rules if not sound
    ]
    if faults:
        raise Refusal.of(faults)


def commit(id_: bytes, kind: str, author: str, author_seq: int, sealing: int, digest: bytes) -> bytes:
    """The commitment to an entry: its leaf's data.

    It names what must be known of the entry when only this is left of it, so that whoever holds the commitment can
    check those facts without the bytes.
    """
    facts = cbor.encode([id_, kind, author, author_seq, sealing, digest])
    return hashlib.sha256(COMMITMENT_LABEL + facts).digest()
