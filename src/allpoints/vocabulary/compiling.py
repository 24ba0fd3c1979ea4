"""From declarations without faults to registers: structures, cleaners, keys and captions, made once."""

import string
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

from allpoints.vocabulary.asking import Ways, searches
from allpoints.vocabulary.declaration import Declared
from allpoints.vocabulary.identifying import Check, keyer, partial_keyer, range_check
from allpoints.vocabulary.lint import Linted
from allpoints.vocabulary.machine import Field, Machine, Step
from allpoints.vocabulary.policy_set import PolicySet
from allpoints.vocabulary.register import NoticeKind, Register, Vocabulary
from allpoints.vocabulary.rules import RULES, any_of_check, entry_checks, sensitive_check
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.composite import structure
from allpoints.vocabulary.types.kind import Surroundings
from allpoints.vocabulary.types.kinds import made


def compiled(linted: Linted, policies: PolicySet) -> Vocabulary:
    """The vocabulary that passed the linter, ready for use."""
    made_ones = [_register(declared, linted.around) for declared in linted.declared]
    registers = {one.name: one for one in made_ones if not isinstance(one, NoticeKind)}
    notices = {one.name: one for one in made_ones if isinstance(one, NoticeKind)}
    return Vocabulary(
        MappingProxyType(registers),
        MappingProxyType(notices),
        MappingProxyType(dict(linted.around.lists)),
        linted.around.countries,
        policies,
        MappingProxyType(searches(_ways(one) for one in registers.values())),
    )


def _ways(register: Register) -> Ways:
    labels = {field.name: field.label for field in register.fields}
    return Ways(register.name, register.identifiers, register.machine.types, labels)


def _register(declared: Declared, around: Surroundings) -> Register:
    fields = tuple(_fields(declared, around))
    struct = structure(declared.head.name, fields)
    head = declared.head
    given = (
        head.name,
        head.code,
        head.short,
        head.label,
        head.plural,
        head.description,
        fields,
        head.featured,
        head.writer,
        head.readers,
        head.openings,
        head.person_data,
        head.effect,
        head.retention_days,
        MappingProxyType(dict(head.retention_by_status)),
        head.status,
        head.achieved,
        head.rules,
        declared.identifiers,
        struct,
        _machine(declared, fields, struct, tuple(around.lists["handling"].terms)),
    )
    return NoticeKind(*given, head.colour) if declared.notice else Register(*given)


def _fields(declared: Declared, around: Surroundings) -> list[Field]:
    found = []
    for said in declared.fields:
        kind = made(said, around)
        examples = tuple(kind.clean(example, said.name) for example in said.examples) or kind.examples
        found.append(
            Field(
                said.name,
                kind,
                said.required,
                said.label,
                said.description,
                examples,
                said.sensitive,
                said.public,
            )
        )
    return found


def _machine(
    declared: Declared, fields: tuple[Field, ...], struct: type[msgspec.Struct], handling: tuple[str, ...]
) -> Machine:
    by_name = {field.name: field for field in fields}
    types = {field.name: field.type for field in fields}
    ordered = [by_name[name] for name in struct.__struct_fields__]
    return Machine(
        steps=tuple(
            Step(field.name, field.type.clean, field.type.absent, field.default, field.required)
            for field in ordered
        ),
        known=frozenset(by_name),
        keyers=tuple(keyer(identifier, types) for identifier in declared.identifiers),
        partials=tuple(
            partial_keyer(identifier, types) for identifier in declared.identifiers if identifier.partial
        ),
        checks=tuple(_checks(declared, types)),
        entry_checks=entry_checks(declared.head, handling),
        decode=msgspec.msgpack.Decoder(struct).decode,
        caption=tuple(
            (literal, name) for literal, name, _, _ in string.Formatter().parse(declared.head.caption)
        ),
        names=declared.head.names,
        facets=declared.head.facets,
        text=declared.head.text,
        types=MappingProxyType(types),
    )


def _checks(declared: Declared, types: Mapping[str, FieldType]) -> Iterator[Check]:
    """What is asked of a body as a whole: ranges, groups of fields, sensitive data, named rules."""
    absent = {name: kind.absent for name, kind in types.items()}
    head = declared.head
    for identifier in declared.identifiers:
        if identifier.kind in {"document-range", "range"}:
            yield range_check(identifier)
    for group in head.any_of:
        yield any_of_check(group, absent)
    sensitive = [field.name for field in declared.fields if field.sensitive]
    if sensitive:
        yield sensitive_check(sensitive, absent, head.sensitive_reason)
    for name in head.rules:
        make = RULES[name].check
        if make is not None:
            yield make(types)
