"""Hashes, frontier and proofs against a tree that is written down naively from RFC 6962."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    Nodes,
    complete_root,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(80)]
SIZES = st.integers(1, len(LEAVES))


def naive_root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


def naive_inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*naive_inclusion(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_inclusion(index - split, leaves[split:]), naive_root(leaves[:split])]


def naive_consistency(first: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [naive_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if first <= split:
        return [*naive_consistency(first, leaves[:split], whole), naive_root(leaves[split:])]
    return [*naive_consistency(first - split, leaves[split:], whole=False), naive_root(leaves[:split])]


def nodes_of(leaves: list[bytes]) -> Nodes:
    return lambda level, position: complete_root(leaves[position << level : (position + 1) << level])


def grown(size: int) -> Frontier:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier = frontier.append(leaf)
    return frontier


def test_leaves_and_nodes_are_hashed_as_rfc_6962_says() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(LEAVES[0], LEAVES[1]) == hashlib.sha256(b"\x01" + LEAVES[0] + LEAVES[1]).digest()
    assert Frontier().root() == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_the_frontier_has_the_root_of_the_whole_tree_at_every_size() -> None:
    for size in range(len(LEAVES) + 1):
        assert grown(size).root() == naive_root(LEAVES[:size])
        assert Frontier.of(nodes_of(LEAVES), size) == grown(size)


def test_growing_tells_the_subtrees_that_a_leaf_completes() -> None:
    _, completed = grown(7).grow(LEAVES[7])
    assert completed == [LEAVES[7], *(naive_root(LEAVES[8 - (1 << level) : 8]) for level in (1, 2, 3))]
    assert grown(8).grow(LEAVES[8])[1] == [LEAVES[8]]


@given(st.integers(0, len(LEAVES)))
@settings(max_examples=30, deadline=None)
def test_a_frontier_is_read_back_from_its_bytes(size: int) -> None:
    frontier = grown(size)
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier


@given(
    st.binary(max_size=80) | st.binary(min_size=32, max_size=32).map(lambda peak: bytes(7) + b"\x40" + peak)
)
@settings(max_examples=60, deadline=None)
def test_bytes_are_a_frontier_in_one_form_or_refused(data: bytes) -> None:
    if len(data) == 8 + 32 * int.from_bytes(data[:8], "big").bit_count():
        assert Frontier.from_bytes(data).to_bytes() == data
    else:
        with pytest.raises(Refusal):
            Frontier.from_bytes(data)


def test_a_frontier_of_another_length_than_its_size_is_refused(refused: Callable[..., Refusal]) -> None:
    data = grown(5).to_bytes()
    assert Frontier.from_bytes(data).size == 5
    refused("MERKLE-FRONTIER", Frontier.from_bytes, data[:-1])
    refused("MERKLE-FRONTIER", Frontier.from_bytes, data + b"\x00")
    refused("MERKLE-FRONTIER", Frontier.from_bytes, b"\xff" * 8 + bytes(32 * 64))


@given(SIZES.flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
@settings(max_examples=60, deadline=None)
def test_an_inclusion_proof_equals_the_naive_one_and_verifies(drawn: tuple[int, int]) -> None:
    size, index = drawn
    path = inclusion_path(nodes_of(LEAVES), index, size)
    assert path == naive_inclusion(index, LEAVES[:size])
    verify_inclusion(LEAVES[index], index, size, path, naive_root(LEAVES[:size]))


@given(SIZES.flatmap(lambda second: st.tuples(st.integers(1, second), st.just(second))))
@settings(max_examples=60, deadline=None)
def test_a_consistency_proof_equals_the_naive_one_and_verifies(drawn: tuple[int, int]) -> None:
    first, second = drawn
    path = consistency_path(nodes_of(LEAVES), first, second)
    assert path == naive_consistency(first, LEAVES[:second])
    verify_consistency(first, second, naive_root(LEAVES[:first]), naive_root(LEAVES[:second]), path)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_proof_with_any_change_is_refused(data: st.DataObject) -> None:
    second = data.draw(st.integers(2, len(LEAVES)))
    first = data.draw(st.integers(1, second - 1))
    roots = [naive_root(LEAVES[:first]), naive_root(LEAVES[:second])]
    path = consistency_path(nodes_of(LEAVES), first, second)
    verify_consistency(first, second, roots[0], roots[1], path)
    place = data.draw(st.integers(0, len(path) - 1))
    other = data.draw(st.sampled_from([leaf for leaf in LEAVES if leaf != path[place]]))
    changes = [
        [*path[:place], other, *path[place + 1 :]],
        [*path[:place], *path[place + 1 :]],
        [*path[:place], other, *path[place:]],
    ]
    for changed in changes:
        with pytest.raises(Refusal):
            verify_consistency(first, second, roots[0], roots[1], changed)


def test_a_proof_from_size_zero_is_refused_and_from_size_one_is_not(refused: Callable[..., Refusal]) -> None:
    roots = EMPTY_ROOT, naive_root(LEAVES[:2])
    refused("MERKLE-RANGE", consistency_path, nodes_of(LEAVES), 0, 2)
    refused("MERKLE-RANGE", verify_consistency, 0, 2, *roots, [])
    refused("MERKLE-RANGE", verify_consistency, 0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    verify_consistency(1, 2, LEAVES[0], roots[1], consistency_path(nodes_of(LEAVES), 1, 2))


def test_a_hash_of_any_other_length_than_32_bytes_is_refused_everywhere(
    refused: Callable[..., Refusal],
) -> None:
    root, path = naive_root(LEAVES[:2]), [LEAVES[1]]
    verify_inclusion(LEAVES[0], 0, 2, path, root)
    for wrong in (b"", root[:31], root + b"\x00"):
        refused("MERKLE-HASH", verify_inclusion, wrong, 0, 1, [], wrong)
        refused("MERKLE-HASH", verify_inclusion, LEAVES[0], 0, 2, [wrong], root)
        refused("MERKLE-HASH", verify_consistency, 1, 1, wrong, wrong, [])
        refused("MERKLE-HASH", verify_consistency, 1, 2, LEAVES[0], root, [wrong])
        refused("MERKLE-HASH", Frontier().append, wrong)


def test_a_leaf_outside_the_tree_is_refused(refused: Callable[..., Refusal]) -> None:
    assert inclusion_path(nodes_of(LEAVES), 0, 1) == []
    for index, size in ((1, 1), (-1, 1), (0, 0), (0, 2**63)):
        refused("MERKLE-RANGE", inclusion_path, nodes_of(LEAVES), index, size)
        refused("MERKLE-RANGE", verify_inclusion, LEAVES[0], index, size, [], LEAVES[0])
