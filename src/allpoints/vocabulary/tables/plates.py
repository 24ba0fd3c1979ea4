"""Shapes of registration plates: ``A`` for a letter, ``9`` for a digit.

Only the invented members are here. A bureau that knows its own country's shapes adds a line; a plate of a country
without one is never unusual.
"""

from collections.abc import Mapping

PLATE_SHAPES: Mapping[str, tuple[str, ...]] = {
    "XAV": ("AA999AA", "AA9999"),
    "XBM": ("9999AA", "999AAA"),
    "XCS": ("A9999A", "A999AA"),
}


def shape_of(plate: str) -> str:
    """The shape of a plate in its normal form."""
    return "".join("9" if letter.isdecimal() else "A" for letter in plate)
