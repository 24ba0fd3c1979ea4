"""What is shown of a period can be typed in again, in every language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.vocabulary.declaration import LANGUAGES
from allpoints.vocabulary.types.period import EARLIEST_YEAR, LATEST_YEAR
from allpoints.vocabulary.types.period_caption import captioned
from allpoints.vocabulary.types.period_reading import Span, read_span

NEAR_NOW = st.integers(-3000, LATEST_YEAR)
CENTURIES = st.integers(-45, 20).map(lambda number: Span(number * 100 + 1, number * 100 + 100))
SPANS = st.tuples(NEAR_NOW, NEAR_NOW).map(lambda pair: Span(min(pair), max(pair)))
ANY_YEAR = st.integers(EARLIEST_YEAR + 1, LATEST_YEAR).map(lambda year: Span(year, year))


@pytest.mark.parametrize("language", LANGUAGES)
@given(span=CENTURIES | SPANS | ANY_YEAR, about=st.booleans())
@settings(max_examples=80, deadline=None)
def test_a_caption_is_understood_as_the_period_it_shows(language: str, span: Span, about: bool) -> None:
    span = span._replace(about=about)
    assert read_span(captioned(span, language)) == span


@pytest.mark.parametrize(
    ("span", "language", "caption"),
    [
        (Span(1601, 1700), "en", "17th century"),
        (Span(2001, 2100), "en", "21st century"),
        (Span(1001, 1100), "en", "11th century"),
        (Span(-499, -400), "en", "5th century BC"),
        (Span(1601, 1700), "fr", "XVIIe siècle"),
        (Span(1, 100), "fr", "Ier siècle"),
        (Span(1601, 1700), "es", "siglo XVII"),
        (Span(1601, 1700), "ar", "القرن 17"),
        (Span(1650, 1650, about=True), "en", "about 1650"),
        (Span(1640, 1655), "en", "1640–1655"),
        (Span(79, 120), "en", "79–120 AD"),
        (Span(-1619, -1619), "xx", "1620 BC"),
        (Span(-99, 50), "en", "100 BC – 50 AD"),
    ],
)
def test_periods_are_shown_in_words(span: Span, language: str, caption: str) -> None:
    assert captioned(span, language) == caption
