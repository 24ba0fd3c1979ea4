"""From a record's body to the keys it is found under, and the rules that identifiers put on a body."""

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary.declaration import Identifier
from allpoints.vocabulary.normal import document_key, person_key, range_bounds, range_cover, range_shape
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.composite import Composite
from allpoints.vocabulary.types.listing import Listing, element_of

DOCUMENT = "document"
PERSON = "person"
"""Kinds of keys that a border asks under in its own way; every other kind is a register's ``key``."""

SEPARATOR = "|"
"""Between the parts of a key's value."""


def range_kind(key: str) -> str:
    """The kind of keys that cover ranges of ``key``."""
    return f"{key}-range"


def shape_kind(key: str) -> str:
    """The kind of keys that say whether any range of ``key`` of a shape exists."""
    return f"{key}-shape"


DOCUMENT_RANGE = range_kind(DOCUMENT)
DOCUMENT_SHAPE = shape_kind(DOCUMENT)


class Key(NamedTuple):
    """One thing a record is found under: its kind and its normal form."""

    kind: str
    value: str


Keyer = Callable[[Any], list[Key]]
Check = Callable[[Any], Iterator[Fault]]

_WHOLE_DAY = len("1979-03-14")


def keyer(identifier: Identifier, types: Mapping[str, FieldType]) -> Keyer:
    """The function that takes a body to its keys of this identifier; bodies hold normal values already."""
    if identifier.kind == "document":
        return _within(identifier) if identifier.within else _document(identifier)
    if identifier.kind == "document-range":
        return _range(DOCUMENT, identifier, (identifier.issuer,))
    if identifier.kind == "range":
        return _range(identifier.key, identifier, identifier.with_)
    if identifier.kind == "person":
        return _person(identifier)
    return _exact(identifier, types, identifier.with_)


def partial_keyer(identifier: Identifier, types: Mapping[str, FieldType]) -> Keyer:
    """The function that takes a body to the values that may be asked for in part: without the fields ``with``."""
    return _exact(identifier, types, ())


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


def _range(key: str, identifier: Identifier, beside: tuple[str, ...]) -> Keyer:
    values = [attrgetter(name) for name in (*beside, identifier.first, identifier.last)]
    cover_kind, shape = range_kind(key), shape_kind(key)

    def keys(body: Any) -> list[Key]:
        *parts, first, last = (value(body) for value in values)
        if not (first and last and all(parts)):
            return []
        stem = SEPARATOR.join(parts)
        cover = [Key(cover_kind, value) for value in range_cover(stem, first, last)]
        return [Key(shape, range_shape(stem, first)), *cover]

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


def _exact(identifier: Identifier, types: Mapping[str, FieldType], beside: tuple[str, ...]) -> Keyer:
    if identifier.within:
        listed = attrgetter(identifier.within)
        one = _values(identifier, parts_within(types[identifier.within]), beside)
        return lambda body: [key for item in listed(body) for key in one(item)]
    return _values(identifier, types, beside)


def parts_within(kind: FieldType) -> dict[str, FieldType]:
    """The types of the parts of a list of objects, by name."""
    of = element_of(kind)
    return {part.name: part.type for part in of.parts} if isinstance(of, Composite) else {}


def _values(identifier: Identifier, types: Mapping[str, FieldType], beside: tuple[str, ...]) -> Keyer:
    kind = types[identifier.field]
    value_of, key = attrgetter(identifier.field), identifier.key
    others = [(attrgetter(name), types[name]) for name in beside]
    several = isinstance(kind, Listing)
    normal = element_of(kind).normal

    def keys(body: Any) -> list[Key]:
        value = value_of(body)
        if value == kind.absent:
            return []
        stem = ""
        for other, other_kind in others:
            part = other(body)
            if part == other_kind.absent:
                return []
            stem += other_kind.normal(part) + SEPARATOR
        if several:
            return [Key(key, stem + normal(one)) for one in value]
        return [Key(key, stem + normal(value))]

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
