"""Values that nobody sends by mistake, for fuzzing whatever reads from outside."""

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal

NUMBERS = st.sampled_from(
    [
        0,
        1,
        -1,
        255,
        2**24,
        2**31,
        2**48,
        2**53,
        2**53 + 1,
        253_402_300_800_000,
        2**63 - 1,
        2**63,
        2**64 - 1,
        -(2**63),
    ]
)
TEXTS = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "a\0b",
        "\r\nX-Evil: 1",
        "../../etc/passwd",
        "ё" * 300,
        "\u202ename",
        "<b>&'\"",
        "x" * 5_000,
    ]
)
BYTES = st.sampled_from(
    [b"", b"\0", b"\xff\xfe", bytes(16), bytes(32), b"\xc1", b"\x92" * 400, b"\x81" * 2_000]
)
BLOB = BYTES | st.binary(max_size=24)
FLOATS = st.sampled_from([0.5, float("nan"), float("inf"), -float("inf"), 1e308])
LEAVES = st.one_of(
    st.none(), st.booleans(), NUMBERS, FLOATS, TEXTS, BYTES, st.text(max_size=8), st.binary(max_size=8)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6) | TEXTS, inner, max_size=3)
    ),
    max_leaves=6,
)

BROKEN = [
    b"",
    b"\xc1",
    b"\x91" * 5_000,
    b"\x81\xa1a" * 5_000,
    b"\x92\xa6Follow\xcf" + b"\xff" * 8,
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xd9\x02\xed\xa0",
    b"\xc7\x0c\xff" + bytes(12),
    b"\xa2\xff\xfe",
]
"""Bytes on which readers of MessagePack have stumbled."""


def one_changed(whole: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A sound map with one or two fields made absurd, left out or added."""

    def changed(changes: dict[str, Any]) -> dict[str, Any]:
        mixed = {**whole, **changes}
        return {name: value for name, value in mixed.items() if value != "LEFT-OUT"}

    names = st.sampled_from([*whole, "surplus"])
    return st.dictionaries(names, VALUES | st.just("LEFT-OUT"), min_size=1, max_size=2).map(changed)


def packed(value: object) -> bytes:
    return msgspec.msgpack.encode(value)


def outcome_of(act: Callable[[], Any]) -> Any:
    """What an act gave, or its refusal; whatever else it raises is a finding."""
    try:
        return act()
    except Refusal as refusal:
        return refusal
