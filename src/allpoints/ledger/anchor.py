"""The head of an audit log as it stands in the ledger, and what a later one must prove of an earlier one.

Size and root are signed by whoever writes the entry, with the entry. As text a head is a C2SP checkpoint of the origin
``<network>/audit/<log>/<generation>``, which is how a post signs its own for its bureau.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal
from allpoints.ledger.checkpoint import Checkpoint
from allpoints.ledger.merkle import HASH_BYTES, verify_consistency

HEADS_LIMIT = 512
PATH_LIMIT = 128
"""A consistency proof between two sizes below 2^63 has fewer hashes."""
SIZE_LIMIT = 2**53

Size = Annotated[int, Meta(ge=0, le=SIZE_LIMIT)]
Hash = Annotated[bytes, Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]
Path = Annotated[tuple[Hash, ...], Meta(max_length=PATH_LIMIT)]


class Anchor(msgspec.Struct, frozen=True):
    """One log's head: ``path`` proves that the tree of ``size`` lines begins with the one of ``previous`` lines.

    A log has a new ``generation`` when its node had to begin it again, having lost what was anchored.
    """

    log: Annotated[str, Meta(min_length=3, max_length=64)]
    generation: Annotated[int, Meta(ge=1, le=1_000_000)]
    size: Annotated[int, Meta(ge=1, le=SIZE_LIMIT)]
    root: Hash
    previous: Size = 0
    path: Path = ()

    def checkpoint(self, network: str) -> Checkpoint:
        """The head as the text that other tools read."""
        return Checkpoint(origin(network, self.log, self.generation), self.size, self.root)


class Anchored(msgspec.Struct, frozen=True):
    """The body of an ``audit.anchored`` entry: heads of its author's log and of its author's posts."""

    heads: Annotated[tuple[Anchor, ...], Meta(min_length=1, max_length=HEADS_LIMIT)]


def origin(network: str, log: str, generation: int) -> str:
    """How a checkpoint names an audit log."""
    return f"{network}/audit/{log}/{generation}"


def check_owner(author: str, heads: tuple[Anchor, ...]) -> None:
    """Refuse heads of logs that are neither the author's nor of its posts, and two of one log."""
    for one in heads:
        if one.log != author and not one.log.startswith(f"{author}/"):
            raise Refusal(
                "ANCHOR-NOT-YOURS", f"{author} cannot anchor the audit log of {one.log}.", status=403
            )
    if len({one.log for one in heads}) != len(heads):
        raise Refusal("ANCHOR-TWICE", f"{author} anchors one log twice in one entry.", status=400)


def check_next(known: Anchor | None, head: Anchor) -> None:
    """Refuse a head that does not go on from the one that is known: shrunk, rewritten, or of a skipped generation."""
    if known is None or head.generation == known.generation + 1:
        if head.previous or head.path:
            raise Refusal("ANCHOR-START", f"{head.log} proves a beginning that nobody has seen.", status=409)
        return
    if head.generation != known.generation:
        raise Refusal(
            "ANCHOR-GENERATION",
            f"{head.log} anchors generation {head.generation} of its audit log after {known.generation}.",
            status=409,
        )
    if head.size < known.size:
        raise Refusal(
            "ANCHOR-SHRUNK",
            f"{head.log} anchored {known.size} lines of its audit log and now shows {head.size}.",
            status=409,
        )
    _check_grown(known, head)


def _check_grown(known: Anchor, head: Anchor) -> None:
    # A proof from another size than the one that is known leads to no root that is known.
    try:
        verify_consistency(known.size, head.size, known.root, head.root, head.path)
    except Refusal as refusal:
        raise Refusal(
            "ANCHOR-REWRITTEN",
            f"{head.log} does not prove that its audit log of {head.size} lines begins with the {known.size} "
            "that it anchored before.",
            status=409,
        ) from refusal
