"""A country or other issuer of documents."""

from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.types.base import FieldType, plain_text

SPELLING_LIMIT = 16
"""Longest text looked at for a country code."""


class Country(FieldType, frozen=True):
    """A code of ICAO Doc 9303; two letters and ISO numbers are understood and become three letters."""

    countries: Countries

    name: ClassVar[str] = "country"

    def clean(self, raw: object, path: str) -> str:
        if type(raw) is str:
            code = self.countries.spellings.get(raw)
            if code is not None:
                return code
        text = plain_text(raw, path, SPELLING_LIMIT)
        return self.countries.understand(text, path) if text else ""

    def normal(self, value: str) -> str:
        return value

    def caption(self, value: str, language: str = "en") -> str:
        return self.countries.caption(value, language)

    def advice(self, value: str) -> tuple[str, ...]:
        until = self.countries.validity(value)[1]
        return (f"The code {value} was withdrawn in {until[:4]}: is today's country known?",) if until else ()

    @property
    def examples(self) -> tuple[str, ...]:
        return ("UTO", "XAV")

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=3, pattern=r"^[A-Z]*\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[A-Z]{3}$"}
