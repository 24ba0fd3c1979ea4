"""What every type of thing promises: stable cleaning, a schema that fits, warnings that are no hits, no surprises."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vocabulary.types.things import LIKELY, TYPES

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.declaration import LANGUAGES, FieldDeclaration
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.kind import Surroundings
from allpoints.vocabulary.types.lettering import NEAR_LIMIT
from allpoints.vocabulary.types.things import THINGS

OF_EACH = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def accepts(schema: dict[str, Any], value: object) -> bool:
    """Whether a value fits one of the few keywords that types use."""
    if schema["type"] == "integer":
        return isinstance(value, int) and schema["minimum"] <= value <= schema["maximum"]
    assert isinstance(value, str)
    if "enum" in schema:
        return value in schema["enum"]
    return re.search(schema.get("pattern", ""), value) is not None and schema.get("minLength", 0) <= len(
        value
    ) <= schema.get("maxLength", 1_000)


def check_clean(kind: FieldType, value: Any) -> None:
    """Everything that holds of any clean value."""
    assert kind.clean(value, "x") == value
    assert accepts(kind.schema(), value)
    assert msgspec.convert(value, kind.annotation()) == value
    assert kind.normal(value)
    assert "|" not in kind.normal(value)
    assert kind.compare(value, value) == pytest.approx(1.0)
    assert all(kind.caption(value, language) for language in LANGUAGES)
    assert all(sentence.endswith(".") for sentence in kind.advice(value))
    assert all(label and told for label, told in kind.facts(value))


def tried(act: Callable[[Any, str], Any], raw: object) -> Any:
    """What comes of a raw value; None when it is refused as it should be, with the path and what to do."""
    try:
        return act(raw, "the_field")
    except Refusal as refusal:
        fault = refusal.fault()
    assert fault.path == "the_field"
    assert fault.sentence
    assert fault.hint
    return None


def test_each_name_makes_its_type() -> None:
    vocabulary = load()
    around = Surroundings(vocabulary.lists, vocabulary.countries)
    made = {
        name: kind.make(FieldDeclaration(name="x", type=name, label={}, list="purposes"), around)
        for name, kind in THINGS.items()
    }
    assert {name: type(kind) for name, kind in made.items()} == {kind.name: type(kind) for kind in TYPES}
    assert {name for name, kind in THINGS.items() if kind.personal} == {"height", "weight"}


@OF_EACH
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_likely_texts_become_values_that_stay(kind: FieldType, data: st.DataObject) -> None:
    value = tried(kind.clean, data.draw(LIKELY[kind.name]))
    if value is not None and value != kind.absent:
        check_clean(kind, value)


@OF_EACH
@given(raw=st.text(max_size=500) | JSON)
@settings(max_examples=60, deadline=None)
def test_nothing_but_a_refusal_comes_of_nonsense(kind: FieldType, raw: object) -> None:
    value = tried(kind.clean, raw)
    if value is not None and value != kind.absent:
        check_clean(kind, value)


@OF_EACH
@given(text=st.text(max_size=120) | st.text("AО?*0 -؟9", max_size=24))
@settings(max_examples=60, deadline=None)
def test_a_partial_value_has_a_stable_form_or_is_refused(kind: FieldType, text: str) -> None:
    pattern = tried(kind.pattern, text)
    if pattern is not None:
        assert kind.pattern(pattern, "the_field") == pattern


@OF_EACH
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_near_values_are_normal_forms_of_others(kind: FieldType, data: st.DataObject) -> None:
    value = tried(kind.clean, data.draw(LIKELY[kind.name]))
    if value is None or value == kind.absent:
        return
    normal = kind.normal(value)
    near = kind.near(normal)
    assert len(near) <= NEAR_LIMIT
    assert normal not in near
    assert len(set(near)) == len(near)
    for other in near:
        assert kind.normal(kind.clean(other, "x")) == other


@OF_EACH
def test_examples_are_clean_and_compared_alike_both_ways(kind: FieldType) -> None:
    for one in kind.examples:
        check_clean(kind, one)
        assert not kind.advice(one)
        for other in kind.examples:
            assert 0.0 <= kind.compare(one, other) == kind.compare(other, one) <= 1.0
    for empty in ("", "  "):
        assert kind.clean(empty, "x") == kind.absent
