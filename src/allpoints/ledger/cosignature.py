"""Cosignatures of checkpoints (c2sp.org/tlog-cosignature): a witness says when it saw which tree as the largest.

Witnesses here sign with ML-DSA-44, which binds their name, the ledger, the size and the root. Ed25519 cosignatures of
the older kind are read, so that a witness run with other software can be named in a policy; none is ever made.
"""

import base64
from collections.abc import Collection, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import ED25519_SIGNATURE_BYTES
from allpoints.identity.witness_key import ML_DSA_44_SIGNATURE_BYTES, WitnessKey, signed_by
from allpoints.ledger.checkpoint import Checkpoint, SignatureLine, parse, read_signatures
from allpoints.ledger.vkey import ED25519, ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, VKey

TIME_BYTES = 8
TIME_LIMIT_S = 2**63 - 1
NAME_LIMIT_BYTES = 255

_LABEL = b"subtree/v1\n\0"
_SIGNATURE_BYTES = {
    ED25519_COSIGNATURE: ED25519_SIGNATURE_BYTES,
    ML_DSA_44_COSIGNATURE: ML_DSA_44_SIGNATURE_BYTES,
}


def witness_vkey(name: str, key: WitnessKey) -> VKey:
    """The public half of a witness's key, under the name it cosigns with."""
    return VKey(name, ML_DSA_44_COSIGNATURE, key.public)


def cosign(checkpoint: Checkpoint, name: str, key: WitnessKey, at_s: int) -> str:
    """The signature line, ended, by which a witness says that it saw this tree at ``at_s`` (seconds since 1970).

    The caller has checked that the tree grew out of what the witness saw before.
    """
    if not 0 < at_s <= TIME_LIMIT_S:
        raise Refusal("COSIGNATURE-TIME", "A cosignature says when it was made.", path="timestamp")
    signature = key.sign(_cosigned_message(checkpoint, name, at_s))
    data = witness_vkey(name, key).key_id + at_s.to_bytes(TIME_BYTES, "big") + signature
    return f"— {name} {base64.b64encode(data).decode()}\n"


def cosigned_at(checkpoint: Checkpoint, vkey: VKey, signature: bytes) -> int:
    """When the holder of ``vkey`` cosigned the checkpoint; seconds since 1970, 0 if it says no time.

    ``signature`` is what follows the key id in a signature line. Raises Refusal COSIGNATURE-WRONG.
    """
    wanted = _SIGNATURE_BYTES.get(vkey.kind)
    if wanted is None or len(signature) != TIME_BYTES + wanted:
        raise _wrong(vkey, "has not the form of one")
    at_s = int.from_bytes(signature[:TIME_BYTES], "big")
    if at_s > TIME_LIMIT_S:
        raise _wrong(vkey, "says no possible time")
    if vkey.kind == ED25519_COSIGNATURE:
        message = f"cosignature/v1\ntime {at_s}\n{checkpoint.text()}".encode()
        holds = _ed25519_signed(vkey.key, message, signature[TIME_BYTES:])
    else:
        message = _cosigned_message(checkpoint, vkey.name, at_s)
        holds = signed_by(vkey.key, message, signature[TIME_BYTES:])
    if not holds:
        raise _wrong(vkey, "is not its holder's")
    return at_s


def log_signed(checkpoint: Checkpoint, lines: Sequence[SignatureLine], vkey: VKey) -> bool:
    """Whether the log that ``vkey`` names signed its checkpoint: by plain Ed25519, or in the form of a cosignature."""
    if vkey.name != checkpoint.origin:
        return False
    for line in lines:
        if (line.name, line.key_id) != (vkey.name, vkey.key_id):
            continue
        if vkey.kind != ED25519:
            cosigned_at(checkpoint, vkey, line.signature)
        elif not _ed25519_signed(vkey.key, checkpoint.text().encode(), line.signature):
            raise _wrong(vkey, "is not its holder's")
        return True
    return False


def cosigners(
    checkpoint: Checkpoint, lines: Sequence[SignatureLine], vkeys: Collection[VKey]
) -> dict[VKey, int]:
    """Who of ``vkeys`` cosigned, and when. Lines of other keys are passed over.

    A line that bears the name and id of a known key and is not its signature spoils the whole note, as the format
    asks: COSIGNATURE-WRONG.
    """
    known = {(vkey.name, vkey.key_id): vkey for vkey in vkeys}
    found: dict[VKey, int] = {}
    for line in lines:
        vkey = known.get((line.name, line.key_id))
        if vkey is not None:
            found[vkey] = cosigned_at(checkpoint, vkey, line.signature)
    return found


def read_line(text: str) -> SignatureLine:
    """Read what a witness answers: one signature line, ended. Raises Refusal CHECKPOINT-FORMAT."""
    (line,) = read_lines(text, 1)
    return line


def read_lines(text: str, limit: int) -> tuple[SignatureLine, ...]:
    """Read at least one and at most ``limit`` signature lines, each ended."""
    lines = text.split("\n")
    if not 2 <= len(lines) <= limit + 1 or lines[-1]:
        raise Refusal(
            "CHECKPOINT-FORMAT",
            f"A witness answers with 1 to {limit} signature lines, each ended.",
            path="checkpoint.signatures",
            status=400,
        )
    return read_signatures(lines[:-1])


def with_lines(text: str, lines: Collection[str]) -> str:
    """A checkpoint's text with further signature lines; what stands there already is not repeated."""
    held = set(parse(text)[1])
    fresh = [line for line in lines if read_line(line) not in held]
    return text + "".join(fresh)


def _cosigned_message(checkpoint: Checkpoint, name: str, at_s: int) -> bytes:
    """``cosigned_message`` for the whole tree: start 0, end its size."""
    return b"".join(
        (
            _LABEL,
            _prefixed(name.encode()),
            at_s.to_bytes(8, "big"),
            _prefixed(checkpoint.origin.encode()),
            bytes(8),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _prefixed(data: bytes) -> bytes:
    if not 1 <= len(data) <= NAME_LIMIT_BYTES:
        raise Refusal("COSIGNATURE-NAME", f"A name has 1 to {NAME_LIMIT_BYTES} bytes.", path="name")
    return bytes((len(data),)) + data


def _ed25519_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _wrong(vkey: VKey, why: str) -> Refusal:
    return Refusal(
        "COSIGNATURE-WRONG",
        f"The cosignature under the name {vkey.name} {why}.",
        path="checkpoint.signatures",
        status=403,
    )
