"""An amount of money and its currency (ISO 4217)."""

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, ClassVar

import msgspec
from babel.core import get_global
from babel.numbers import format_decimal

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text
from allpoints.vocabulary.types.lettering import western

TEXT_LIMIT = 40
WHOLE_DIGITS = 15
"""Most digits before the decimal point: a thousand times all the money there is."""

COMMON_MINOR_UNITS = 2
_UNITS = """
0 BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
3 BHD IQD JOD KWD LYD OMR TND
4 CLF UYW
"""
MINOR_UNITS = {code: int(line[0]) for line in _UNITS.strip().split("\n") for code in line[2:].split()}
"""Decimals of the currencies that have not two (ISO 4217, list one)."""

_is_clean = re.compile(r"((?:0|[1-9][0-9]{0,14})(?:\.([0-9]+))?) ([A-Z]{3})", re.ASCII).fullmatch
_parts = re.compile(r"(?:([A-Z]{3})\s*)?([0-9][0-9 .,'_]*?)\s*([A-Z]{3})?", re.ASCII).fullmatch
_grouped = re.compile(r"[1-9][0-9]{0,2}(?:([ .,'_])[0-9]{3})(?:\1[0-9]{3})*", re.ASCII).fullmatch
_QUOTES = str.maketrans("’‘ʼ−", "'''-")
_HINT = "Write the amount and three letters: 1250.00 EUR."


class Money(FieldType, frozen=True):
    """An amount with all decimals of its currency, and the currency: ``1250.00 EUR``."""

    name: ClassVar[str] = "money"

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str:
            found = _is_clean(raw)
            if found and found[3] in currencies() and len(found[2] or "") == minor_units(found[3]):
                return raw
        text = plain_text(raw, path, TEXT_LIMIT)
        return _read(text, path) if text else ""

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        """The smaller of the larger amount; nothing when the currencies differ."""
        if one == other:
            return 1.0
        left, right = _amount(one), _amount(other)
        if one[-3:] != other[-3:]:
            return 0.0
        return float(min(left, right) / max(left, right))

    def caption(self, value: str, language: str = "en") -> str:
        amount, code = value.split(" ")
        decimals = minor_units(code)
        form = "#,##0" + ("." + "0" * decimals if decimals else "")
        return f"{format_decimal(Decimal(amount), format=form, locale=language)} {code}"

    @property
    def examples(self) -> tuple[str, ...]:
        return ("1250.00 EUR", "980 JPY")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=WHOLE_DIGITS + 9, pattern=r"^[A-Z0-9. ]*\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": rf"^[0-9]{{1,{WHOLE_DIGITS}}}(\.[0-9]{{2,4}})? [A-Z]{{3}}$"}


@cache
def currencies() -> frozenset[str]:
    """Codes of currencies that are or were in use."""
    return frozenset(get_global("all_currencies"))


def minor_units(code: str) -> int:
    """How many decimals amounts of a currency have."""
    return MINOR_UNITS.get(code, COMMON_MINOR_UNITS)


def _amount(value: str) -> Decimal:
    return Decimal(value[:-4])


def _read(text: str, path: str) -> str:
    plain = western(unicodedata.normalize("NFKC", text)).translate(_QUOTES).upper().replace("€", " EUR ")
    found = _parts(" ".join(plain.split()))
    code = (found[1] or found[3] or "") if found else ""
    if found is None or not code or (found[1] and found[3]):
        raise Refusal("MONEY-FORM", f"“{text}” is no amount with a currency.", path=path, hint=_HINT)
    if code not in currencies():
        raise Refusal(
            "MONEY-CURRENCY",
            f"There is no currency {code}.",
            path=path,
            hint="Use its code of ISO 4217, such as EUR.",
        )
    whole, decimals = _split(found[2], minor_units(code), path)
    if len(whole) > WHOLE_DIGITS:
        raise Refusal(
            "MONEY-LARGE", f"An amount has at most {WHOLE_DIGITS} digits.", path=path, hint="Check it."
        )
    return f"{whole}.{decimals} {code}" if decimals else f"{whole} {code}"


def _split(number: str, units: int, path: str) -> tuple[str, str]:
    """Whole digits and decimals; refuses an amount that two countries would read differently."""
    body, point, tail = number, "", ""
    at = max(number.rfind("."), number.rfind(","))
    if at >= 0 and number.count(number[at]) == 1:
        body, point, tail = number[:at], number[at], number[at + 1 :]
    grouped = _grouped(number)
    if grouped and grouped[1] in " '_":
        body, point, tail = number, "", ""
    elif grouped and point:
        # One separator and three digits behind it: thousands, unless the currency has three decimals.
        if units != len(tail):
            body, point, tail = number, "", ""
        elif point == ",":
            raise _ambiguous(number, path)
    separators = set(body) - set("0123456789")
    well_grouped = not separators or (_grouped(body) is not None and point not in separators)
    if not well_grouped or (point and not tail.isdigit()):
        raise Refusal("MONEY-FORM", f"“{number}” is no amount.", path=path, hint=_HINT)
    if len(tail) > units and tail[units:].strip("0"):
        raise Refusal(
            "MONEY-DECIMALS", f"Amounts of this currency have {units} decimals.", path=path, hint="Round it."
        )
    whole = "".join(digit for digit in body if digit.isdigit()).lstrip("0") or "0"
    return whole, tail[:units].ljust(units, "0")


def _ambiguous(number: str, path: str) -> Refusal:
    return Refusal(
        "MONEY-AMBIGUOUS",
        f"“{number}” may be thousands or decimals.",
        path=path,
        hint="Write decimals behind a point and all of them: 1250.000 KWD.",
    )
