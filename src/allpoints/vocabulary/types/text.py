"""Free text of bounded length."""

from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.vocabulary.normal import folded_name
from allpoints.vocabulary.types.base import FieldType, plain_text


class Text(FieldType, frozen=True):
    """Text of one line, or of several when ``multiline``; at most ``longest`` characters."""

    longest: int = 200
    multiline: bool = False

    name: ClassVar[str] = "text"

    def clean(self, raw: object, path: str) -> str:
        return plain_text(raw, path, self.longest, lines=self.multiline)

    def normal(self, value: str) -> str:
        return folded_name(value)

    def compare(self, one: str, other: str) -> float:
        """The share of words both texts have."""
        return shared_words(self.normal(one), self.normal(other))

    @property
    def examples(self) -> tuple[str, ...]:
        return ("AB 1234",) if self.longest >= 7 else ("A",)

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=self.longest)]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.longest}


def shared_words(one: str, other: str) -> float:
    """Words in both over words in either; 1.0 for equal texts."""
    if one == other:
        return 1.0
    left, right = set(one.split()), set(other.split())
    union = left | right
    return len(left & right) / len(union) if union else 0.0
