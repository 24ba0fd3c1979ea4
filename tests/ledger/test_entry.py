"""An entry is read strictly, signed once, and no altered byte of it is ever accepted."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import (
    ENTRY_LIMIT_BYTES,
    NO_PREVIOUS,
    Entry,
    Head,
    compose,
    parse,
)
from allpoints.ledger.facts import SEALED
from allpoints.ledger.merkle import leaf_hash
from allpoints.sealing import audience_tree, cbor
from allpoints.sealing.audience_tree import Audience

if TYPE_CHECKING:
    from tests.ledger.conftest import Author, Network

Refused = Callable[..., Refusal]
EPOCH = bytes(16)


def wraps_of(context: bytes, slots: list[int] | None = None) -> Audience:
    return audience_tree.wrap(bytes(32), EPOCH, slots or [0, 1], bytes(32), context)


WRAPS = wraps_of(b"").wraps


def encoded(writer: "Author", audience: Any = (), sealed: bytes = b"body", **changes: Any) -> bytes:
    """An unsigned entry with anything in its fields."""
    value = cbor.encode(list(audience) if isinstance(audience, tuple) else audience)
    parts = [writer.header(**changes).to_bytes(), value, sealed, [bytes(64), bytes(3309)]]
    return cbor.encode(parts)


def test_an_entry_is_read_back_from_its_bytes_and_verifies(network: "Network") -> None:
    author = network.author()
    audience = wraps_of(b"header")
    entry = author.write(b"sealed", audience)
    again = parse(entry.encoded)
    assert again == entry
    assert (again.sealed, again.audience) == (b"sealed", audience)
    assert again.digest == hashlib.sha256(entry.encoded).digest()
    assert again.leaf == leaf_hash(again.commitment)
    again.verify(author.key.public)


@given(sealed=st.binary(max_size=400), slots=st.lists(st.integers(0, 255), max_size=256))
@settings(max_examples=25, deadline=None)
def test_whatever_is_composed_is_read_back_equal(network: "Network", sealed: bytes, slots: list[int]) -> None:
    entry = network.author().write(sealed, wraps_of(sealed, slots))
    assert parse(entry.encoded) == entry
    assert entry.header_bytes == entry.header.to_bytes()


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        parse(data)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_canonical_values_that_are_no_entry_are_refused(data: st.DataObject) -> None:
    scalars = st.none() | st.booleans() | st.integers(-5, 2**63) | st.text(max_size=5) | st.binary(max_size=5)
    values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=8), max_leaves=12)
    header = cbor.encode(data.draw(values))
    for value in (data.draw(values), [header, cbor.encode([]), b"", [bytes(64), bytes(3309)]]):
        with pytest.raises(Refusal):
            parse(cbor.encode(value))


def test_no_flipped_bit_no_cut_and_no_addition_is_accepted(network: "Network") -> None:
    author = network.author()
    entry = author.write(b"a sealed body", wraps_of(b""))

    def accepted(data: bytes) -> bool:
        try:
            parse(data).verify(author.key.public)
        except Refusal:
            return False
        return True

    assert accepted(entry.encoded)
    whole = entry.encoded
    flipped = (
        whole[:at] + bytes([whole[at] ^ (1 << (at % 8))]) + whole[at + 1 :] for at in range(len(whole))
    )
    assert sum(map(accepted, flipped)) == 0
    assert not any(accepted(whole[:size]) for size in range(0, len(whole), 13))
    assert not accepted(whole + b"\x00")


def test_parts_of_two_entries_do_not_make_a_third(network: "Network", refused: Refused) -> None:
    author = network.author()
    one = author.write(b"one", wraps_of(b"1"))
    two = author.write(b"two", wraps_of(b"2"))
    parts = [one.header_bytes, one.audience_bytes, one.sealed]
    halves = [one.signature.ed25519, one.signature.ml_dsa_65]
    parse(cbor.encode([*parts, halves])).verify(author.key.public)
    for place, other in enumerate((two.header_bytes, two.audience_bytes, two.sealed)):
        mixed = parse(cbor.encode([*parts[:place], other, *parts[place + 1 :], halves]))
        refused("BAD-SIGNATURE", mixed.verify, author.key.public)
    for mixed_halves in ([halves[0], two.signature.ml_dsa_65], [two.signature.ed25519, halves[1]]):
        refused("BAD-SIGNATURE", parse(cbor.encode([*parts, mixed_halves])).verify, author.key.public)
    refused("BAD-SIGNATURE", one.verify, network.keys["XBM"].public)


def test_an_unknown_version_is_named_as_such(network: "Network", refused: Refused) -> None:
    author = network.author()
    assert parse(encoded(author)).header.version == 1
    for version in (0, 2, 2**40):
        refusal = refused("ENTRY-VERSION", parse, encoded(author, version=version))
        assert refusal.path == "header.version"
    longer = [
        cbor.encode([2, "fields", "of", "a", "later", "version"]),
        b"\x80",
        b"",
        [bytes(64), bytes(3309)],
    ]
    refused("ENTRY-VERSION", parse, cbor.encode(longer))


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("id", bytes(16), bytes(15)),
        ("kind", "a" * 19 + "." + "b" * 20, "a" * 20 + "." + "b" * 20),
        ("kind", "member.admitted", "Member.admitted"),
        ("kind", "network-key.replaced", "network"),
        ("kind", "notice.published", "notice.published\n"),
        ("author", "XBM/post-1", "XBM/"),
        ("author", "XSC/relay", "xsc"),
        ("author", "XAV/" + "a" * 60, "XAV/" + "a" * 61),
        ("created_ms", 0, -1),
        ("created_ms", 2**53 - 1, 2**53),
        ("author_seq", 1, 0),
        ("prev", NO_PREVIOUS, bytes(31)),
        ("prev", NO_PREVIOUS, b"\x01" * 32),
        ("sealing", 0, 2),
    ],
)
def test_a_header_field_outside_its_rule_is_refused_by_name(
    network: "Network", refused: Refused, field: str, good: Any, bad: Any
) -> None:
    author = network.author()
    parse(encoded(author, **{field: good}))
    assert refused("ENTRY-HEADER", parse, encoded(author, **{field: bad})).path == f"header.{field}"


def test_a_later_entry_names_the_one_before_it(network: "Network", refused: Refused) -> None:
    author = network.author()
    parse(encoded(author, author_seq=2, prev=b"\x01" * 32))
    refused("ENTRY-HEADER", parse, encoded(author, author_seq=2, prev=NO_PREVIOUS))


def test_several_faults_of_a_header_are_all_named(network: "Network", refused: Refused) -> None:
    data = encoded(network.author(), id=b"", kind="x", author="y")
    assert [fault.path for fault in refused("ENTRY-HEADER", parse, data).faults] == [
        "header.id",
        "header.kind",
        "header.author",
    ]


def test_a_header_field_of_another_type_is_refused(network: "Network", refused: Refused) -> None:
    author = network.author()
    parse(encoded(author, sealing=0))
    for changes in ({"sealing": False}, {"id": "0" * 16}, {"created_ms": None}, {"author_seq": True}):
        refused("ENTRY-FORMAT", parse, encoded(author, **changes))


def test_a_sealed_entry_has_an_audience_and_a_clear_one_has_none(
    network: "Network", refused: Refused
) -> None:
    author = network.author()
    parse(encoded(author))
    parse(encoded(author, [EPOCH, WRAPS], sealing=SEALED))
    refused("ENTRY-AUDIENCE", parse, encoded(author, [EPOCH, WRAPS]))
    refused("ENTRY-AUDIENCE", parse, encoded(author, sealing=SEALED))


def test_an_audience_of_another_form_is_refused(network: "Network", refused: Refused) -> None:
    author = network.author()
    parse(encoded(author, [EPOCH, WRAPS], sealing=SEALED))
    for audience in (
        ["XAV"],
        [EPOCH],
        [EPOCH, WRAPS, b""],
        [EPOCH, [WRAPS]],
        [EPOCH[1:], WRAPS],
        [EPOCH, b""],
    ):
        refused("AUDIENCE-UNREADABLE", parse, encoded(author, audience, sealing=SEALED))


def test_the_largest_entry_is_read_and_one_byte_more_is_refused(network: "Network", refused: Refused) -> None:
    author = network.author()
    spare = ENTRY_LIMIT_BYTES - len(encoded(author, sealed=bytes(70_000))) + 70_000
    assert len(parse(encoded(author, sealed=bytes(spare))).encoded) == ENTRY_LIMIT_BYTES
    refusal = refused("ENTRY-TOO-LARGE", parse, encoded(author, sealed=bytes(spare + 1)))
    assert refusal.status == 413


def test_nothing_is_composed_that_would_be_refused(network: "Network", refused: Refused) -> None:
    author = network.author()
    compose(author.header(), None, b"", author.key)
    refused("ENTRY-HEADER", compose, author.header(kind="one"), None, b"", author.key)
    refused("ENTRY-AUDIENCE", compose, author.header(), wraps_of(b""), b"", author.key)


def test_signatures_have_their_one_length(network: "Network", refused: Refused) -> None:
    entry = network.author().write()
    parts = [entry.header_bytes, entry.audience_bytes, entry.sealed]
    halves = [entry.signature.ed25519, entry.signature.ml_dsa_65]
    assert parse(cbor.encode([*parts, halves])) == entry
    for wrong in ([halves[0][:-1], halves[1]], [halves[0], b""], [halves[0]], [*halves, b""], halves[::-1]):
        refused("ENTRY-FORMAT", parse, cbor.encode([*parts, wrong]))


def test_a_chain_goes_on_with_the_next_number_and_the_last_hash(network: "Network", refused: Refused) -> None:
    author = network.author()
    first = author.write()
    head = Head(1, first.commitment)
    head.check_next(author.header())
    Head().check_next(first.header)
    refused("AUTHOR-GAP", head.check_next, author.header(author_seq=3))
    refused("AUTHOR-FORK", head.check_next, author.header(author_seq=1))
    refused("AUTHOR-FORK", head.check_next, author.header(prev=b"\x01" * 32))


def test_an_entry_is_a_value(history: list[Entry]) -> None:
    assert history[0] == parse(history[0].encoded)
    assert history[0] != history[1]
    assert len({history[0].digest, history[0].commitment, history[0].leaf}) == 3
