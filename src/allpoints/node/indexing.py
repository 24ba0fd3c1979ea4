"""From folded records to the check index, and from each new posting to the earlier checks that it concerns."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from allpoints.border.checking import EFFECT_BEARER, EFFECT_DOCUMENT, EFFECT_OBJECT
from allpoints.matching.posting import Posting, pack
from allpoints.node.check_index import CheckIndex
from allpoints.registers.folding import Applied
from allpoints.vocabulary.identifying import Key

EFFECTS = {"document": EFFECT_DOCUMENT, "bearer": EFFECT_BEARER, "object": EFFECT_OBJECT}

Sweep = Callable[[Sequence[tuple[bytes, Posting]]], None]
"""Told of every new posting with its token, to find earlier checks that it concerns."""


class Indexed(msgspec.Struct, frozen=True):
    """A changed record as the index needs it; ``effect`` -1 is its end."""

    record_id: bytes
    version: int
    owner: str
    published_ms: int
    register: int
    effect: int


class Indexing:
    """What the parts of a node that hold records tell its check index."""

    def __init__(self, index: CheckIndex) -> None:
        self.index = index
        self.sweep: Sweep = lambda _postings: None

    def applied(self, applied: Iterable[Applied]) -> None:
        """Put records into the check index as a fold left them."""
        self.step(
            (
                Indexed(
                    one.record_id,
                    one.version,
                    one.owner,
                    one.published_ms,
                    one.register_code,
                    EFFECTS.get(one.effect, 0) if not one.gone else -1,
                ),
                one.keys,
            )
            for one in applied
        )

    def ended(self, records: Iterable[tuple[bytes, int]]) -> None:
        """Take records out of the check index, each with the version up to which nothing of it is found any more."""
        self.index.step((record_id, version, None, b"") for record_id, version in records)

    def step(self, changed: Iterable[tuple[Indexed, Sequence[Key]]]) -> None:
        """Put changed records, or the end of them, into the check index, and sweep earlier checks with them."""
        step: list[tuple[bytes, int, bytes | None, bytes]] = []
        fresh: list[tuple[bytes, Posting]] = []
        for one, keys in changed:
            if one.effect < 0:
                step.append((one.record_id, one.version, None, b""))
                continue
            posting = Posting(
                one.record_id, one.published_ms, one.register, one.effect, one.owner, one.version
            )
            inner = one.effect == 0
            tokens = [self.index.token(kind, value, inner=inner) for kind, value in keys]
            step.append((one.record_id, one.version, pack(posting), b"".join(tokens)))
            fresh += [] if inner else [(token, posting) for token in tokens]
        self.index.step(step)
        self.sweep(fresh)
