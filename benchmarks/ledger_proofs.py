"""Proofs a second, made and verified, beside the bare primitives of the same run.

    python -m benchmarks.ledger_proofs

Method: a ledger of 65,537 entries (three levels of tiles, one leaf at the right edge) is filled without signatures of
authors, under one checkpoint with the log's line and three cosignatures. In each round the floors are measured first (one SHA-256
of a node, one Ed25519 and one ML-DSA-44 verification, one SQLite look-up of a row); then proofs of entries chosen by
chance are made, and each is read and checked against a policy of three witnesses. The floor of a proof is one look-up of
256 rows with their hashes for each stored level; that of a check is one Ed25519 and three ML-DSA-44 verifications and a hash
for each step of the path. The ratio is floor / measured: 1.0 would be nothing but the primitives. Times are of the processor. Figures are the median of
the rounds, with the smallest and the largest.
"""

import hashlib
import secrets
import sqlite3
import statistics
import time
from collections.abc import Callable
from functools import partial
from random import Random

from allpoints.identity.keys import SigningKey
from allpoints.identity.witness_key import WitnessKey, signed_by
from allpoints.ledger import checkpoint, policy, proof, store, witnessing
from allpoints.ledger.checkpoint import Checkpoint
from allpoints.ledger.cosignature import cosign, log_signed, with_lines, witness_vkey
from allpoints.ledger.facts import SEALED
from allpoints.ledger.log_key import LogKey
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.policy import Log, Policy, Witness
from allpoints.ledger.stub import Stub
from allpoints.ledger.vkey import ED25519
from benchmarks.ledger_append import machine, show

ENTRIES = 65_537
ROUNDS = 9
PROOFS = 200
ORIGIN = "benchmark.allpoints.example"
SEEN_S = 1_790_000_000


class Scene:
    """A ledger of stubs under a witnessed checkpoint, and the policy that believes it."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.executescript(store.SCHEMA + witnessing.SCHEMA)
        self.log, self.witness = LogKey.generate(), WitnessKey.generate()
        keys = [self.witness, WitnessKey.generate(), WitnessKey.generate()]
        named = [Witness(f"w{at}", witness_vkey(f"w{at}", key)) for at, key in enumerate(keys)]
        self.policy: Policy = policy.majority([Log(self.log.vkey(ORIGIN))], named, 3)
        self.db.execute("BEGIN")
        tree = store.add(self.db, Frontier(), [self.stub(number) for number in range(1, ENTRIES + 1)])
        head = Checkpoint(ORIGIN, tree.size, tree.root())
        text = checkpoint.sign(head, SigningKey.generate()) + self.log.sign(head)
        lines = [cosign(head, f"w{at}", key, SEEN_S) for at, key in enumerate(keys)]
        store.keep_checkpoint(self.db, tree, with_lines(text, lines))
        self.db.execute("COMMIT")

    @staticmethod
    def stub(number: int) -> Stub:
        return Stub(
            id=number.to_bytes(16, "big"),
            kind="records.entered",
            author="XAV",
            author_seq=number,
            sealing=SEALED,
            digest=secrets.token_bytes(32),
        )


def seconds(act: Callable[[], object]) -> float:
    """Of this process's own time: nothing here waits for a disk, and other work on the machine does not count."""
    start = time.process_time()
    act()
    return time.process_time() - start


def floors(scene: Scene) -> tuple[float, float, float, float]:
    """Seconds for a hash of a node, an Ed25519 and an ML-DSA-44 verification, and 128 rows with their hashes."""
    node, message = secrets.token_bytes(65), secrets.token_bytes(120)
    seen = scene.witness.sign(message)
    point = Checkpoint(ORIGIN, 1, bytes(32))
    _, lines = checkpoint.parse(checkpoint.sign(point, SigningKey.generate()) + scene.log.sign(point))
    plain = scene.policy.logs[0].vkey
    if plain.kind != ED25519:
        raise RuntimeError("the log's key is no Ed25519 key")
    acts: tuple[Callable[[], object], ...] = (
        lambda: [hashlib.sha256(node).digest() for _ in range(1_000)],
        lambda: log_signed(point, lines, plain),
        lambda: signed_by(scene.witness.public, message, seen),
        lambda: [
            hashlib.sha256(row[0]).digest()
            for row in scene.db.execute(
                "SELECT commitment FROM ledger_entries WHERE seq BETWEEN 1 AND 256 ORDER BY seq"
            )
        ],
    )
    hash_s, ed25519_s, ml_dsa_s, rows_s = (statistics.median(seconds(act) for _ in range(30)) for act in acts)
    return hash_s / 1_000, ed25519_s, ml_dsa_s, rows_s


def make(scene: Scene, places: list[int], into: list[str]) -> None:
    into.extend(proof.prove(scene.db, one).text() for one in places)


def check(scene: Scene, texts: list[str]) -> None:
    for one in texts:
        proof.parse(one).check(scene.policy)


def main() -> None:
    print(f"machine: {machine()}")
    filled: list[Scene] = []
    took = seconds(lambda: filled.append(Scene()))
    (scene,) = filled
    print(f"ledger of {ENTRIES:,} entries filled in {took:.1f} s; {ROUNDS} rounds of {PROOFS} proofs")
    chance = Random(4)
    figures: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        hash_s, ed25519_s, ml_dsa_s, rows_s = floors(scene)
        places = [chance.randrange(1, ENTRIES + 1) for _ in range(PROOFS)]
        texts: list[str] = []
        make_s = seconds(partial(make, scene, places, texts))
        check_s = seconds(partial(check, scene, texts))
        floor_check = ed25519_s + 3 * ml_dsa_s + 18 * hash_s
        for name, value in (
            ("one hash of a node, µs", hash_s * 1e6),
            ("one Ed25519 verification, µs", ed25519_s * 1e6),
            ("one ML-DSA-44 verification, µs", ml_dsa_s * 1e6),
            ("256 rows read and hashed, µs", rows_s * 1e6),
            ("proofs made /s", PROOFS / make_s),
            ("making ratio", 2 * rows_s * PROOFS / make_s),
            ("proofs verified /s", PROOFS / check_s),
            ("verifying ratio", floor_check * PROOFS / check_s),
        ):
            figures.setdefault(name, []).append(value)
    for name, values in figures.items():
        show(name, values, "")
    print(f"  a proof has {len(texts[-1]):,} characters")


if __name__ == "__main__":
    main()
