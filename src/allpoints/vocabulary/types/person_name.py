"""Names of persons, in whatever script they are written."""

import unicodedata
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.normal import folded_name
from allpoints.vocabulary.types.base import JOINERS, FieldType, plain_text
from allpoints.vocabulary.types.text import shared_words

PUNCTUATION = frozenset(" .,-‐‑–'’‘ʼʻ`´·・־״׳\"“”«»")
"""What stands between and within names; quotation marks are for nicknames."""


class PersonName(FieldType, frozen=True):
    """A name or part of one: letters of any script, marks, spaces and the punctuation names have."""

    longest: int = 100

    name: ClassVar[str] = "person-name"
    personal: ClassVar[bool] = True

    def clean(self, raw: object, path: str) -> str:
        text = " ".join(plain_text(raw, path, self.longest).split())
        if text.isascii() and text.replace(" ", "a").isalpha():
            return text
        letters = 0
        for letter in text:
            kind = unicodedata.category(letter)
            if kind[0] == "L":
                letters += 1
            elif kind[0] != "M" and letter not in PUNCTUATION and letter not in JOINERS:
                raise Refusal(
                    "NAME-CHARACTER",
                    f"“{letter}” cannot stand in a name.",
                    path=path,
                    hint="Write the name in letters; put numbers and remarks into other fields.",
                )
        if text and not letters:
            raise Refusal("NAME-EMPTY", "A name needs a letter.", path=path, hint="Leave it out.")
        return text

    def normal(self, value: str) -> str:
        return folded_name(value)

    def compare(self, one: str, other: str) -> float:
        """The share of name parts that both have, whatever their order."""
        return shared_words(self.normal(one), self.normal(other))

    @property
    def examples(self) -> tuple[str, ...]:
        return ("Torvane", "D’Estrel-Òru", "Щеглова", "محمد")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=self.longest)]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.longest}
