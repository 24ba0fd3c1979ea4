"""Days, and dates of which only the year or the month may be known."""

import datetime as dt
import re
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text, wrong_type

EARLIEST_YEAR = 1850
LATEST_YEAR = 2199
"""Years a document or a living person's file can speak of."""

DATE_TEXT_LIMIT = 32
"""Longest text looked at for a date."""

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", re.ASCII)
_SWAPPED_SCORE = 0.7
_CONTAINED_SCORE = 0.8
_SAME_YEAR_SCORE = 0.4
_YEAR_BESIDE_SCORE = 0.2


class Day(FieldType, frozen=True):
    """A calendar day, stored as ISO 8601 text (``2031-03-14``)."""

    name: ClassVar[str] = "date"

    def clean(self, raw: object, path: str) -> str:
        return _cleaned(raw, path, _DAY, "Write it as year-month-day: 2031-03-14.")

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        return alike(one, other)

    @property
    def examples(self) -> tuple[str, ...]:
        return ("2031-03-14",)

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z", max_length=10)]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class PartialDate(FieldType, frozen=True):
    """A year, a month of a year, or a day: ``1979``, ``1979-03``, ``1979-03-14``."""

    name: ClassVar[str] = "partial-date"

    def clean(self, raw: object, path: str) -> str:
        return _cleaned(raw, path, _PARTIAL, "Write 1979, 1979-03 or 1979-03-14, as much as is known.")

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        return alike(one, other)

    @property
    def examples(self) -> tuple[str, ...]:
        return ("1979", "1979-03", "1979-03-14")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(pattern=r"^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?\Z", max_length=10)]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}


class BirthDate(PartialDate, frozen=True):
    """When a person was born, as far as is known."""

    name: ClassVar[str] = "birth-date"
    personal: ClassVar[bool] = True


def _cleaned(raw: object, path: str, form: re.Pattern[str], hint: str) -> str:
    if type(raw) is not str:
        if type(raw) is not dt.date:
            raise wrong_type(path, "A date", raw)
        raw = raw.isoformat()
    found = form.fullmatch(raw)
    if found is None:
        text = plain_text(raw, path, DATE_TEXT_LIMIT)
        if not text:
            return ""
        found = form.fullmatch(text)
        if found is None:
            raise Refusal("DATE-FORM", f"“{text}” is not understood as a date.", path=path, hint=hint)
    year, month, day = found.groups()
    if not EARLIEST_YEAR <= int(year) <= LATEST_YEAR:
        raise Refusal(
            "DATE-YEAR",
            f"The year {year} is not between {EARLIEST_YEAR} and {LATEST_YEAR}.",
            path=path,
            hint=hint,
        )
    try:
        dt.date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise Refusal("DATE-CALENDAR", f"There is no day {found[0]}.", path=path, hint=hint) from error
    return found[0]


def alike(one: str, other: str) -> float:
    """How alike two dates are: part known, day and month exchanged, same year, a year beside."""
    if one == other:
        return 1.0
    left, right = one.split("-"), other.split("-")
    shorter = min(len(left), len(right))
    if left[:shorter] == right[:shorter]:
        return _CONTAINED_SCORE
    if left[0] == right[0]:
        return _SWAPPED_SCORE if left[1:] == right[:0:-1] else _SAME_YEAR_SCORE
    return _YEAR_BESIDE_SCORE if abs(int(left[0]) - int(right[0])) == 1 else 0.0
