"""A policy file says which checkpoint to believe, and one whose quorum can be reached twice is not taken."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.witness_key import WitnessKey
from allpoints.ledger import cosignature, policy, vkey
from allpoints.ledger.checkpoint import Checkpoint
from allpoints.ledger.policy import Group, Log, Policy, Witness
from allpoints.ledger.vkey import VKey

Refused = Callable[..., Refusal]
VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "witness" / "policies.json").read_text()
)
POINT = Checkpoint("ledger.allpoints.example", 7, bytes(range(32)))
KEYS = [WitnessKey(bytes((number,)) * 32) for number in range(5)]
NAMES = ("XAV", "XBM", "XCE", "XDO", "XEL")
WITNESSES = [
    Witness(name, cosignature.witness_vkey(f"w/{name}", key)) for name, key in zip(NAMES, KEYS, strict=True)
]
LOG_KEY = WitnessKey(bytes((9,)) * 32)
LOG = Log(cosignature.witness_vkey(POINT.origin, LOG_KEY))


@pytest.mark.vectors
@pytest.mark.parametrize("vector", VECTORS["read"], ids=lambda vector: vector["what"])
def test_a_policy_vector_is_evaluated_as_published(vector: dict[str, Any]) -> None:
    read = policy.read(vector["file"].encode())
    for names in vector["reached"]:
        assert read.reached_by(names), names
    for names in vector["missed"]:
        assert not read.reached_by(names), names
    assert read.overlaps() == vector["overlaps"]
    assert policy.read(read.to_bytes()) == read


@pytest.mark.vectors
@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["what"])
def test_a_malformed_policy_is_refused_at_its_line(vector: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        policy.read(vector["file"].encode())
    assert caught.value.path == (f"policy[{vector['line']}]" if vector["line"] else "policy")


def text_of(point: Checkpoint, signers: list[int], *, log: WitnessKey = LOG_KEY) -> str:
    lines = [cosignature.cosign(point, point.origin, log, 5)]
    lines += [cosignature.cosign(point, f"w/{NAMES[one]}", KEYS[one], 5) for one in signers]
    return point.text() + "\n" + "".join(lines)


def unlogged(text: str) -> str:
    """The same note without its first signature line, which is the log's."""
    lines = text.split("\n")
    return "\n".join([*lines[:4], *lines[5:]])


def test_a_checkpoint_is_believed_with_its_logs_signature_and_the_quorum(refused: Refused) -> None:
    three = policy.majority([LOG], WITNESSES[:3], 2)
    assert three.witnessed(text_of(POINT, [0, 2]))[0] == POINT
    assert three.witnessed(text_of(POINT, [0, 1, 2, 4]))[0] == POINT
    refused("QUORUM-MISSED", three.witnessed, text_of(POINT, [1]))
    refused("QUORUM-MISSED", three.witnessed, text_of(POINT, [1, 3, 4]))
    refused("CHECKPOINT-SIGNATURE", three.witnessed, unlogged(text_of(POINT, [0, 1])))
    refused("COSIGNATURE-WRONG", three.witnessed, _mixed())


def _mixed() -> str:
    """The quorum's lines from another tree under this head."""
    other = Checkpoint(POINT.origin, POINT.size, bytes(32))
    return POINT.text() + text_of(other, [0, 1])[len(other.text()) :]


def test_a_quorum_that_does_not_exceed_half_is_not_taken(refused: Refused) -> None:
    for count in range(1, 6):
        for quorum in range(1, count + 1):
            if 2 * quorum > count:
                assert policy.majority([LOG], WITNESSES[:count], quorum).overlaps()
            else:
                refused("POLICY-SPLITS", policy.majority, [LOG], WITNESSES[:count], quorum)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any tree of groups over up to five witnesses, each name in one group at most."""
    free = [one.name for one in WITNESSES[: draw(st.integers(1, 5))]]
    named = len(free)
    groups: list[Group] = []
    for number in range(draw(st.integers(0, 4))):
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique=True)) if free else []
        if not members:
            break
        group = Group(f"g{number}", draw(st.integers(1, len(members))), tuple(members))
        groups.append(group)
        free = [name for name in free if name not in members] + [group.name]
    names = [one.name for one in WITNESSES[:named]] + [one.name for one in groups]
    return Policy(
        (LOG,), tuple(WITNESSES[:named]), tuple(groups), draw(st.sampled_from([*names, policy.NONE]))
    )


@given(policies())
@settings(max_examples=200, deadline=None)
def test_overlap_is_what_trying_all_sets_of_witnesses_says(given_policy: Policy) -> None:
    names = [one.name for one in given_policy.witnesses]
    sets = [set(some) for count in range(len(names) + 1) for some in itertools.combinations(names, count)]
    reaching = [some for some in sets if given_policy.reached_by(some)]
    disjoint = any(not (one & other) for one, other in itertools.product(reaching, repeat=2))
    assert given_policy.overlaps() == (not disjoint)
    assert policy.read(given_policy.to_bytes()) == given_policy


@given(st.lists(st.sampled_from([0, 1, 2]), max_size=3, unique=True), st.integers(0, 2))
@settings(max_examples=20, deadline=None)
def test_more_cosignatures_never_lose_the_quorum(signers: list[int], more: int) -> None:
    three = policy.majority([LOG], WITNESSES[:3], 2)
    names = {NAMES[one] for one in signers}
    assert not three.reached_by(names) or three.reached_by(names | {NAMES[more]})


@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                b"witness",
                b"group",
                b"log",
                b"quorum",
                b" ",
                b"\t",
                b"\n",
                b"none",
                b"XAV",
                b"all",
                b"1",
                b"#",
                b"\xe2\x84\xaa",
                WITNESSES[0].vkey.text().encode(),
            ]
        ),
        max_size=30,
    ).map(b"".join)
)
@settings(max_examples=300, deadline=None)
def test_arbitrary_bytes_are_read_strictly_or_refused(data: bytes) -> None:
    try:
        read = policy.read(data)
    except Refusal:
        return
    assert policy.read(read.to_bytes()) == read


def test_a_policy_has_limits(refused: Refused) -> None:
    keys = [VKey("w", vkey.ED25519_COSIGNATURE, number.to_bytes(32, "big")) for number in range(33)]
    lines = [f"witness w{number} {key.text()}" for number, key in enumerate(keys)]
    assert len(policy.read("\n".join([*lines[:32], "quorum w0", ""]).encode()).witnesses) == 32
    assert (
        refused("POLICY-FORMAT", policy.read, "\n".join([*lines, "quorum w0", ""]).encode()).path
        == "policy[33]"
    )
    refused("POLICY-FORMAT", policy.read, b"#" * policy.POLICY_LIMIT_BYTES + b"\n")
    refused("POLICY-FORMAT", policy.read, b"\n" * policy.LINES_LIMIT + b"quorum none\n")
    refused("POLICY-FORMAT", policy.read, f"witness {'n' * 129} {keys[0].text()}\nquorum none\n".encode())


def test_names_are_octets_and_need_be_no_text() -> None:
    line = b"witness \xff\xe2\x84\xaa " + WITNESSES[0].vkey.text().encode() + b"\nquorum \xff\xe2\x84\xaa\n"
    read = policy.read(line)
    assert read.to_bytes() == line
    assert not policy.read(line.replace(b"\xff", b"\xfe")).reached_by([read.quorum])


def test_every_fault_is_named_with_its_line(refused: Refused) -> None:
    refusal = refused("POLICY-FORMAT", policy.read, b"# faults\nlogs x\n\nwitness a\nquorum b\n")
    assert [fault.path for fault in refusal.faults] == ["policy[2]", "policy[4]", "policy[5]"]
