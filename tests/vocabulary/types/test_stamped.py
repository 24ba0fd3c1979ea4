"""What all stamped numbers share is tried through one that adds nothing of its own."""

from typing import ClassVar

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.stamped import Stamped


class Tag(Stamped, frozen=True):
    """Three to six Latin letters and digits."""

    name: ClassVar[str] = "tag"
    what: ClassVar[str] = "A tag"
    shortest: ClassVar[int] = 3
    longest: ClassVar[int] = 6


def test_case_and_separators_do_not_matter_and_zeros_do() -> None:
    assert Tag().clean("0-a b1", "x") == Tag().clean("0AB1", "x") == "0AB1"
    assert Tag().clean("", "x") == ""


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("AB", "IDENTIFIER-SHORT"),
        ("ABCDEFG", "FIELD-TOO-LONG"),
        ("ABЖ", "IDENTIFIER-LATIN"),
        (7, "FIELD-TYPE"),
    ],
)
def test_other_lengths_and_letters_are_refused(raw: object, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        Tag().clean(raw, "tag")
    assert (caught.value.code, caught.value.path) == (code, "tag")


def test_patterns_have_latin_letters_too() -> None:
    assert Tag().pattern("a?*1", "x") == "A?*1"
    with pytest.raises(Refusal):
        Tag().pattern("Ж*", "x")
