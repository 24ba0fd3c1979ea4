"""From a record's body to the keys it is found under, and the rules that identifiers put on a body."""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary.declaration import Identifier
from allpoints.vocabulary.normal import document_key, person_key, range_bounds, range_cover, range_shape
from allpoints.vocabulary.types.base import FieldType

DOCUMENT = "document"
DOCUMENT_RANGE = "document-range"
DOCUMENT_SHAPE = "document-shape"
PERSON = "person"
"""Kinds of keys that a border asks under; a register of one's own adds its own."""


class Key(NamedTuple):
    """One thing a record is found under: its kind and its normal form."""

    kind: str
    value: str


Keyer = Callable[[Any], list[Key]]
Check = Callable[[Any], Iterator[Fault]]

_WHOLE_DAY = len("1979-03-14")


def keyer(identifier: Identifier, types: dict[str, FieldType]) -> Keyer:
    """The function that takes a body to its keys of this identifier; bodies hold normal values already."""
    if identifier.kind == "document":
        return _within(identifier) if identifier.within else _document(identifier)
    if identifier.kind == "document-range":
        return _range(identifier)
    if identifier.kind == "person":
        return _person(identifier)
    return _exact(identifier, types[identifier.field])


def _document(identifier: Identifier) -> Keyer:
    both = attrgetter(identifier.issuer, identifier.number)

    def keys(body: Any) -> list[Key]:
        issuer, number = both(body)
        # Both are normal already: this is document_key without its work (a test holds them together).
        return [Key(DOCUMENT, f"{issuer}|{number}")] if issuer and number else []

    return keys


def _within(identifier: Identifier) -> Keyer:
    listed = attrgetter(identifier.within)
    both = attrgetter(identifier.issuer, identifier.number)

    def keys(body: Any) -> list[Key]:
        pairs = (both(item) for item in listed(body))
        return [Key(DOCUMENT, document_key(issuer, number)) for issuer, number in pairs if issuer and number]

    return keys


def _range(identifier: Identifier) -> Keyer:
    three = attrgetter(identifier.issuer, identifier.first, identifier.last)

    def keys(body: Any) -> list[Key]:
        issuer, first, last = three(body)
        if not last:
            return []
        cover = [Key(DOCUMENT_RANGE, value) for value in range_cover(issuer, first, last)]
        return [Key(DOCUMENT_SHAPE, range_shape(issuer, first)), *cover]

    return keys


def _person(identifier: Identifier) -> Keyer:
    def keys(body: Any) -> list[Key]:
        born = getattr(body, identifier.born)
        if len(born) != _WHOLE_DAY:
            return []
        family = getattr(body, identifier.family)
        given = getattr(body, identifier.given) if identifier.given else ""
        names = [(family, given)]
        if identifier.aliases:
            pairs = (alias.partition(",") for alias in getattr(body, identifier.aliases))
            names += [(before, after) for before, comma, after in pairs if comma]
        return [
            Key(PERSON, key) for before, after in names if (key := _zone_key(before, after, born)) is not None
        ]

    return keys


def _zone_key(family: str, given: str, born: str) -> str | None:
    """A person's key, None for a name in a script that no machine-readable zone can show."""
    try:
        return person_key(family, given, born)
    except Refusal:
        return None


def _exact(identifier: Identifier, kind: FieldType) -> Keyer:
    value_of = attrgetter(identifier.field)

    def keys(body: Any) -> list[Key]:
        value = value_of(body)
        return [] if value == kind.absent else [Key(identifier.key, kind.normal(value))]

    return keys


def range_check(identifier: Identifier) -> Check:
    """The rule of a range: only for the declared cases, of one shape, in order, and not too large."""
    conditions = {name: frozenset(values) for name, values in identifier.only_when.items()}

    def faults(body: Any) -> Iterator[Fault]:
        last = getattr(body, identifier.last)
        if not last:
            return
        for name, allowed in conditions.items():
            if getattr(body, name) not in allowed:
                yield Fault(
                    "RANGE-NOT-ALLOWED",
                    f"A range of numbers is only for {name} {' or '.join(sorted(allowed))}.",
                    identifier.last,
                    "Enter one number, or change the other field.",
                )
        try:
            range_bounds(getattr(body, identifier.first), last, identifier.last, identifier.at_most)
        except Refusal as refusal:
            yield refusal.fault()

    return faults
