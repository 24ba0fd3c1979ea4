"""Letters and digits as they stand on things: one spelling for what is stamped, painted or typed in any script."""

import re
import unicodedata
from collections.abc import Mapping

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import JOINERS, too_long, wrong_type

NEAR_LIMIT = 64
"""Most neighbours of a value that are asked for a warning."""

RAW_FACTOR = 4
"""How much longer than the longest value a text may be before it is cleaned: room for spaces and hyphens."""

SLIPS: Mapping[str, str] = dict(zip("O0I1S5B8Z2", "0O1I5S8B2Z", strict=True))
"""Characters that are taken for each other by eye and hand."""

# Capital letters that look like a Latin one: plates and stamps in Greek and Cyrillic use exactly these abroad.
_SHAPES = {
    **dict(zip("АВЕЅІЈКМНОРСТУХҮ", "ABESIJKMHOPCTYXY", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
    "Đ": "D",
    "Ð": "D",
    "Ħ": "H",
    "Ł": "L",
    "Ø": "O",
    "Ŧ": "T",
    "Æ": "AE",
    "Œ": "OE",
}
_DROPPED = frozenset(" -‐‑‒–—―−~./\\_,:;·•・'’‘ʼ`´<>()|№ـ")
_WITHOUT_DROPPED = str.maketrans(dict.fromkeys(_DROPPED, ""))
_UNKNOWN = re.compile(r"([?*]+)")
_ANY_RUN = re.compile(r"[?*]*\*[?*]*")


def western(text: str) -> str:
    """The text with the digits 0 to 9 and their separators for those of every other script."""
    if text.isascii():
        return text
    digits = (str(unicodedata.decimal(one, one)) for one in text)
    return "".join(digits).replace("٫", ".").replace("٬", ",")


def stripped(raw: object, path: str, what: str, longest: int) -> str:
    """Capital letters and digits of ``raw``, at most ``longest``; ``""`` for an empty text.

    Separators are dropped, letters that look like Latin ones become those, other scripts' letters stay. Raises
    Refusal for anything else; ``what`` names the value in it.
    """
    if type(raw) is not str:
        raise wrong_type(path, "Text", raw)
    if len(raw) > RAW_FACTOR * longest:
        raise too_long(path, longest)
    plain = raw.translate(_WITHOUT_DROPPED)
    if plain.isascii() and plain.isalnum():
        value = plain.upper()
    elif raw.strip():
        value = folded(raw, path, what)
    else:
        return ""
    if not value:
        raise Refusal(
            "IDENTIFIER-EMPTY",
            f"{what} needs a letter or digit.",
            path=path,
            hint="Leave the field empty when it is not known.",
        )
    if len(value) > longest:
        raise too_long(path, longest)
    return value


def folded(text: str, path: str, what: str) -> str:
    """The capital letters and digits of ``text`` without separators and marks; raises Refusal for other signs."""
    # "№" is taken out first: its compatible spelling is the letters NO.
    wide = unicodedata.normalize("NFKC", text.replace("№", " ")).upper()
    letters = (_letter(one, path, what) for one in unicodedata.normalize("NFKC", wide))
    return unicodedata.normalize("NFKC", "".join(letters))


def _letter(one: str, path: str, what: str) -> str:
    if one in _DROPPED or one.isspace():
        return ""
    base = unicodedata.normalize("NFD", one)[0]
    if base in _SHAPES or (base.isascii() and base.isalnum()):
        return _SHAPES.get(base, base)
    kind = unicodedata.category(one)
    if kind == "Nd":
        return str(unicodedata.decimal(one))
    if kind[0] == "M" or one in JOINERS:
        return ""
    if kind[0] != "L" or unicodedata.normalize("NFKC", one.upper()) != one:
        raise _strange(one, path, what)
    return one


def _strange(one: str, path: str, what: str) -> Refusal:
    shown = f"“{one}”" if one.isprintable() else f"An invisible character (U+{ord(one):04X})"
    return Refusal(
        "IDENTIFIER-CHARACTER",
        f"{shown} cannot stand here: {what.lower()} has letters and digits.",
        path=path,
        hint="Write the letters and digits only; ? and * for unknown ones are for searching.",
    )


def pattern_of(text: str, path: str, what: str, longest: int) -> str:
    """The normal form of a partial value: ``?`` for one unknown character, ``*`` for any run of them."""
    if len(text) > RAW_FACTOR * longest:
        raise too_long(path, longest)
    plain = unicodedata.normalize("NFKC", text).replace("؟", "?")
    pieces = (
        piece if piece[:1] in {"?", "*"} else folded(piece, path, what) for piece in _UNKNOWN.split(plain)
    )
    found = _ANY_RUN.sub(lambda run: "?" * run[0].count("?") + "*", "".join(pieces))
    if len(found) - found.count("*") > longest:
        raise too_long(path, longest)
    return found


def near_forms(value: str, slips: Mapping[str, str] = SLIPS) -> tuple[str, ...]:
    """Values one slip away: a character taken for one that looks like it, or two neighbours exchanged."""
    found: dict[str, None] = {}
    for at, letter in enumerate(value):
        for other in slips.get(letter, ""):
            found[value[:at] + other + value[at + 1 :]] = None
    for at in range(len(value) - 1):
        found[value[:at] + value[at + 1] + value[at] + value[at + 2 :]] = None
    found.pop(value, None)
    return tuple(found)[:NEAR_LIMIT]
