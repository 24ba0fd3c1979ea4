"""Makes tests/vectors/recovery and tests/vectors/measures: run as ``python -m tests.identity.making_recovery_vectors``.

Signing is randomised, so each run gives other bytes; what the files say of them is then checked by the tests.
"""

import json
from pathlib import Path
from typing import Any

from tests.identity.making_rotation_vectors import KEYS, NOW_MS, certificate

from allpoints.ground.clock import DAY, HOUR
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.identity.root import key_hash
from allpoints.identity.standing import Measure, Restoration

FOLDER = Path(__file__).parents[1] / "vectors"
RECOVERY, MEASURES = FOLDER / "recovery" / "recovery.json", FOLDER / "measures" / "measures.json"
WHY = ("Keys were stolen", "Four holders of the root")


def named(place: int) -> bytes:
    return bytes((place,)) * 16


def revocation(place: int, key: int) -> dict[str, Any]:
    return {"revocation": Revocation(named(place), "XAV", key_hash(KEYS[key].public), *WHY).to_bytes().hex()}


def recovery(place: int, key: int, new: tuple[int, int], until_ms: int) -> dict[str, Any]:
    order = Recovery(named(place), "XAV", key_hash(KEYS[key].public), until_ms, certificate(*new), *WHY)
    return {"recovery": order.to_bytes().hex()}


def settled(place: int) -> dict[str, Any]:
    return {"recovery": named(place).hex()}


Step = tuple[str, str, dict[str, Any], int, str]


def key_steps() -> list[Step]:
    """Keys as in the vectors of rotation: the first is admitted, committed to the second."""
    until = NOW_MS + 72 * HOUR
    return [
        (
            "another key, with an hour less than three days",
            "recovering",
            recovery(1, 0, (3, 4), until - HOUR),
            0,
            "RECOVERY-SHORT",
        ),
        (
            "another key, to be objected to for 31 days",
            "recovering",
            recovery(1, 0, (3, 4), NOW_MS + 31 * DAY),
            0,
            "RECOVERY-LONG",
        ),
        ("another key at once", "recovering", recovery(1, 0, (3, 4), 0), 0, "RECOVERY-SHORT"),
        ("another key", "recovering", recovery(1, 0, (3, 4), until), 0, ""),
        ("the same once more", "recovering", recovery(1, 0, (3, 4), until), 0, "ORDER-AGAIN"),
        ("the end before its time", "recovered", settled(1), 71 * HOUR, "RECOVERY-EARLY"),
        ("the present key objects", "objected", settled(1), 71 * HOUR, ""),
        ("the end of what was stopped", "recovered", settled(1), 72 * HOUR, "RECOVERY-NONE"),
        ("a revocation of another key", "revoked", revocation(2, 4), 80 * HOUR, "KEY-OTHER"),
        ("a revocation of the present key", "revoked", revocation(2, 0), 80 * HOUR, ""),
        ("another one of it", "revoked", revocation(3, 0), 80 * HOUR, "KEY-REVOKED"),
        (
            "another key, whose time to object is over",
            "recovering",
            recovery(4, 0, (3, 4), until),
            80 * HOUR,
            "RECOVERY-SHORT",
        ),
        ("the key committed to, at once", "recovering", recovery(5, 0, (1, 2), 0), 80 * HOUR, ""),
        ("the end of it", "recovered", settled(5), 80 * HOUR, ""),
        ("an old revocation", "revoked", revocation(6, 0), 81 * HOUR, "KEY-OTHER"),
        ("another key once more", "recovering", recovery(7, 1, (3, 4), NOW_MS + 153 * HOUR), 81 * HOUR, ""),
        ("the end of it", "recovered", settled(7), 153 * HOUR, ""),
    ]


def recoveries() -> dict[str, Any]:
    """What is decided about a key, step by step."""
    return {
        "keys": "tests/vectors/rotation/rotation.json",
        "admitted": certificate(0, 1).to_bytes().hex(),
        "steps": [
            {
                "what": what,
                "seq": seq,
                "kind": f"member.{kind}",
                "at_ms": NOW_MS + after,
                **body,
                "refused": refused,
            }
            for seq, (what, kind, body, after, refused) in enumerate(key_steps(), 2)
        ],
        "signers": [[1, 0], [12, None], [16, 1], [19, 3]],
    }


SUSPENSION = Measure(
    named(1), "XAV", "suspended", ("records", "notices", "messages"), NOW_MS, NOW_MS + 14 * DAY, *WHY
)


def measure_steps() -> list[tuple[str, Measure | Restoration, int, str]]:
    """Orders about one member, one after the other."""
    long = Measure(named(4), "XAV", "suspended", SUSPENSION.kinds, NOW_MS, NOW_MS + 15 * DAY, *WHY)
    again = Measure(named(5), "XAV", "receive-only", ("records",), NOW_MS + 20 * DAY, NOW_MS + 21 * DAY, *WHY)
    lifted = Restoration(named(6), "XAV", (named(1),), *WHY)
    return [
        ("a suspension of fifteen days", long, 0, "MEASURE-TOO-LONG"),
        ("a suspension", SUSPENSION, 0, ""),
        ("the same once more", SUSPENSION, 0, "ORDER-AGAIN"),
        ("one that is milder, within ninety days", again, 20 * DAY, "MEASURE-AGAIN"),
        ("a restoration", lifted, 20 * DAY, ""),
        (
            "the same measure lifted once more",
            Restoration(named(7), "XAV", (named(1),), *WHY),
            20 * DAY,
            "MEASURE-UNKNOWN",
        ),
        ("a milder one after it was lifted", again, 20 * DAY, ""),
    ]


def measures() -> dict[str, Any]:
    """What measures say, and what becomes of them."""
    narrow = Measure(
        named(2), "XAV", "receive-only", ("notices", "messages"), NOW_MS + DAY, NOW_MS + 9 * DAY, *WHY
    )
    reviewed = Measure(named(3), "XAV", "pre-reviewed", ("messages",), NOW_MS, NOW_MS + DAY, *WHY)
    return {
        "rows": [
            {"what": one.sentence(), "row": one.to_bytes().hex(), "mode": one.mode, "kinds": list(one.kinds)}
            for one in (SUSPENSION, narrow, reviewed)
        ],
        "steps": [
            {
                "what": what,
                "seq": seq,
                "kind": "member.limited" if isinstance(order, Measure) else "member.restored",
                "at_ms": NOW_MS + after,
                "row": order.to_bytes().hex(),
                "refused": refused,
            }
            for seq, (what, order, after, refused) in enumerate(measure_steps(), 2)
        ],
        "modes": [
            {"at_ms": NOW_MS + after, "kind": kind, "mode": mode}
            for after, kind, mode in (
                (20 * DAY + HOUR, "records", "receive-only"),
                (20 * DAY + HOUR, "messages", "direct"),
                (22 * DAY, "records", "direct"),
            )
        ],
    }


if __name__ == "__main__":
    for path, made in ((RECOVERY, recoveries()), (MEASURES, measures())):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
