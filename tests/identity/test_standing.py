"""Measures and restorations as bytes: read back whole, refused when anything is altered or says what no order says."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.standing import (
    KINDS,
    MESSAGES,
    MODES,
    PRE_REVIEWED,
    RECEIVE_ONLY,
    RECORDS,
    SUSPENDED,
    Measure,
    Restoration,
    strictest,
)

NOW = 1_800_000_000_000
MEASURE = Measure(
    b"m" * 16, "XBM", SUSPENDED, KINDS, NOW, NOW + 14 * DAY, "Keys may be stolen", "Duty officer"
)
RESTORATION = Restoration(b"r" * 16, "XBM", (b"l" * 16, b"m" * 16), "Cleared", "GA-2026-94-RES-07")


def test_orders_are_read_back_as_they_were_written() -> None:
    assert Measure.from_bytes(MEASURE.to_bytes()) == MEASURE
    assert Restoration.from_bytes(RESTORATION.to_bytes()) == RESTORATION


@pytest.mark.parametrize("order", [MEASURE, RESTORATION], ids=["measure", "restoration"])
def test_no_flipped_bit_reads_as_the_same_order(order: Measure | Restoration) -> None:
    data = order.to_bytes()
    for place in range(len(data) * 8):
        altered = bytearray(data)
        altered[place // 8] ^= 1 << place % 8
        try:
            found = type(order).from_bytes(bytes(altered))
        except Refusal:
            continue
        assert found != order
        assert found.to_bytes() == bytes(altered)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_no_order(data: bytes) -> None:
    for kind in (Measure, Restoration):
        with pytest.raises(Refusal):
            kind.from_bytes(data)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"mode": "direct"}, "MEASURE-MODE"),
        ({"mode": "expelled"}, "MEASURE-MODE"),
        ({"kinds": ()}, "MEASURE-KINDS"),
        ({"kinds": (MESSAGES,)}, "MEASURE-KINDS"),
        ({"kinds": (MESSAGES, RECORDS), "mode": RECEIVE_ONLY}, "MEASURE-KINDS"),
        ({"kinds": KINDS, "mode": PRE_REVIEWED}, "MEASURE-KINDS"),
        ({"until_ms": NOW}, "MEASURE-TIME"),
        ({"from_ms": 2**50}, "MEASURE-TIME"),
        ({"reason": ""}, "BAD-LABEL"),
        ({"authority": "two\nlines"}, "BAD-LABEL"),
        ({"member": "xbm"}, "BAD-NAME"),
        ({"id": b"short"}, "ORDER-ID"),
    ],
)
def test_what_no_measure_says_is_refused(changed: dict[str, object], code: str) -> None:
    order = msgspec.structs.replace(MEASURE, **changed)
    with pytest.raises(Refusal) as caught:
        Measure.from_bytes(order.to_bytes())
    assert caught.value.code == code


def test_a_restoration_names_each_measure_once() -> None:
    for lifts in ((), (b"m" * 16, b"m" * 16), (b"m" * 16, b"l" * 16)):
        with pytest.raises(Refusal) as caught:
            Restoration.from_bytes(msgspec.structs.replace(RESTORATION, lifts=lifts).to_bytes())
        assert caught.value.code == "RESTORATION-LIFTS"


def test_of_several_modes_the_strictest_counts() -> None:
    assert strictest(()) == "direct"
    for at, mode in enumerate(MODES):
        assert strictest(MODES[: at + 1]) == mode


def test_a_measure_says_itself_in_one_sentence() -> None:
    assert MEASURE.sentence() == (
        "XBM is suspended since 2027-01-15 08:00 UTC until 2027-01-29 08:00 UTC:"
        " Keys may be stolen (Duty officer)."
    )
    gate = msgspec.structs.replace(MEASURE, mode=PRE_REVIEWED, kinds=(MESSAGES,), until_ms=0)
    assert gate.sentence().startswith("XBM sends messages to the secretariat alone since")
