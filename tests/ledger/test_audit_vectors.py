"""The published vectors of audit lines, computed here from the reference alone and compared with the program."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from allpoints.ledger.audit_line import Line, commitment, leaf
from allpoints.ledger.merkle import Frontier, verify_consistency

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/audit/lines.json").read_bytes())


def msgpack(value: Any) -> bytes:
    """MessagePack in its shortest form, for what a line holds."""
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(msgpack, value))
    if isinstance(value, int):
        for head, size, limit in ((0, 0, 128), (0xCC, 1, 2**8), (0xCD, 2, 2**16), (0xCE, 4, 2**32)):
            if value < limit:
                return (bytes([head]) if size else b"") + value.to_bytes(size or 1, "big")
        return b"\xcf" + value.to_bytes(8, "big")
    data = value.encode() if isinstance(value, str) else value
    short, one, two = (0xA0, 0xD9, 0xDA) if isinstance(value, str) else (None, 0xC4, 0xC5)
    if short is not None and len(data) < 32:
        return bytes([short | len(data)]) + data
    if len(data) < 2**8:
        return bytes([one, len(data)]) + data
    return bytes([two]) + len(data).to_bytes(2, "big") + data


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:]))


@pytest.mark.vectors
@pytest.mark.parametrize("one", VECTORS["lines"], ids=lambda one: f"line-{one['number']}")
def test_each_line_gives_its_commitment_and_leaf(one: dict[str, Any]) -> None:
    salt, detail = bytes.fromhex(one["salt"]), one["detail"].encode()
    personal = [one["officer"], one["post"], one["purpose"], one["case"], detail]
    committed = sha256(b"allpoints/audit-line/1" + salt + msgpack(personal))
    hashed = sha256(b"\x00" + msgpack([1, one["at_ms"], one["event"], one["policy"], committed]))
    assert (committed.hex(), hashed.hex()) == (one["commitment"], one["leaf"])
    assert commitment(salt, *personal) == committed
    assert leaf(one["at_ms"], one["event"], one["policy"], committed) == hashed
    head = [one["number"], one["at_ms"], one["event"], one["policy"]]
    assert Line._make([*head, *personal, salt, None, hashed]).holds()
    assert Line._make([*head, "", "", "", "", b"{}", None, committed, hashed]).holds()


@pytest.mark.vectors
def test_the_roots_and_the_proof_are_those_of_the_tree() -> None:
    leaves = [bytes.fromhex(one["leaf"]) for one in VECTORS["lines"]]
    tree = Frontier()
    for size, expected in enumerate(VECTORS["roots"], 1):
        tree = tree.append(leaves[size - 1])
        assert tree.root() == root(leaves[:size]) == bytes.fromhex(expected)
    proof = VECTORS["consistency"]
    first, second = proof["first"], proof["second"]
    path = [bytes.fromhex(step) for step in proof["path"]]
    verify_consistency(first, second, root(leaves[:first]), root(leaves[:second]), path)
