"""A place on the globe, in degrees north and east (ISO 6709 and the ways people write it)."""

import re
import unicodedata
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text
from allpoints.vocabulary.types.lettering import western

TEXT_LIMIT = 80
DECIMALS = Decimal("0.00001")
"""About a metre: finer is never known of a place in a report."""

EARTH_RADIUS_KM = 6371.0
LATITUDE, LONGITUDE = 90, 180

_is_clean = re.compile(
    r"(?!-0\.00000)-?[1-8]?[0-9]\.[0-9]{5},(?!-0\.00000)-?(?:1[0-7]|[1-9])?[0-9]\.[0-9]{5}", re.ASCII
).fullmatch
_standard = re.compile(
    r"([+-][0-9]{2,6}(?:\.[0-9]+)?)([+-][0-9]{3,7}(?:\.[0-9]+)?)(?:[+-].*)?/?", re.ASCII
).fullmatch
_decimal_pair = re.compile(r"(-?[0-9]{1,2}\.[0-9]+)[,; ] ?(-?[0-9]{1,3}\.[0-9]+)", re.ASCII).fullmatch
_number = r"([0-9]+(?:[.,][0-9]+)?)"
_angle = re.compile(
    rf"([NSEW])?\s*([+-])?\s*{_number}(?:\s*°?|(?:\s*°\s*|\s+){_number}(?:\s*'?|(?:\s*'\s*|\s+){_number}\s*\"?))"
    r"\s*([NSEW])?",
    re.ASCII,
).fullmatch
_MARKS = str.maketrans("′’‘ʹ´`″”“ʺ−–º˚⁰", "''''''\"\"\"\"--°°°")
_after_letter = re.compile(r"(?<=[NSEW])\s*[,;]?\s*(?=[0-9])", re.ASCII)
_before_letter = re.compile(r"(?<=.)\s*[,;]?\s*(?=[NSEW]\s*[0-9])", re.ASCII)


class Coordinates(FieldType, frozen=True):
    """Latitude and longitude with five decimals, ``51.50740,-0.12780``."""

    name: ClassVar[str] = "coordinates"

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str and _is_clean(raw):
            return raw
        text = plain_text(raw, path, TEXT_LIMIT)
        if not text:
            return ""
        found = _read(text)
        if found is None:
            raise Refusal(
                "COORDINATES-FORM",
                f"“{text}” is not understood as a place.",
                path=path,
                hint="Write latitude and longitude: 51.5074, -0.1278 or 51°30'26\"N 0°7'40\"W.",
            )
        latitude, longitude = found
        if abs(latitude) > LATITUDE or abs(longitude) > LONGITUDE:
            raise Refusal(
                "COORDINATES-RANGE",
                "A latitude is at most 90 degrees, a longitude at most 180.",
                path=path,
                hint="Write the latitude first.",
            )
        return (
            f"{_written(latitude)},{_written(Decimal(LONGITUDE) if longitude == -LONGITUDE else longitude)}"
        )

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        """1.0 at the same place, a half a kilometre away, a tenth nine kilometres away."""
        return 1.0 / (1.0 + distance_km(one, other))

    def caption(self, value: str, language: str = "en") -> str:
        del language
        latitude, longitude = value.split(",")
        north = f"{latitude.lstrip('-')}° {'S' if latitude[0] == '-' else 'N'}"
        return f"{north}, {longitude.lstrip('-')}° {'W' if longitude[0] == '-' else 'E'}"

    @property
    def examples(self) -> tuple[str, ...]:
        return ("51.50740,-0.12780", "-33.85680,151.21530")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=21, pattern=r"^[0-9.,-]*\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^-?[0-9]{1,2}\.[0-9]{5},-?[0-9]{1,3}\.[0-9]{5}$"}


def distance_km(one: str, other: str) -> float:
    """How far apart two clean places are, along the surface."""
    north_1, east_1 = (radians(float(part)) for part in one.split(","))
    north_2, east_2 = (radians(float(part)) for part in other.split(","))
    across = sin((north_1 - north_2) / 2) ** 2
    along = cos(north_1) * cos(north_2) * sin((east_1 - east_2) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(across + along)))


def _written(angle: Decimal) -> str:
    rounded = angle.quantize(DECIMALS)
    return f"{abs(rounded) if rounded == 0 else rounded:f}"


def _read(text: str) -> tuple[Decimal, Decimal] | None:
    """Latitude and longitude; None for what is not understood."""
    pair = _decimal_pair(text)
    if pair is not None:
        return Decimal(pair[1]), Decimal(pair[2])
    plain = western(unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)).upper()
    plain = " ".join(plain.removeprefix("GEO:").replace("''", '"').split())
    standard = _standard(plain)
    if standard is not None:
        north, east = _packed(standard[1], 2), _packed(standard[2], 3)
        return None if north is None or east is None else (north, east)
    halves = _halves(plain)
    if halves is None:
        return None
    one, other = _parsed(halves[0]), _parsed(halves[1])
    if one is None or other is None:
        return None
    axes = (one[0], other[0])
    if axes in {("", ""), ("NS", "EW")}:
        return one[1], other[1]
    return (other[1], one[1]) if axes == ("EW", "NS") else None


def _halves(plain: str) -> list[str] | None:
    """Latitude and longitude apart, by the letters of the compass or by what stands between them."""
    for pieces in (
        _after_letter.split(plain),
        [piece for piece in _before_letter.split(plain) if piece],
        plain.split(";"),
        plain.split(", "),
        plain.split(","),
        plain.split(" "),
    ):
        if len(pieces) == 2:
            return [piece.strip() for piece in pieces]
    return None


def _parsed(piece: str) -> tuple[str, Decimal] | None:
    """The axis the letter names (``""`` without one) and the angle; None for what is no angle."""
    found = _angle(piece)
    if found is None:
        return None
    before, sign, *parts, after = found.groups()
    letter = before or after or ""
    if (before and after) or (sign and letter):
        return None
    angle = _angle_of([Decimal(part.replace(",", ".")) for part in parts if part is not None])
    if angle is None:
        return None
    axis = {"N": "NS", "S": "NS", "E": "EW", "W": "EW"}.get(letter, "")
    return axis, -angle if sign == "-" or letter in {"S", "W"} else angle


def _angle_of(parts: list[Decimal]) -> Decimal | None:
    """Degrees of degrees, minutes and seconds; only the last may have decimals, and minutes end at 60."""
    if any(part != part.to_integral_value() for part in parts[:-1]) or any(part >= 60 for part in parts[1:]):
        return None
    return sum((part / 60**power for power, part in enumerate(parts)), Decimal(0))


def _packed(text: str, width: int) -> Decimal | None:
    """An angle of ISO 6709: degrees, or degrees and minutes, or those and seconds, by the number of digits."""
    whole, _, decimals = text[1:].partition(".")
    rest = len(whole) - width
    if rest not in {0, 2, 4}:
        return None
    pieces = [whole[:width], *(whole[at : at + 2] for at in range(width, len(whole), 2))]
    pieces[-1] += f".{decimals or 0}"
    angle = _angle_of([Decimal(piece) for piece in pieces])
    return -angle if angle is not None and text[0] == "-" else angle
