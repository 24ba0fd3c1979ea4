"""The tree over the entries: RFC 6962 hashes, the compact frontier, and proofs.

Everything is a pure function of 32-byte hashes. Proofs are made from complete subtrees, which whoever asks
supplies as a function of level and position, and are verified as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

import msgspec

from allpoints.ground.refusal import Refusal

HASH_BYTES = 32
TREE_SIZE_LIMIT = 2**63 - 1
"""No tree has more leaves; it is the largest size that other implementations and SQLite carry."""

EMPTY_ROOT = hashlib.sha256(b"").digest()

Nodes = Callable[[int, int], bytes]
"""``nodes(level, position)``: the root of the complete subtree of ``2**level`` leaves from ``position << level``."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier(msgspec.Struct, frozen=True):
    """A tree reduced to what is needed to go on appending: the roots of its complete subtrees, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def grow(self, leaf: bytes) -> tuple["Frontier", list[bytes]]:
        """Append a leaf hash; also gives the roots of the subtrees it completes, by level from 0."""
        checked_hash(leaf, "leaf")
        peaks = list(self.peaks)
        completed = [leaf]
        count = self.size
        while count & 1:
            completed.append(node_hash(peaks.pop(), completed[-1]))
            count >>= 1
        peaks.append(completed[-1])
        return Frontier(self.size + 1, tuple(peaks)), completed

    def append(self, leaf: bytes) -> "Frontier":
        """The frontier after one more leaf hash."""
        return self.grow(leaf)[0]

    def root(self) -> bytes:
        """The root of the whole tree."""
        return _fold(self.peaks) if self.peaks else EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """Eight bytes of size, then the peaks."""
        return self.size.to_bytes(8, "big") + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frontier":
        """Read a frontier back; refuses any other length than the size calls for."""
        size = int.from_bytes(data[:8], "big")
        if len(data) != 8 + HASH_BYTES * size.bit_count() or size > TREE_SIZE_LIMIT:
            raise Refusal("MERKLE-FRONTIER", "This is not a frontier: its length does not fit its size.")
        return cls(size, tuple(data[at : at + HASH_BYTES] for at in range(8, len(data), HASH_BYTES)))

    @classmethod
    def of(cls, nodes: Nodes, size: int) -> "Frontier":
        """The frontier of the first ``size`` leaves, from stored subtrees."""
        return cls(size, tuple(nodes(level, position) for level, position in _subtrees(0, size)))


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of neighbouring subtree roots of one level."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def inclusion_path(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """The proof that the leaf at ``index`` (from 0) is in the tree of the first ``size`` leaves."""
    if not 0 <= index < size <= TREE_SIZE_LIMIT:
        raise Refusal(
            "MERKLE-RANGE", f"There is no leaf {index} in a tree of {size}.", path="index", status=404
        )
    start, end = 0, size
    path: list[bytes] = []
    while end - start > 1:
        split = start + _largest_power_below(end - start)
        if index < split:
            path.append(_range_root(nodes, split, end))
            end = split
        else:
            path.append(_range_root(nodes, start, split))
            start = split
    path.reverse()
    return path


def consistency_path(nodes: Nodes, first: int, second: int) -> list[bytes]:
    """The proof that the tree of ``second`` leaves begins with the tree of ``first`` leaves (1 ≤ first ≤ second)."""
    if not 1 <= first <= second <= TREE_SIZE_LIMIT:
        raise Refusal(
            "MERKLE-RANGE",
            f"Consistency is proved from a size of at least 1 to one not smaller, not from {first} to {second}.",
            path="first",
        )
    start, end = 0, second
    path: list[bytes] = []
    while first != end:
        split = start + _largest_power_below(end - start)
        if first <= split:
            path.append(_range_root(nodes, split, end))
            end = split
        else:
            path.append(_range_root(nodes, start, split))
            start = split
    if start:
        path.append(_range_root(nodes, start, end))
    path.reverse()
    return path


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Refuse unless ``path`` proves that ``leaf`` stands at ``index`` under ``root`` (RFC 9162, 2.1.3.2)."""
    checked_hash(leaf, "leaf")
    checked_hash(root, "root")
    if not 0 <= index < size <= TREE_SIZE_LIMIT:
        raise Refusal("MERKLE-RANGE", f"There is no leaf {index} in a tree of {size}.", path="index")
    at, last, node = index, size - 1, leaf
    for place, sibling in enumerate(path):
        checked_hash(sibling, f"path[{place}]")
        if last == 0:
            raise _unproved("path")
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            at, last = _past_right_edge(at, last)
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    if last or node != root:
        raise _unproved("root")


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> None:
    """Refuse unless ``path`` proves that the second tree begins with the first (RFC 9162, 2.1.4.2).

    From size 0 there is nothing to prove, so that a proof "from 0" is refused rather than taken for one.
    """
    checked_hash(first_root, "first_root")
    checked_hash(second_root, "second_root")
    if not 1 <= first <= second <= TREE_SIZE_LIMIT:
        raise Refusal("MERKLE-RANGE", f"Nothing can be proved from size {first} to {second}.", path="first")
    if first == second:
        if path or first_root != second_root:
            raise _unproved("path" if path else "second_root")
        return
    steps = [checked_hash(sibling, f"path[{place}]") for place, sibling in enumerate(path)]
    if first.bit_count() == 1:
        steps.insert(0, first_root)
    if not path:
        raise _unproved("path")
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    _climb(at, last, steps, (first_root, second_root))


def checked_hash(value: bytes, path: str) -> bytes:
    """The value if it is a hash of 32 bytes; anything else is refused, above all an empty one."""
    if type(value) is not bytes or len(value) != HASH_BYTES:
        raise Refusal("MERKLE-HASH", f"A hash has {HASH_BYTES} bytes.", path=path)
    return value


def _climb(at: int, last: int, steps: Sequence[bytes], roots: tuple[bytes, bytes]) -> None:
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            raise _unproved("path")
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            at, last = _past_right_edge(at, last)
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    if last or (old, new) != roots:
        raise _unproved("path")


def _past_right_edge(at: int, last: int) -> tuple[int, int]:
    """Skip the levels at which the right edge has no sibling."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _unproved(path: str) -> Refusal:
    return Refusal("MERKLE-PROOF", "This proof does not lead to the root it claims.", path=path)


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Level and position of the complete subtrees, largest first, of a range whose start is aligned for it."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _range_root(nodes: Nodes, start: int, end: int) -> bytes:
    return _fold(tuple(nodes(level, position) for level, position in _subtrees(start, end)))


def _fold(peaks: Sequence[bytes]) -> bytes:
    node = peaks[-1]
    for left in reversed(peaks[:-1]):
        node = node_hash(left, node)
    return node
