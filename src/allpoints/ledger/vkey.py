"""Verifier keys: a key's name, its kind and its bytes in one line, as the C2SP signed-note format writes them.

<name>+<key id in hex>+<base64(kind, key)>
"""

import base64
import hashlib
import re
from functools import cached_property

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import ED25519_KEY_BYTES
from allpoints.identity.witness_key import ML_DSA_44_KEY_BYTES
from allpoints.ledger.checkpoint import unbase64

ED25519 = 0x01
"""Plain Ed25519 over the text of a note."""
ED25519_COSIGNATURE = 0x04
ML_DSA_44_COSIGNATURE = 0x06
KEY_BYTES = {
    ED25519: ED25519_KEY_BYTES,
    ED25519_COSIGNATURE: ED25519_KEY_BYTES,
    ML_DSA_44_COSIGNATURE: ML_DSA_44_KEY_BYTES,
}
"""The kinds that are read here, by the byte that c2sp.org/signed-note assigns to them."""

KEY_ID_BYTES = 4
VKEY_LIMIT_CHARS = 2_048

_VKEY = re.compile(r"([!-*,-~]{1,128})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")


class VKey(msgspec.Struct, frozen=True, dict=True):
    """A public key with the name under which it signs notes."""

    name: str
    kind: int
    key: bytes

    @cached_property
    def key_id(self) -> bytes:
        """The four bytes that stand before each signature of this key."""
        return key_id(self.name, bytes((self.kind,)), self.key)

    def text(self) -> str:
        """The line; ``parse`` reads it back."""
        data = base64.b64encode(bytes((self.kind,)) + self.key).decode()
        return f"{self.name}+{self.key_id.hex()}+{data}"


def key_id(name: str, kind: bytes, key: bytes) -> bytes:
    """The id of a key (c2sp.org/signed-note, Signatures): it tells keys apart and proves nothing."""
    return hashlib.sha256(name.encode() + b"\n" + kind + key).digest()[:KEY_ID_BYTES]


def parse(text: str, path: str = "vkey") -> VKey:
    """Read a verifier key strictly. Raises Refusal VKEY-FORMAT."""
    matched = _VKEY.fullmatch(text) if len(text) <= VKEY_LIMIT_CHARS else None
    if matched is None:
        raise _malformed("A verifier key is a name, eight hex digits and base64, joined by plus signs.", path)
    data = unbase64(matched[3], path, "VKEY-FORMAT")
    kind, key = data[0], data[1:]
    if kind not in KEY_BYTES:
        raise _malformed(f"Keys of kind {kind} are not read here.", path)
    if len(key) != KEY_BYTES[kind]:
        raise _malformed(f"A key of kind {kind} has {KEY_BYTES[kind]} bytes, not {len(key)}.", path)
    read = VKey(matched[1], kind, key)
    if read.key_id.hex() != matched[2]:
        raise _malformed("The id does not belong to this name and key.", path)
    return read


def _malformed(sentence: str, path: str) -> Refusal:
    return Refusal("VKEY-FORMAT", sentence, path=path, status=400)
