"""The published vectors of the log are what this program computes, and what the independent verifier computes."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from allpoints.identity.keys import VerifyKey
from allpoints.ledger import checkpoint, policy, proof
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.ledger.entry import Head, parse
from allpoints.ledger.erasing import read_order
from allpoints.ledger.log_key import LogKey
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.stub import parse_stub, stub_of
from allpoints.ledger.tiles import bundle, parse_path

FILE = Path(__file__).parents[1] / "vectors" / "log" / "log.json"
PROGRAM = Path(__file__).parents[2] / "tools" / "verify.py"
pytestmark = pytest.mark.vectors


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return read


def independent() -> ModuleType:
    spec = importlib.util.spec_from_file_location("independent", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_entries_have_the_published_stubs_commitments_leaves_and_signatures(vectors: dict[str, Any]) -> None:
    key, head = VerifyKey.from_bytes(bytes.fromhex(vectors["author_key"])), Head()
    for one in vectors["entries"]:
        entry = parse(bytes.fromhex(one["entry"]))
        head.check_next(entry.header)
        entry.verify(key)
        head = Head(entry.header.author_seq, entry.commitment)
        stub = parse_stub(bytes.fromhex(one["stub"]))
        assert stub == stub_of(entry)
        told = (stub.digest.hex(), stub.commitment.hex(), stub.leaf.hex())
        assert told == (one["digest"], one["commitment"], one["leaf"])
    (named,) = read_order(parse(bytes.fromhex(vectors["entries"][2]["entry"])))
    assert [named.id.hex()] == vectors["erased"]


def test_tiles_checkpoint_and_proof_are_as_published(vectors: dict[str, Any]) -> None:
    leaves = [bytes.fromhex(one["leaf"]) for one in vectors["entries"]]
    for path, data in vectors["tiles"].items():
        tile = parse_path(path)
        commitments = [bytes.fromhex(one["commitment"]) for one in vectors["entries"]]
        assert data == (bundle(commitments) if tile.level is None else b"".join(leaves)).hex()
    tree = Frontier()
    for leaf in leaves:
        tree = tree.append(leaf)
    key = VerifyKey.from_bytes(bytes.fromhex(vectors["author_key"]))
    point, _ = checkpoint.parse(vectors["checkpoint"])
    assert checkpoint.verify(vectors["checkpoint"], RelayKeys(point.origin, (key,))) == point
    assert (point.size, point.root) == (tree.size, tree.root())
    log = LogKey(bytes.fromhex(vectors["log_seed"]))
    assert log.vkey(point.origin).text() == vectors["log_vkey"]
    # Ed25519 is the one signature here that is made the same each time.
    assert vectors["checkpoint"].endswith(log.sign(point))
    proven = proof.parse(vectors["proof"]).check(policy.read(vectors["policy"].encode()))
    assert proven.stub.encoded.hex() == vectors["entries"][proven.seq - 1]["stub"]


def test_the_independent_verifier_says_the_same_of_them(vectors: dict[str, Any], tmp_path: Path) -> None:
    """The second entry stands as its stub, since the third orders it to be erased."""
    for path, data in {**vectors["tiles"]}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(bytes.fromhex(data))
    items = [bytes.fromhex(one["entry"]) for one in vectors["entries"]]
    items[1] = bytes.fromhex(vectors["entries"][1]["stub"])
    (tmp_path / "contents").mkdir()
    (tmp_path / "contents" / "000").write_bytes(b"".join(len(one).to_bytes(4, "big") + one for one in items))
    (tmp_path / "checkpoint").write_text(vectors["checkpoint"], encoding="utf-8")
    (tmp_path / "policy").write_text(vectors["policy"])
    said = list(independent().verify(tmp_path, tmp_path / "policy", None))
    assert "entries: 4 as committed to, 1 erased by order, 1 chains" in said
