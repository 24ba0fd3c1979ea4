"""Makes tests/vectors/exclusion/exclusion.json: run as ``python -m tests.registers.making_exclusion_vectors``.

Signing is randomised, so each run gives other bytes of statements; what the file says of them is checked by the tests.
"""

import json
from pathlib import Path
from typing import Any

import cbor2

from allpoints.identity.keys import SigningKey
from allpoints.registers.exclusion import Named, Obeyed, encode_order, sign_obeyed
from allpoints.registers.record import record_id

FILE = Path(__file__).parents[1] / "vectors" / "exclusion" / "exclusion.json"
OWNER, MEMBER = "XAV", "XCS"
KEY = SigningKey.from_seeds(b"\x07" * 64)
NAMED = (
    [Named("persons", "P-1", 2)],
    [Named("travel-documents", "AV-2", 9), Named("persons", "P-1", 2), Named("travel-documents", "AV-1", 2)],
    [Named("works-of-art", "Musée 12/Ä", 2**24 - 1)],
)
REFUSED = {
    "nothing": [],
    "no array": {"persons": 1},
    "below the second version": [["persons", "P-1", 1]],
    "above every version": [["persons", "P-1", 2**24]],
    "no reference": [["persons", "", 2]],
    "no register": [["", "P-1", 2]],
    "a reference of 65 characters": [["persons", "x" * 65, 2]],
    "out of order": [["persons", "P-2", 2], ["persons", "P-1", 2]],
    "twice": [["persons", "P-1", 2], ["persons", "P-1", 3]],
    "too many fields": [["persons", "P-1", 2, 0]],
    "bytes for a reference": [["persons", b"P-1", 2]],
}
WORD = Obeyed(bytes(range(32)), MEMBER, 1_790_000_000_000)


def orders() -> list[dict[str, Any]]:
    return [
        {
            "author": OWNER,
            "named": [
                {**one._asdict(), "record": record_id(one.register, OWNER, one.ref).hex()}
                for one in sorted(named)
            ],
            "body": encode_order(named).hex(),
        }
        for named in NAMED
    ]


def vectors() -> dict[str, Any]:
    """Orders with the records that they name, bodies that are none, and a signed word on an order."""
    return {
        "orders": orders(),
        "refused": [
            {"what": what, "body": cbor2.dumps(said, canonical=True).hex()} for what, said in REFUSED.items()
        ],
        "obeyed": {
            "verify_key": KEY.public.to_bytes().hex(),
            "commitment": WORD.commitment.hex(),
            "member": WORD.by,
            "when": WORD.at_ms,
            "statement": sign_obeyed(WORD, KEY).hex(),
        },
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
