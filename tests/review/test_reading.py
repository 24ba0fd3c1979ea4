"""Words in four languages, matched without case, accents and Arabic articles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.review.reading import find_terms, folded, number, present, texts, words


@pytest.mark.parametrize(
    ("written", "terms", "found"),
    [
        ("HIGH TREASON", ("treason",), ("treason",)),
        ("offense au chef de l'État", ("offense au chef de l etat",), ("offense au chef de l etat",)),
        ("insulted the President", ("insult* the president",), ("insulted the president",)),
        ("insult to a president", ("insult* the president",), ()),
        ("the reasonable man", ("treason",), ()),
        ("عقوبة الإعدام", ("اعدام",), ("اعدام",)),
        ("", ("treason",), ()),
        ("treason, treason", ("treason",), ("treason",)),
    ],
)
def test_terms_match_word_for_word(written: str, terms: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert find_terms(written, terms) == found


def test_arabic_digits_are_read_as_latin_ones() -> None:
    assert folded("٢٠٢٣") == "2023"


@settings(max_examples=60, deadline=None)
@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_term_is_found_whatever_stands_around_it(before: str, after: str) -> None:
    assert find_terms(f"{before} Désertion {after}", ("desertion",))


@settings(max_examples=60, deadline=None)
@given(written=st.text(max_size=60))
def test_words_of_words_are_the_same_words_in_latin_script(written: str) -> None:
    latin = "".join(one for one in written if one.isascii())
    assert words(" ".join(words(latin))) == words(latin)


def test_nothing_stated_is_told_from_zero_and_no() -> None:
    body: dict[str, object] = {"zero": 0, "no": False, "blank": "  ", "none": None, "list": [], "one": "x"}
    assert [name for name in body if present(body, name)] == ["zero", "no", "one"]
    assert number(body, "zero") == 0
    assert number(body, "no") is None
    assert texts(body, "one") == ("x",)
    assert texts({"many": ["a", 1, ""]}, "many") == ("a",)
