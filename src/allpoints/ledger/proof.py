"""A proof that an entry stands in the ledger, whole in one file (c2sp.org/tlog-proof), checked against a policy alone.

    c2sp.org/tlog-proof@v1
    extra <base64 of the entry's stub>
    index <place, counted from 0>
    <base64 hash>                      as many as the path has
                                       an empty line, then the checkpoint

The stub gives the leaf, and with the entry's bytes beside it also that they are those. No node and no network is asked.
"""

import base64
import re
import sqlite3

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.ledger import publishing, serving, store
from allpoints.ledger.checkpoint import CHECKPOINT_LIMIT_CHARS, Checkpoint, unbase64
from allpoints.ledger.merkle import checked_hash, verify_inclusion
from allpoints.ledger.policy import Policy
from allpoints.ledger.stub import STUB_LIMIT_BYTES, Stub, parse_stub, read, stub_of

FORMAT = "c2sp.org/tlog-proof@v1"
PATH_LIMIT_HASHES = 63
PROOF_LIMIT_CHARS = CHECKPOINT_LIMIT_CHARS + 64 * (PATH_LIMIT_HASHES + 4) + 2 * STUB_LIMIT_BYTES

_EXTRA = re.compile(r"extra ([A-Za-z0-9+/]+={0,2})")
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


class Proven(msgspec.Struct, frozen=True):
    """What a proof proves: which entry stands where, in which ledger, and which witnesses saw it when (seconds)."""

    seq: int
    stub: Stub
    checkpoint: Checkpoint
    witnesses: dict[str, int]


class Proof(msgspec.Struct, frozen=True):
    """An entry's facts, its place counted from 0, the path to the root, and a checkpoint's text."""

    stub: Stub
    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    def text(self) -> str:
        """The file; ``parse`` reads it back."""
        lines = [
            FORMAT,
            f"extra {base64.b64encode(self.stub.encoded).decode()}",
            f"index {self.index}",
            *(base64.b64encode(one).decode() for one in self.path),
        ]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    def check(self, policy: Policy) -> Proven:
        """What this proves to whoever trusts the policy and nothing else.

        Raises Refusal: what ``Policy.witnessed`` raises, MERKLE-RANGE and MERKLE-PROOF.
        """
        signed, witnesses = policy.witnessed(self.checkpoint)
        verify_inclusion(self.stub.leaf, self.index, signed.size, self.path, signed.root)
        return Proven(self.index + 1, self.stub, signed, witnesses)


def prove(db: sqlite3.Connection, seq: int) -> Proof:
    """The proof that the entry at a place, counted from 1, stands in the published ledger (NO-ENTRY)."""
    size, text = publishing.published(db)
    if not 1 <= seq <= size:
        raise Refusal(
            "NO-ENTRY",
            f"The published ledger has entries 1 to {size}.",
            path="entry",
            hint="What was just written is published after a moment.",
            status=404,
        )
    (data,) = store.encoded(db, seq, seq)
    path = serving.inclusion_proof(db, seq - 1, size)
    return Proof(stub_of(read(data)), seq - 1, tuple(path), text)


def parse(text: str) -> Proof:
    """Read a proof strictly; nothing is verified yet. Raises Refusal PROOF-FORMAT, ENTRY-STUB or ENTRY-HEADER."""
    if len(text) > PROOF_LIMIT_CHARS:
        raise _malformed(f"A proof has at most {PROOF_LIMIT_CHARS} characters.")
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or len(lines) < 3 or lines[0] != FORMAT:
        raise _malformed(
            f"A proof begins with {FORMAT}, then extra, index, hashes, an empty line and a checkpoint."
        )
    extra, index, hashes = _EXTRA.fullmatch(lines[1]), _INDEX.fullmatch(lines[2]), lines[3:]
    if extra is None or index is None:
        raise _malformed("A proof has one line extra with the entry's facts and one line index.")
    if len(hashes) > PATH_LIMIT_HASHES:
        raise _malformed(f"A path has at most {PATH_LIMIT_HASHES} hashes.")
    path = [
        checked_hash(unbase64(line, f"path[{place}]", "PROOF-FORMAT"), f"path[{place}]")
        for place, line in enumerate(hashes)
    ]
    stub = parse_stub(unbase64(extra[1], "extra", "PROOF-FORMAT"))
    return Proof(stub, int(index[1]), tuple(path), note)


def _malformed(sentence: str) -> Refusal:
    return Refusal("PROOF-FORMAT", sentence, path="proof", status=400)
