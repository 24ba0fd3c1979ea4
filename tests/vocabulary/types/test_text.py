"""Free text is bounded and compared by its words."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.text import Text


def test_one_character_too_many_is_refused() -> None:
    with pytest.raises(Refusal):
        Text(5).clean("abcdef", "x")
    assert Text(5).clean(" abcde ", "x") == "abcde"


def test_lines_are_kept_only_where_they_are_allowed() -> None:
    assert Text(20, multiline=True).clean("one\r\ntwo\n", "x") == "one\ntwo"
    with pytest.raises(Refusal):
        Text(20).clean("one\ntwo", "x")


def test_texts_are_as_alike_as_their_words() -> None:
    text = Text()
    assert text.compare("Port Selm", "port selm!") == 1.0
    assert text.compare("Port Selm", "Port Arv") == pytest.approx(1 / 3)
    assert text.compare("Selm", "Arv") == 0.0
    assert text.compare("!", "?") == 1.0
