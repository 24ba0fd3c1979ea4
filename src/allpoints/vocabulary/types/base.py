"""What every type of field promises, and the cleaning of text that most of them start from."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from allpoints.ground.refusal import Fault, Refusal

RAW_TEXT_LIMIT = 40_000
"""Longest text of any field before cleaning; no declared field may be longer."""

JOINERS = "\u200c\u200d"
"""Zero-width joiners: invisible, yet part of correct Persian and Indic spelling."""


class FieldType(msgspec.Struct, frozen=True):
    """The behaviour of one field's values.

    ``absent`` is what a structure holds when the field was not given: ``""`` for text, ``()`` for lists,
    ``None`` for numbers. ``personal`` says that such a value tells something about a person. ``separator`` stands
    between several values in one cell of a table.
    """

    name: ClassVar[str]
    personal: ClassVar[bool] = False
    absent: ClassVar[Any] = ""
    separator: ClassVar[str] = ";"

    def clean(self, raw: object, path: str) -> Any:
        """The value to store; raises ``Refusal`` with ``path`` for what is not understood."""
        raise NotImplementedError

    def normal(self, value: Any) -> str:
        """The form under which equal values are found."""
        return str(value).casefold()

    def compare(self, one: Any, other: Any) -> float:
        """How alike two values are: 0.0 different, 1.0 the same."""
        return 1.0 if self.normal(one) == self.normal(other) else 0.0

    def caption(self, value: Any, language: str = "en") -> str:
        """The value as a person reads it."""
        del language
        return str(value)

    def forms(self, value: Any) -> tuple[str, ...]:
        """The texts under which a search finds the value, before folding; several where it has several scripts."""
        return (str(value),)

    def near(self, value: str) -> tuple[str, ...]:
        """Normal forms one easily made slip away from a normal value: for a warning only, never a hit."""
        del value
        return ()

    def pattern(self, text: str, path: str) -> str:
        """The normal form of a partial value, ``?`` for one unknown character and ``*`` for any run of them."""
        del text
        raise Refusal(
            "PATTERN-NOT-ALLOWED",
            "This field is searched by its whole value only.",
            path=path,
            hint="Give the whole value, without ? and *.",
        )

    def advice(self, value: Any) -> tuple[str, ...]:
        """Sentences on what may be wrong with a clean value, which is accepted all the same."""
        del value
        return ()

    def advice_beside(self, value: Any, beside: Sequence[Any]) -> tuple[str, ...]:
        """The same for a value that is read together with those that stand beside it in its identifier."""
        del value, beside
        return ()

    def facts(self, value: Any) -> tuple[tuple[str, str], ...]:
        """What the value itself tells, as pairs of a label and a text."""
        del value
        return ()

    @property
    def examples(self) -> tuple[Any, ...]:
        """Values that are clean, for forms, templates and tests."""
        raise NotImplementedError

    def annotation(self) -> Any:
        """The value's type for msgspec, with the bounds a decoder can check by itself."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """The value's JSON Schema."""
        raise NotImplementedError


Cleaner = Callable[[object, str], Any]


def faults_of(refusal: Refusal) -> tuple[Fault, ...]:
    """Every fault a refusal speaks of."""
    return refusal.faults or (refusal.fault(),)


def wrong_type(path: str, wanted: str, raw: object) -> Refusal:
    return Refusal(
        "FIELD-TYPE",
        f"{wanted} is wanted here, not {type(raw).__name__}.",
        path=path,
        hint=f"Give {wanted[:1].lower()}{wanted[1:]}.",
    )


def too_long(path: str, longest: int) -> Refusal:
    return Refusal(
        "FIELD-TOO-LONG",
        f"This field has at most {longest:,} characters.",
        path=path,
        hint="Shorten it.",
    )


def plain_text(raw: object, path: str, longest: int, *, lines: bool = False) -> str:
    """Text in Unicode normal form C, trimmed, without characters that cannot be seen; ``""`` when empty.

    ``lines`` allows line breaks and tabs. Raises ``Refusal`` for controls, hidden direction marks,
    unassigned and private characters, and for more than ``longest`` characters.
    """
    if type(raw) is not str:
        raise wrong_type(path, "Text", raw)
    if raw.isascii() and raw.isprintable():
        text = raw.strip()
    else:
        if len(raw) > RAW_TEXT_LIMIT:
            raise too_long(path, longest)
        text = _readable(raw, path, lines=lines)
    if len(text) > longest:
        raise too_long(path, longest)
    return text


def _readable(raw: str, path: str, *, lines: bool) -> str:
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n") if lines else raw)
    if not text.isprintable():
        text = "".join(
            letter if letter.isprintable() else _invisible(letter, path, lines=lines) for letter in text
        )
    return text.strip()


def _invisible(letter: str, path: str, *, lines: bool) -> str:
    kind = unicodedata.category(letter)
    if kind == "Zs":
        return " "
    if letter in JOINERS or (lines and letter in "\n\t"):
        return letter
    raise Refusal(
        "FIELD-CHARACTER",
        f"The field holds a character that cannot be seen (U+{ord(letter):04X}).",
        path=path,
        hint="Type the text again, or paste it without formatting.",
    )
