"""The number of a travel document."""

from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary import normal
from allpoints.vocabulary.normal import DOCUMENT_NUMBER_LIMIT, document_number
from allpoints.vocabulary.types.base import FieldType, wrong_type
from allpoints.vocabulary.types.lettering import pattern_of

NEAR_SCORE = 0.5
"""One easily made slip apart: worth a second look, never a match."""


class DocumentNumber(FieldType, frozen=True):
    """Letters A to Z and digits; stored in its normal form, so that what is printed cannot hide it."""

    name: ClassVar[str] = "document-number"

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is not str:
            raise wrong_type(path, "Text", raw)
        return document_number(raw, path) if raw.strip() else ""

    def normal(self, value: str) -> str:
        return document_number(value)

    def compare(self, one: str, other: str) -> float:
        left, right = document_number(one), document_number(other)
        if left == right:
            return 1.0
        return NEAR_SCORE if right in normal.near_numbers(left) else 0.0

    def near(self, value: str) -> tuple[str, ...]:
        return tuple(normal.near_numbers(value))

    def pattern(self, text: str, path: str) -> str:
        found = pattern_of(text, path, "A document number", DOCUMENT_NUMBER_LIMIT)
        if not found.isascii():
            raise Refusal(
                "DOCUMENT-NUMBER-CHARACTER",
                "A document number has letters A to Z and digits only.",
                path=path,
                hint="Give the number as printed; ? and * stand for what is not known.",
            )
        return found

    @property
    def examples(self) -> tuple[str, ...]:
        return ("L898902C3", "AB0001000")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=DOCUMENT_NUMBER_LIMIT, pattern=r"^[A-Z0-9]*\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^[A-Z0-9]{{1,{DOCUMENT_NUMBER_LIMIT}}}$"}
