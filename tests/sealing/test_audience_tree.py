"""Everybody in an audience opens, nobody outside does, not even all of them together; and wraps tell a carrier nothing."""

import hmac
import itertools
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.sealing import audience_tree, cbor
from allpoints.sealing.audience_tree import (
    COUNTS,
    NODE_KEY_BYTES,
    SLOTS,
    TAG_BYTES,
    WRAP_BYTES,
    Audience,
    cover,
    path,
    path_keys,
    unwrap,
    wrap,
)

SECRET = bytes(range(32))
EPOCH = b"an epoch's name."
KEY = bytes(reversed(range(32)))
HEADER = b"the header of an entry"

slot_sets = st.sets(st.integers(0, SLOTS - 1)) | st.sets(st.integers(0, SLOTS - 1)).map(
    lambda out: set(range(SLOTS)) - out
)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def wrapped(slots: set[int] | list[int], header: bytes = HEADER, epoch: bytes = EPOCH) -> Audience:
    return wrap(SECRET, epoch, slots, KEY, header)


def tags(audience: Audience) -> list[bytes]:
    return [audience.wraps[at : at + TAG_BYTES] for at in range(0, len(audience.wraps), WRAP_BYTES)]


def under(node: int) -> set[int]:
    """The slots under a node, by walking down."""
    below = {node}
    while max(below) < SLOTS:
        below = {child for one in below for child in (2 * one, 2 * one + 1)}
    return {one - SLOTS for one in below}


@settings(max_examples=60, deadline=None)
@given(slot_sets)
def test_every_allowed_slot_opens_and_no_coalition_of_all_the_others(allowed: set[int]) -> None:
    audience = wrapped(allowed)
    outside = set(range(SLOTS)) - allowed
    for slot in allowed:
        assert unwrap(path_keys(SECRET, slot), audience, HEADER) == KEY
    coalition = {
        path_keys(SECRET, slot)[at : at + NODE_KEY_BYTES]
        for slot in outside
        for at in range(0, audience_tree.PATH_BYTES, NODE_KEY_BYTES)
    }
    assert unwrap(b"".join(sorted(coalition)), audience, HEADER) is None
    # Nor does any of their keys open any wrap, whatever its tag.
    bound = audience_tree._bound(EPOCH, HEADER)
    derived = [audience_tree._tag_and_key(key, bound)[1] for key in sorted(coalition)[:8]]
    for at, key in itertools.product(range(0, len(audience.wraps), WRAP_BYTES), derived):
        found = audience.wraps[at + TAG_BYTES : at + WRAP_BYTES]
        assert code_of(partial(audience_tree._open, key, found)) == "CANNOT-OPEN"


@settings(max_examples=200, deadline=None)
@given(slot_sets)
def test_a_cover_holds_exactly_its_slots_each_once(allowed: set[int]) -> None:
    covered = [slot for node in cover(allowed) for slot in sorted(under(node))]
    assert sorted(covered) == sorted(allowed)
    assert len(cover(allowed)) <= COUNTS[-1]


def test_a_cover_is_the_smallest_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience_tree, "SLOTS", 8)
    leaves = {
        node: frozenset(slot for slot in range(8) if any((8 + slot) >> up == node for up in range(4)))
        for node in range(1, 16)
    }
    smallest: dict[frozenset[int], int] = {}
    for size in range(9):
        for nodes in itertools.combinations(leaves, size):
            smallest.setdefault(frozenset().union(*(leaves[node] for node in nodes)), size)
    assert len(smallest) == 256
    for slots, size in smallest.items():
        assert len(cover(slots)) == size


def test_the_most_nodes_are_needed_for_every_other_slot() -> None:
    assert cover(range(SLOTS)) == [1]
    assert cover([]) == []
    assert cover(range(0, SLOTS, 2)) == list(range(SLOTS, 2 * SLOTS, 2))
    assert len(wrapped(list(range(0, SLOTS, 2))).wraps) == 128 * WRAP_BYTES
    for slot in (-1, SLOTS):
        with pytest.raises(ValueError, match="slot"):
            cover([slot])


def test_a_path_leads_from_the_root_to_the_slot() -> None:
    assert path(0) == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert path(255) == [1, 3, 7, 15, 31, 63, 127, 255, 511]
    assert len({audience_tree.node_key(SECRET, node) for node in range(1, 512)}) == 511


def test_numbers_of_wraps_are_rounded_so_that_none_and_few_excluded_look_alike() -> None:
    def count(excluded: int) -> int:
        return len(wrapped(list(range(excluded, 196))).wraps) // WRAP_BYTES

    assert [count(excluded) for excluded in (0, 1, 2, 195, 196)] == [16] * 5
    assert len(wrapped([17]).wraps) == len(wrapped([]).wraps) == 16 * WRAP_BYTES


def test_two_entries_for_the_same_readers_have_no_tag_or_wrap_in_common() -> None:
    readers = list(range(0, SLOTS, 2))
    one, two = wrapped(readers, b"one"), wrapped(readers, b"two")
    other_epoch = wrapped(readers, b"one", bytes(16))
    for left, right in itertools.combinations((one, two, other_epoch), 2):
        assert not set(tags(left)) & set(tags(right))
        assert left.wraps[TAG_BYTES:WRAP_BYTES] not in right.wraps
    # The order of wraps is that of their tags, not of the nodes: it says nothing of who is left out.
    assert tags(one) == sorted(tags(one))
    nodes = [
        audience_tree._tag_and_key(audience_tree.node_key(SECRET, node), audience_tree._bound(EPOCH, b"one"))[
            0
        ]
        for node in cover(readers)
    ]
    assert nodes != sorted(nodes)


def test_wraps_of_another_entry_epoch_or_owner_open_nothing() -> None:
    keys = path_keys(SECRET, 5)
    audience = wrapped([5])
    assert unwrap(keys, audience, HEADER) == KEY
    assert unwrap(keys, audience, b"another header") is None
    assert unwrap(keys, Audience(bytes(16), audience.wraps), HEADER) is None
    assert unwrap(path_keys(bytes(32), 5), audience, HEADER) is None
    assert unwrap(keys, wrapped([4, 6]), HEADER) is None


def test_no_changed_byte_of_a_wrap_gives_a_key() -> None:
    keys = path_keys(SECRET, 5)
    audience = wrapped([5])
    (tag,) = (one for one in tags(audience) if unwrap(keys, audience, HEADER) and one == _tag_of(5))
    place = audience.wraps.index(tag)
    for at in range(place, place + WRAP_BYTES):
        changed = audience.wraps[:at] + bytes((audience.wraps[at] ^ 1,)) + audience.wraps[at + 1 :]
        if at < place + TAG_BYTES:
            assert unwrap(keys, Audience(EPOCH, changed), HEADER) is None
        else:
            assert code_of(partial(unwrap, keys, Audience(EPOCH, changed), HEADER)) == "CANNOT-OPEN"


def _tag_of(slot: int) -> bytes:
    bound = audience_tree._bound(EPOCH, HEADER)
    return audience_tree._tag_and_key(audience_tree.node_key(SECRET, SLOTS + slot), bound)[0]


def test_a_tag_inside_another_wrap_is_not_taken_for_one() -> None:
    keys, tag = path_keys(SECRET, 5), _tag_of(5)
    good = wrapped([5])
    place = good.wraps.index(tag)
    real = good.wraps[place : place + WRAP_BYTES]
    decoy = b"\0" * 20 + tag + bytes(WRAP_BYTES - 28)
    assert unwrap(keys, Audience(EPOCH, decoy + real + bytes(14 * WRAP_BYTES)), HEADER) == KEY
    assert unwrap(keys, Audience(EPOCH, decoy + bytes(15 * WRAP_BYTES)), HEADER) is None


@settings(max_examples=60, deadline=None)
@given(slot_sets, st.binary(max_size=20))
def test_an_audience_is_read_back_from_its_bytes(allowed: set[int], header: bytes) -> None:
    audience = wrapped(allowed, header)
    assert Audience.from_bytes(audience.to_bytes()) == audience
    assert len(audience.wraps) // WRAP_BYTES in COUNTS


def test_an_audience_is_read_only_in_its_one_form() -> None:
    good = wrapped([1])
    halves = [good.wraps[at : at + WRAP_BYTES] for at in range(0, len(good.wraps), WRAP_BYTES)]
    swapped = b"".join([halves[1], halves[0], *halves[2:]])
    doubled = b"".join([halves[0], halves[0], *halves[2:]])
    assert Audience.from_bytes(cbor.encode([EPOCH, good.wraps])) == good
    for value in (
        None,
        [],
        [EPOCH],
        [EPOCH, good.wraps, 1],
        [EPOCH[1:], good.wraps],
        [EPOCH.decode(), good.wraps],
        [EPOCH, [good.wraps]],
        [EPOCH, b""],
        [EPOCH, good.wraps[:-1]],
        [EPOCH, good.wraps[:-WRAP_BYTES]],
        [EPOCH, good.wraps + good.wraps[:WRAP_BYTES]],
        [EPOCH, swapped],
        [EPOCH, doubled],
    ):
        assert code_of(partial(Audience.from_bytes, cbor.encode(value))) == "AUDIENCE-UNREADABLE"
    assert code_of(partial(Audience.from_bytes, bytes(10_000))) == "CBOR-TOO-LARGE"


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_audience(data: bytes) -> None:
    with pytest.raises(Refusal):
        Audience.from_bytes(data)


def test_the_derivation_is_what_its_description_says() -> None:
    node = hmac.digest(SECRET, b"allpoints/audience-node/1\x01\x05", "sha256")
    assert audience_tree.node_key(SECRET, 261) == path_keys(SECRET, 5)[-NODE_KEY_BYTES:] == node
