"""Numbers of documents are stored in normal form; a near number is a warning and no match."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.normal import document_number
from allpoints.vocabulary.types.document_number import DocumentNumber


@given(st.text(st.sampled_from("aB0oI1 -<./"), max_size=20))
@settings(max_examples=60, deadline=None)
def test_the_type_and_the_normal_form_agree(text: str) -> None:
    raw = f"x{text}"
    value = DocumentNumber().clean(raw, "x")
    assert value == document_number(raw) == DocumentNumber().normal(value)


def test_a_confused_letter_is_alike_but_not_the_same() -> None:
    number = DocumentNumber()
    assert number.compare("AB O12", "ABO12") == 1.0
    assert number.compare("ABO12", "AB012") == 0.5
    assert number.compare("ABO12", "XYZ99") == 0.0


def test_a_number_known_in_part_has_its_normal_form_too() -> None:
    number = DocumentNumber()
    assert number.pattern("l-898 ?02*", "x") == "L898?02*"
    with pytest.raises(Refusal) as caught:
        number.pattern("Ж898*", "x")
    assert (caught.value.code, caught.value.path) == ("DOCUMENT-NUMBER-CHARACTER", "x")
