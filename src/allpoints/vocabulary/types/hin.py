"""The number on the hull of a small craft (ISO 10087; 33 CFR 181.25 without the country)."""

import re
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.types.stamped import NEAR_SCORE, Stamped

WITH_COUNTRY = 14
WITHOUT_COUNTRY = 12
HOME_OF_SHORT_FORM = "US"
"""Where the country is left out."""

SAME_HULL_SCORE = 0.9
"""The same number, once with and once without its country."""

FIRST_YEAR = 1972
"""The year of the first numbers: two digits of a year from here on are of the last century."""

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip

_OTHER_LAYOUT = (
    "This does not read like a number of ISO 10087: maker (3), serial (5), month A to L, "
    "last digit of the year, model year (2), with the country (2) in front or without."
)
_layout = re.compile(
    r"(?P<country>[A-Z]{2})?(?P<maker>[A-Z0-9]{3})(?P<serial>[A-Z0-9]{5})(?P<month>[A-L])(?P<year>[0-9])"
    r"(?P<model>[0-9]{2})",
    re.ASCII,
).fullmatch
# Model years up to 1984 were written M82H: the letter counts months from August of the year before.
_older = re.compile(r"(?:[A-Z]{2})?[A-Z0-9]{8}M[0-9]{2}[A-L]", re.ASCII).fullmatch


class Hull(NamedTuple):
    """What a number says, in the order in which it says it."""

    country: str
    maker: str
    serial: str
    built: str
    model_year: int


class Hin(Stamped, frozen=True):
    """A hull or craft identification number; 14 characters, 12 where the country is left out, older ones differ."""

    countries: Countries

    name: ClassVar[str] = "hin"
    what: ClassVar[str] = "A hull identification number"
    shortest: ClassVar[int] = 6
    longest: ClassVar[int] = 20

    def compare(self, one: str, other: str) -> float:
        if one == other:
            return 1.0
        if {len(one), len(other)} == {WITH_COUNTRY, WITHOUT_COUNTRY} and (
            one.endswith(other) or other.endswith(one)
        ):
            return SAME_HULL_SCORE
        return NEAR_SCORE if other in self.near(one) or one in self.near(other) else 0.0

    def near(self, value: str) -> tuple[str, ...]:
        if len(value) == WITHOUT_COUNTRY:
            return (HOME_OF_SHORT_FORM + value, *super().near(value))
        if len(value) == WITH_COUNTRY:
            return (value[2:], *super().near(value))
        return super().near(value)

    def caption(self, value: str, language: str = "en") -> str:
        del language
        return f"{value[:2]}-{value[2:]}" if len(value) == WITH_COUNTRY else value

    def advice(self, value: str) -> tuple[str, ...]:
        if _older(value):
            return ()
        hull = hull_of(value)
        if hull is None:
            return (_OTHER_LAYOUT,)
        found = []
        if not hull.built:
            found.append(f"A boat of the model year {hull.model_year} is not built in a year that ends so.")
        if not {"I", "O", "Q"}.isdisjoint(hull.serial):
            found.append("Serials have no I, O or Q: read the number again.")
        if hull.country and hull.country[0] != "X" and hull.country not in self.countries.spellings:
            found.append(f"There is no country with the code {hull.country}.")
        return tuple(found)

    def facts(self, value: str) -> tuple[tuple[str, str], ...]:
        hull = hull_of(value)
        return tuple(self._facts(hull)) if hull else ()

    def _facts(self, hull: Hull) -> Iterator[tuple[str, str]]:
        country = self.countries.spellings.get(hull.country)
        if country:
            yield "Country of the maker", self.countries.caption(country)
        yield "Maker's code", hull.maker
        if hull.built:
            yield "Built", hull.built
        yield "Model year", str(hull.model_year)

    @property
    def examples(self) -> tuple[str, ...]:
        return ("XAABC12345D404", "ABC12345D404")


def hull_of(value: str) -> Hull | None:
    """The parts of a number of the standard's layout, None for any other.

    ``built`` is empty when the last digit of the year is neither of the model year, nor one or two years before.
    """
    found = _layout(value)
    if found is None:
        return None
    two = int(found["model"])
    model = two + (1900 if two >= FIRST_YEAR - 1900 else 2000)
    year = next((year for year in (model, model - 1, model - 2) if year % 10 == int(found["year"])), 0)
    built = f"{MONTHS[ord(found['month']) - ord('A')]} {year}" if year else ""
    return Hull(found["country"] or "", found["maker"], found["serial"], built, model)
