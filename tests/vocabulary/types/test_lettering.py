"""Whatever script and separators it is written with, one number has one spelling."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.lettering import NEAR_LIMIT, folded, near_forms, pattern_of, stripped, western


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ab 12-3", "AB123"),
        ("AB·12/3.", "AB123"),
        ("ＡＢ１２", "AB12"),
        ("А 123 ВС 77", "A123BC77"),
        ("ΑΒΕ-1234", "ABE1234"),
        ("LÖ ü 1", "LOU1"),
        ("ŽĐ Łø", "ZDLO"),
        ("١٢٣", "123"),
        ("№ 12", "12"),
        ("京A·12345", "京A12345"),
        ("12가3456", "12가3456"),
        ("ᄀ-ᅡ 1", "가1"),
        ("ß", "SS"),
    ],
)
def test_look_alikes_meet_and_other_letters_stay(text: str, value: str) -> None:
    assert stripped(text, "x", "A number", 12) == value
    assert stripped(value, "x", "A number", 12) == value


@pytest.mark.parametrize("text", ["AB*1", "A?", "A=B", "A\x00B", "A\u202eB", "😀", "A;B\u0085!"])
def test_other_signs_are_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        stripped(text, "mark", "A number", 12)
    assert (caught.value.code, caught.value.path) == ("IDENTIFIER-CHARACTER", "mark")
    assert stripped("A-B", "mark", "A number", 12) == "AB"


def test_lengths_are_bounded_and_separators_alone_are_no_number() -> None:
    for text, code in (
        ("A" * 13, "FIELD-TOO-LONG"),
        ("-" * 200, "FIELD-TOO-LONG"),
        ("--", "IDENTIFIER-EMPTY"),
    ):
        with pytest.raises(Refusal) as caught:
            stripped(text, "x", "A number", 12)
        assert caught.value.code == code
    assert stripped("A" * 12, "x", "A number", 12) == "A" * 12


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_folding_twice_is_folding_once(text: str) -> None:
    try:
        value = folded(text, "x", "A number")
    except Refusal:
        return
    assert folded(value, "x", "A number") == value


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("wvw*0001", "WVW*0001"),
        ("AB ?? 12", "AB??12"),
        ("A**B", "A*B"),
        ("A*?*B", "A?*B"),
        ("А؟１", "A?1"),
        ("AB12", "AB12"),
    ],
)
def test_unknown_characters_keep_their_place(text: str, pattern: str) -> None:
    assert pattern_of(text, "x", "A number", 12) == pattern


def test_a_pattern_is_no_longer_than_a_number() -> None:
    with pytest.raises(Refusal):
        pattern_of("A" * 12 + "?", "x", "A number", 12)
    assert pattern_of("A" * 12 + "*", "x", "A number", 12) == "A" * 12 + "*"


def test_a_slip_is_one_look_alike_or_two_neighbours_exchanged() -> None:
    assert near_forms("A0B") == ("AOB", "A08", "0AB", "AB0")
    assert near_forms("77") == ()
    assert len(near_forms("O1" * 40)) == NEAR_LIMIT


@given(st.text("AOI01S5", min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_nearness_goes_both_ways(value: str) -> None:
    assert all(value in near_forms(other) for other in near_forms(value))


def test_digits_of_other_scripts_are_read() -> None:
    assert western("٥١٫٥ ١٬٠٠٠ 7") == "51.5 1,000 7"
