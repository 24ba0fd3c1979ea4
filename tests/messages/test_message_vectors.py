"""The published vectors of messages, read by the words of docs/reference/messages.md and not by the package's own code."""

import hashlib
import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from tests.messages.making_message_vectors import content

from allpoints.identity.keys import ReceptionKey, VerifyKey
from allpoints.sealing import chunks, envelope, receipt, reception

pytestmark = pytest.mark.vectors

FOLDER = Path(__file__).parents[1] / "vectors" / "messages"
ENVELOPES, RECEIPTS, BUNDLE, CHUNKS = (
    json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("envelope", "receipt", "bundle", "chunk")
)
SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def verify(key: bytes, label: bytes, message: bytes, signature: bytes) -> None:
    """Both halves, over the framed message; raises if one is not good."""
    framed = b"allpoints/hybrid-signature/1" + bytes((len(label),)) + label + message
    Ed25519PublicKey.from_public_bytes(key[:32]).verify(signature[:64], framed)
    MLDSA65PublicKey.from_public_bytes(key[32:]).verify(signature[64:], framed)


def private(seed: bytes) -> tuple[hpke.MLKEM768X25519PrivateKey, bytes]:
    """A reception key from its seed, with its public bytes."""
    expanded = hashlib.shake_256(seed).digest(96)
    first = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    second = X25519PrivateKey.from_private_bytes(expanded[64:])
    public = first.public_key().public_bytes_raw() + second.public_key().public_bytes_raw()
    return hpke.MLKEM768X25519PrivateKey(first, second), public


def opened(case: dict[str, Any], me: str) -> tuple[dict[int, Any], list[Any]]:
    """Header and inner part for one recipient."""
    header_bytes, wraps, sealed = cbor2.loads(bytes.fromhex(case["envelope"]))
    key, public = private(bytes.fromhex(case["reception_seeds"][me]))
    header: dict[int, Any] = cbor2.loads(header_bytes)
    assert header[10][me] == sha256(public)[:16]
    context = b"allpoints/envelope/1" + header_bytes
    info = b"allpoints/wrap/1" + sha256(context) + me.encode()
    content_key = SUITE.decrypt(dict(wraps)[me], key, info=info)
    keys = HKDF(SHA256(), 64, None, b"allpoints/body/1").derive(content_key)
    bound = sha256(header_bytes) + sha256(cbor2.dumps(wraps, canonical=True))
    assert sealed[:32] == keys[32:]
    padded = AESGCM(keys[:32]).decrypt(sealed[32:44], sealed[44:], b"allpoints/envelope/1" + bound)
    length = int.from_bytes(padded[:4], "big")
    assert not any(padded[4 + length :])
    inner, signature = cbor2.loads(padded[4 : 4 + length])
    verify(bytes.fromhex(ENVELOPES["sender_key"]), b"allpoints/envelope/1", bound + inner, signature)
    fields: list[Any] = cbor2.loads(inner)
    assert fields[0] == sha256(header_bytes)
    return header, fields[1:]


@pytest.mark.parametrize("case", ENVELOPES["cases"], ids=lambda case: str(case["what"]))
def test_each_envelope_opens_for_its_recipients_as_the_page_says(case: dict[str, Any]) -> None:
    assert sha256(bytes.fromhex(case["envelope"])).hex() == case["hash"]
    kind, handling, purpose, reply_to, body, first = case["inner"]
    said = [kind, handling, purpose, bytes.fromhex(reply_to), bytes.fromhex(body), bytes.fromhex(first)]
    for me in case["reception_seeds"]:
        header, inner = opened(case, me)
        assert inner == said
        assert {number: header[number] for number in (1, 3, 4, 5, 6, 7)} == {
            1: 1,
            3: ENVELOPES["sender"],
            4: sorted(case["reception_seeds"]),
            5: case["created"],
            6: case["expires"],
            7: case["priority"],
        }
        assert header[2].hex() == case["id"]
        assert {name: [header[8][name], header[9][name].hex()] for name in header[8]} == case["places"]


@pytest.mark.parametrize("case", ENVELOPES["cases"], ids=lambda case: str(case["what"]))
def test_each_envelope_opens_with_the_package(case: dict[str, Any]) -> None:
    sender = VerifyKey(bytes.fromhex(ENVELOPES["sender_key"]))
    for me, seed in case["reception_seeds"].items():
        key = ReceptionKey.from_seeds(bytes.fromhex(seed))
        found = envelope.open_envelope(bytes.fromhex(case["envelope"]), me, key, sender, case["created"])
        words = [found.reply_to.hex(), found.body.hex(), found.first.hex()]
        assert [found.type, found.handling, found.purpose, *words] == case["inner"]
        assert found.envelope_hash.hex() == case["hash"]


@pytest.mark.parametrize("case", RECEIPTS["cases"], ids=lambda case: str(case["fields"][0]))
def test_each_receipt_says_and_proves_what_stands_beside_it(case: dict[str, Any]) -> None:
    data, key = bytes.fromhex(case["receipt"]), bytes.fromhex(RECEIPTS["key"])
    body, signature = cbor2.loads(data)
    verify(key, b"allpoints/receipt/1", body, signature)
    version, *fields = cbor2.loads(body)
    assert version == 1
    assert [field.hex() if isinstance(field, bytes) else field for field in fields] == case["fields"]
    kind, envelope_hash, by, role, at_ms, reason = fields
    assert receipt.check_receipt(data, VerifyKey(key)) == receipt.Receipt(
        kind, envelope_hash, by, role, at_ms, reason
    )


def test_the_bundle_says_and_proves_the_keys_whose_seeds_stand_beside_it() -> None:
    data, key = bytes.fromhex(BUNDLE["bundle"]), bytes.fromhex(BUNDLE["key"])
    body, signature = cbor2.loads(data)
    verify(key, b"allpoints/reception/1", body, signature)
    one_time = [private(bytes.fromhex(seed))[1] for seed in BUNDLE["one_time_seeds"]]
    daily = private(bytes.fromhex(BUNDLE["daily_seed"]))[1]
    assert [one.hex() for one in (daily, *one_time)] == [BUNDLE["daily"], *BUNDLE["one_time"]]
    hashes = [sha256(one) for one in one_time]
    assert cbor2.loads(body) == [1, BUNDLE["node"], BUNDLE["from"], BUNDLE["kept"], daily, hashes]
    found = reception.check_bundle(data, BUNDLE["node"], VerifyKey(key), BUNDLE["from"])
    assert (found.daily, list(found.one_time)) == (daily, hashes)
    for one in one_time:
        reception.check_one_time(found, one)


@pytest.mark.parametrize("case", CHUNKS["cases"], ids=lambda case: f"{case['size']} bytes")
def test_each_chunk_is_sealed_as_the_page_says_and_opens_with_the_package(case: dict[str, Any]) -> None:
    file_id, key, whole = bytes.fromhex(case["id"]), bytes.fromhex(case["key"]), content(case["size"])
    assert len(case["chunks"]) == -(-case["size"] // 1_048_576)
    for position, chunk in enumerate(case["chunks"]):
        data = whole[position * 1_048_576 :][:1_048_576]
        last = chunk is case["chunks"][-1]
        nonce = bytes(7) + position.to_bytes(4, "big") + (b"\x01" if last else b"\0")
        sealed = AESGCM(key).encrypt(nonce, data, b"allpoints/chunk/1" + file_id)
        assert sha256(sealed).hex() == chunk["sha256"]
        assert sealed.hex() == chunk.get("sealed", sealed.hex())
        assert chunks.open_chunk(chunks.FileKey(file_id, key), position, sealed, case["size"]) == data
