"""A stub is exactly what a commitment is computed from, and tells nothing of what the entry said."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import Entry
from allpoints.ledger.stub import Stub, parse_stub, read, stub_of
from allpoints.sealing import audience_tree, cbor

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

Refused = Callable[..., Refusal]
SOUND: dict[str, Any] = {
    "id": bytes(16),
    "kind": "records.entered",
    "author": "XAV",
    "author_seq": 1,
    "sealing": 1,
    "digest": bytes(32),
}


def test_a_stub_has_the_commitment_and_the_leaf_of_its_entry(history: list[Entry]) -> None:
    for entry in history:
        stub = stub_of(entry)
        assert (stub.commitment, stub.leaf) == (entry.commitment, entry.leaf)
        assert read(stub.encoded) == stub == stub_of(stub)
        assert read(entry.encoded) == entry


def test_a_stub_holds_nothing_of_body_wraps_or_signatures(network: "Network") -> None:
    author = network.author()
    entry = author.write(
        b"a name that must go", audience_tree.wrap(bytes(32), bytes(16), [0], bytes(32), b"")
    )
    encoded = stub_of(entry).encoded
    assert len(encoded) < 100
    for part in (entry.sealed, entry.audience_bytes[-56:], entry.signature.ed25519, entry.header.salt):
        assert part not in encoded


def test_two_entries_that_say_the_same_have_commitments_that_tell_nothing_of_it(network: "Network") -> None:
    """The salt alone makes the difference: everything else, the signatures included, is the same here."""
    author = network.author()
    same: dict[str, Any] = {"id": bytes(16), "author_seq": 1, "prev": bytes(32)}
    entries = [author.write(b"the same", **same, salt=salt) for salt in (bytes(32), b"\x01" * 32)]
    parts = [cbor.decode(entry.encoded, 10**6) for entry in entries]
    parts[1][3] = parts[0][3]
    digests = [hashlib.sha256(cbor.encode(part)).digest() for part in parts]
    assert digests[0] != digests[1]


def test_bytes_are_known_as_those_of_the_stub(history: list[Entry], refused: Refused) -> None:
    stub_of(history[0]).check_bytes(history[0].encoded)
    refused("ENTRY-OTHER", stub_of(history[0]).check_bytes, history[1].encoded)
    refused("ENTRY-OTHER", stub_of(history[0]).check_bytes, b"")


@pytest.mark.parametrize(
    ("field", "bad", "code"),
    [
        ("id", bytes(15), "ENTRY-HEADER"),
        ("kind", "records", "ENTRY-HEADER"),
        ("author", "xav", "ENTRY-HEADER"),
        ("author_seq", 0, "ENTRY-HEADER"),
        ("sealing", 2, "ENTRY-HEADER"),
        ("kind", "member.rotated", "ENTRY-HEADER"),
        ("kind", "audience.epoch", "ENTRY-HEADER"),
        ("digest", bytes(31), "ENTRY-STUB"),
        ("digest", b"", "ENTRY-STUB"),
        ("author_seq", True, "ENTRY-STUB"),
    ],
)
def test_a_stub_with_an_unsound_fact_is_refused(refused: Refused, field: str, bad: Any, code: str) -> None:
    parse_stub(cbor.encode(list(SOUND.values())))
    refused(code, parse_stub, cbor.encode(list({**SOUND, field: bad}.values())))


@given(place=st.integers(0, 80), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_a_stub_with_a_flipped_bit_is_refused_or_has_another_commitment(place: int, bit: int) -> None:
    stub = Stub(**SOUND)
    data = bytearray(stub.encoded)
    data[place % len(data)] ^= 1 << bit
    try:
        assert read(bytes(data)).commitment != stub.commitment
    except Refusal:
        return


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for whole in (data, b"\x86" + data):
        try:
            read(whole)
        except Refusal:
            continue
