"""Whole numbers with a unit, and yes or no."""

import re
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text, wrong_type

DIGITS_LIMIT = 18
"""Longest number as text."""

_WHOLE = re.compile(r"-?[0-9]{1,17}", re.ASCII)
_YES = frozenset({"true", "yes", "y", "1"})
_NO = frozenset({"false", "no", "n", "0"})


class Integer(FieldType, frozen=True):
    """A whole number between ``least`` and ``most``, both allowed, counted in ``unit``."""

    least: int
    most: int
    unit: str = ""

    name: ClassVar[str] = "integer"
    absent: ClassVar[Any] = None

    def clean(self, raw: object, path: str) -> int | None:
        if type(raw) is int:
            number = raw
        elif type(raw) is str:
            text = plain_text(raw, path, DIGITS_LIMIT)
            if not text:
                return None
            if not _WHOLE.fullmatch(text):
                raise Refusal(
                    "NUMBER-FORM", f"“{text}” is not a whole number.", path=path, hint=f"Give {self._span()}."
                )
            number = int(text)
        else:
            raise wrong_type(path, "A whole number", raw)
        if not self.least <= number <= self.most:
            raise Refusal(
                "NUMBER-RANGE",
                f"The number is not {self._span()}.",
                path=path,
                hint=f"Give {self._span()}.",
            )
        return number

    def _span(self) -> str:
        return f"a whole number from {self.least:,} to {self.most:,} {self.unit}".rstrip()

    def normal(self, value: int) -> str:
        return str(value)

    def compare(self, one: int, other: int) -> float:
        """1.0 when equal, falling to 0.0 at the whole span apart."""
        return 1.0 - abs(one - other) / max(1, self.most - self.least)

    def caption(self, value: int, language: str = "en") -> str:
        del language
        return f"{value} {self.unit}".rstrip()

    @property
    def examples(self) -> tuple[int, ...]:
        return (self.least, self.most)

    def annotation(self) -> Any:
        return Annotated[int, msgspec.Meta(ge=self.least, le=self.most)]

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Boolean(FieldType, frozen=True):
    """Yes or no; ``presumed`` is what silence means, None when silence means that it is not known."""

    presumed: bool | None = None

    name: ClassVar[str] = "boolean"
    absent: ClassVar[Any] = None

    def clean(self, raw: object, path: str) -> bool | None:
        if type(raw) is bool:
            return raw
        if type(raw) is not str:
            raise wrong_type(path, "Yes or no", raw)
        text = plain_text(raw, path, DIGITS_LIMIT).casefold()
        if not text:
            return None
        if text in _YES:
            return True
        if text in _NO:
            return False
        raise Refusal("BOOLEAN-FORM", f"“{text}” is neither yes nor no.", path=path, hint="Give yes or no.")

    def caption(self, value: bool, language: str = "en") -> str:
        yes, no = _WORDS.get(language, _WORDS["en"])
        return yes if value else no

    @property
    def examples(self) -> tuple[bool, ...]:
        return (True, False)

    def annotation(self) -> Any:
        return bool

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


_WORDS = {"en": ("yes", "no"), "fr": ("oui", "non"), "es": ("sí", "no"), "ar": ("نعم", "لا")}
