"""What a type of field is to a declaration: the options it takes, and how one is made."""

from collections.abc import Callable, Mapping

import msgspec

from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.declaration import DeclaredList, FieldDeclaration
from allpoints.vocabulary.types.base import FieldType

COMMON_OPTIONS = frozenset(
    {"name", "type", "label", "required", "description", "examples", "sensitive", "public"}
)
"""What every field may say, whatever its type."""


class Surroundings(msgspec.Struct, frozen=True):
    """What types refer to: the closed lists by name, and the countries."""

    lists: Mapping[str, DeclaredList]
    countries: Countries


class Kind(msgspec.Struct, frozen=True):
    """One type: the options it takes, those it cannot do without, and its maker."""

    make: Callable[[FieldDeclaration, Surroundings], FieldType]
    options: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    personal: bool = False
