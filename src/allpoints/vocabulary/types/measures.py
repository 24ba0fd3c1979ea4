"""How tall a person is, and how heavy: metric, from whatever unit it is given in."""

import re
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text, wrong_type
from allpoints.vocabulary.types.lettering import western

TEXT_LIMIT = 32

CM_PER_INCH = 2.54
KG_PER_POUND = 0.45359237
INCHES_PER_FOOT = 12
POUNDS_PER_STONE = 14

_number = r"([0-9]{1,4}(?:[.,][0-9]{1,3})?)"
_centimetres = re.compile(rf"{_number}\s*(?:cms?|centim[eè]t(?:re|er)s?|см)?", re.IGNORECASE).fullmatch
_metres = re.compile(rf"{_number}\s*(?:m|met(?:re|er)s?|м)", re.IGNORECASE).fullmatch
_metres_split = re.compile(r"([0-2])\s*m\s*([0-9]{2})", re.IGNORECASE).fullmatch
_feet = re.compile(
    rf"([0-9])\s*(?:'|ft\.?|feet|foot)\s*(?:{_number}\s*(?:\"|''|in\.?|inch|inches)?)?", re.IGNORECASE
).fullmatch
_inches = re.compile(rf"{_number}\s*(?:\"|''|in\.?|inch|inches)", re.IGNORECASE).fullmatch
_kilograms = re.compile(rf"{_number}\s*(?:kgs?|kilos?|kilogram(?:me)?s?|кг)?", re.IGNORECASE).fullmatch
_pounds = re.compile(rf"{_number}\s*(?:lbs?\.?|pounds?|#)", re.IGNORECASE).fullmatch
_stones = re.compile(
    rf"([0-9]{{1,2}})\s*(?:st\.?|stones?)\s*(?:{_number}\s*(?:lbs?\.?|pounds?)?)?", re.IGNORECASE
).fullmatch
_PRIMES = str.maketrans("′’‘ʹ´`″”“ʺ", "''''''\"\"\"\"")


class Measure(FieldType, frozen=True):
    """A whole number of a metric unit about a person's body; other units are converted and rounded."""

    personal: ClassVar[bool] = True
    absent: ClassVar[Any] = None
    least: ClassVar[int]
    most: ClassVar[int]
    unit: ClassVar[str]
    blur: ClassVar[int]
    """How far apart two witnesses' values have nothing in common any more."""

    def clean(self, raw: object, path: str) -> int | None:
        if type(raw) is int:
            amount: float | None = raw
        elif type(raw) is str and 1 < len(raw) <= 3 and raw.isdigit() and raw.isascii():
            amount = int(raw)
        elif type(raw) is str:
            text = plain_text(raw, path, TEXT_LIMIT)
            if not text:
                return None
            amount = self.read(western(text).translate(_PRIMES))
        else:
            raise wrong_type(path, "A number", raw)
        if amount is None:
            raise Refusal("MEASURE-FORM", f"“{raw}” is not understood.", path=path, hint=self._hint())
        if not self.least <= amount <= self.most:
            raise Refusal(
                "MEASURE-RANGE",
                f"The value is not from {self.least} to {self.most} {self.unit}.",
                path=path,
                hint=self._hint(),
            )
        return int(amount + 0.5)

    def _hint(self) -> str:
        return f"Give it in {self.unit}, such as {self.examples[0]}."

    def read(self, text: str) -> float | None:
        """The amount in the metric unit; None when the text is not understood."""
        raise NotImplementedError

    def normal(self, value: int) -> str:
        return str(value)

    def compare(self, one: int, other: int) -> float:
        return max(0.0, 1.0 - abs(one - other) / self.blur)

    def caption(self, value: int, language: str = "en") -> str:
        del language
        return f"{value} {self.unit}"

    @property
    def examples(self) -> tuple[int, ...]:
        raise NotImplementedError

    def annotation(self) -> Any:
        return Annotated[int, msgspec.Meta(ge=self.least, le=self.most)]

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Height(Measure, frozen=True):
    """A person's height in centimetres, from ``178``, ``1.78 m`` or ``5'10"``."""

    name: ClassVar[str] = "height"
    least: ClassVar[int] = 20
    most: ClassVar[int] = 280
    unit: ClassVar[str] = "cm"
    blur: ClassVar[int] = 20

    def read(self, text: str) -> float | None:
        if found := _metres_split(text):
            return _decimal(found[1]) * 100 + _decimal(found[2])
        if found := _metres(text):
            return _decimal(found[1]) * 100
        if found := _feet(text):
            inches = _decimal(found[2] or "0")
            feet = _decimal(found[1])
            return (feet * INCHES_PER_FOOT + inches) * CM_PER_INCH if inches < INCHES_PER_FOOT else None
        if found := _inches(text):
            return _decimal(found[1]) * CM_PER_INCH
        if found := _centimetres(text):
            amount = _decimal(found[1])
            # Without a unit, 1.78 can only be metres.
            return amount * 100 if amount < 3 and found[1] == text else amount
        return None

    @property
    def examples(self) -> tuple[int, ...]:
        return (178, 162)


class Weight(Measure, frozen=True):
    """A person's weight in kilograms, from ``74``, ``163 lb`` or ``11 st 6 lb``."""

    name: ClassVar[str] = "weight"
    least: ClassVar[int] = 1
    most: ClassVar[int] = 650
    unit: ClassVar[str] = "kg"
    blur: ClassVar[int] = 30

    def read(self, text: str) -> float | None:
        if found := _stones(text):
            pounds = _decimal(found[2] or "0")
            stones = _decimal(found[1])
            return (stones * POUNDS_PER_STONE + pounds) * KG_PER_POUND if pounds < POUNDS_PER_STONE else None
        if found := _pounds(text):
            return _decimal(found[1]) * KG_PER_POUND
        if found := _kilograms(text):
            return _decimal(found[1])
        return None

    @property
    def examples(self) -> tuple[int, ...]:
        return (74, 58)


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))
