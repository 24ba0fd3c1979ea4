"""What all types promise: cleaning twice is cleaning once, examples are clean, likeness is fair."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.declaration import Term
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.types.base import RAW_TEXT_LIMIT, FieldType, plain_text
from allpoints.vocabulary.types.code import Code
from allpoints.vocabulary.types.composite import Composite, Part, structure
from allpoints.vocabulary.types.country import Country
from allpoints.vocabulary.types.dates import BirthDate, Day, PartialDate
from allpoints.vocabulary.types.document_number import DocumentNumber
from allpoints.vocabulary.types.kinds import KINDS
from allpoints.vocabulary.types.listing import Listing
from allpoints.vocabulary.types.number import Boolean, Integer
from allpoints.vocabulary.types.people import PEOPLE
from allpoints.vocabulary.types.person_name import PersonName
from allpoints.vocabulary.types.text import Text
from allpoints.vocabulary.types.things import THINGS

PARTS = (
    Part("number", DocumentNumber(), True, {"en": "Number"}),
    Part("expiry", Day(), False, {"en": "Expiry"}),
)
TYPES: list[FieldType] = [
    Text(30),
    Text(30, multiline=True),
    PersonName(30),
    Code.of([Term("cow", {"en": "Cow", "fr": "Vache"}), Term("goat", {"en": "Goat"})], "beasts"),
    Country(load().countries),
    DocumentNumber(),
    Day(),
    PartialDate(),
    BirthDate(),
    Integer(30, 260, "cm"),
    Boolean(),
    Listing(PersonName(30), 3),
    Composite(structure("paper", PARTS), PARTS),
]
RAW = (
    st.none()
    | st.booleans()
    | st.integers(-5, 400)
    | st.floats(allow_nan=False)
    | st.text(max_size=40)
    | st.dates().map(str)
    | st.from_regex(r"[0-9]{4}(-[01][0-9](-[0-3][0-9])?)?", fullmatch=True)
    | st.sampled_from(["COW", "utö", "uto", "NO", "yes", "0", "AB-12 3", "O'Brien", "محمد", ["a", "b;c"], {}])
    | st.fixed_dictionaries({"number": st.text(max_size=9)}, optional={"expiry": st.dates().map(str)})
)
OF_EACH = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: type(kind).__name__)


def test_every_type_a_declaration_can_name_is_tried_here() -> None:
    elsewhere = set(PEOPLE) | set(THINGS)
    assert {kind.name for kind in TYPES} == set(KINDS) - elsewhere
    assert {name for name, kind in KINDS.items() if kind.personal} - elsewhere == {
        kind.name for kind in TYPES if kind.personal
    }


@OF_EACH
@given(raw=RAW)
@settings(max_examples=60, deadline=None)
def test_cleaning_gives_a_value_that_stays_or_a_refusal_with_the_path(kind: FieldType, raw: object) -> None:
    try:
        value = kind.clean(raw, "the_field")
    except Refusal as refusal:
        for fault in refusal.faults or (refusal.fault(),):
            assert fault.path.startswith("the_field")
            assert fault.sentence
        return
    if value != kind.absent:
        assert kind.clean(value, "the_field") == value
        assert kind.compare(value, value) == pytest.approx(1.0)
        assert isinstance(kind.caption(value), str)
        assert isinstance(kind.normal(value), str)


@OF_EACH
def test_examples_are_clean_and_likeness_is_the_same_both_ways(kind: FieldType) -> None:
    assert kind.examples
    for one in kind.examples:
        assert kind.clean(one, "x") == one
        for other in kind.examples:
            score = kind.compare(one, other)
            assert 0.0 <= score <= 1.0
            assert score == kind.compare(other, one)
    assert kind.schema()["type"]
    assert kind.annotation() is not None


@OF_EACH
@pytest.mark.parametrize("raw", [b"bytes", 1.5, object()])
def test_what_no_form_or_file_can_hold_is_refused(kind: FieldType, raw: object) -> None:
    with pytest.raises(Refusal):
        kind.clean(raw, "x")


@pytest.mark.parametrize(
    "act", [FieldType().schema, FieldType().annotation, lambda: FieldType().clean("", "")]
)
def test_a_type_must_say_what_it_does(act: Callable[[], object]) -> None:
    with pytest.raises(NotImplementedError):
        act()


@given(st.text(max_size=80), st.booleans())
@settings(max_examples=60, deadline=None)
def test_plain_text_is_trimmed_and_readable(text: str, lines: bool) -> None:
    try:
        plain = plain_text(text, "x", 60, lines=lines)
    except Refusal:
        return
    assert len(plain) <= 60
    assert plain == plain.strip()
    assert plain_text(plain, "x", 60, lines=lines) == plain


def test_an_absurd_length_is_refused_before_any_work() -> None:
    with pytest.raises(Refusal) as caught:
        plain_text("é" * (RAW_TEXT_LIMIT + 1), "x", 10)
    assert caught.value.code == "FIELD-TOO-LONG"
    assert plain_text("é" * 10, "x", 10) == "é" * 10
