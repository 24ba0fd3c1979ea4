"""The number of a road vehicle (ISO 3779), and what it tells."""

import re
from collections.abc import Iterator
from typing import ClassVar

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.tables.wmi import MAKERS, country_of, region_of
from allpoints.vocabulary.types.lettering import stripped
from allpoints.vocabulary.types.stamped import Stamped

WHOLE = 17
"""Characters of a number since 1981; earlier ones are shorter and follow the maker's own rules."""

NEVER = frozenset("IOQ")
"""Letters that a whole number does not have, because they look like digits."""

SMALL_MAKER = "9"
"""In third place: the maker builds few vehicles, and characters 12 to 14 say which maker it is."""

_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECKED = frozenset("12345L")
_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"
_CYCLE = 30
_FIRST_YEAR = 1980
_is_whole = re.compile(r"[A-HJ-NPR-Z0-9]{17}", re.ASCII).fullmatch


class Vin(Stamped, frozen=True):
    """A vehicle identification number, or an older chassis number of at least five characters.

    A check digit that is off never refuses: most of the world has none in that place.
    """

    countries: Countries

    name: ClassVar[str] = "vin"
    what: ClassVar[str] = "A vehicle identification number"
    shortest: ClassVar[int] = 5
    longest: ClassVar[int] = WHOLE

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str and _is_whole(raw):
            return raw
        value = stripped(raw, path, self.what, self.longest)
        refusal = self.unfit(value, path) if value else None
        if refusal is not None:
            raise refusal
        return value

    def unfit(self, value: str, path: str) -> Refusal | None:
        if len(value) == WHOLE and not NEVER.isdisjoint(value):
            odd = next(letter for letter in value if letter in NEVER)
            return Refusal(
                "VIN-LETTER",
                f"A vehicle identification number of {WHOLE} characters has no {odd}.",
                path=path,
                hint="Read it again: I is usually 1, O and Q are usually 0.",
            )
        return super().unfit(value, path)

    def pattern(self, text: str, path: str) -> str:
        found = super().pattern(text, path)
        refusal = self.unfit(found, path) if "*" not in found else None
        if refusal is not None:
            raise refusal
        return found

    def advice(self, value: str) -> tuple[str, ...]:
        if len(value) < WHOLE:
            return (f"This number has {len(value)} characters; vehicles built since 1981 have {WHOLE}.",)
        if value[0] not in _CHECKED:
            return ()
        wanted = check_digit(value)
        if value[8] == wanted:
            return ()
        sums = f"The check digit in place 9 is {value[8]} but the other characters make it {wanted}"
        return (f"{sums}: read the number again.",)

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        return tuple(self._facts(value)) if len(value) == WHOLE else ()

    def _facts(self, value: str) -> Iterator[tuple[str, str]]:
        region, country = region_of(value), country_of(value)
        if region:
            yield "Region", region
        if country:
            yield "Country of the maker", self.countries.caption(country)
        if value[2] == SMALL_MAKER:
            yield "Maker", f"a small one, {value[:3]} {value[11:14]}"
        elif value[:3] in MAKERS:
            yield "Maker", MAKERS[value[:3]]
        year = model_year(value)
        if year:
            yield "Model year", year

    @property
    def examples(self) -> tuple[str, ...]:
        return ("1M8GDM9AXKP042788", "WVWZZZ1JZXW000001")


def check_digit(vin: str) -> str:
    """What place 9 of a whole number holds where the check digit is used: a digit or ``X``."""
    total = sum(_VALUES[letter] * weight for letter, weight in zip(vin, _WEIGHTS, strict=True))
    return "0123456789X"[total % 11]


def model_year(vin: str) -> str:
    """The model year in place 10, as far as it is sure; ``""`` when that place holds none.

    Letters come round every thirty years. In North America place 7 says which round: a digit before 2010, a letter
    since, but for heavy vehicles, motorcycles and trailers. Elsewhere the place is free, though many makers use it.
    """
    at = _YEARS.find(vin[9])
    if at < 0:
        return ""
    earlier = _FIRST_YEAR + at
    if vin[0] not in "12345":
        return f"{earlier} or {earlier + _CYCLE}, if the maker tells it"
    if vin[6].isdigit():
        return f"{earlier}; heavy vehicles, motorcycles and trailers may be of {earlier + _CYCLE}"
    return f"{earlier + _CYCLE}; heavy vehicles, motorcycles and trailers may be of {earlier}"
