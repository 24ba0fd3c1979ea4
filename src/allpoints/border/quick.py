"""The plain case of a question, read in a few microseconds: one scanned zone in which nothing is out of the ordinary.

It gives exactly what ``understand`` gives of such a zone, or nothing at all; then ``understand`` reads it. Nearly every
check of a border is plain, and nearly every one finds nothing.
"""

import datetime as dt
import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allpoints.vocabulary import normal
from allpoints.vocabulary.mrz.dates import birth_date
from allpoints.vocabulary.mrz.digits import ALPHABET
from allpoints.vocabulary.mrz.layout import TD1, TD2, TD3, Layout
from allpoints.vocabulary.mrz.zone import document_type

REMEMBERED = 65_536

_VALUES = bytes.maketrans(ALPHABET.encode() + b"<", bytes(range(36)) + b"\0")
_WEIGHTS = (7, 3, 1)
_LANE_BITS = 17
"""A weighted sum of 90 characters is below 2**15, so that three of them fit exactly into one floating-point number."""
_LANES = 3
_LANE = (1 << _LANE_BITS) - 1
_NAME = re.compile(r"([A-Z]+(?:<[A-Z]+)*)<<([A-Z]+)(<[A-Z]+)*<*")


class Zone(NamedTuple):
    """What ``understand`` would say of a plain zone."""

    number: str
    issuer: str
    document_type: str
    document: str
    shape: str
    person: str
    bearer: str
    birth_date: str


class _Plain(NamedTuple):
    """One format: what its text matches, and how its check digits are computed all at once."""

    text: re.Pattern[str]
    layout: Layout
    weights: NDArray[np.float64]


def _plain(layout: Layout) -> _Plain:
    """Weights so that each check digit's sum, less the digit itself, is a multiple of ten."""
    checked = layout.checked
    rows = np.zeros((2, layout.width * layout.lines))
    for number, one in enumerate(checked):
        row, lane = divmod(number, _LANES)
        places = [at for part in one.parts for at in range(part.start, part.stop)]
        for step, at in enumerate(places):
            rows[row, at] += _WEIGHTS[step % 3] << (lane * _LANE_BITS)
        # Nine times the digit stands for taking it away.
        rows[row, one.at] += 9 << (lane * _LANE_BITS)
    return _Plain(_text(layout), layout, rows)


def _text(layout: Layout) -> re.Pattern[str]:
    """Lines in capitals, of this format, with digits where only digits are plain and a number that has no fillers inside."""
    size = layout.width * layout.lines
    plain = ["[A-Z0-9<]"] * size
    plain[0] = f"[{layout.first_letters}]"
    plain[1] = "[A-Z<]"
    for at in (*range(2, 5), *range(layout.nationality.start, layout.nationality.stop)):
        plain[at] = "[A-Z]"
    for at in layout.numeric():
        plain[at] = "[0-9]"
    plain[layout.number.start] = "[A-Z0-9]"
    lines = ("".join(plain[at : at + layout.width]) for at in range(0, size, layout.width))
    return re.compile("\n?".join(lines))


_FORMATS = {
    size: _plain(layout)
    for layout in (TD3, TD2, TD1)
    for size in (layout.width * layout.lines, layout.width * layout.lines + layout.lines - 1)
}


def read_plain(text: str, today: dt.date) -> Zone | None:
    """The identifiers in a scanned zone that is plain, None for any other."""
    form = _FORMATS.get(len(text))
    if form is None or form.text.fullmatch(text) is None:
        return None
    layout = form.layout
    zone = text.replace("\n", "")
    if len(zone) != layout.width * layout.lines:
        return None
    values = np.frombuffer(zone.encode().translate(_VALUES), np.uint8).astype(np.float64)
    if _is_off(*np.dot(form.weights, values).tolist()):
        return None
    number = zone[layout.number].rstrip("<")
    named = _NAME.fullmatch(zone[layout.name])
    born = _born(zone[layout.birth_date], today)
    if named is None or "<" in number or len(born) != len("1979-03-14"):
        return None
    family, given = named[1], named[2]
    issuer = zone[layout.issuer]
    kept = normal.issuer_code(issuer)
    rest = named[3]
    bearer = (
        zone[layout.name].rstrip("<").replace("<<", "<").replace("<", " ")
        if rest or "<" in family
        else f"{family} {given}"
    )
    return Zone(
        number,
        issuer,
        _document_type(zone[layout.code].rstrip("<"), issuer),
        f"{kept}|{number}",
        f"{kept}|{normal.split_number(number)[0]}|{len(number)}",
        f"{family.replace('<', '')}|{given}|{born}",
        bearer,
        born,
    )


def _is_off(first: float, second: float) -> bool:
    """Whether any of the six sums is no multiple of ten."""
    one, two = int(first), int(second)
    return bool(
        (one & _LANE) % 10
        or (one >> _LANE_BITS & _LANE) % 10
        or (one >> 2 * _LANE_BITS) % 10
        or (two & _LANE) % 10
        or (two >> _LANE_BITS & _LANE) % 10
        or (two >> 2 * _LANE_BITS) % 10
    )


@lru_cache(REMEMBERED)
def _born(six: str, today: dt.date) -> str:
    return birth_date(six, today).text


_document_type = lru_cache(REMEMBERED)(document_type)
