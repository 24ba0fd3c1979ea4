"""From what a scanner or a keyboard sends to one run of permitted characters and its layout."""

import re
import unicodedata
from collections.abc import Sequence

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.mrz.layout import MRV_A, MRV_B, TD1, TD2, TD3, Layout

MRZ_LIMIT_CHARACTERS = 256
"""Longest text looked at: the longest zone has 90 characters, the rest is room for blanks and line ends."""

_SHOWN_LIMIT = 6
_LAYOUTS: dict[tuple[int, ...], tuple[Layout, Layout | None]] = {
    (30, 30, 30): (TD1, None),
    (90,): (TD1, None),
    (36, 36): (TD2, MRV_B),
    (72,): (TD2, MRV_B),
    (44, 44): (TD3, MRV_A),
    (88,): (TD3, MRV_A),
}
_PERMITTED = re.compile(r"[A-Za-z0-9<]+")


def scanned(text: str | Sequence[str]) -> tuple[str, Layout]:
    """All lines as one upper-case run, and its layout; blanks and line ends around lines do not count.

    Raises Refusal MRZ-EMPTY, MRZ-LENGTH, MRZ-CHARACTER or MRZ-FORMAT.
    """
    whole = text if isinstance(text, str) else "\n".join(text)
    if len(whole) > MRZ_LIMIT_CHARACTERS:
        raise Refusal(
            "MRZ-LENGTH",
            f"This text has {len(whole)} characters, more than any machine-readable zone.",
            path="mrz",
            hint=f"Send the lines of one document only, at most {MRZ_LIMIT_CHARACTERS} characters.",
            status=413,
        )
    lines = whole.split()
    if not lines:
        raise Refusal(
            "MRZ-EMPTY",
            "There is no machine-readable zone in this text.",
            path="mrz",
            hint="Scan the two or three lines of capital letters, digits and < at the foot of the page.",
        )
    layouts = _LAYOUTS.get(tuple(map(len, lines)))
    if layouts is None:
        raise _wrong_length([len(line) for line in lines])
    run = "".join(lines)
    if not _PERMITTED.fullmatch(run):
        raise _wrong_character(run, layouts[0])
    zone = run.upper()
    return zone, _layout(zone, layouts)


def _layout(zone: str, layouts: tuple[Layout, Layout | None]) -> Layout:
    card, visa = layouts
    first = zone[0]
    if not first.isalpha():
        raise Refusal(
            "MRZ-FORMAT",
            f"The document code starts with {first}, and no document code does.",
            path="document_code",
            hint="The first character is a letter: P for passports, V for visas, A, C or I for cards.",
        )
    if first != "V":
        return card
    if visa is None:
        raise Refusal(
            "MRZ-FORMAT",
            "This starts with V like a visa, but visas have two lines, and these are three of 30.",
            path="document_code",
            hint="Compare the first character with the document: a card has A, C or I there.",
        )
    return visa


def _wrong_length(lengths: list[int]) -> Refusal:
    shown = ", ".join(str(length) for length in lengths[:_SHOWN_LIMIT])
    more = ", …" if len(lengths) > _SHOWN_LIMIT else ""
    one = len(lengths) == 1
    return Refusal(
        "MRZ-LENGTH",
        f"No machine-readable zone has {'one line' if one else f'{len(lengths)} lines'} of {shown}{more} "
        "characters.",
        path="mrz",
        hint="Right are 3 lines of 30, 2 of 36 or 2 of 44 characters, or all 90, 72 or 88 in one run, "
        "without blanks inside a line.",
    )


def _wrong_character(run: str, layout: Layout) -> Refusal:
    index, character = next((i, c) for i, c in enumerate(run) if not _PERMITTED.fullmatch(c))
    line, column = layout.place(index)
    shown = character if character.isprintable() else unicodedata.name(character, "an unprintable character")
    return Refusal(
        "MRZ-CHARACTER",
        f"Line {line}, column {column} holds {shown} (U+{ord(character):04X}), and only A to Z, 0 to 9 and < can "
        "stand there.",
        path=f"line {line}, column {column}",
        hint="If every < arrives as another sign, the scanner's keyboard layout is not the machine's.",
    )
