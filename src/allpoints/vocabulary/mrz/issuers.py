"""The codes that can stand in the issuer and nationality fields when the caller names no others."""

from functools import cache
from importlib.resources import files

import msgspec

from allpoints.vocabulary.countries import Countries, CountryTable

_COUNTRIES = "data/lists/countries.yaml"


@cache
def issuers() -> Countries:
    """The vocabulary's own countries, read once: ISO 3166-1, Doc 9303 part 3, and codes left to users."""
    listed = files("allpoints.vocabulary").joinpath(_COUNTRIES).read_bytes()
    return Countries(msgspec.yaml.decode(listed, type=CountryTable))
