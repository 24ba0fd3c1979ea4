"""What every type about people, traces and files promises alike."""

import re
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.countries import Countries, CountryTable
from allpoints.vocabulary.declaration import FieldDeclaration
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.kind import Surroundings
from allpoints.vocabulary.types.kinds import KINDS
from allpoints.vocabulary.types.listing import Listing
from allpoints.vocabulary.types.people import PEOPLE

NAMES = sorted(PEOPLE)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def made(name: str) -> FieldType:
    around = Surroundings({}, Countries(CountryTable((), (), (), ())))
    return PEOPLE[name].make(FieldDeclaration(name="x", type=name, label={}), around)


def mangled() -> st.SearchStrategy[tuple[str, str]]:
    """A type's example with a piece exchanged: far more often nearly right than arbitrary text is."""

    @st.composite
    def build(draw: st.DrawFn) -> tuple[str, str]:
        name = draw(st.sampled_from(NAMES))
        text = draw(st.sampled_from(made(name).examples))
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, len(text)))
        return name, text[:start] + draw(st.text(max_size=6)) + text[end:]

    return build()


def test_every_one_can_be_declared() -> None:
    assert PEOPLE.items() <= KINDS.items()
    assert {made(name).name for name in NAMES} == set(NAMES)


def test_what_tells_of_a_person_says_so() -> None:
    told = {name for name in NAMES if PEOPLE[name].personal}
    assert told == {"mrz", "scripted-name", "str-profile", "phone", "e-mail", "e-wallet"}
    assert all(made(name).personal == PEOPLE[name].personal for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_clean_and_fit_schema_and_structure(name: str) -> None:
    of = made(name)
    for example in of.examples:
        assert of.clean(example, "x") == example
        assert re.search(of.schema().get("pattern", ""), example)
        assert msgspec.convert(example, of.annotation()) == example
        assert of.compare(example, example) == 1.0
        assert of.caption(example)
        assert all(label and text for label, text in of.facts(example))
        assert of.normal(example) not in of.near(of.normal(example))
    assert msgspec.convert("", of.annotation()) == ""
    assert of.clean("  ", "x") == of.absent == ""


@pytest.mark.parametrize("name", NAMES)
def test_two_values_of_one_type_are_alike_in_both_directions(name: str) -> None:
    of = made(name)
    one, other = of.examples[0], of.examples[-1]
    assert of.compare(one, other) == of.compare(other, one)
    assert 0.0 <= of.compare(one, other) <= 1.0


@pytest.mark.parametrize("name", NAMES)
def test_several_values_fit_one_cell(name: str) -> None:
    of = made(name)
    cell = f" {of.separator} ".join(of.examples)
    assert Listing(of).clean(cell, "x") == of.examples


@given(st.sampled_from(NAMES), st.text(max_size=500) | json_values)
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_cleaned_or_refused(name: str, raw: object) -> None:
    check(made(name), raw)


@given(mangled())
@settings(max_examples=400, deadline=None)
def test_what_is_nearly_right_is_cleaned_or_refused(given_text: tuple[str, str]) -> None:
    check(made(given_text[0]), given_text[1])


def answered(act: Callable[..., str], raw: object) -> str | Refusal:
    try:
        return act(raw, "field")
    except Refusal as refusal:
        return refusal


def check(of: FieldType, raw: object) -> None:
    value = answered(of.clean, raw)
    if isinstance(value, Refusal):
        assert value.path == "field"
        assert value.hint
        return
    assert of.clean(value, "field") == value
    assert msgspec.convert(value, of.annotation()) == value
    if value:
        assert re.search(of.schema().get("pattern", ""), value)
        assert of.compare(value, value) == 1.0
        assert of.caption(value)
        assert of.forms(value)
        of.advice(value)
        of.facts(value)
        assert len(of.near(of.normal(value))) <= 64


@given(st.sampled_from(NAMES), st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_partial_value_is_understood_or_refused(name: str, text: str) -> None:
    of = made(name)
    partial = answered(of.pattern, text)
    if isinstance(partial, Refusal):
        assert partial.path == "field"
        return
    assert of.pattern(partial, "field") == partial
