"""What can be wrong between the parts of a declaration: names of fields that are not there or not fit."""

import string
from collections.abc import Iterable, Iterator, Mapping

from allpoints.ground.refusal import Fault
from allpoints.vocabulary.declaration import KEBAB, Declared, FieldDeclaration, Identifier
from allpoints.vocabulary.lint_fields import as_fields, is_personal, kind_of
from allpoints.vocabulary.reading import Said, Where
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.kind import Surroundings
from allpoints.vocabulary.types.kinds import made, parts_of
from allpoints.vocabulary.types.listing import element_of

RESERVED_KEYS = frozenset({"document", "person"})
"""Kinds of keys that the checks of a border mean something by."""

_TAKEN_ENDS = ("-range", "-shape")

_NUMBER = frozenset({"document-number"})
_COUNTRY = frozenset({"country"})
_NAME = frozenset({"person-name"})
_BORN = frozenset({"birth-date", "date", "partial-date"})
_NO_KEY = frozenset({"object", "boolean", "list of object", "list of boolean"})
_ANY = frozenset({""})

# For each kind of identifier: the keys it needs, and of which type the field under a key must be.
_USES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "document": {"number": _NUMBER, "issuer": _COUNTRY},
    "document-range": {"first": _NUMBER, "last": _NUMBER, "issuer": _COUNTRY},
    "person": {"family": _NAME, "given": _NAME, "born": _BORN, "aliases": frozenset({"list of person-name"})},
    "exact": {"field": _ANY},
    "range": {"first": _NUMBER, "last": _NUMBER},
}
_NOT_NEEDED = frozenset({"aliases", "given"})


def lint_references(
    said: Said, declared: Declared, own: tuple[Identifier, ...], around: Surroundings
) -> Iterator[Fault]:
    """Every reference of the declaration that leads nowhere; ``own`` are the identifiers this file lists."""
    fields = as_fields(declared.fields)
    head = declared.head
    yield from _unknown(said, ("featured",), head.featured, fields)
    for at, names in enumerate(head.names):
        yield from _unknown(said, ("names", at), names, fields)
    yield from _caption_faults(said, head.caption, fields)
    yield from _writer_faults(said, head.writer, fields)
    if not head.person_data:
        for name, field in fields.items():
            if is_personal(field):
                yield said.fault(
                    _place_of(said, name),
                    "PERSON-DATA",
                    f"The register holds no person data, but “{name}” is about a person.",
                    "Remove the field, or say person_data: true.",
                )
    for at, identifier in enumerate(own):
        yield from _identifier_faults(said, ("identifiers", at), identifier, fields, around)


def _place_of(said: Said, name: str) -> Where:
    for at, field in enumerate(said.value.get("fields", [])):
        if isinstance(field, dict) and field.get("name") == name:
            return ("fields", at, "name")
    return ("fields",)


def _unknown(
    said: Said, where: Where, names: Iterable[str], fields: Mapping[str, FieldDeclaration]
) -> Iterator[Fault]:
    for at, name in enumerate(names):
        if name not in fields:
            yield said.fault((*where, at), "FIELD-UNKNOWN", f"There is no field “{name}”.")


def _caption_faults(said: Said, caption: str, fields: Mapping[str, FieldDeclaration]) -> Iterator[Fault]:
    try:
        pieces = list(string.Formatter().parse(caption))
    except ValueError as error:
        yield said.fault(("caption",), "CAPTION", f"The caption cannot be read: {error}.")
        return
    for _, name, form, conversion in pieces:
        if name is not None and (name not in fields or form or conversion):
            yield said.fault(("caption",), "FIELD-UNKNOWN", f"There is no field “{name}”.")


def _writer_faults(said: Said, writer: str, fields: Mapping[str, FieldDeclaration]) -> Iterator[Fault]:
    if writer in {"owner", "secretariat"}:
        return
    rule, _, name = writer.partition(":")
    if rule != "issuer" or name not in fields or fields[name].type != "country":
        yield said.fault(
            ("writer",),
            "WRITER",
            f"“{writer}” does not say who may write.",
            "Use owner, secretariat, or issuer:<field> with a field of type country.",
        )
    elif not fields[name].required:
        yield said.fault(("writer",), "WRITER", f"“{name}” decides who may write, so it must be required.")


def _identifier_faults(
    said: Said,
    where: Where,
    identifier: Identifier,
    fields: Mapping[str, FieldDeclaration],
    around: Surroundings,
) -> Iterator[Fault]:
    scope = fields
    if identifier.within:
        holder = fields.get(identifier.within)
        if holder is None or kind_of(holder) != "list of object":
            yield said.fault(
                (*where, "within"), "FIELD-UNKNOWN", f"There is no list of objects “{identifier.within}”."
            )
            return
        scope = as_fields(parts_of(holder))
    uses = _USES[identifier.kind]
    for key, kinds in uses.items():
        yield from _use_faults(said, where, key, (getattr(identifier, key), kinds), scope)
    for key in said.value["identifiers"][where[1]]:
        if key not in uses and key not in _extras(identifier.kind):
            yield said.fault((*where, key), "OPTION", f"The kind {identifier.kind} does not take “{key}”.")
    if identifier.kind in {"exact", "range"}:
        yield from _key_faults(said, where, identifier, scope)
        yield from _manner_faults(said, where, identifier, scope, around)
    for name, values in identifier.only_when.items():
        field = scope.get(name)
        terms = around.lists[field.list].terms if field and field.type == "code" else {}
        for value in values:
            if value not in terms:
                yield said.fault(
                    (*where, "only_when", name), "FIELD-UNKNOWN", f"“{name}” can never be “{value}”."
                )


def _key_faults(
    said: Said, where: Where, identifier: Identifier, scope: Mapping[str, FieldDeclaration]
) -> Iterator[Fault]:
    key = identifier.key
    if not KEBAB.fullmatch(key) or key in RESERVED_KEYS or key.endswith(_TAKEN_ENDS):
        yield said.fault(where, "KEY", "The identifier needs a key of its own.", "Add key: ear-tag, say.")
    for at, name in enumerate(identifier.with_):
        if name not in scope:
            yield said.fault((*where, "with", at), "FIELD-UNKNOWN", f"There is no field “{name}”.")
        elif kind_of(scope[name]) in _NO_KEY or scope[name].type == "list":
            yield said.fault((*where, "with", at), "FIELD-TYPE", f"“{name}” does not hold one value.")
    if identifier.field in scope and kind_of(scope[identifier.field]) in _NO_KEY:
        yield said.fault((*where, "field"), "FIELD-TYPE", f"“{identifier.field}” cannot be searched by.")


def _manner_faults(
    said: Said,
    where: Where,
    identifier: Identifier,
    scope: Mapping[str, FieldDeclaration],
    around: Surroundings,
) -> Iterator[Fault]:
    """``near`` and ``partial`` for a type that knows neither would promise a search that finds nothing."""
    field = scope.get(identifier.field)
    if field is None or kind_of(field) in _NO_KEY:
        return
    of = type(element_of(made(field, around)))
    if identifier.near and of.near is FieldType.near:
        yield said.fault(
            (*where, "near"), "MANNER", f"No value of type {of.name} is one slip away.", "Leave near out."
        )
    if identifier.partial and of.pattern is FieldType.pattern:
        yield said.fault(
            (*where, "partial"),
            "MANNER",
            f"No value of type {of.name} is known in part.",
            "Leave partial out.",
        )


def _use_faults(
    said: Said,
    where: Where,
    key: str,
    use: tuple[str, frozenset[str]],
    scope: Mapping[str, FieldDeclaration],
) -> Iterator[Fault]:
    name, kinds = use
    if not name:
        if key not in _NOT_NEEDED:
            yield said.fault(where, "OPTION", f"The identifier needs “{key}”.", f"Add {key}.")
    elif name not in scope:
        yield said.fault((*where, key), "FIELD-UNKNOWN", f"There is no field “{name}”.")
    elif kinds is not _ANY and kind_of(scope[name]) not in kinds:
        yield said.fault(
            (*where, key), "FIELD-TYPE", f"“{name}” is not of type {' or '.join(sorted(kinds))}."
        )


def _extras(kind: str) -> frozenset[str]:
    return {
        "document": frozenset({"kind", "within"}),
        "document-range": frozenset({"kind", "only_when", "at_most"}),
        "exact": frozenset({"kind", "key", "with", "within", "near", "partial"}),
        "range": frozenset({"kind", "key", "with", "only_when", "at_most"}),
    }.get(kind, frozenset({"kind"}))
