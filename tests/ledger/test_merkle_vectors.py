"""The proof vectors of transparency-dev/merkle: every sound proof is accepted, every other one refused."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.ledger.merkle import verify_consistency, verify_inclusion

FOLDER = Path(__file__).parents[1] / "vectors" / "merkle"
NO_HASHES = "additional/sizes-are-equal-one-and-proof-is-empty.json"
"""The one case decided otherwise here: its roots have 12 bytes, and a hash has 32."""


def cases(kind: str) -> list[Any]:
    files = sorted((FOLDER / kind).rglob("*.json"))
    return [
        pytest.param(json.loads(file.read_text()), id=str(file.relative_to(FOLDER / kind))) for file in files
    ]


def unbase64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def inclusion(case: dict[str, Any]) -> None:
    path = [unbase64(step) for step in case["proof"] or []]
    verify_inclusion(
        unbase64(case["leafHash"]), case["leafIdx"], case["treeSize"], path, unbase64(case["root"])
    )


def consistency(case: dict[str, Any]) -> None:
    path = [unbase64(step) for step in case["proof"] or []]
    verify_consistency(case["size1"], case["size2"], unbase64(case["root1"]), unbase64(case["root2"]), path)


def check(case: dict[str, Any], verify: Callable[[dict[str, Any]], None], wanted: bool) -> None:
    if wanted:
        verify(case)
    else:
        with pytest.raises(Refusal, match=r".+"):
            verify(case)


@pytest.mark.vectors
@pytest.mark.parametrize("case", cases("inclusion"))
def test_an_inclusion_vector_is_decided_as_published(case: dict[str, Any]) -> None:
    check(case, inclusion, wanted=not case["wantErr"])


@pytest.mark.vectors
@pytest.mark.parametrize("case", cases("consistency"))
def test_a_consistency_vector_is_decided_as_published(
    case: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    strict = NO_HASHES in request.node.name
    check(case, consistency, wanted=not case["wantErr"] and not strict)


@pytest.mark.vectors
def test_the_one_case_decided_otherwise_is_refused_for_its_length_only() -> None:
    case = json.loads((FOLDER / "consistency" / NO_HASHES).read_text())
    with pytest.raises(Refusal) as caught:
        consistency(case)
    assert caught.value.code == "MERKLE-HASH"
    root = base64.b64encode(bytes(32)).decode()
    consistency({**case, "root1": root, "root2": root})


@pytest.mark.vectors
def test_all_vectors_are_there() -> None:
    assert (len(cases("inclusion")), len(cases("consistency"))) == (98, 98)
