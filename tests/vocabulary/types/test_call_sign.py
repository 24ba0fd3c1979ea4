"""Call signs begin as the ITU lets them; their shape says whose they may be."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.call_sign import CallSign, kinds_of

CALL = CallSign()


@pytest.mark.parametrize(
    ("sign", "kinds"),
    [
        ("X2AB", ("ship",)),
        ("X2AB7", ("ship",)),
        ("XA2345", ("ship",)),
        ("XAB2345", ("ship",)),
        ("3XA2345", ("ship",)),
        ("XAB", ("coast station",)),
        ("XAB25", ("coast station",)),
        ("XABCD", ("aircraft",)),
        ("XA1ABC", ("amateur",)),
        ("W1XX", ("amateur",)),
        ("XABCDEF", ()),
    ],
)
def test_the_shape_tells_whose_it_may_be(sign: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of(CALL.clean(sign.lower(), "x")) == kinds
    assert bool(CALL.advice(sign)) == (not kinds)
    assert dict(CALL.facts(sign)).get("Shape of", "") == " or ".join(kinds)


@pytest.mark.parametrize("raw", ["QABC", "1ABC", "0ABC", "22AB", "AB", "12345"])
def test_what_no_series_begins_with_is_refused(raw: str) -> None:
    with pytest.raises(Refusal) as caught:
        CALL.clean(raw, "call")
    assert caught.value.path == "call"
    assert CALL.clean("2ABC", "call") == "2ABC"


def test_near_call_signs_are_possible_ones() -> None:
    assert "X2A8" in CALL.near("X2AB")
    assert "1SAB" not in CALL.near("ISAB")
