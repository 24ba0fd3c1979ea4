"""The published vectors of rotation: commitments by the words of docs/reference/rotation.md, offers by the directory."""

import hashlib
import json
from pathlib import Path

import cbor2
import pytest
from tests.node.samples import root

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate, commitment
from allpoints.identity.directory import Directory
from allpoints.identity.keys import SigningKey

pytestmark = pytest.mark.vectors

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "rotation" / "rotation.json").read_text())
KEYS = VECTORS["keys"]


def test_commitments_are_what_the_page_says() -> None:
    for one in KEYS:
        key = SigningKey.from_seeds(bytes.fromhex(one["seeds"])).public
        assert key.to_bytes().hex() == one["verify_key"]
        said = hashlib.sha256(b"allpoints/next-key/1" + bytes.fromhex(one["verify_key"])).hexdigest()
        assert said == one["commitment"] == commitment(key).hex()


def test_the_commitment_is_the_last_field_of_the_certificate() -> None:
    body, _ = cbor2.loads(bytes.fromhex(VECTORS["admitted"]))
    fields = cbor2.loads(body)
    assert (fields[0], fields[6].hex()) == ("allpoints/certificate/2", KEYS[0]["verify_key"])
    assert fields[11].hex() == KEYS[1]["commitment"]


def test_each_offer_counts_or_is_refused_as_published() -> None:
    directory = Directory(root())
    first = Certificate.from_bytes(bytes.fromhex(VECTORS["admitted"]))
    directory.add(first, first.not_before_ms)
    for seq, offer in enumerate(VECTORS["offers"], 2):
        certificate = Certificate.from_bytes(bytes.fromhex(offer["certificate"]))
        try:
            directory.rotate(certificate, seq)
            refused = ""
        except Refusal as refusal:
            refused = refusal.code
        assert refused == offer["refused"], offer["what"]
    signers = [
        (one.from_seq, one.verify_key.to_bytes().hex())
        for one in directory.signers("XAV")
        if one.verify_key is not None
    ]
    assert signers == [(1, KEYS[0]["verify_key"]), (5, KEYS[1]["verify_key"]), (8, KEYS[2]["verify_key"])]
