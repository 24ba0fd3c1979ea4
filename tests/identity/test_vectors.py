"""The primitives, as this package uses them, against published cases."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from allpoints.identity.keys import ReceptionKey

pytestmark = pytest.mark.vectors
VECTORS = Path(__file__).parents[1] / "vectors"
X_WING = 0x647A


def cases(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    groups = json.loads((VECTORS / "wycheproof" / name).read_text())["testGroups"]
    return [(group, case) for group in groups for case in group["tests"]]


def test_ed25519_accepts_and_refuses_as_published() -> None:
    wrong = []
    for group, case in cases("ed25519_test.json"):
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(group["publicKey"]["pk"]))
        try:
            key.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            result = "valid"
        except InvalidSignature:
            result = "invalid"
        if result != case["result"]:
            wrong.append(case["tcId"])
    assert wrong == []


def test_ml_dsa_65_accepts_and_refuses_as_published() -> None:
    wrong, results = [], set()
    for group, case in cases("mldsa_65_verify_subset.json"):
        context = bytes.fromhex(case["ctx"]) if "ctx" in case else None
        try:
            key = MLDSA65PublicKey.from_public_bytes(bytes.fromhex(group["publicKey"]))
            key.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]), context)
            result = "valid"
        except (InvalidSignature, ValueError):
            result = "invalid"
        results.add(result)
        if result != case["result"]:
            wrong.append(case["tcId"])
    assert wrong == []
    assert results == {"valid", "invalid"}


def test_x25519_agrees_as_published_and_refuses_points_of_small_order() -> None:
    wrong, refused = [], 0
    for _, case in cases("x25519_test.json"):
        private = X25519PrivateKey.from_private_bytes(bytes.fromhex(case["private"]))
        try:
            shared = private.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(case["public"])))
        except ValueError:
            refused += 1
            shared = bytes(32)
        if shared.hex() != case["shared"]:
            wrong.append(case["tcId"])
    assert wrong == []
    assert refused > 0


def test_ml_kem_768_makes_keys_and_opens_as_published_and_refuses_other_lengths() -> None:
    wrong, results = [], set()
    for _, case in cases("mlkem_768_subset.json"):
        try:
            key = MLKEM768PrivateKey.from_seed_bytes(bytes.fromhex(case["seed"]))
            made = key.public_key().public_bytes_raw().hex() == case["ek"]
            good = made and key.decapsulate(bytes.fromhex(case["c"])).hex() == case["K"]
            result = "valid" if good else "wrong"
        except ValueError:
            result = "invalid"
        results.add(result)
        if result != case["result"]:
            wrong.append(case["tcId"])
    assert wrong == []
    assert results == {"valid", "invalid"}


def test_x_wing_opens_the_published_messages_with_our_derivation_of_its_keys() -> None:
    all_vectors = json.loads((VECTORS / "hpke" / "hpke-pq-test-vectors.json").read_text())
    kdfs = {0x0001: hpke.KDF.HKDF_SHA256, 0x0011: hpke.KDF.SHAKE256}
    opened = 0
    for vector in all_vectors:
        if vector["kem_id"] != X_WING:
            continue
        suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, kdfs[vector["kdf_id"]], hpke.AEAD.CHACHA20_POLY1305)
        key = ReceptionKey.from_seeds(bytes.fromhex(vector["skRm"]))
        assert key.public.to_bytes().hex() == vector["pkRm"]
        first = vector["encryptions"][0]
        plain = openssl.hpke._decrypt_with_aad(
            suite,
            bytes.fromhex(vector["enc"] + first["ct"]),
            key._key,
            info=bytes.fromhex(vector["info"]),
            aad=bytes.fromhex(first["aad"]),
        )
        assert plain.hex() == first["pt"]
        opened += 1
    assert opened == 2


def test_the_x_wing_seed_expands_as_the_draft_says() -> None:
    seed = bytes(range(32))
    expanded = hashlib.shake_256(seed).digest(96)
    public = X25519PrivateKey.from_private_bytes(expanded[64:]).public_key().public_bytes_raw()
    assert ReceptionKey.from_seeds(seed).public.to_bytes()[-32:] == public
