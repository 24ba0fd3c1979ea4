"""A checkpoint is the relay's word only with both of its signatures, in one strict text form."""

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey
from allpoints.ledger.checkpoint import (
    CHECKPOINT_LIMIT_CHARS,
    SIGNATURE_LINES_LIMIT,
    Checkpoint,
    RelayKeys,
    parse,
    sign,
    verify,
)

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

Refused = Callable[..., Refusal]
ORIGIN = "ledger.allpoints.example"
ROOT = bytes(range(32))
POINT = Checkpoint(ORIGIN, 20_852_163, ROOT)
WITNESS = "— witness.example/xcs " + base64.b64encode(b"\x01\x02\x03\x04" + bytes(72)).decode()


def test_a_checkpoint_is_a_signed_note_of_three_lines(network: "Network") -> None:
    text = sign(POINT, network.relay)
    head, _, signatures = text.partition("\n\n")
    assert head.split("\n") == [ORIGIN, "20852163", base64.b64encode(ROOT).decode()]
    assert [line[: 3 + len(ORIGIN)] for line in signatures.splitlines()] == [f"— {ORIGIN} "] * 2
    assert text.endswith("\n")
    assert verify(text, network.relay_keys) == POINT


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
@settings(max_examples=20, deadline=None)
def test_every_checkpoint_is_read_back(network: "Network", size: int, root: bytes) -> None:
    point = Checkpoint(ORIGIN, size, root)
    assert verify(sign(point, network.relay), network.relay_keys) == point


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["\n", "— ", "a", "0", "=", "é", " ", "AA=="])).map("".join)
)
@settings(max_examples=100, deadline=None)
def test_arbitrary_text_is_refused(network: "Network", text: str) -> None:
    with pytest.raises(Refusal):
        parse(text)
    with pytest.raises(Refusal):
        verify(text, network.relay_keys)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_text_with_a_changed_character_is_refused(network: "Network", data: st.DataObject) -> None:
    text = sign(POINT, network.relay)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda character: character != text[at]))
    for changed in (
        text[:at] + other + text[at + 1 :],
        text[:at] + text[at + 1 :],
        text[:at] + other + text[at:],
    ):
        with pytest.raises(Refusal):
            verify(changed, network.relay_keys)


def test_either_half_missing_or_from_another_key_is_refused(network: "Network", refused: Refused) -> None:
    text, other = sign(POINT, network.relay), sign(POINT, SigningKey.generate())
    head, mine, theirs = text.split("\n")[:4], text.split("\n")[4:6], other.split("\n")[4:6]
    assert verify("\n".join([*head, *mine, ""]), network.relay_keys) == POINT
    for lines in ([mine[0]], [mine[1]], [mine[0], theirs[1]], [theirs[0], mine[1]], theirs, [WITNESS]):
        refused("CHECKPOINT-SIGNATURE", verify, "\n".join([*head, *lines, ""]), network.relay_keys)


def test_a_signature_of_another_tree_is_refused(network: "Network", refused: Refused) -> None:
    text = sign(POINT, network.relay)
    later = sign(Checkpoint(ORIGIN, POINT.size + 1, ROOT), network.relay)
    assert verify(later, network.relay_keys).size == POINT.size + 1
    moved = "\n".join([*later.split("\n")[:4], *text.split("\n")[4:]])
    refused("CHECKPOINT-SIGNATURE", verify, moved, network.relay_keys)


def test_an_entry_signature_is_not_a_checkpoint_signature(network: "Network", refused: Refused) -> None:
    text = sign(POINT, network.relay)
    lines = text.split("\n")
    misused = network.relay.sign(b"allpoints/entry/1", POINT.text().encode())
    for place, half in ((4, misused.ed25519), (5, misused.ml_dsa_65)):
        key_id = base64.b64decode(lines[place].split(" ")[2])[:4]
        lines[place] = f"— {ORIGIN} {base64.b64encode(key_id + half).decode()}"
    assert verify(text, network.relay_keys) == POINT
    refused("CHECKPOINT-SIGNATURE", verify, "\n".join(lines), network.relay_keys)


def test_another_ledger_of_the_same_relay_is_refused(network: "Network", refused: Refused) -> None:
    text = sign(Checkpoint("other.example", 1, ROOT), network.relay)
    assert verify(text, RelayKeys("other.example", (network.relay.public,))).size == 1
    refused("CHECKPOINT-ORIGIN", verify, text, network.relay_keys)


def test_while_one_key_replaces_another_both_are_accepted(network: "Network", refused: Refused) -> None:
    new = SigningKey.generate()
    both = RelayKeys(ORIGIN, (new.public, network.relay.public))
    assert verify(sign(POINT, network.relay), both) == verify(sign(POINT, new), both) == POINT
    refused("CHECKPOINT-SIGNATURE", verify, sign(POINT, new), network.relay_keys)
    refused("CHECKPOINT-SIGNATURE", verify, sign(POINT, new), RelayKeys(ORIGIN, ()))


def test_lines_of_witnesses_are_passed_over_up_to_a_limit(network: "Network", refused: Refused) -> None:
    text = sign(POINT, network.relay)
    witnesses = [WITNESS.replace("xcs", f"x{number}") for number in range(SIGNATURE_LINES_LIMIT - 1)]
    assert verify(text + "\n".join([*witnesses[:-1], ""]), network.relay_keys) == POINT
    refused("CHECKPOINT-FORMAT", verify, text + "\n".join([*witnesses, ""]), network.relay_keys)
    refused("CHECKPOINT-FORMAT", verify, text + f"{WITNESS}\n{WITNESS}\n", network.relay_keys)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (0, ""),
        (0, "two words"),
        (0, "a+b"),
        (0, "o" * 129),
        (1, "007"),
        (1, "-1"),
        (1, "٣"),
        (1, "9223372036854775808"),
        (2, ""),
        (2, base64.b64encode(ROOT).decode().rstrip("=")),
        (2, base64.b64encode(ROOT[:31]).decode()),
        (2, base64.b64encode(ROOT).decode()[:-2] + "9="),
        (3, "an extension"),
        (4, "- ledger.allpoints.example AAAAAAA="),
        (4, "— ledger.allpoints.example AAAAAA=="),
        (4, "— ledger.allpoints.example  AAAAAAA="),
        (4, ""),
    ],
)
def test_a_line_in_another_form_is_refused(
    network: "Network", refused: Refused, line: int, wrong: str
) -> None:
    lines = sign(POINT, network.relay).split("\n")
    assert parse("\n".join(lines))[0] == POINT
    lines[line] = wrong
    refused("CHECKPOINT-FORMAT", parse, "\n".join(lines))


def test_a_text_without_end_or_beyond_the_limit_is_refused(network: "Network", refused: Refused) -> None:
    text = sign(POINT, network.relay)
    refused("CHECKPOINT-FORMAT", parse, text[:-1])
    refused("CHECKPOINT-FORMAT", parse, text.replace("\n", "\r\n"))
    refused("CHECKPOINT-FORMAT", parse, text + "x" * CHECKPOINT_LIMIT_CHARS)


def test_a_checkpoint_that_could_not_be_read_is_not_signed(network: "Network", refused: Refused) -> None:
    for point in (Checkpoint("a\n9", 1, ROOT), Checkpoint(ORIGIN, -1, ROOT), Checkpoint(ORIGIN, 1, b"")):
        refused("CHECKPOINT-FORMAT", sign, point, network.relay)
