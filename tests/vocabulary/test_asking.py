"""What a person types meets what was recorded: exactly, by range, in part, and one slip away."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vocabulary.test_rules import GIVEN, RELATIVES

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.asking import is_partial
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Vocabulary


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder: Path = tmp_path_factory.mktemp("own")
    (folder / "relatives.yaml").write_text(RELATIVES)
    return load((folder,))


def test_every_kind_of_key_can_be_asked_under(own: Vocabulary) -> None:
    asked = own.searches()
    assert {"document", "tag", "tool", "coupon"} <= set(asked)
    assert asked["document"].ranged
    assert {"travel-documents", "persons"} <= set(asked["document"].registers)
    assert (asked["tag"].near, asked["tag"].partial) == (True, True)


def test_what_stands_beside_a_value_is_typed_before_it(own: Vocabulary) -> None:
    document = own.searches()["document"]
    assert tuple(document.ask("xav ab 12-34")) == ("document", "XAV|AB1234")
    assert document.ask("XAV|AB1234") == document.ask("XAV AB 1234")
    for text in ("AB1234", "XAV", "XAV ", "", "ZZ9 AB1234", "XAV|AB|1", "X" * 401):
        with pytest.raises(Refusal):
            document.ask(text)


@given(st.from_regex(r"[A-Z]{0,3}[0-9]{1,8}", fullmatch=True))
def test_a_question_meets_the_key_of_the_record(own: Vocabulary, number: str) -> None:
    register = own.registers["relatives"]
    body = register.clean({**GIVEN, "tags": [number]})
    assert own.searches()["tag"].ask(number.lower()) in register.keys(body)


@given(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999))
def test_a_number_meets_exactly_the_ranges_that_hold_it(
    own: Vocabulary, first: int, last: int, number: int
) -> None:
    low, high = sorted((first, last))
    register = own.registers["relatives"]
    body = register.clean({**GIVEN, "home": "XAV", "first": f"K{low:03d}", "last": f"K{high:03d}"})
    coupon = own.searches()["coupon"]
    shape, probes = coupon.ranges(coupon.ask(f"XAV K{number:03d}"))
    keys = set(register.keys(body))
    assert shape in keys
    assert bool(keys & set(probes)) == (low <= number <= high)


def test_near_keys_keep_what_stands_beside(own: Vocabulary) -> None:
    document = own.searches()["document"]
    near = document.near_keys(document.ask("XAV AB10"))
    assert ("document", "XAV|AB1O") in [tuple(key) for key in near]
    assert own.searches()["tool"].near_keys(own.searches()["tool"].ask("XBM X1")) == ()


def test_a_value_is_asked_for_in_part_only_where_that_is_declared(own: Vocabulary) -> None:
    assert is_partial("AB?1*")
    assert not is_partial("AB1")
    with pytest.raises(Refusal) as refused:
        own.searches()["document"].pattern("XAV AB*")
    assert refused.value.code == "PATTERN-NOT-ALLOWED"
