"""What can be wrong with declared fields: names, types, their options, and examples that do not clean."""

import keyword
from collections.abc import Iterator

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary.declaration import FIELD_NAME, FIELDS_LIMIT, FieldDeclaration
from allpoints.vocabulary.reading import Said, Where
from allpoints.vocabulary.sections import section
from allpoints.vocabulary.types.base import faults_of
from allpoints.vocabulary.types.kind import COMMON_OPTIONS, Surroundings
from allpoints.vocabulary.types.kinds import KINDS, made, parts_of


def lint_fields(
    said: Said, where: Where, listed: object, around: Surroundings, faults: list[Fault]
) -> tuple[FieldDeclaration, ...]:
    """The fields listed at ``where`` that have no fault; the others' faults are added."""
    if not isinstance(listed, list) or not listed or len(listed) > FIELDS_LIMIT:
        faults.append(said.fault(where, "FIELDS", f"From 1 to {FIELDS_LIMIT} fields are listed here."))
        return ()
    good: list[FieldDeclaration] = []
    seen: set[str] = set()
    for at, value in enumerate(listed):
        spot = (*where, at)
        before = len(faults)
        field = section(said, spot, value, FieldDeclaration, faults)
        if field is None:
            continue
        if field.name in seen:
            faults.append(
                said.fault((*spot, "name"), "DUPLICATE", f"There are two fields named “{field.name}”.")
            )
        seen.add(field.name)
        faults.extend(_field_faults(said, spot, field, set(value), around))
        if len(faults) == before and "object" in {field.type, field.of}:
            lint_fields(said, (*spot, "fields"), list(field.fields), around, faults)
        if len(faults) == before:
            faults.extend(_example_faults(said, spot, field, around))
        if len(faults) == before:
            good.append(field)
    return tuple(good)


def _field_faults(
    said: Said, spot: Where, field: FieldDeclaration, given: set[str], around: Surroundings
) -> Iterator[Fault]:
    if not FIELD_NAME.fullmatch(field.name) or keyword.iskeyword(field.name):
        yield said.fault(
            (*spot, "name"),
            "NAME",
            f"“{field.name}” cannot name a field.",
            "Use up to 40 small letters, digits and _, beginning with a letter.",
        )
    kind = KINDS.get(field.type)
    if kind is None:
        yield _unknown_type(said, (*spot, "type"), field.type)
        return
    options, needs = set(kind.options), set(kind.needs)
    if field.type == "list" and field.of:
        element = KINDS.get(field.of)
        if element is None or field.of == "list":
            yield _unknown_type(said, (*spot, "of"), field.of)
            return
        options |= element.options
        needs |= element.needs
    for key in sorted(given - COMMON_OPTIONS - options):
        yield said.fault((*spot, key), "OPTION", f"The type {field.type} does not take “{key}”.")
    for key in sorted(needs - given):
        yield said.fault(spot, "OPTION", f"The type {field.type} needs “{key}”.", f"Add {key}.")
    if field.list and field.list not in around.lists:
        yield said.fault((*spot, "list"), "LIST-UNKNOWN", f"There is no list “{field.list}”.")
    if field.from_ is not None and field.to is not None and field.from_ > field.to:
        yield said.fault((*spot, "to"), "VALUE", "“to” is lower than “from”.")


def _unknown_type(said: Said, where: Where, name: str) -> Fault:
    return said.fault(
        where, "TYPE-UNKNOWN", f"There is no type “{name}”.", f"Use one of: {', '.join(KINDS)}."
    )


def _example_faults(
    said: Said, spot: Where, field: FieldDeclaration, around: Surroundings
) -> Iterator[Fault]:
    kind = made(field, around)
    for at, example in enumerate(field.examples):
        try:
            value = kind.clean(example, field.name)
        except Refusal as refusal:
            for fault in faults_of(refusal):
                yield said.fault(
                    (*spot, "examples", at),
                    "EXAMPLE",
                    f"The example of “{field.name}” does not clean: {fault.sentence}",
                    fault.hint,
                )
            continue
        if value == kind.absent:
            yield said.fault((*spot, "examples", at), "EXAMPLE", "The example is empty.")


def is_personal(field: FieldDeclaration) -> bool:
    """Whether the field, or a part of it, is about a person by its type."""
    if any(name in KINDS and KINDS[name].personal for name in (field.type, field.of)):
        return True
    return any(is_personal(part) for part in parts_of(field)) if field.fields else False


def kind_of(field: FieldDeclaration) -> str:
    """The field's type, ``list of T`` for lists."""
    return f"list of {field.of}" if field.type == "list" else field.type


def as_fields(fields: tuple[FieldDeclaration, ...]) -> dict[str, FieldDeclaration]:
    return {field.name: field for field in fields}
