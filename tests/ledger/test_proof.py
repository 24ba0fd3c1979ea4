"""A proof is whole in one file: it holds against a policy alone, and nothing altered in it does."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.witness_key import WitnessKey
from allpoints.ledger import appending, checkpoint, policy, proof
from allpoints.ledger.cosignature import cosign, with_lines, witness_vkey
from allpoints.ledger.entry import Entry
from allpoints.ledger.log_key import LogKey
from allpoints.ledger.policy import Log, Policy, Witness, majority
from allpoints.ledger.proof import Proof

if TYPE_CHECKING:
    from tests.ledger.conftest import FailingConnection, Network

Refused = Callable[..., Refusal]
ORIGIN = "ledger.allpoints.example"
KEY = LogKey(bytes(32))
WITNESSES = [WitnessKey.generate() for _ in range(3)]
NAMES = ["example/xav", "example/xbm", "example/xcs"]
PLAIN = Policy((Log(KEY.vkey(ORIGIN)),), (), (), policy.NONE)
SEEN_S = 1_790_000_000


def quorum_of(count: int) -> Policy:
    named = [Witness(name[-3:], witness_vkey(name, key)) for name, key in zip(NAMES, WITNESSES, strict=True)]
    return majority([Log(KEY.vkey(ORIGIN))], named, count)


@pytest.fixture
def held(network: "Network", db: "FailingConnection", history: list[Entry]) -> "FailingConnection":
    for entry in history:
        appending.append(db, entry.encoded, network.author_key, 1_790_000_000_000)
    appending.seal_checkpoint(db, ORIGIN, network.relay, KEY)
    return db


def cosigned(made: Proof, count: int) -> Proof:
    point, _ = checkpoint.parse(made.checkpoint)
    lines = [cosign(point, NAMES[at], WITNESSES[at], SEEN_S) for at in range(count)]
    return Proof(made.stub, made.index, made.path, with_lines(made.checkpoint, lines))


def test_every_entry_is_proved_and_the_file_is_read_back(
    held: "FailingConnection", history: list[Entry]
) -> None:
    for seq, entry in enumerate(history, 1):
        made = proof.prove(held, seq)
        again = proof.parse(made.text())
        assert again == made
        proven = again.check(PLAIN)
        assert (proven.seq, proven.checkpoint.size) == (seq, 12)
        proven.stub.check_bytes(entry.encoded)


def test_a_place_that_is_not_published_is_not_proved(held: "FailingConnection", refused: Refused) -> None:
    proof.prove(held, 12)
    for seq in (0, 13, -1):
        refused("NO-ENTRY", proof.prove, held, seq)


def test_a_quorum_of_witnesses_is_asked_for_when_the_policy_does(
    held: "FailingConnection", refused: Refused
) -> None:
    made = proof.prove(held, 5)
    refused("QUORUM-MISSED", cosigned(made, 1).check, quorum_of(2))
    proven = proof.parse(cosigned(made, 2).text()).check(quorum_of(2))
    assert proven.witnesses == {"xav": SEEN_S, "xbm": SEEN_S}


def test_a_proof_of_another_log_is_refused(held: "FailingConnection", refused: Refused) -> None:
    made = proof.prove(held, 5)
    other = Policy((Log(LogKey.generate().vkey(ORIGIN)),), (), (), policy.NONE)
    named = Policy((Log(KEY.vkey("other.example")),), (), (), policy.NONE)
    refused("CHECKPOINT-SIGNATURE", made.check, other)
    refused("CHECKPOINT-SIGNATURE", made.check, named)
    made.check(PLAIN)


def test_a_proof_of_one_entry_is_none_of_another(held: "FailingConnection", refused: Refused) -> None:
    one, two = proof.prove(held, 5), proof.prove(held, 6)
    refused("MERKLE-PROOF", Proof(two.stub, one.index, one.path, one.checkpoint).check, PLAIN)
    refused("MERKLE-PROOF", Proof(one.stub, two.index, one.path, one.checkpoint).check, PLAIN)
    refused("MERKLE-PROOF", Proof(one.stub, one.index, two.path, one.checkpoint).check, PLAIN)
    refused("MERKLE-RANGE", Proof(one.stub, 12, one.path, one.checkpoint).check, PLAIN)


def test_no_altered_character_of_a_proof_is_accepted(held: "FailingConnection") -> None:
    """Every character once. The relay's hybrid lines are no part of what a policy names: they are cut off first."""
    made = cosigned(proof.prove(held, 5), 2)
    lines = made.checkpoint.split("\n")
    note = "\n".join(lines[:4] + lines[6:])
    text = Proof(made.stub, made.index, made.path, note).text()
    rule = quorum_of(2)
    proof.parse(text).check(rule)
    accepted = []
    for at, character in enumerate(text):
        altered = text[:at] + chr(ord(character) ^ 1) + text[at + 1 :]
        try:
            proof.parse(altered).check(rule)
        except Refusal:
            continue
        accepted.append((at, character))
    assert accepted == []


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_a_cut_proof_is_refused(held: "FailingConnection", cut: int) -> None:
    text = proof.prove(held, 5).text()
    with pytest.raises(Refusal):
        proof.parse(text[: len(text) * cut // 400]).check(PLAIN)


@given(st.text(max_size=400))
@settings(max_examples=80, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, f"{proof.FORMAT}\n{text}", f"{proof.FORMAT}\nextra aa==\nindex 0\n\n{text}"):
        with pytest.raises(Refusal):
            proof.parse(whole).check(PLAIN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("index 4", "index 04"),
        ("index 4", "index -4"),
        ("index 4", f"index {10**19}"),
        ("@v1", "@v2"),
        ("extra ", ""),
        ("\nindex", "\n\nindex"),
    ],
)
def test_another_form_of_a_line_is_refused(
    held: "FailingConnection", refused: Refused, old: str, new: str
) -> None:
    text = proof.prove(held, 5).text()
    assert old in text
    refused("PROOF-FORMAT", proof.parse, text.replace(old, new, 1))


def test_a_hash_of_another_length_is_refused(held: "FailingConnection", refused: Refused) -> None:
    text = proof.prove(held, 5).text()
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    for bad in ("AAAA", "AA==", lines[3][:-4]):
        refused("MERKLE-HASH", proof.parse, "\n".join([*lines[:3], bad, *lines[4:]]) + "\n\n" + note)
    too_many = "\n".join([*lines[:3], *[lines[3]] * 64]) + "\n\n" + note
    refused("PROOF-FORMAT", proof.parse, too_many)
    refused("PROOF-FORMAT", proof.parse, text + "x" * proof.PROOF_LIMIT_CHARS)
