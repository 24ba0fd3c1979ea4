"""A span of years in the words of the reader, such that they can be typed in again."""

from collections.abc import Callable
from typing import NamedTuple

from allpoints.vocabulary.types.period_reading import Span

CENTURY = 100


class _Words(NamedTuple):
    """How a language says a century, about a time, and before and in our era."""

    century: Callable[[int], str]
    about: str
    before: str
    since: str


def _english_century(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in {11, 12, 13} else 0, "th")
    return f"{number}{ending} century"


def _roman(number: int) -> str:
    tens, ones = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]


_WORDS = {
    "en": _Words(_english_century, "about", "BC", "AD"),
    "fr": _Words(
        lambda number: f"{_roman(number)}{'er' if number == 1 else 'e'} siècle",
        "vers",
        "av. J.-C.",
        "ap. J.-C.",
    ),
    "es": _Words(lambda number: f"siglo {_roman(number)}", "hacia", "a. C.", "d. C."),
    "ar": _Words(lambda number: f"القرن {number}", "نحو", "ق.م", "م"),
}
_ROMAN_LIMIT = 39


def captioned(span: Span, language: str = "en") -> str:
    """The span in words: “17th century”, “about 1650”, “1640–1655”, “1620 BC”."""
    words = _WORDS.get(language, _WORDS["en"])
    shown = _century(span, words) or _years(span, words)
    return f"{words.about} {shown}" if span.about else shown


def _century(span: Span, words: _Words) -> str:
    if span.last - span.first + 1 != CENTURY or span.first % CENTURY != 1:
        return ""
    number = span.last // CENTURY
    if 1 <= number <= _ROMAN_LIMIT:
        return words.century(number)
    if -_ROMAN_LIMIT < number <= 0:
        return f"{words.century(1 - number)} {words.before}"
    return ""


def _years(span: Span, words: _Words) -> str:
    if span.first == span.last:
        return _year(span.first, words)
    if span.last <= 0:
        return f"{1 - span.first}–{1 - span.last} {words.before}"
    if span.first <= 0:
        return f"{_year(span.first, words)} – {span.last} {words.since}"
    small = f" {words.since}" if span.first < CENTURY else ""
    return f"{span.first}–{span.last}{small}"


def _year(year: int, words: _Words) -> str:
    if year <= 0:
        return f"{1 - year} {words.before}"
    return f"{year} {words.since}" if year < CENTURY else str(year)
