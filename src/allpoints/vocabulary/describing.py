"""A register's form, described field by field for programs that draw forms of their own."""

from typing import Any

import msgspec

from allpoints.vocabulary.declaration import Label
from allpoints.vocabulary.machine import Field
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.code import Code
from allpoints.vocabulary.types.composite import Composite, Part
from allpoints.vocabulary.types.listing import Listing, element_of


class Choice(msgspec.Struct, frozen=True):
    """One code that may be chosen."""

    code: str
    label: Label


class FormField(msgspec.Struct, frozen=True):
    """One field: what it is called, what it takes, and what it must be.

    ``type`` is the type's name, ``several`` says that it takes a list of them; ``parts`` are those of an object.
    """

    name: str
    label: Label
    type: str
    several: bool
    required: bool
    description: Label
    examples: list[Any]
    choices: list[Choice]
    schema: dict[str, Any]
    sensitive: bool = False
    public: bool = False
    parts: list["FormField"] = []


def form_of(register: Register) -> list[FormField]:
    """Every field of a register, in the order of its declaration."""
    return [_field(field) for field in register.fields]


def _field(part: Part) -> FormField:
    of = element_of(part.type)
    more = part if isinstance(part, Field) else None
    return FormField(
        part.name,
        part.label,
        of.name,
        isinstance(part.type, Listing),
        part.required,
        more.description if more else {},
        [msgspec.to_builtins(one) for one in (more.examples if more else part.type.examples)],
        [Choice(term.code, term.label) for term in of.terms.values()] if isinstance(of, Code) else [],
        part.type.schema(),
        sensitive=more is not None and more.sensitive,
        public=more is not None and more.public,
        parts=[_field(one) for one in of.parts] if isinstance(of, Composite) else [],
    )
