"""The published vectors, read by the words of docs/reference/audience.md and not by the package's own code."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from allpoints.identity.keys import ReceptionKey
from allpoints.sealing import audience_tree
from allpoints.sealing.audience_tree import Audience
from allpoints.sealing.epoch import open_packet, read_packets

pytestmark = pytest.mark.vectors

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "audience" / "audience.json").read_text()
)
SECRET, EPOCH, CONTENT_KEY, HEADER, BODY = (
    bytes.fromhex(VECTORS[name]) for name in ("secret", "epoch", "content_key", "header", "body")
)


def node_key(node: int) -> bytes:
    return hmac.digest(SECRET, b"allpoints/audience-node/1" + node.to_bytes(2, "big"), "sha256")


def derived(key: bytes) -> bytes:
    message = b"allpoints/audience-wrap/1" + EPOCH + hashlib.sha256(HEADER).digest()
    return hmac.digest(key, message, "sha512")


def opened(audience: bytes, sealed: bytes, slot: int) -> bytes | None:
    """The body for whoever sits in a slot."""
    epoch, wraps = cbor2.loads(audience)
    assert epoch == EPOCH
    found = {wraps[at : at + 8]: wraps[at + 8 : at + 56] for at in range(0, len(wraps), 56)}
    assert len(found) in {16, 32, 64, 128}
    for depth in range(9):
        words = derived(node_key((256 + slot) >> (8 - depth)))
        if words[:8] in found:
            content_key = AESGCM(words[32:]).decrypt(bytes(12), found[words[:8]], None)
            assert content_key == CONTENT_KEY
            keys = HKDF(SHA256(), 64, None, b"allpoints/body/1").derive(content_key)
            assert keys[32:] == sealed[:32]
            bound = hashlib.sha256(HEADER).digest() + hashlib.sha256(audience).digest()
            return AESGCM(keys[:32]).decrypt(sealed[32:44], sealed[44:], bound)
    return None


@pytest.mark.parametrize("case", VECTORS["entries"], ids=lambda case: str(case["what"]))
def test_each_entry_opens_for_its_slots_and_for_no_other(case: dict[str, Any]) -> None:
    audience, sealed = bytes.fromhex(case["audience"]), bytes.fromhex(case["sealed"])
    for slot in range(256):
        expected = BODY if slot in case["slots"] else None
        assert opened(audience, sealed, slot) == expected
        keys = audience_tree.path_keys(SECRET, slot)
        found = audience_tree.unwrap(keys, Audience.from_bytes(audience), HEADER)
        assert found == (CONTENT_KEY if expected else None)
    assert audience_tree.cover(case["slots"]) == case["cover"]


def test_keys_of_nodes_are_those_that_stand_there() -> None:
    for node, key in VECTORS["node_keys"].items():
        assert node_key(int(node)).hex() == audience_tree.node_key(SECRET, int(node)).hex() == key


@pytest.mark.parametrize("member", VECTORS["packets"]["members"], ids=lambda member: str(member["name"]))
def test_each_packet_opens_for_its_member(member: dict[str, Any]) -> None:
    owner, body = VECTORS["packets"]["owner"], bytes.fromhex(VECTORS["packets"]["body"])
    seed, name = bytes.fromhex(member["reception_seed"]), member["name"]
    version, epoch, packets = cbor2.loads(body)
    assert (version, epoch) == (1, EPOCH)
    expanded = hashlib.shake_256(seed).digest(96)
    key = hpke.MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])
    )
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    info = b"allpoints/epoch/1" + hashlib.sha256(cbor2.dumps([owner, epoch, name], canonical=True)).digest()
    keys = suite.decrypt(dict(packets)[name], key, info=info)
    assert keys.hex() == member["path_keys"]
    assert keys == open_packet(read_packets(body), owner, name, ReceptionKey(seed))
    assert keys == b"".join(node_key((256 + member["slot"]) >> up) for up in range(8, -1, -1))
