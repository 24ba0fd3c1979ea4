"""From what a person types to the keys that records are found under: exactly, in part, and one slip away."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary import normal
from allpoints.vocabulary.declaration import Identifier, Label, words
from allpoints.vocabulary.identifying import DOCUMENT, SEPARATOR, Key, parts_within, range_kind, shape_kind
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.listing import element_of

ASKED_LIMIT = 400
"""Longest text of one identifier as it is typed."""

KNOWN_LIMIT = 3
"""Fewest characters that must be known of a value that is asked for in part."""

NEAR_LIMIT = 64
"""Most neighbours of a value that are asked for a warning."""

ANY, ONE = "*", "?"


class Pattern(NamedTuple):
    """A value known in part, with the values of the fields beside it when they were given."""

    key: str
    beside: tuple[str, ...]
    value: str


class Search(NamedTuple):
    """One kind of key that can be asked under, for all the registers that have it.

    ``beside`` are the types of what stands before the value (the country of a plate, say), ``of`` is the type of
    the value itself.
    """

    key: str
    label: Label
    beside: tuple[FieldType, ...]
    of: FieldType
    near: bool
    partial: bool
    ranged: bool
    registers: tuple[str, ...]

    def ask(self, text: str, path: str = "") -> Key:
        """The key of ``text``: what stands beside comes first, “XAV AB 123” or “XAV|AB 123”; raises Refusal."""
        *beside, value = self._split(text, path)
        parts = [
            kind.normal(_clean(kind, part, path)) for kind, part in zip(self.beside, beside, strict=True)
        ]
        return Key(self.key, SEPARATOR.join([*parts, self.of.normal(_clean(self.of, value, path))]))

    def _split(self, text: str, path: str) -> list[str]:
        if len(text) > ASKED_LIMIT:
            raise Refusal(
                "ASKED-TOO-LONG",
                f"An identifier has at most {ASKED_LIMIT} characters.",
                path=path,
                hint="Shorten it.",
            )
        count = len(self.beside)
        parts = text.split(SEPARATOR) if SEPARATOR in text else text.split(maxsplit=count)
        if len(parts) != count + 1:
            raise Refusal(
                "ASKED-PARTS",
                f"“{words(self.label)}” is asked for with {self._wanted()} in front.",
                path=path,
                hint="Write “XAV AB 123”, the country first.",
            )
        return parts

    def _wanted(self) -> str:
        return " and ".join(kind.name for kind in self.beside) or "nothing"

    def near_keys(self, key: Key) -> tuple[Key, ...]:
        """Keys one easily made slip away, for a warning."""
        if not self.near:
            return ()
        stem, separator, value = key.value.rpartition(SEPARATOR)
        return tuple(Key(self.key, stem + separator + near) for near in self.of.near(value)[:NEAR_LIMIT])

    def ranges(self, key: Key) -> tuple[Key, tuple[Key, ...]]:
        """The key that says whether any range could hold it, and those of the ranges that do."""
        stem, _, number = key.value.rpartition(SEPARATOR)
        shape = Key(shape_kind(self.key), normal.range_shape(stem, number))
        return shape, tuple(Key(range_kind(self.key), probe) for probe in normal.range_probes(stem, number))

    def pattern(self, text: str, path: str = "") -> Pattern:
        """What is known of a value asked for in part, ``?`` for one unknown character and ``*`` for any run.

        What stands beside may be left out. Raises Refusal PATTERN-NOT-ALLOWED, PATTERN-TOO-OPEN.
        """
        if not self.partial:
            raise Refusal(
                "PATTERN-NOT-ALLOWED",
                f"“{words(self.label)}” is searched by its whole value only.",
                path=path,
                hint="Give the whole value, without ? and *.",
            )
        if len(text) > ASKED_LIMIT:
            self._split(text, path)
        beside, value = self._known(text)
        found = self.of.pattern(value, path)
        if sum(letter not in ANY + ONE for letter in found) < KNOWN_LIMIT:
            raise Refusal(
                "PATTERN-TOO-OPEN",
                f"At least {KNOWN_LIMIT} characters must be known.",
                path=path,
                hint="Give more of the value.",
            )
        return Pattern(self.key, beside, found)

    def _known(self, text: str) -> tuple[tuple[str, ...], str]:
        count = len(self.beside)
        parts = text.split(SEPARATOR) if SEPARATOR in text else text.split(maxsplit=count)
        if count and len(parts) == count + 1:
            try:
                cleaned = [
                    kind.normal(kind.clean(part, "")) for kind, part in zip(self.beside, parts, strict=False)
                ]
            except Refusal:
                return (), text
            return tuple(cleaned), parts[-1]
        return (), text


def is_partial(text: str) -> bool:
    """Whether a text asks for a value of which only a part is known."""
    return ANY in text or ONE in text


def _clean(kind: FieldType, text: str, path: str) -> object:
    value = kind.clean(text, path)
    if value == kind.absent:
        raise Refusal("ASKED-EMPTY", "A part of the identifier is empty.", path=path, hint="Give all of it.")
    return value


class Ways(NamedTuple):
    """How one register's fields may be asked for: its identifiers, and types and labels by field."""

    register: str
    identifiers: tuple[Identifier, ...]
    types: Mapping[str, FieldType]
    labels: Mapping[str, Label]


def searches(registers: Iterable[Ways]) -> dict[str, Search]:
    """Every kind of key that can be asked under, by its name; registers that share one are put together."""
    found: dict[str, Search] = {}
    for way in registers:
        for identifier in way.identifiers:
            search = _search(way, identifier)
            if search is None:
                continue
            known = found.get(search.key)
            found[search.key] = search if known is None else _together(known, search)
    return found


def _search(way: Ways, identifier: Identifier) -> Search | None:
    if identifier.kind == "person":
        return None
    types = parts_within(way.types[identifier.within]) if identifier.within else way.types
    field, beside = asked_fields(identifier)
    kind = types[field]
    label = way.labels.get(identifier.within or field, {"en": identifier.key})
    document = identifier.kind in {"document", "document-range"}
    return Search(
        DOCUMENT if document else identifier.key,
        label,
        tuple(types[name] for name in beside),
        element_of(kind),
        near=document or identifier.near,
        partial=identifier.partial,
        ranged=identifier.kind in {"document-range", "range"},
        registers=(way.register,),
    )


def asked_fields(identifier: Identifier) -> tuple[str, tuple[str, ...]]:
    """The field that holds an identifier's value, and those that stand beside it."""
    if identifier.kind == "document":
        return identifier.number, (identifier.issuer,)
    if identifier.kind == "document-range":
        return identifier.first, (identifier.issuer,)
    if identifier.kind == "range":
        return identifier.first, identifier.with_
    return identifier.field, identifier.with_


def _together(one: Search, other: Search) -> Search:
    return one._replace(
        near=one.near or other.near,
        partial=one.partial or other.partial,
        ranged=one.ranged or other.ranged,
        registers=tuple(dict.fromkeys(one.registers + other.registers)),
    )
