"""The primitives, as this package uses them, against published cases."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

pytestmark = pytest.mark.vectors
VECTORS = Path(__file__).parents[1] / "vectors" / "wycheproof"


def cases(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    groups = json.loads((VECTORS / name).read_text())["testGroups"]
    return [(group, case) for group in groups for case in group["tests"]]


def test_aes_gcm_opens_and_refuses_as_published() -> None:
    wrong, tried = [], 0
    for group, case in cases("aes_gcm_test.json"):
        if (group["ivSize"], group["keySize"], group["tagSize"]) != (96, 256, 128):
            continue
        tried += 1
        key, iv, aad, msg, sealed = (
            bytes.fromhex(case[field]) for field in ("key", "iv", "aad", "msg", "ct")
        )
        try:
            good = AESGCM(key).decrypt(iv, sealed + bytes.fromhex(case["tag"]), aad) == msg
        except InvalidTag:
            good = False
        if good != (case["result"] == "valid"):
            wrong.append(case["tcId"])
    assert wrong == []
    assert tried > 50


def test_hkdf_derives_and_refuses_as_published() -> None:
    wrong = []
    for _, case in cases("hkdf_sha256_test.json"):
        ikm, salt, info = (bytes.fromhex(case[field]) for field in ("ikm", "salt", "info"))
        try:
            good = HKDF(SHA256(), case["size"], salt or None, info).derive(ikm).hex() == case["okm"]
        except ValueError:
            good = False
        if good != (case["result"] == "valid"):
            wrong.append(case["tcId"])
    assert wrong == []
