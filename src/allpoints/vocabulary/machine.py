"""What a compiled register runs on: its fields as forms show them, and the functions made from the declaration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from allpoints.vocabulary.declaration import Label, words
from allpoints.vocabulary.identifying import Check, Keyer
from allpoints.vocabulary.rules import EntryCheck
from allpoints.vocabulary.types.base import Cleaner, FieldType
from allpoints.vocabulary.types.composite import Part


class Field(Part, frozen=True):
    """One field of a register, with what a form shows beside it."""

    description: Label
    examples: tuple[Any, ...]
    sensitive: bool = False
    public: bool = False

    def shown_label(self, language: str = "en") -> str:
        return words(self.label, language)


class Step(NamedTuple):
    """One field's part in cleaning a body, in the order of the structure."""

    name: str
    clean: Cleaner
    absent: Any
    default: Any
    required: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """What a register's methods run on, made once when the vocabulary is compiled."""

    steps: tuple[Step, ...]
    known: frozenset[str]
    keyers: tuple[Keyer, ...]
    partials: tuple[Keyer, ...]
    checks: tuple[Check, ...]
    entry_checks: tuple[EntryCheck, ...]
    decode: Callable[[bytes], msgspec.Struct]
    caption: tuple[tuple[str, str | None], ...]
    names: tuple[tuple[str, ...], ...]
    facets: tuple[str, ...]
    text: tuple[str, ...]
    types: Mapping[str, FieldType]
