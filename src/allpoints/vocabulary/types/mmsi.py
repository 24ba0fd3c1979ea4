"""The nine digits by which a radio station at sea is called (maritime mobile service identity, ITU-R M.585)."""

import re
from typing import Annotated, Any, ClassVar, NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.tables.maritime import FLAGS
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.lettering import near_forms, pattern_of, stripped
from allpoints.vocabulary.types.stamped import NEAR_SCORE

DIGITS = 9
RAW_LIMIT = 16
"""Letters and digits of what is typed, with the word in front."""

WHAT = "An MMSI"
_HINT = "Give all nine digits; coast stations begin with 00, groups with 0."
_read = re.compile(r"(?:MMSI)?([0-9]{9})", re.ASCII).fullmatch
_known = re.compile(r"(?:MMSI)?([0-9?*]+)", re.ASCII).fullmatch


class Station(NamedTuple):
    """What a number's first digits say: the kind of station, and where the country's three digits stand."""

    kind: str
    flag_at: int | None


STATIONS = (
    ("00", Station("coast station", 2)),
    ("0", Station("group of ships", 1)),
    ("111", Station("search and rescue aircraft", 3)),
    ("970", Station("search and rescue transmitter", None)),
    ("972", Station("man-overboard device", None)),
    ("974", Station("emergency beacon", None)),
    ("98", Station("craft of a parent ship", 2)),
    ("99", Station("aid to navigation", 2)),
    ("8", Station("hand-held radio", 1)),
    *((first, Station("ship", 0)) for first in "234567"),
)


class Mmsi(FieldType, frozen=True):
    """Nine digits whose first ones tell the kind of station and the flag."""

    countries: Countries

    name: ClassVar[str] = "mmsi"

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str and len(raw) == DIGITS and raw.isdigit() and raw.isascii():
            return raw
        if type(raw) is int and 10 ** (DIGITS - 1) <= raw < 10**DIGITS:
            return str(raw)
        text = stripped(raw, path, WHAT, RAW_LIMIT)
        found = _read(text)
        if text and not found:
            raise _no_mmsi(path)
        return found[1] if found else ""

    def normal(self, value: str) -> str:
        return value

    def compare(self, one: str, other: str) -> float:
        if one == other:
            return 1.0
        return NEAR_SCORE if other in self.near(one) else 0.0

    def near(self, value: str) -> tuple[str, ...]:
        return near_forms(value, {})

    def pattern(self, text: str, path: str) -> str:
        found = _known(pattern_of(text, path, WHAT, RAW_LIMIT))
        known = found[1] if found else ""
        length = len(known) - known.count("*")
        if not found or length > DIGITS or ("*" not in known and length < DIGITS):
            raise _no_mmsi(path)
        return known

    def advice(self, value: str) -> tuple[str, ...]:
        station = station_of(value)
        if station is None:
            return (f"No kind of station has numbers that begin with {value[:3]}.",)
        if station.flag_at is None or flag_digits(value, station) in FLAGS:
            return ()
        return (f"The digits {flag_digits(value, station)} belong to no country.",)

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        station = station_of(value)
        if station is None:
            return ()
        flag = FLAGS.get(flag_digits(value, station))
        kind = ("Station", station.kind)
        return (kind, ("Flag", self.countries.caption(flag))) if flag else (kind,)

    @property
    def examples(self) -> tuple[str, ...]:
        return ("201000001", "002010001")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=DIGITS, pattern=r"^[0-9]*\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^[0-9]{{{DIGITS}}}$"}


def _no_mmsi(path: str) -> Refusal:
    return Refusal("MMSI-FORM", "An MMSI has nine digits.", path=path, hint=_HINT)


def station_of(number: str) -> Station | None:
    """The kind of station of a number; None when no kind has such numbers."""
    return next((station for start, station in STATIONS if number.startswith(start)), None)


def flag_digits(number: str, station: Station) -> str:
    """The three digits that stand for the country; ``""`` for a device without one."""
    return "" if station.flag_at is None else number[station.flag_at : station.flag_at + 3]
