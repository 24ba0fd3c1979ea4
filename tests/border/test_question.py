"""Questions understood: what is looked up, and what is refused before anything is."""

import datetime as dt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allpoints.border.question import TEXT_LIMIT, Question, understand
from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.mrz import Fields, build

VOCABULARY = load()
VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ    <"
TODAY = dt.date(2026, 9, 21)
ZONE = Fields(
    format="TD3",
    issuer="XAV",
    number="AB1234567",
    family_name="Sorin",
    given_names="Maro Ilan",
    nationality="XAV",
    birth_date="1979-03-14",
    sex="M",
    expiry_date="2030-01-01",
)


def refused(question: Question) -> Refusal:
    with pytest.raises(Refusal) as caught:
        understand(question, VOCABULARY, TODAY)
    return caught.value


@pytest.mark.parametrize(
    ("question", "code", "path"),
    [
        (Question(), "CHECK-EMPTY", "mrz"),
        (Question(mrz="  ", number=" "), "CHECK-EMPTY", "mrz"),
        (Question(family_name="Sorin"), "CHECK-EMPTY", "mrz"),
        (Question(birth_date="1979-03-14"), "CHECK-EMPTY", "mrz"),
        (Question(number="AB1"), "CHECK-NO-ISSUER", "issuer"),
        (Question(number="AB1", issuer="123"), "CHECK-ISSUER", "issuer"),
        (Question(number="A" * (TEXT_LIMIT + 1), issuer="XAV"), "CHECK-TOO-LONG", "number"),
        (Question(family_name="S" * (TEXT_LIMIT + 1), birth_date="1979"), "CHECK-TOO-LONG", "family_name"),
    ],
)
def test_a_question_that_asks_nothing_useful_is_refused_with_its_field(
    question: Question, code: str, path: str
) -> None:
    refusal = refused(question)
    assert (refusal.code, refusal.path) == (code, path)
    assert refusal.hint


def test_a_typed_number_with_its_country_is_understood() -> None:
    asked = understand(Question(number=" ab 123-456 ", issuer=" xav "), VOCABULARY, TODAY)
    assert (asked.document, asked.number, asked.issuer) == ("XAV|AB123456", "AB123456", "XAV")
    assert asked.person == ""
    assert asked.near
    assert asked.readable


def test_a_typed_name_with_a_whole_birth_date_is_a_person_and_with_a_year_alone_is_none() -> None:
    whole = Question(family_name="Sorin", given_names="Maro", birth_date="1979-03-14")
    assert understand(whole, VOCABULARY, TODAY).person == "SORIN|MARO|1979-03-14"
    year = Question(family_name="Sorin", given_names="Maro", birth_date="1979")
    assert understand(year, VOCABULARY, TODAY).person == ""


def test_a_scanned_zone_wins_over_typed_fields() -> None:
    question = Question(mrz="\n".join(build(ZONE)), number="ZZ9", issuer="XBM")
    asked = understand(question, VOCABULARY, TODAY)
    assert (asked.document, asked.person) == ("XAV|AB1234567", "SORIN|MARO|1979-03-14")
    assert asked.near == ()


def test_a_zone_that_does_not_add_up_carries_no_identifier() -> None:
    lines = list(build(ZONE))
    lines[1] = lines[1].replace("AB1234567", "AB1234561")
    asked = understand(Question(mrz="\n".join(lines)), VOCABULARY, TODAY)
    assert not asked.readable
    assert (asked.document, asked.person, asked.probes, asked.near, asked.pair) == ("", "", (), (), "")


def test_a_traveller_is_document_and_bearer_together_and_never_one_alone() -> None:
    both = understand(Question(mrz="\n".join(build(ZONE))), VOCABULARY, TODAY)
    number = understand(Question(number="AB1234567", issuer="XAV"), VOCABULARY, TODAY)
    name = understand(Question(family_name="Sorin", birth_date="1979-03-14"), VOCABULARY, TODAY)
    assert both.pair == "XAV|AB1234567#SORIN|MARO|1979-03-14"
    assert (number.pair, name.pair) == ("", "")


@settings(max_examples=150, deadline=None)
@given(st.builds(Question, *(st.text(max_size=90) for _ in range(7))))
def test_any_text_is_understood_or_refused_and_nothing_else(question: Question) -> None:
    try:
        asked = understand(question, VOCABULARY, TODAY)
    except Refusal:
        return
    assert asked.document or asked.person or not asked.readable or asked.question.birth_date


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1), st.integers(0, 43), st.sampled_from("ABXYZ0189<"))
def test_a_zone_with_one_letter_misread_never_asks_about_another_document(
    line: int, column: int, letter: str
) -> None:
    lines = list(build(ZONE))
    # Sums modulo ten cannot tell A from K, U, 0 and the filler: that much any check digit leaves unseen.
    before = lines[line][column]
    assume((VALUES.index(before) - VALUES.index(letter)) % 10)
    lines[line] = lines[line][:column] + letter + lines[line][column + 1 :]
    try:
        asked = understand(Question(mrz="\n".join(lines)), VOCABULARY, TODAY)
    except Refusal:
        return
    if line == 1 and column < 9:
        assert asked.document in {"", "XAV|AB1234567"}
