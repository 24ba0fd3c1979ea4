"""A cosignature is one witness's word on one tree of one ledger at one time."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.witness_key import WitnessKey
from allpoints.ledger import checkpoint, cosignature, vkey
from allpoints.ledger.checkpoint import Checkpoint, SignatureLine, parse
from allpoints.ledger.vkey import VKey

Refused = Callable[..., Refusal]
FOLDER = Path(__file__).parents[1] / "vectors"
POINT = Checkpoint("ledger.allpoints.example", 20_852_163, bytes(range(32)))
NAME = "ledger.allpoints.example/witness/XAV"
KEY = WitnessKey(bytes(32))
NOW_S = 1_790_000_000


def line_of(point: Checkpoint = POINT, name: str = NAME, key: WitnessKey = KEY) -> SignatureLine:
    return cosignature.read_line(cosignature.cosign(point, name, key, NOW_S))


@pytest.mark.vectors
def test_a_checkpoint_signed_by_another_implementation_holds() -> None:
    key = vkey.parse((FOLDER / "tlog" / "mldsa44-log.vkey").read_text().strip())
    text = (FOLDER / "tlog" / "mldsa44-checkpoint.txt").read_text()
    point, lines = parse(text)
    assert (point.size, key.kind) == (1, vkey.ML_DSA_44_COSIGNATURE)
    assert cosignature.cosigners(point, lines, [key]) == {key: 0}
    assert cosignature.log_signed(point, lines, key)


@pytest.mark.vectors
def test_the_published_vector_is_read_as_it_says() -> None:
    vector: dict[str, Any] = json.loads((FOLDER / "witness" / "cosignature.json").read_text())
    key = WitnessKey(bytes.fromhex(vector["seed"]))
    own = cosignature.witness_vkey(vector["name"], key)
    assert own.text() == vector["vkey"]
    point, lines = parse(vector["checkpoint"] + "\n" + vector["line"])
    assert cosignature.cosigners(point, lines, [own]) == {own: vector["timestamp"]}
    message = bytes.fromhex(vector["message"])
    assert message.startswith(b"subtree/v1\n\0")
    assert message.endswith(point.root)
    again = cosignature.read_line(cosignature.cosign(point, vector["name"], key, vector["timestamp"]))
    assert cosignature.cosigned_at(point, own, again.signature) == vector["timestamp"]


@given(st.integers(0, 2**63 - 1), st.integers(1, 2**63 - 1))
@settings(max_examples=20, deadline=None)
def test_every_cosignature_is_read_back_with_its_time(size: int, at_s: int) -> None:
    point = Checkpoint("a.example/log", size, bytes(range(32)))
    line = cosignature.read_line(cosignature.cosign(point, NAME, KEY, at_s))
    assert cosignature.cosigned_at(point, cosignature.witness_vkey(NAME, KEY), line.signature) == at_s


def test_a_cosignature_holds_for_its_name_ledger_size_and_root_alone(refused: Refused) -> None:
    own, line = cosignature.witness_vkey(NAME, KEY), line_of()
    assert cosignature.cosigned_at(POINT, own, line.signature) == NOW_S
    for other in (
        Checkpoint("other.example", POINT.size, POINT.root),
        Checkpoint(POINT.origin, POINT.size - 1, POINT.root),
        Checkpoint(POINT.origin, POINT.size, bytes(32)),
    ):
        refused("COSIGNATURE-WRONG", cosignature.cosigned_at, other, own, line.signature)
    renamed = VKey("another.example", own.kind, own.key)
    refused("COSIGNATURE-WRONG", cosignature.cosigned_at, POINT, renamed, line.signature)
    stranger = cosignature.witness_vkey(NAME, WitnessKey.generate())
    refused("COSIGNATURE-WRONG", cosignature.cosigned_at, POINT, stranger, line.signature)


def test_no_changed_byte_of_a_cosignature_is_accepted(refused: Refused) -> None:
    own, line = cosignature.witness_vkey(NAME, KEY), line_of()
    for at in range(0, len(line.signature), 7):
        changed = line.signature[:at] + bytes((line.signature[at] ^ 1,)) + line.signature[at + 1 :]
        refused("COSIGNATURE-WRONG", cosignature.cosigned_at, POINT, own, changed)
    for cut in (b"", line.signature[:8], line.signature[:-1], line.signature + b"\0"):
        refused("COSIGNATURE-WRONG", cosignature.cosigned_at, POINT, own, cut)


def test_a_wrong_line_under_a_known_name_and_id_spoils_the_note_and_an_unknown_one_does_not(
    refused: Refused,
) -> None:
    own, line = cosignature.witness_vkey(NAME, KEY), line_of()
    unknown = SignatureLine(NAME, b"\0\0\0\0", line.signature)
    assert cosignature.cosigners(POINT, [unknown, line], [own]) == {own: NOW_S}
    wrong = SignatureLine(NAME, line.key_id, bytes(len(line.signature)))
    refused("COSIGNATURE-WRONG", cosignature.cosigners, POINT, [wrong], [own])


def test_an_ed25519_cosignature_of_other_software_is_read() -> None:
    key = Ed25519PrivateKey.generate()
    own = VKey("w.example", vkey.ED25519_COSIGNATURE, key.public_key().public_bytes_raw())
    message = f"cosignature/v1\ntime {NOW_S}\n{POINT.text()}".encode()
    signature = NOW_S.to_bytes(8, "big") + key.sign(message)
    assert cosignature.cosigned_at(POINT, own, signature) == NOW_S
    with pytest.raises(Refusal):
        cosignature.cosigned_at(POINT, own, (NOW_S + 1).to_bytes(8, "big") + signature[8:])


def test_a_log_signs_in_plain_under_its_origin(refused: Refused) -> None:
    key = Ed25519PrivateKey.generate()
    own = VKey(POINT.origin, vkey.ED25519, key.public_key().public_bytes_raw())
    line = SignatureLine(own.name, own.key_id, key.sign(POINT.text().encode()))
    assert cosignature.log_signed(POINT, [line], own)
    assert not cosignature.log_signed(POINT, [], own)
    assert not cosignature.log_signed(POINT, [line], VKey("other", own.kind, own.key))
    forged = SignatureLine(own.name, own.key_id, bytes(64))
    refused("COSIGNATURE-WRONG", cosignature.log_signed, POINT, [forged], own)


def test_no_cosignature_is_made_without_its_time_or_under_no_name(refused: Refused) -> None:
    assert cosignature.cosign(POINT, NAME, KEY, 1)
    for at_s in (0, -1, 2**63):
        refused("COSIGNATURE-TIME", cosignature.cosign, POINT, NAME, KEY, at_s)
    for name in ("", "a" * 256):
        refused("COSIGNATURE-NAME", cosignature.cosign, POINT, name, KEY, NOW_S)


def test_an_answer_is_signature_lines_and_nothing_else(refused: Refused) -> None:
    line = cosignature.cosign(POINT, NAME, KEY, NOW_S)
    assert cosignature.read_line(line).name == NAME
    for text in ("", "\n", line[:-1], line + line, "x" + line, line + "\n", f"{POINT.text()}\n{line}"):
        refused("CHECKPOINT-FORMAT", cosignature.read_line, text)


def test_lines_are_added_to_a_checkpoint_once() -> None:
    head = POINT.text() + "\n" + cosignature.cosign(POINT, "first.example", KEY, NOW_S)
    line = cosignature.cosign(POINT, NAME, KEY, NOW_S)
    both = cosignature.with_lines(head, [line])
    assert [one.name for one in parse(both)[1]] == ["first.example", NAME]
    assert cosignature.with_lines(both, [line]) == both


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda data: base64.b64encode(data).decode()))
@settings(max_examples=100, deadline=None)
def test_arbitrary_text_is_no_verifier_key(text: str) -> None:
    own = cosignature.witness_vkey(NAME, KEY)
    assert vkey.parse(own.text()) == own
    for candidate in (text, f"{NAME}+{text}", f"{NAME}+{own.key_id.hex()}+{text}", f"{text}+{own.text()}"):
        with pytest.raises(Refusal, match=r".+"):
            vkey.parse(candidate)


def test_a_verifier_key_of_another_length_or_kind_is_refused(refused: Refused) -> None:
    for kind, length in ((1, 32), (4, 32), (6, 1312)):
        assert vkey.parse(VKey("a", kind, bytes(length)).text()).kind == kind
        refused("VKEY-FORMAT", vkey.parse, VKey("a", kind, bytes(length - 1)).text())
    refused("VKEY-FORMAT", vkey.parse, VKey("a", 2, bytes(32)).text())
    assert checkpoint.SIGNATURE_LINES_LIMIT >= 16
