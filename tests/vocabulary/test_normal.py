"""Normal forms: both sides of a check always agree, and a range answers exactly as its integers would."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.normal import (
    DOCUMENT_NUMBER_LIMIT,
    NEAR_LIMIT,
    RANGE_LIMIT,
    document_key,
    document_number,
    folded_name,
    near_numbers,
    person_key,
    range_cover,
    range_probes,
    range_shape,
    split_number,
)

NUMBER = st.text(st.sampled_from("ABOSZI0125678"), min_size=1, max_size=DOCUMENT_NUMBER_LIMIT)
HEAD = st.sampled_from(["", "A", "AB", "X1Y"])


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("L898902C3", "L898902C3"),
        (" l 898.902-c3<<< ", "L898902C3"),
        ("AB/12_34", "AB1234"),
        ("AB\u00a01234", "AB1234"),
        ("ＡＢ１２", "AB12"),
    ],
)
def test_how_a_number_is_printed_does_not_matter(printed: str, normal: str) -> None:
    assert document_number(printed) == normal


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("", "DOCUMENT-NUMBER-EMPTY"),
        (" - ", "DOCUMENT-NUMBER-EMPTY"),
        ("АВ1234", "DOCUMENT-NUMBER-CHARACTER"),
        ("AB#1", "DOCUMENT-NUMBER-CHARACTER"),
        ("AB\x001", "DOCUMENT-NUMBER-CHARACTER"),
        ("1" * (DOCUMENT_NUMBER_LIMIT + 1), "DOCUMENT-NUMBER-LONG"),
        ("1" * 1000, "DOCUMENT-NUMBER-LONG"),
        ("ﷺ" * 20, "DOCUMENT-NUMBER-CHARACTER"),
    ],
)
def test_what_is_no_number_is_refused(printed: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        document_number(printed, "number")
    assert (caught.value.code, caught.value.path) == (code, "number")


@given(st.text(max_size=50))
@settings(max_examples=60, deadline=None)
def test_a_normal_number_stays_as_it_is(text: str) -> None:
    try:
        number = document_number(text)
    except Refusal:
        return
    assert re.fullmatch("[A-Z0-9]{1,32}", number)
    assert document_number(number) == number


def test_germanys_two_codes_are_one_issuer() -> None:
    assert document_key("D", "C01X00T47") == document_key("DEU", "c01x 00t47") == "DEU|C01X00T47"
    assert range_shape("D", "C01") == range_shape("DEU", "C01")


@given(HEAD, st.integers(1, 7), st.data())
@settings(max_examples=60, deadline=None)
def test_a_cover_holds_a_number_if_and_only_if_the_integers_say_so(
    head: str, digits: int, data: st.DataObject
) -> None:
    top = 10**digits - 1
    low, high = sorted(data.draw(st.tuples(st.integers(0, top), st.integers(0, top))))
    cover = set(range_cover("XAV", f"{head}{low:0{digits}d}", f"{head}{high:0{digits}d}"))
    assert len(cover) <= 18 * digits
    near_the_ends = [low - 1, low, low + 1, high - 1, high, high + 1]
    for value in [*near_the_ends, *data.draw(st.lists(st.integers(0, top), max_size=20))]:
        if 0 <= value <= top:
            probes = range_probes("XAV", f"{head}{value:0{digits}d}")
            assert any(probe in cover for probe in probes) == (low <= value <= high)


def test_every_number_of_a_small_world_is_answered_right() -> None:
    for low in range(0, 1000, 97):
        for high in range(low, 1000, 61):
            cover = set(range_cover("XAV", f"A{low:03d}", f"A{high:03d}"))
            inside = [
                value
                for value in range(1000)
                if any(probe in cover for probe in range_probes("XAV", f"A{value:03d}"))
            ]
            assert inside == list(range(low, high + 1))


@given(NUMBER, NUMBER, st.sampled_from(["XAV", "XBM"]))
@settings(max_examples=60, deadline=None)
def test_another_shape_or_issuer_is_never_in_a_range(first: str, asked: str, issuer: str) -> None:
    head, digits = split_number(first)
    assume(digits)
    last = head + ("9" * len(digits) if len(digits) <= 7 else digits)
    cover = set(range_cover("XAV", first, last))
    inside = any(probe in cover for probe in range_probes(issuer, asked))
    same_shape = range_shape("XAV", first) == range_shape(issuer, asked)
    assert inside == (same_shape and first <= asked <= last)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("AB100", "AC200", "RANGE-SHAPE"),
        ("AB100", "AB1000", "RANGE-SHAPE"),
        ("ABC", "ABD", "RANGE-SHAPE"),
        ("AB200", "AB100", "RANGE-ORDER"),
        ("A00000000", f"A{RANGE_LIMIT:08d}", "RANGE-SIZE"),
    ],
)
def test_what_is_no_range_is_refused(first: str, last: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        range_cover("XAV", first, last)
    assert caught.value.code == code
    assert range_cover("XAV", "A0000000", f"A{RANGE_LIMIT - 1}") == ["XAV|8|A"]


def test_probes_come_longest_first() -> None:
    assert range_probes("XAV", "AB12") == ["XAV|4|AB12", "XAV|4|AB1", "XAV|4|AB"]


@given(NUMBER)
@settings(max_examples=60, deadline=None)
def test_neighbours_are_bounded_mutual_and_never_the_number_itself(number: str) -> None:
    near = near_numbers(number)
    assert len(near) <= NEAR_LIMIT
    assert len(set(near)) == len(near)
    assert number not in near
    for other in near:
        assert len(other) == len(number)
        assert number in near_numbers(other)


def test_neighbours_are_one_slip_away() -> None:
    assert {"0B12", "OB21", "BO12", "O812", "OBI2", "OB1Z", "O1B2"} == set(near_numbers("OB12"))


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("O'Brien-Müller", "obrien mueller"),
        ("ÉLODIE  Dupont", "elodie dupont"),
        ("Щеглова", "shcheglova"),
        ("Torvan, Elias", "torvan elias"),
        ("محمَّد", "محمد"),
        ("Παπαδόπουλος", "παπαδοπουλοσ"),
        ("田中 太郎", "田中 太郎"),
        ("ＡＢＣ", "abc"),
        ("!?", ""),
    ],
)
def test_names_are_folded_for_searching(name: str, folded: str) -> None:
    assert folded_name(name) == folded


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_folded_name_has_single_spaces_and_no_punctuation(text: str) -> None:
    folded = folded_name(text)
    assert folded == " ".join(folded.split())
    assert all(letter.isalnum() or letter == " " for letter in folded)


@given(st.text(st.characters(max_codepoint=0x52F), max_size=60))
@settings(max_examples=60, deadline=None)
def test_folding_a_folded_name_changes_nothing(text: str) -> None:
    assert folded_name(folded_name(text)) == folded_name(text)


def test_the_zones_spelling_and_the_names_own_give_one_key() -> None:
    key = "MUELLERSTRASSE|JEAN|1979-03-14"
    assert person_key("Müller-Straße", "Jean-Pierre Émile", "1979-03-14") == key
    assert person_key("MUELLER STRASSE", "JEAN PIERRE EMILE", "1979-03-14") == key


@pytest.mark.parametrize(
    ("family", "born", "path"),
    [("Torvane", "1979", "birth_date"), ("Torvane", "", "birth_date"), ("-", "1979-03-14", "family_name")],
)
def test_a_person_needs_a_name_and_a_whole_day(family: str, born: str, path: str) -> None:
    with pytest.raises(Refusal) as caught:
        person_key(family, "Elio", born)
    assert caught.value.path == path
    assert person_key("Torvane", "", "1979-03-14") == "TORVANE||1979-03-14"
