"""A witness's decision (c2sp.org/tlog-witness, add-checkpoint): cosign what grew out of what was cosigned before.

The check and the new state are one transaction of the caller's, which ends on the disk before the answer leaves:
with the state written later, two requests at once, or a crash, could roll a witness back.
"""

import base64
import re
import sqlite3
from collections.abc import Callable

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.witness_key import WitnessKey
from allpoints.ledger import checkpoint, cosignature
from allpoints.ledger.checkpoint import CHECKPOINT_LIMIT_CHARS, Checkpoint, RelayKeys, unbase64
from allpoints.ledger.merkle import EMPTY_ROOT, HASH_BYTES, TREE_SIZE_LIMIT, verify_consistency

PROOF_LIMIT_HASHES = 63
REQUEST_LIMIT_CHARS = CHECKPOINT_LIMIT_CHARS + 64 * (PROOF_LIMIT_HASHES + 1)

SCHEMA = """
CREATE TABLE IF NOT EXISTS witness_heads (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, checkpoint TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_witnessed (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, checkpoint TEXT NOT NULL);
"""
"""``witness_heads``: what this node cosigned last. ``ledger_witnessed``: the largest checkpoint with a quorum."""

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")

Root = Callable[[int], bytes | None]
"""``root(size)``: the root of this node's own copy at a size, or None beyond what it holds."""


class Addition(msgspec.Struct, frozen=True):
    """A request to cosign: the size that the witness is thought to have cosigned last, a proof from it, a checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: str

    def text(self) -> str:
        """The body of an ``add-checkpoint`` request; ``read_addition`` reads it back."""
        hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in self.proof)
        return f"old {self.old_size}\n{hashes}\n{self.checkpoint}"


class Held(msgspec.Struct, frozen=True):
    """What a witness cosigned last for a ledger, with its own line under it."""

    size: int
    root: bytes
    checkpoint: str


def read_addition(text: str) -> Addition:
    """Read the body of an ``add-checkpoint`` request strictly. Raises Refusal WITNESS-REQUEST."""
    if len(text) > REQUEST_LIMIT_CHARS:
        raise _malformed(f"A request has at most {REQUEST_LIMIT_CHARS} characters.", status=413)
    head, gap, note = text.partition("\n\n")
    old, *hashes = head.split("\n")
    matched = _OLD.fullmatch(old)
    if not gap or matched is None or int(matched[1]) > TREE_SIZE_LIMIT:
        raise _malformed("A request is an old size, a proof, an empty line and a checkpoint.")
    if len(hashes) > PROOF_LIMIT_HASHES:
        raise _malformed(f"A proof has at most {PROOF_LIMIT_HASHES} hashes.")
    proof = tuple(unbase64(line, f"proof[{place}]", "WITNESS-REQUEST") for place, line in enumerate(hashes))
    for place, one in enumerate(proof):
        if len(one) != HASH_BYTES:
            raise _malformed(f"A hash has {HASH_BYTES} bytes.", f"proof[{place}]")
    return Addition(int(matched[1]), proof, note)


def held(db: sqlite3.Connection, origin: str) -> Held:
    """What this witness cosigned last; nothing, for a ledger it never did."""
    row = db.execute(
        "SELECT size, root, checkpoint FROM witness_heads WHERE origin = ?", (origin,)
    ).fetchone()
    return Held(0, EMPTY_ROOT, "") if row is None else Held(*row)


def add_checkpoint(
    db: sqlite3.Connection,
    addition: Addition,
    relay_keys: RelayKeys,
    signer: tuple[str, WitnessKey],
    at_s: int,
    own_root: Root = lambda _size: None,
) -> str:
    """Check, remember and cosign; gives the signature line. ``signer`` is the witness's name and key.

    Raises Refusal and changes nothing otherwise: CHECKPOINT-FORMAT (400), -ORIGIN (404), -SIGNATURE (403);
    WITNESS-OLD-SIZE (400); WITNESS-CONFLICT (409), whose hint is the size that was cosigned last; WITNESS-PROOF (422),
    when nothing proves that this tree grew out of the last; WITNESS-FORK (422), when the relay signed two trees of one
    size.
    """
    signed = checkpoint.verify(addition.checkpoint, relay_keys)
    if addition.old_size > signed.size:
        raise Refusal(
            "WITNESS-OLD-SIZE", "The old size is larger than the new one.", path="old_size", status=400
        )
    last = held(db, signed.origin)
    if (signed.size == last.size and signed.root != last.root) or own_root(signed.size) not in {
        None,
        signed.root,
    }:
        raise _forked(signed)
    if addition.old_size != last.size:
        raise Refusal(
            "WITNESS-CONFLICT",
            f"This witness cosigned {last.size} entries last, not {addition.old_size}.",
            path="old_size",
            hint=str(last.size),
            status=409,
        )
    _check_growth(last, signed, addition.proof)
    line = cosignature.cosign(signed, signer[0], signer[1], at_s)
    note = cosignature.with_lines(addition.checkpoint, [line])
    db.execute(
        "INSERT OR REPLACE INTO witness_heads VALUES (?,?,?,?)",
        (signed.origin, signed.size, signed.root, note),
    )
    return line


def witnessed(db: sqlite3.Connection) -> tuple[int, str]:
    """Size and text of the largest checkpoint that the quorum cosigned; 0 and nothing before the first."""
    row: tuple[int, str] | None = db.execute("SELECT size, checkpoint FROM ledger_witnessed").fetchone()
    return row or (0, "")


def keep_witnessed(db: sqlite3.Connection, size: int, text: str) -> None:
    """Keep a checkpoint with its cosignatures in place of a smaller one."""
    if size >= witnessed(db)[0]:
        db.execute("INSERT OR REPLACE INTO ledger_witnessed VALUES (1,?,?)", (size, text))


def _check_growth(last: Held, signed: Checkpoint, proof: tuple[bytes, ...]) -> None:
    if last.size == 0:
        if proof:
            raise _unproved(last, signed)
        return
    try:
        verify_consistency(last.size, signed.size, last.root, signed.root, proof)
    except Refusal as refusal:
        raise _unproved(last, signed) from refusal


def _unproved(last: Held, signed: Checkpoint) -> Refusal:
    return Refusal(
        "WITNESS-PROOF",
        f"Nothing proves that this ledger of {signed.size} entries begins with the {last.size} cosigned last.",
        path="proof",
        status=422,
    )


def _forked(signed: Checkpoint) -> Refusal:
    return Refusal(
        "WITNESS-FORK",
        f"The relay signed another ledger of {signed.size} entries than the one known here.",
        path="checkpoint",
        hint="Keep both checkpoints: they prove it to anyone.",
        status=422,
    )


def _malformed(sentence: str, path: str = "", status: int = 400) -> Refusal:
    return Refusal("WITNESS-REQUEST", sentence, path=path, status=status)
