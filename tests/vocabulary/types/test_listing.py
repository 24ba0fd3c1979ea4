"""Lists keep their order, hold no value twice, and name the place of each fault."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.document_number import DocumentNumber
from allpoints.vocabulary.types.listing import Listing

NUMBERS = Listing(DocumentNumber(), 4)


@given(st.lists(st.from_regex("[a-c][0-9]{1,2}", fullmatch=True), max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_cell_and_a_list_say_the_same(items: list[str]) -> None:
    assert NUMBERS.clean(items, "x") == NUMBERS.clean(" ; ".join(items), "x")
    assert NUMBERS.clean(tuple(items), "x") == tuple(dict.fromkeys(item.upper() for item in items))


def test_each_fault_has_its_place() -> None:
    with pytest.raises(Refusal) as caught:
        NUMBERS.clean(["A1", "#", "", "$"], "documents")
    assert [fault.path for fault in caught.value.faults] == ["documents[1]", "documents[3]"]


def test_too_many_values_are_refused_before_they_are_cleaned() -> None:
    for raw in (["#"] * 5, "#;#;#;#;#", "#;" * 10_000):
        with pytest.raises(Refusal) as caught:
            NUMBERS.clean(raw, "x")
        assert caught.value.code == "LIST-LONG"
    with pytest.raises(Refusal) as caught:
        NUMBERS.clean("#;" * 100_000, "x")
    assert caught.value.code == "FIELD-TOO-LONG"
    assert len(NUMBERS.clean("a;b;c;d", "x")) == 4


def test_one_value_in_common_makes_lists_alike() -> None:
    assert NUMBERS.compare(("A", "B"), ("C", "B")) == 1.0
    assert NUMBERS.compare((), ("C",)) == 0.0
    assert NUMBERS.normal(("B", "A")) == NUMBERS.normal(("A", "B"))
