"""From declarations without faults to registers: structures, cleaners, keys and captions, made once."""

import string
from types import MappingProxyType

import msgspec

from allpoints.vocabulary.declaration import Declared
from allpoints.vocabulary.identifying import keyer, range_check
from allpoints.vocabulary.lint import Linted
from allpoints.vocabulary.register import Field, Machine, NoticeKind, Register, Step, Vocabulary
from allpoints.vocabulary.types.composite import structure
from allpoints.vocabulary.types.kinds import Surroundings, made


def compiled(linted: Linted) -> Vocabulary:
    """The vocabulary that passed the linter, ready for use."""
    made_ones = [_register(declared, linted.around) for declared in linted.declared]
    registers = {one.name: one for one in made_ones if not isinstance(one, NoticeKind)}
    notices = {one.name: one for one in made_ones if isinstance(one, NoticeKind)}
    return Vocabulary(
        MappingProxyType(registers),
        MappingProxyType(notices),
        MappingProxyType(dict(linted.around.lists)),
        linted.around.countries,
    )


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
        head.person_data,
        head.effect,
        head.retention_days,
        declared.identifiers,
        struct,
        _machine(declared, fields, struct),
    )
    return NoticeKind(*given, head.colour) if declared.notice else Register(*given)


def _fields(declared: Declared, around: Surroundings) -> list[Field]:
    found = []
    for said in declared.fields:
        kind = made(said, around)
        examples = tuple(kind.clean(example, said.name) for example in said.examples) or kind.examples
        found.append(Field(said.name, kind, said.required, said.label, said.description, examples))
    return found


def _machine(declared: Declared, fields: tuple[Field, ...], struct: type[msgspec.Struct]) -> Machine:
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
        checks=tuple(
            range_check(identifier)
            for identifier in declared.identifiers
            if identifier.kind == "document-range"
        ),
        decode=msgspec.msgpack.Decoder(struct).decode,
        caption=tuple(
            (literal, name) for literal, name, _, _ in string.Formatter().parse(declared.head.caption)
        ),
        names=declared.head.names,
    )
