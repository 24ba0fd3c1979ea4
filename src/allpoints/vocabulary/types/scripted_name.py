"""A person's name in its own script, with the source's own spelling in Latin letters."""

import unicodedata
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text
from allpoints.vocabulary.types.person_name import PersonName
from allpoints.vocabulary.types.text import shared_words

EQUALS = " = "
"""Between the two forms."""

_HINT = "Write it as 山田 太郎 = Yamada Taro, or in one form only."


class ScriptedName(FieldType, frozen=True):
    """One form of a name, or two: in its own script, then in Latin letters as the source writes it."""

    longest: int = 100

    name: ClassVar[str] = "scripted-name"
    personal: ClassVar[bool] = True

    def clean(self, raw: object, path: str) -> str:
        text = plain_text(raw, path, 2 * self.longest + len(EQUALS))
        one = PersonName(self.longest)
        given = [one.clean(part, path) for part in text.replace("＝", "=").split("=")]
        written = [part for part in given if part]
        if len(given) > 2:
            raise Refusal("NAME-FORMS", "A name has at most two forms here.", path=path, hint=_HINT)
        if len(written) == 2 and written[0].casefold() == written[1].casefold():
            del written[1]
        if len(written) == 2:
            if not _latin(written[1]):
                written.reverse()
            if not _latin(written[1]):
                raise Refusal(
                    "NAME-FORMS",
                    "Of two forms of a name one must be in Latin letters.",
                    path=path,
                    hint=_HINT,
                )
        return EQUALS.join(written)

    def forms(self, value: str) -> tuple[str, ...]:
        """The name's forms, each of which a search by name finds."""
        return tuple(value.split(EQUALS))

    def normal(self, value: str) -> str:
        return EQUALS.join(self._folded(value))

    def compare(self, one: str, other: str) -> float:
        """The best pair of forms, by the share of name parts in both."""
        return max(shared_words(left, right) for left in self._folded(one) for right in self._folded(other))

    def _folded(self, value: str) -> list[str]:
        one = PersonName(self.longest)
        return [one.normal(form) for form in self.forms(value)]

    @property
    def examples(self) -> tuple[str, ...]:
        return ("山田 太郎 = Yamada Taro", "Щеглова = Shcheglova", "Torvane")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=2 * self.longest + len(EQUALS))]

    def schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "maxLength": 2 * self.longest + len(EQUALS),
            "pattern": "^[^=]+( = [^=]+)?$",
        }


def _latin(text: str) -> bool:
    return all(
        unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN"))
        for letter in text
        if unicodedata.category(letter)[0] == "L" and unicodedata.category(letter) != "Lm"
    )
