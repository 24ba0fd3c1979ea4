"""Telephone numbers in the international form of E.164."""

import re
import unicodedata
from typing import Annotated, Any, ClassVar

import babel
import msgspec
import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text

FEWEST_DIGITS = 7
MOST_DIGITS = 15
"""Digits of a whole number, calling code included: E.164 allows fifteen, and Niue does with seven."""

PHONE_TEXT_LIMIT = 40
"""Longest text looked at."""

FEWEST_KNOWN = 5
"""Fewest known digits of a partial number."""

NEAR_SCORE = 0.5
"""One easily made slip apart."""

_HINT = "Write it with + and the country's calling code, such as +44 20 7946 0958."
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—./·]+")
_TRUNK = re.compile(r"\(\s*0\s*\)")
_NUMBER = re.compile(rf"\+[1-9][0-9]{{{FEWEST_DIGITS - 1},{MOST_DIGITS - 1}}}", re.ASCII)
_PARTIAL = re.compile(r"\+?[0-9?*]+", re.ASCII)
_KINDS = {
    PhoneNumberType.FIXED_LINE: "fixed line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed line or mobile",
    PhoneNumberType.TOLL_FREE: "free of charge",
    PhoneNumberType.PREMIUM_RATE: "premium rate",
    PhoneNumberType.SHARED_COST: "shared cost",
    PhoneNumberType.VOIP: "internet",
    PhoneNumberType.PAGER: "pager",
}
_WORLD = "001"


class Phone(FieldType, frozen=True):
    """``+`` and 7 to 15 digits; what no numbering plan knows is accepted with advice, plans change."""

    name: ClassVar[str] = "phone"
    personal: ClassVar[bool] = True

    def clean(self, raw: object, path: str) -> str:
        text = _digits(plain_text(raw, path, PHONE_TEXT_LIMIT))
        if not text:
            return ""
        if not text.startswith("+"):
            raise Refusal(
                "PHONE-NATIONAL",
                "Without its country's calling code a number says little.",
                path=path,
                hint=_HINT,
            )
        if not _NUMBER.fullmatch(text):
            raise Refusal(
                "PHONE-FORM",
                f"An international number has {FEWEST_DIGITS} to {MOST_DIGITS} digits after the + and nothing else.",
                path=path,
                hint=f"{_HINT} An extension goes into the remarks.",
            )
        return text

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        if one == other:
            return 1.0
        return NEAR_SCORE if other in self.near(one) or one in self.near(other) else 0.0

    def near(self, value: str) -> tuple[str, ...]:
        """The number as its country's plan has it, and neighbouring digits exchanged."""
        number = _parsed(value)
        usual = phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else value
        swapped = (
            value[:at] + value[at + 1] + value[at] + value[at + 2 :] for at in range(1, len(value) - 1)
        )
        slips = dict.fromkeys(slip for slip in (usual, *swapped) if _NUMBER.fullmatch(slip))
        slips.pop(value, None)
        return tuple(slips)

    def pattern(self, text: str, path: str) -> str:
        partial = _digits(plain_text(text, path, PHONE_TEXT_LIMIT))
        known = sum(letter.isdigit() for letter in partial)
        if not _PARTIAL.fullmatch(partial) or not FEWEST_KNOWN <= known <= MOST_DIGITS:
            raise Refusal(
                "PHONE-PATTERN",
                f"A partial number has at least {FEWEST_KNOWN} known digits.",
                path=path,
                hint="Write ? for one unknown digit and * for several: +44 20 7946 ????.",
            )
        return partial if partial[0] in "+*" else f"*{partial}"

    def caption(self, value: str, language: str = "en") -> str:
        del language
        number = _parsed(value)
        if number is None or phonenumbers.format_number(number, PhoneNumberFormat.E164) != value:
            return value
        return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)

    def advice(self, value: str) -> tuple[str, ...]:
        number = _parsed(value)
        if number is None:
            return ("No country has this calling code.",)
        usual = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        if usual != value:
            return (f"Its country's numbering plan writes this number {usual}.",)
        if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
            return ("The country's numbering plan has no number of this length.",)
        if not phonenumbers.is_valid_number(number):
            return ("The country's numbering plan has given out no numbers that begin like this.",)
        return ()

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        number = _parsed(value)
        if number is None:
            return ()
        region = phonenumbers.region_code_for_number(number)
        country = babel.Locale("en").territories.get(region or "", "") if region != _WORLD else ""
        kind = _KINDS.get(phonenumbers.number_type(number), "")
        said = (("Calling code", f"+{number.country_code}"), ("Country", country), ("Kind", kind))
        return tuple((label, text) for label, text in said if text)

    @property
    def examples(self) -> tuple[str, ...]:
        return ("+442079460958", "+999123456789")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=MOST_DIGITS + 1, pattern=r"^(\+[1-9][0-9]{6,14})?\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$"}


def _digits(text: str) -> str:
    """The text without separators, with ASCII digits whatever the script, and without a bracketed trunk 0."""
    if text[:4].lower() == "tel:":
        text = text[4:]
    plain = _SEPARATORS.sub("", _TRUNK.sub("", unicodedata.normalize("NFKC", text)))
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in plain if letter not in "()")


def _parsed(value: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return None
