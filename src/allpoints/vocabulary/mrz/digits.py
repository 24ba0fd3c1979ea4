"""Check digits: weights 7, 3, 1 repeating, modulus 10 (Doc 9303 part 3, 4.9).

The weights are all prime to 10, so one wrong character goes unseen exactly when its value differs from the
right one by 10, 20 or 30: ``<0AKU``, ``1BLV``, ``2CMW``, ``3DNX``, ``4EOY``, ``5FPZ``, ``6GQ``, ``7HR``,
``8IS`` and ``9JT`` are alike to them. A digit read as another digit is always seen.
"""

from operator import mul

import msgspec

from allpoints.vocabulary.mrz.layout import Checked, Layout

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The characters by value; the filler ``<`` counts as 0."""

_VALUES = bytes.maketrans(ALPHABET.encode() + b"<", bytes(range(36)) + b"\0")
_WEIGHTS = bytes((7, 3, 1)) * 30


class CheckDigit(msgspec.Struct, frozen=True):
    """One check digit as printed and as computed; ``line`` and ``position`` count from 1."""

    field: str
    given: str
    expected: str
    line: int
    position: int
    ok: bool


def check_digit(text: str) -> str:
    """The check digit for up to 90 characters of A-Z, 0-9 and ``<``."""
    return ALPHABET[sum(map(mul, text.encode("ascii").translate(_VALUES), _WEIGHTS)) % 10]


def checked_fields(zone: str, layout: Layout) -> tuple[Checked, ...]:
    """What the check digits of this zone guard, with a number that overflows taken as a whole.

    Parts 5 and 6, note j: a number beyond nine characters has ``<`` where its check digit would stand, and
    runs on at the start of the optional data, followed by its check digit and a filler.
    """
    at = layout.number_digit
    if not layout.overflows or zone[at] != "<" or zone[at - 1] == "<":
        return layout.checked
    optional = layout.optional
    end = zone.find("<", optional.start, optional.stop)
    digit_at = (optional.stop if end < 0 else end) - 1
    if digit_at <= optional.start:
        return layout.checked
    number = Checked("number", (layout.number, slice(optional.start, digit_at)), digit_at)
    return (number, *layout.checked[1:])


def check_digits(zone: str, layout: Layout, fields: tuple[Checked, ...]) -> tuple[CheckDigit, ...]:
    """Every check digit of a zone, in the order of its fields, the composite last."""
    width = layout.width
    digits = []
    for field, parts, at in fields:
        data = zone[parts[0]] if len(parts) == 1 else "".join([zone[part] for part in parts])
        given = zone[at]
        expected = check_digit(data)
        ok = given == expected
        if field == "optional" and given == "<":
            # Part 4, 4.2.2.2: an empty personal number may leave its check digit out.
            ok = not data.strip("<")
        digits.append(CheckDigit(field, given, expected, at // width + 1, at % width + 1, ok))
    return tuple(digits)
