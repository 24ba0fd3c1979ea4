"""What all numbers that are stamped or painted on things have in common."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.lettering import SLIPS, near_forms, pattern_of, stripped

NEAR_SCORE = 0.5
"""One easily made slip apart: worth a second look, never a match."""


class Stamped(FieldType, frozen=True):
    """Letters and digits without separators, stored in normal form; leading zeros count.

    A kind of number says its name for refusals (``what``), its lengths, and in ``unfit`` what else it cannot be.
    ``latin`` is for those that have only A to Z and digits.
    """

    what: ClassVar[str]
    shortest: ClassVar[int] = 1
    longest: ClassVar[int] = 32
    latin: ClassVar[bool] = True
    slips: ClassVar[Mapping[str, str]] = SLIPS

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str and raw.isalnum() and raw.isascii() and len(raw) <= self.longest:
            value = raw.upper()
        else:
            value = stripped(raw, path, self.what, self.longest)
            if not value:
                return ""
        refusal = self.unfit(value, path)
        if refusal is not None:
            raise refusal
        return value

    def unfit(self, value: str, path: str) -> Refusal | None:
        """Why a value of letters and digits is none of this kind; None when it may be."""
        if len(value) < self.shortest:
            return Refusal(
                "IDENTIFIER-SHORT",
                f"{self.what} has at least {self.shortest} characters.",
                path=path,
                hint="Give the whole number, with leading zeros.",
            )
        return self._not_latin(value, path)

    def _not_latin(self, value: str, path: str) -> Refusal | None:
        if not self.latin or value.isascii():
            return None
        odd = next(letter for letter in value if not letter.isascii())
        return Refusal(
            "IDENTIFIER-LATIN",
            f"“{odd}” is not one of the letters A to Z, and {self.what.lower()} has no others.",
            path=path,
            hint="Write it in Latin letters, as it is stamped.",
        )

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        if one == other:
            return 1.0
        return NEAR_SCORE if other in self.near(one) else 0.0

    def near(self, value: str) -> tuple[str, ...]:
        return tuple(form for form in near_forms(value, self.slips) if self.unfit(form, "") is None)

    def pattern(self, text: str, path: str) -> str:
        found = pattern_of(text, path, self.what, self.longest)
        refusal = self._not_latin(found, path)
        if refusal is not None:
            raise refusal
        return found

    def annotation(self) -> Any:
        form = r"^[A-Z0-9]*\Z" if self.latin else r"^[^a-z\s]*\Z"
        return Annotated[str, msgspec.Meta(max_length=self.longest, pattern=form)]

    def schema(self) -> dict[str, Any]:
        letter = "[A-Z0-9]" if self.latin else r"[^a-z\s]"
        return {"type": "string", "pattern": f"^{letter}{{{self.shortest},{self.longest}}}$"}
