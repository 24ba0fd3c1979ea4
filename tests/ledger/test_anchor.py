"""What a head of an audit log in the ledger must prove of the one before it."""

from collections.abc import Callable

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.ledger.anchor import Anchor, check_next, check_owner, origin
from allpoints.ledger.merkle import Frontier, consistency_path, leaf_hash
from allpoints.ledger.merkle import complete_root as complete

LEAVES = [leaf_hash(bytes([n])) for n in range(20)]


def nodes(level: int, position: int) -> bytes:
    return complete(LEAVES[position << level : (position + 1) << level])


def head(size: int, previous: int = 0, generation: int = 1, log: str = "XAV") -> Anchor:
    path = tuple(consistency_path(nodes, previous, size)) if 0 < previous <= size else ()
    return Anchor(log, generation, size, Frontier.of(nodes, size).root(), previous, path)


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_a_log_begins_grows_and_begins_again() -> None:
    check_next(None, head(5))
    check_next(head(5), head(13, 5))
    check_next(head(13, 5), head(13, 13))
    check_next(head(13), head(4, generation=2))


@pytest.mark.parametrize(
    ("known", "new", "expected"),
    [
        (head(13), head(5), "ANCHOR-SHRUNK"),
        (head(5), head(13), "ANCHOR-REWRITTEN"),
        (head(5), head(13, 6), "ANCHOR-REWRITTEN"),
        (Anchor("XAV", 1, 5, bytes(32)), head(13, 5), "ANCHOR-REWRITTEN"),
        (head(5), Anchor("XAV", 1, 13, bytes(32), 5, head(13, 5).path), "ANCHOR-REWRITTEN"),
        (head(5), Anchor("XAV", 1, 5, bytes(32), 5, ()), "ANCHOR-REWRITTEN"),
        (head(5), head(13, 5, generation=3), "ANCHOR-GENERATION"),
        (head(5, generation=2), head(13, 5), "ANCHOR-GENERATION"),
        (None, head(13, 5), "ANCHOR-START"),
        (head(5), head(13, 5, generation=2), "ANCHOR-START"),
    ],
)
def test_what_does_not_go_on_from_what_is_known_is_refused(
    known: Anchor | None, new: Anchor, expected: str
) -> None:
    assert code(lambda: check_next(known, new)) == expected


def test_a_member_anchors_its_own_log_and_its_posts_logs_once_each() -> None:
    check_owner("XBM", (head(5, log="XBM"), head(5, log="XBM/post-1")))
    assert code(lambda: check_owner("XBM", (head(5, log="XBMX"),))) == "ANCHOR-NOT-YOURS"
    assert code(lambda: check_owner("XBM", (head(5, log="XAV/post-1"),))) == "ANCHOR-NOT-YOURS"
    assert code(lambda: check_owner("XBM", (head(5, log="XBM"), head(6, log="XBM")))) == "ANCHOR-TWICE"


def test_a_head_reads_as_a_checkpoint() -> None:
    text = head(5, log="XBM/post-1").checkpoint("testnet").text()
    assert text.split("\n")[:2] == ["testnet/audit/XBM/post-1/1", "5"]
    assert origin("testnet", "XAV", 3) == "testnet/audit/XAV/3"
