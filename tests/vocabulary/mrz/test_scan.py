import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vocabulary.mrz.specimens import ALL, MRV_A, TD1, TD2, TD3, TODAY

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.mrz import MRZ_LIMIT_CHARACTERS, Mrz, parse


@pytest.mark.parametrize("lines", ALL)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", " ", "", "\t\n\n"])
def test_lines_are_found_however_a_scanner_sends_them(lines: tuple[str, ...], end: str) -> None:
    whole = parse(lines, today=TODAY)
    assert whole.valid
    assert whole.lines == lines
    assert parse(f"  {end.join(lines)}{end}\r", today=TODAY) == whole
    assert parse(end.join(lines).lower(), today=TODAY) == whole
    assert parse([f" {line} \r\n" for line in lines], today=TODAY) == whole


def test_the_first_letter_v_makes_a_visa_of_two_lines() -> None:
    assert parse(MRV_A, today=TODAY).format == "MRV-A"
    assert parse(TD3, today=TODAY).format == "TD3"


@pytest.mark.parametrize("text", ["", " \r\n\t ", [], ["", " "]])
def test_a_text_without_anything_in_it_is_refused_as_empty(text: str | list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        parse(text, today=TODAY)
    assert refused.value.code == "MRZ-EMPTY"
    assert refused.value.hint


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        (("P<UTO",), "one line of 5 "),
        ((TD3[0], TD3[1][:-1]), "2 lines of 44, 43 "),
        ((TD3[0],), "one line of 44 "),
        ((*TD2, TD2[1]), "3 lines of 36, 36, 36 "),
        ((TD1[0] + TD1[1], TD1[2]), "2 lines of 60, 30 "),
        ((TD3[0].replace("<", " ", 1), TD3[1]), "3 lines of 1, 42, 44 "),
        (tuple("ABCDEFGH"), "8 lines of 1, 1, 1, 1, 1, 1, … "),
    ],
)
def test_wrong_lengths_are_refused_with_those_seen_and_those_that_would_be_right(
    lines: tuple[str, ...], seen: str
) -> None:
    with pytest.raises(Refusal) as refused:
        parse(lines, today=TODAY)
    assert refused.value.code == "MRZ-LENGTH"
    assert seen in refused.value.sentence
    assert "3 lines of 30, 2 of 36 or 2 of 44" in refused.value.hint


def test_a_text_beyond_the_limit_is_refused_and_one_at_the_limit_is_read() -> None:
    zone = "\n".join(TD3)
    assert parse(zone.ljust(MRZ_LIMIT_CHARACTERS), today=TODAY).valid
    for text in (zone.ljust(MRZ_LIMIT_CHARACTERS + 1), ["A" * 44] * 1000):
        with pytest.raises(Refusal) as refused:
            parse(text, today=TODAY)
        assert (refused.value.code, refused.value.status) == ("MRZ-LENGTH", 413)


@pytest.mark.parametrize("character", ["«", ";", "Ö", "ß", "ı", "\x02", "０", "\ud800", "-"])
def test_a_character_outside_the_alphabet_is_refused_with_its_line_and_column(character: str) -> None:
    for lines in (
        (TD3[0], f"{TD3[1][:12]}{character}{TD3[1][13:]}"),
        (TD1[0], TD1[1][:12] + character + TD1[1][13:], TD1[2]),
    ):
        with pytest.raises(Refusal) as refused:
            parse(lines, today=TODAY)
        assert refused.value.code == "MRZ-CHARACTER"
        assert refused.value.path == "line 2, column 13"
        assert f"U+{ord(character):04X}" in refused.value.sentence


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("1" + TD2[0][1:], TD2[1]), "starts with 1"),
        (("<" + TD3[0][1:], TD3[1]), "starts with <"),
        (("V" + TD1[0][1:], *TD1[1:]), "visas have two lines"),
    ],
)
def test_a_document_code_that_no_format_has_is_refused(lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(lines, today=TODAY)
    assert refused.value.code == "MRZ-FORMAT"
    assert why in refused.value.sentence


def outcome(text: str | list[str]) -> Mrz | Refusal:
    try:
        return parse(text, today=TODAY)
    except Refusal as refusal:
        return refusal


@given(st.one_of(st.text(max_size=300), st.lists(st.text(max_size=50), max_size=5)))
@settings(max_examples=60, deadline=None)
def test_arbitrary_text_is_refused_and_never_breaks(text: str | list[str]) -> None:
    got = outcome(text)
    if isinstance(got, Refusal):
        assert got.code in {"MRZ-EMPTY", "MRZ-LENGTH", "MRZ-CHARACTER", "MRZ-FORMAT"}


@given(
    st.sampled_from([(2, 36), (2, 44), (3, 30)]).flatmap(
        lambda shape: st.lists(
            st.text("<<<0123456789ABCDOPVXYZ", min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        )
    )
)
@settings(max_examples=60, deadline=None)
def test_arbitrary_lines_of_the_right_shape_are_read_or_refused_by_their_first_letter(
    lines: list[str],
) -> None:
    got = outcome(lines)
    if isinstance(got, Refusal):
        assert got.code == "MRZ-FORMAT"
        return
    assert got.lines == tuple(lines)
    assert got.valid == (not got.faults) == all(check.ok for check in got.checks)
