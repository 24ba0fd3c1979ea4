"""From the words in which people date things to years: English, French, Spanish, and figures in Arabic."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from allpoints.vocabulary.types.lettering import western


class Span(NamedTuple):
    """Years from first to last, both in; the year before 1 is 0. ``about`` says that they are not exact."""

    first: int
    last: int
    about: bool = False


PARTS = {
    "E": (0, 3), "M": (1, 3), "L": (2, 3),
    "H1": (0, 2), "H2": (1, 2),
    "Q1": (0, 4), "Q2": (1, 4), "Q3": (2, 4), "Q4": (3, 4),
}  # fmt: skip
"""Parts of a century: which, of how many."""

# What is said, and the sign it is read as; longer words stand before those they contain.
_WORDS = (
    (r"(?<=[0-9])(?:st|nd|rd|th)\s*c(?![a-z])\.?", " C "),
    (
        r"\bb\.?\s?c\.?(?:\s?e\.?)?(?![a-z])|\bav\.?\s?j\.?-?\s?c\.?|\ba\.\s?c\.?(?![a-z])|ق\s?\.\s?م\.?",
        " BC ",
    ),
    (
        r"\ba\.?\s?d\.?(?![a-z])|\bc\.?\s?e\.?(?![a-z])|\bap\.?\s?j\.?-?\s?c\.?|\bd\.\s?c\.?(?![a-z])|\bم(?!\w)",
        " AD ",
    ),
    (r"(\b[ivx]+|[0-9])(?:st|nd|rd|th|e|er|ème|eme)(?!\w)", r"\1 "),
    (r"\b(?:centuries|century|cent\.?|siècles?|siecles?|siglos?|القرن)(?!\w)", " C "),
    (r"\b(?:millennium|millénaire|milenio)\b", " K "),
    (r"\b(?:early|beginning of(?: the)?|début du|comienzos del?|principios del?)(?!\w)-?", " E "),
    (r"\b(?:mid(?:dle)?(?: of(?: the)?)?|milieu du|mediados del?)(?!\w)-?", " M "),
    (r"\b(?:late|end of(?: the)?|fin du|finales del?|fines del?)(?!\w)-?", " L "),
    (r"\b(?:first|1|première|primera)\s+(?:half|moitié|mitad)\b", " H1 "),
    (r"\b(?:second|2|seconde|deuxième|segunda)\s+(?:half|moitié|mitad)\b", " H2 "),
    (r"\b(?:first|1|premier|primer)\s+(?:quarter|quart|cuarto)\b", " Q1 "),
    (r"\b(?:second|2|deuxième|segundo)\s+(?:quarter|quart|cuarto)\b", " Q2 "),
    (r"\b(?:third|3|troisième|tercer)\s+(?:quarter|quart|cuarto)\b", " Q3 "),
    (r"\b(?:last|fourth|4|dernier|último)\s+(?:quarter|quart|cuarto)\b", " Q4 "),
    (
        r"\b(?:circa|ca\.?|approx(?:imately|\.)?|about|around|vers|environ|hacia|alrededor de|نحو)(?!\w)",
        " ABOUT ",
    ),
    (r"\bc\.(?=\s?[0-9])|\bc(?=\s[0-9])|~", " ABOUT "),
    (r"\b(?:to|until|till|and|et|y|hasta|jusqu'à)(?!\w)|(?<=[\w ])[-–—](?=[\w ])|/", " TO "),
    (r"\b(?:between|from|entre|de|du|des|del|of|the|le|la|el|years?|années?|años?|los)(?!\w)", " "),
)
_SIGNS = tuple((re.compile(pattern), sign) for pattern, sign in _WORDS)
_POINT = re.compile(
    r"(?:(?P<era_1>AD|BC) )?(?:(?P<part>E|M|L|H1|H2|Q1|Q2|Q3|Q4) )?(?:(?P<unit_1>[CK]) )?"
    r"(?P<number>-?[0-9]{1,6}|[ivx]{1,8})(?P<decade>s)?(?: (?P<unit>[CK]))?(?: (?P<era>AD|BC))?"
).fullmatch
_ROMAN = {"i": 1, "v": 5, "x": 10}
_ABOUT = "ABOUT"
_SMALLEST_BARE_YEAR = 100


class _Point(NamedTuple):
    """One side of a span as it was said."""

    number: int
    digits: int
    part: str
    unit: str
    decade: bool
    era: str


def read_span(text: str) -> Span | None:
    """The years that ``text`` speaks of; None when it is not understood."""
    said = _signs(text)
    about = _ABOUT in said
    sides = list(_sides([sign for sign in said if sign != _ABOUT]))
    points = [_point(side) for side in sides]
    if not 1 <= len(points) <= 2 or any(point is None for point in points):
        return None
    known = [point for point in points if point is not None]
    if len(known) == 1:
        return _with(_years(known[0]), about)
    first, last = _completed(known[0], known[1])
    begins, ends = _years(first), _years(last)
    return _with(Span(begins.first, ends.last) if begins and ends else None, about)


def _with(span: Span | None, about: bool) -> Span | None:
    return span._replace(about=about) if span else None


def _signs(text: str) -> list[str]:
    plain = western(unicodedata.normalize("NFKC", text)).replace("−", "-").replace("’", "'").casefold()
    for pattern, sign in _SIGNS:
        plain = pattern.sub(sign, plain)
    return plain.split()


def _sides(signs: list[str]) -> Iterator[str]:
    side: list[str] = []
    for sign in signs:
        if sign == "TO":
            yield " ".join(side)
            side = []
        else:
            side.append(sign)
    yield " ".join(side)


def _point(side: str) -> _Point | None:
    found = _POINT(side)
    if found is None or (found["unit_1"] and found["unit"]) or (found["era_1"] and found["era"]):
        return None
    number = found["number"]
    value = _roman(number) if number.isalpha() else int(number)
    return _Point(
        value,
        len(number),
        found["part"] or "",
        found["unit_1"] or found["unit"] or "",
        bool(found["decade"]),
        found["era_1"] or found["era"] or "",
    )


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))


def _completed(first: _Point, last: _Point) -> tuple[_Point, _Point]:
    """Both sides with what was said once: the unit, the era, and the first digits of the year."""
    unit = last.unit or first.unit
    first, last = first._replace(unit=unit), last._replace(unit=unit)
    if last.era and not first.era:
        first = first._replace(era=last.era)
    if not unit and not first.era and last.digits < first.digits and last.digits <= 2:
        scale = 10**last.digits
        last = last._replace(number=first.number - first.number % scale + last.number, digits=first.digits)
    return first, last


def _years(point: _Point) -> Span | None:
    if point.unit:
        return _long(point, 100 if point.unit == "C" else 1000)
    if point.part or (point.number == 0 and point.era):
        return None
    if point.era == "BC":
        last = 1 - point.number
        return Span(last - 9, last) if point.decade else Span(last, last)
    if point.number < 0 or (not point.era and point.number < _SMALLEST_BARE_YEAR and point.digits < 4):
        return Span(point.number, point.number) if point.number < 0 and point.digits > 4 else None
    if point.decade:
        return Span(point.number, point.number + 9) if point.number % 10 == 0 else None
    return Span(point.number, point.number)


def _long(point: _Point, length: int) -> Span | None:
    """The years of a century or millennium, or of the part that was said."""
    if point.number < 1 or point.decade:
        return None
    first = -point.number * length + 1 if point.era == "BC" else (point.number - 1) * length + 1
    which, of = PARTS.get(point.part, (0, 1))
    return Span(first + length * which // of, first + length * (which + 1) // of - 1)
