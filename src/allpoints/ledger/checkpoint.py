"""The relay's signed word on the ledger's size and root: a C2SP tlog-checkpoint, which is a signed note.

    <origin>
    <size>
    <base64 root>

    — <origin> <base64(key id, Ed25519 signature)>
    — <origin> <base64(key id, ML-DSA-65 signature)>

Both signatures are the relay's over the text before the blank line and both must verify. Lines of other keys are
kept and passed over, as the format asks: they are the witnesses' (see ``cosignature``).
"""

import base64
import binascii
import hashlib
import re
from bisect import bisect_right

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import ED25519_KEY_BYTES, Signature, SigningKey, VerifyKey
from allpoints.ledger.merkle import HASH_BYTES, TREE_SIZE_LIMIT

CHECKPOINT_LABEL = b"allpoints/checkpoint/1"
CHECKPOINT_LIMIT_CHARS = 256 * 1024
"""The relay's lines and one cosignature of each witness that a policy may name fit in."""

SIGNATURE_LINES_LIMIT = 48
ORIGIN_LIMIT_CHARS = 128

# The format keeps 0xff for signature types without a number of their own. Type 1 would be Ed25519 over the bare
# text; a signing key here signs nothing without its label, in either half.
_ED25519_TYPE = b"\xffallpoints/checkpoint/1/ed25519"
_ML_DSA_65_TYPE = b"\xffallpoints/checkpoint/1/ml-dsa-65"

_KEY_ID_BYTES = 4
_ORIGIN = re.compile(r"[A-Za-z0-9._/-]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE_LINE = re.compile(r"— ([!-*,-~]{1,128}) ([A-Za-z0-9+/]+={0,2})")


class Checkpoint(msgspec.Struct, frozen=True):
    """A ledger at one moment: whose it is, how many entries, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class RelayKeys(msgspec.Struct, frozen=True):
    """The ledger that a follower trusts: its origin, and the relay's key, or keys while one replaces another.

    ``since`` says from how many entries on each of them signs, until the next one does; without it, each signs any size.
    """

    origin: str
    keys: tuple[VerifyKey, ...]
    since: tuple[int, ...] = ()

    def at(self, size: int) -> tuple[VerifyKey, ...]:
        """The keys that sign a checkpoint of so many entries."""
        if not self.since:
            return self.keys
        return self.keys[: max(1, bisect_right(self.since, size))][-1:]


class SignatureLine(msgspec.Struct, frozen=True):
    """One signature under a note, by the key that name and id tell."""

    name: str
    key_id: bytes
    signature: bytes


def sign(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The signed note of a checkpoint, with both signature lines."""
    _check_head(checkpoint)
    signature = key.sign(CHECKPOINT_LABEL, checkpoint.text().encode())
    ed25519_id, ml_dsa_65_id = _key_ids(checkpoint.origin, key.public)
    lines = [
        _signature_line(checkpoint.origin, ed25519_id, signature.ed25519),
        _signature_line(checkpoint.origin, ml_dsa_65_id, signature.ml_dsa_65),
    ]
    return "\n".join([checkpoint.text(), *lines, ""])


def parse(text: str) -> tuple[Checkpoint, tuple[SignatureLine, ...]]:
    """Read a signed note strictly; the signatures are not verified yet. Raises Refusal CHECKPOINT-FORMAT."""
    if len(text) > CHECKPOINT_LIMIT_CHARS:
        raise _malformed(f"A checkpoint has at most {CHECKPOINT_LIMIT_CHARS} characters.")
    lines = text.split("\n")
    if len(lines) < 6 or lines[3] or lines[-1]:
        raise _malformed("A checkpoint is origin, size, root, an empty line and signature lines, each ended.")
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size):
        raise _malformed("The size is a whole number without leading zeros.", "checkpoint.size")
    checkpoint = Checkpoint(origin, int(size), unbase64(root, "checkpoint.root"))
    _check_head(checkpoint)
    return checkpoint, read_signatures(lines[4:-1])


def verify(text: str, relay_keys: RelayKeys) -> Checkpoint:
    """The checkpoint, if the relay signed it with both halves of one of its keys.

    Raises Refusal CHECKPOINT-FORMAT, CHECKPOINT-ORIGIN or CHECKPOINT-SIGNATURE.
    """
    checkpoint, lines = parse(text)
    if checkpoint.origin != relay_keys.origin:
        raise Refusal(
            "CHECKPOINT-ORIGIN",
            f"This checkpoint is of the ledger {checkpoint.origin}, not of {relay_keys.origin}.",
            path="checkpoint.origin",
            status=404,
        )
    signatures = {(line.name, line.key_id): line.signature for line in lines}
    for key in relay_keys.at(checkpoint.size):
        halves = [signatures.get((checkpoint.origin, key_id)) for key_id in _key_ids(checkpoint.origin, key)]
        if halves[0] is not None and halves[1] is not None:
            _verify_halves(checkpoint, key, Signature(halves[0], halves[1]))
            return checkpoint
    raise _not_signed("The relay's two signatures are not both on this checkpoint.")


def _verify_halves(checkpoint: Checkpoint, key: VerifyKey, signature: Signature) -> None:
    try:
        key.verify(CHECKPOINT_LABEL, checkpoint.text().encode(), signature)
    except Refusal as refusal:
        raise _not_signed("A signature on this checkpoint is not the relay's.") from refusal


def read_signatures(lines: list[str]) -> tuple[SignatureLine, ...]:
    """Read signature lines strictly; no key may stand there twice. Raises Refusal CHECKPOINT-FORMAT."""
    if len(lines) > SIGNATURE_LINES_LIMIT:
        raise _malformed(
            f"A checkpoint has at most {SIGNATURE_LINES_LIMIT} signatures.", "checkpoint.signatures"
        )
    read: list[SignatureLine] = []
    for place, line in enumerate(lines):
        path = f"checkpoint.signatures[{place}]"
        matched = _SIGNATURE_LINE.fullmatch(line)
        if matched is None:
            raise _malformed("A signature line is a dash, a name and base64.", path)
        data = unbase64(matched[2], path)
        if len(data) <= _KEY_ID_BYTES:
            raise _malformed("A signature follows its key id.", path)
        read.append(SignatureLine(matched[1], data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:]))
    if len({(line.name, line.key_id) for line in read}) != len(read):
        raise _malformed("No key signs a checkpoint twice.", "checkpoint.signatures")
    return tuple(read)


def _check_head(checkpoint: Checkpoint) -> None:
    origin = checkpoint.origin
    if len(origin) > ORIGIN_LIMIT_CHARS or not _ORIGIN.fullmatch(origin):
        raise _malformed(
            f"An origin has 1 to {ORIGIN_LIMIT_CHARS} letters, digits, points, dashes and slashes.",
            "checkpoint.origin",
        )
    if not 0 <= checkpoint.size <= TREE_SIZE_LIMIT:
        raise _malformed("No ledger has that size.", "checkpoint.size")
    if len(checkpoint.root) != HASH_BYTES:
        raise _malformed(f"A root has {HASH_BYTES} bytes.", "checkpoint.root")


def _key_ids(origin: str, key: VerifyKey) -> tuple[bytes, bytes]:
    """The ids of the two halves, as the signed-note format derives them."""
    raw = key.to_bytes()
    named = origin.encode() + b"\n"
    ed25519 = hashlib.sha256(named + _ED25519_TYPE + raw[:ED25519_KEY_BYTES]).digest()
    ml_dsa_65 = hashlib.sha256(named + _ML_DSA_65_TYPE + raw[ED25519_KEY_BYTES:]).digest()
    return ed25519[:_KEY_ID_BYTES], ml_dsa_65[:_KEY_ID_BYTES]


def _signature_line(name: str, key_id: bytes, signature: bytes) -> str:
    return f"— {name} {base64.b64encode(key_id + signature).decode()}"


def unbase64(text: str, path: str, code: str = "CHECKPOINT-FORMAT") -> bytes:
    """Base64 in its one form: padding present, unused bits zero; anything else is refused as ``code``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(code, "This is not base64.", path=path, status=400) from error
    if base64.b64encode(data).decode() != text:
        raise Refusal(code, "This base64 is not in its one form.", path=path, status=400)
    return data


def _malformed(sentence: str, path: str = "checkpoint") -> Refusal:
    return Refusal("CHECKPOINT-FORMAT", sentence, path=path, status=400)


def _not_signed(sentence: str) -> Refusal:
    return Refusal("CHECKPOINT-SIGNATURE", sentence, path="checkpoint.signatures", status=403)
