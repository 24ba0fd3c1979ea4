"""Makes tests/vectors/rotation/rotation.json: run as ``python -m tests.identity.making_rotation_vectors``.

Signing is randomised, so each run gives other bytes; what the file says of them is then checked by the tests.
"""

import json
from pathlib import Path
from typing import Any

from allpoints.ground.clock import DAY
from allpoints.identity.certificate import Certificate, Holder, commitment, issue
from allpoints.identity.keys import ReceptionKey, SigningKey

FILE = Path(__file__).parents[1] / "vectors" / "rotation" / "rotation.json"
NOW_MS = 1_790_000_000_000
KEYS = [SigningKey.from_seeds(bytes((number,)) * 64) for number in range(1, 6)]


def certificate(key: int, following: int) -> Certificate:
    """By the key with one index, committed to the key with another."""
    reception = ReceptionKey.from_seeds(bytes((key,)) * 32).public
    return issue(
        "XAV",
        KEYS[key],
        Holder("XAV", "bureau", "XAV", "Bureau of Arvandia", KEYS[key].public, reception),
        not_before_ms=NOW_MS,
        not_after_ms=NOW_MS + 365 * DAY,
        serial=bytes((key, following)) * 8,
        next_key=commitment(KEYS[following].public),
    )


def vectors() -> dict[str, Any]:
    """Keys with their commitments, the first certificate, and offers that are made one after the other."""
    offers = [
        ("a thief's key", 4, 1, "KEY-NOT-COMMITTED"),
        ("the key but one after it", 2, 3, "KEY-NOT-COMMITTED"),
        ("the next key", 1, 2, ""),
        ("the key that was rotated away", 0, 1, "KEY-AGAIN"),
        ("the next key again", 1, 2, "KEY-AGAIN"),
        ("the key after it", 2, 3, ""),
    ]
    return {
        "keys": [
            {
                "seeds": key.seeds.hex(),
                "verify_key": key.public.to_bytes().hex(),
                "commitment": commitment(key.public).hex(),
            }
            for key in KEYS
        ],
        "admitted": certificate(0, 1).to_bytes().hex(),
        "offers": [
            {"what": what, "certificate": certificate(key, following).to_bytes().hex(), "refused": refused}
            for what, key, following, refused in offers
        ],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")
