"""The number that stays with a ship's hull through every name and flag (IMO ship identification number)."""

import re
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.lettering import pattern_of, stripped

DIGITS = 7
RAW_LIMIT = 20
"""Letters and digits of what is typed, with the words in front of the number."""

WHAT = "An IMO number"
_HINT = "Give the seven digits on the hull, as in IMO 9074729."
_read = re.compile(r"(?:IMO|SHIP|HULL|COMPANY|NUMBER|NUM|NR|NO)*([0-9]{7})", re.ASCII).fullmatch
_known = re.compile(r"(?:IMO)?([0-9?*]+)", re.ASCII).fullmatch


class Imo(FieldType, frozen=True):
    """Seven digits, the last of which checks the others; “IMO” in front is understood and not kept."""

    name: ClassVar[str] = "imo"

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str and len(raw) == DIGITS and raw.isdigit() and raw.isascii():
            number = raw
        else:
            number = _understood(raw, path)
            if not number:
                return ""
        if check_digit(number) != number[-1]:
            raise Refusal(
                "IMO-CHECK-DIGIT",
                f"{number} is no IMO number: its last digit should be {check_digit(number)}, or another is wrong.",
                path=path,
                hint=_HINT,
            )
        return number

    def normal(self, value: str) -> str:
        return value

    def pattern(self, text: str, path: str) -> str:
        found = _known(pattern_of(text, path, WHAT, RAW_LIMIT))
        known = found[1] if found else ""
        length = len(known) - known.count("*")
        if not found or length > DIGITS or ("*" not in known and length < DIGITS):
            raise Refusal("IMO-FORM", "An IMO number has seven digits.", path=path, hint=_HINT)
        return known

    def caption(self, value: str, language: str = "en") -> str:
        del language
        return f"IMO {value}"

    @property
    def examples(self) -> tuple[str, ...]:
        return ("9074729", "8814275")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=DIGITS, pattern=r"^[0-9]*\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^[0-9]{{{DIGITS}}}$"}


def _understood(raw: object, path: str) -> str:
    if type(raw) is int and 0 <= raw < 10**DIGITS:
        raw = f"{raw:0{DIGITS}d}"
    text = stripped(raw, path, WHAT, RAW_LIMIT)
    found = _read(text)
    if text and not found:
        raise Refusal("IMO-FORM", "An IMO number has seven digits.", path=path, hint=_HINT)
    return found[1] if found else ""


def check_digit(number: str) -> str:
    """The last digit that belongs to the first six."""
    one, two, three, four, five, six, *_ = number.encode()
    # The code of a digit is 48 more than the digit; the weights 7 to 2 add up to 27.
    return str((7 * one + 6 * two + 5 * three + 4 * four + 3 * five + 2 * six - 27 * 48) % 10)
