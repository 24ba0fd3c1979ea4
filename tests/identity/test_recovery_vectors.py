"""The published vectors of recovery and measures: rows by the words of docs/reference/recovery.md, steps by the directory."""

import hashlib
import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from tests.node.samples import root

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate
from allpoints.identity.directory import Directory
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.identity.standing import Measure, Restoration

pytestmark = pytest.mark.vectors

FOLDER = Path(__file__).parents[1] / "vectors"
KEYS = json.loads((FOLDER / "rotation" / "rotation.json").read_text())["keys"]
RECOVERY = json.loads((FOLDER / "recovery" / "recovery.json").read_text())
MEASURES = json.loads((FOLDER / "measures" / "measures.json").read_text())


def directory() -> Directory:
    made = Directory(root())
    first = Certificate.from_bytes(bytes.fromhex(RECOVERY["admitted"]))
    made.add(first, first.not_before_ms)
    return made


def test_rows_say_what_the_page_says() -> None:
    (revoked, *_) = [step for step in RECOVERY["steps"] if step["kind"] == "member.revoked"]
    form, identifier, member, key, reason, authority = cbor2.loads(bytes.fromhex(revoked["revocation"]))
    assert (form, member, len(identifier)) == ("allpoints/revocation/1", "XAV", 16)
    assert key == hashlib.sha256(bytes.fromhex(KEYS[4]["verify_key"])).digest()
    assert reason
    assert authority
    begun = RECOVERY["steps"][3]
    fields = cbor2.loads(bytes.fromhex(begun["recovery"]))
    assert fields[0] == "allpoints/recovery/1"
    assert fields[3] == hashlib.sha256(bytes.fromhex(KEYS[0]["verify_key"])).digest()
    assert fields[4] == begun["at_ms"] + 72 * 3_600_000
    assert Certificate.from_bytes(fields[5]).verify_key.to_bytes().hex() == KEYS[3]["verify_key"]
    for one in MEASURES["rows"]:
        fields = cbor2.loads(bytes.fromhex(one["row"]))
        assert fields[0] == "allpoints/measure/1"
        assert (fields[3], fields[4].split(" ")) == (one["mode"], one["kinds"])


def taken(made: Directory, step: dict[str, Any]) -> None:
    kind, seq, at_ms = step["kind"], step["seq"], step["at_ms"]
    if kind == "member.revoked":
        made.revoke(Revocation.from_bytes(bytes.fromhex(step["revocation"])), seq, at_ms)
    elif kind == "member.recovering":
        made.begin_recovery(Recovery.from_bytes(bytes.fromhex(step["recovery"])), seq, at_ms)
    elif kind == "member.objected":
        made.stop_recovery("XAV", bytes.fromhex(step["recovery"]))
    elif kind == "member.recovered":
        made.complete_recovery("XAV", bytes.fromhex(step["recovery"]), seq, at_ms)
    elif kind == "member.limited":
        made.limit(Measure.from_bytes(bytes.fromhex(step["row"])), seq, at_ms)
    else:
        made.lift(Restoration.from_bytes(bytes.fromhex(step["row"])), at_ms)


def played(steps: list[dict[str, Any]]) -> Directory:
    made = directory()
    for step in steps:
        try:
            taken(made, step)
            refused = ""
        except Refusal as refusal:
            refused = refusal.code
        assert refused == step["refused"], step["what"]
    return made


def test_each_step_of_a_key_counts_or_is_refused_as_published() -> None:
    signers = [
        (one.from_seq, one.verify_key.to_bytes().hex() if one.verify_key is not None else None)
        for one in played(RECOVERY["steps"]).signers("XAV")
    ]
    assert signers == [
        (seq, None if key is None else KEYS[key]["verify_key"]) for seq, key in RECOVERY["signers"]
    ]


def test_each_measure_counts_or_is_refused_as_published() -> None:
    made = played(MEASURES["steps"])
    for one in MEASURES["modes"]:
        assert made.mode("XAV", one["kind"], one["at_ms"]) == one["mode"]
