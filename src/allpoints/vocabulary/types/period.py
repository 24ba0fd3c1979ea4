"""When something was made, in years: a year, a century, a span, or about one."""

import re
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text
from allpoints.vocabulary.types.period_caption import captioned
from allpoints.vocabulary.types.period_reading import Span, read_span

TEXT_LIMIT = 100

EARLIEST_YEAR = -999_999
LATEST_YEAR = 2199
"""Years that things speak of: from the first stone tools on."""

ABOUT_YEARS = 10
"""How far on each side “about” reaches, when periods are compared."""

_form = re.compile(r"(-?[0-9]{4,6})(~?)(?:/(-?[0-9]{4,6})(~?))?", re.ASCII).fullmatch


class Period(FieldType, frozen=True):
    """Years as ISO 8601-2 writes them: ``1650``, ``1650~`` for about, ``1601/1700``; 1 BC is the year 0000."""

    name: ClassVar[str] = "period"

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str and len(raw) == 4 and raw.isdigit() and raw.isascii() and raw <= str(LATEST_YEAR):
            return raw
        if type(raw) is int and 0 <= raw <= LATEST_YEAR:
            raw = f"{raw:04d}"
        text = plain_text(raw, path, TEXT_LIMIT)
        if not text:
            return ""
        span = span_of(text) or read_span(text)
        if span is None:
            raise Refusal(
                "PERIOD-FORM",
                f"“{text}” is not understood as a period.",
                path=path,
                hint="Write 1650, c. 1650, 1640-1655, 17th century or 1620 BC.",
            )
        if span.first > span.last:
            raise Refusal(
                "PERIOD-ORDER", "The period ends before it begins.", path=path, hint="Exchange the years."
            )
        if span.first < EARLIEST_YEAR or span.last > LATEST_YEAR:
            raise Refusal(
                "PERIOD-YEAR",
                f"The years are not between {1 - EARLIEST_YEAR:,} BC and {LATEST_YEAR}.",
                path=path,
                hint="Check the years.",
            )
        return written(span)

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        """The mean share of each period that lies in the other."""
        if one == other:
            return 1.0
        (from_1, to_1), (from_2, to_2) = bounds(one), bounds(other)
        shared = min(to_1, to_2) - max(from_1, from_2) + 1
        if shared <= 0:
            return 0.0
        return (shared / (to_1 - from_1 + 1) + shared / (to_2 - from_2 + 1)) / 2

    def caption(self, value: str, language: str = "en") -> str:
        span = span_of(value)
        return captioned(span, language) if span else value

    @property
    def examples(self) -> tuple[str, ...]:
        return ("1650", "1650~", "1601/1700", "-1619")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=17, pattern=r"^[0-9~/-]*\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^-?[0-9]{4,6}~?(/-?[0-9]{4,6}~?)?$"}


def span_of(value: str) -> Span | None:
    """The span that the stored form says; None for another text."""
    found = _form(value)
    if found is None:
        return None
    first = int(found[1])
    return Span(first, int(found[3]) if found[3] else first, "~" in {found[2], found[4]})


def bounds(value: str) -> tuple[int, int]:
    """The first and last year of a clean period, with room where it says about; the year before 1 is 0."""
    span = span_of(value)
    if span is None:
        return 0, 0
    room = ABOUT_YEARS if span.about else 0
    return span.first - room, span.last + room


def written(span: Span) -> str:
    """The stored form of a span."""
    mark = "~" if span.about else ""
    first = _year(span.first) + mark
    return first if span.first == span.last else f"{first}/{_year(span.last)}{mark}"


def _year(year: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year):04d}"
