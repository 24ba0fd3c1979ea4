"""Makes tests/vectors/log/log.json: run as ``python -m tests.ledger.making_log_vectors``.

Signing is randomised, so each run gives other bytes; what the file says of them is then checked by the tests.
"""

import json
from pathlib import Path
from typing import Any

from allpoints.identity.keys import SigningKey
from allpoints.ledger.checkpoint import Checkpoint, sign
from allpoints.ledger.entry import Entry, Head, Header, compose
from allpoints.ledger.erasing import ERASED, Named, order_body
from allpoints.ledger.facts import CLEAR, SEALED
from allpoints.ledger.log_key import LogKey
from allpoints.ledger.merkle import Frontier, inclusion_path
from allpoints.ledger.proof import Proof
from allpoints.ledger.stub import stub_of
from allpoints.ledger.tiles import bundle
from allpoints.sealing.audience_tree import WRAP_BYTES, Audience

FILE = Path(__file__).parents[1] / "vectors" / "log" / "log.json"
ORIGIN = "vectors.allpoints.example"
NOW_MS = 1_790_000_000_000
KEY = SigningKey.from_seeds(bytes(range(64)))
LOG_KEY = LogKey(bytes(range(32)))
WRAPS = Audience(bytes(16), b"".join(bytes((number,)) * WRAP_BYTES for number in range(16)))
PROVED = 1


def entries() -> list[Entry]:
    """Two sealed entries of one author, its order to erase the second, and an entry after it."""
    made: list[Entry] = []
    head = Head()
    for number in range(1, 5):
        named = [Named(made[1].header.id, made[1].commitment)] if number == 3 else []
        header = Header(
            id=bytes((number,)) * 16,
            kind=ERASED if named else "records.entered",
            author="XAV",
            created_ms=NOW_MS + number,
            author_seq=number,
            prev=head.commitment,
            sealing=CLEAR if named else SEALED,
            salt=bytes((0xA0 + number,)) * 32,
        )
        audience = None if named else WRAPS
        made.append(compose(header, audience, order_body(named) if named else b"sealed %d" % number, KEY))
        head = Head(number, made[-1].commitment)
    return made


def vectors() -> dict[str, Any]:
    made = entries()
    tree = Frontier()
    for entry in made:
        tree = tree.append(entry.leaf)
    leaves = [entry.leaf for entry in made]
    point = Checkpoint(ORIGIN, tree.size, tree.root())
    note = sign(point, KEY) + LOG_KEY.sign(point)

    def nodes(level: int, position: int) -> bytes:
        part = Frontier()
        for leaf in leaves[position << level : (position + 1) << level]:
            part = part.append(leaf)
        return part.root()

    path = inclusion_path(nodes, PROVED, len(made))
    return {
        "author_key": KEY.public.to_bytes().hex(),
        "entries": [
            {
                "entry": entry.encoded.hex(),
                "digest": entry.digest.hex(),
                "stub": stub_of(entry).encoded.hex(),
                "commitment": entry.commitment.hex(),
                "leaf": entry.leaf.hex(),
            }
            for entry in made
        ],
        "erased": [made[1].header.id.hex()],
        "tiles": {
            f"tile/entries/000.p/{len(made)}": bundle([entry.commitment for entry in made]).hex(),
            f"tile/0/000.p/{len(made)}": b"".join(leaves).hex(),
        },
        "log_seed": LOG_KEY.seed.hex(),
        "log_vkey": LOG_KEY.vkey(ORIGIN).text(),
        "checkpoint": note,
        "policy": f"log {LOG_KEY.vkey(ORIGIN).text()}\nquorum none\n",
        "proof": Proof(stub_of(made[PROVED]), PROVED, tuple(path), note).text(),
    }


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
