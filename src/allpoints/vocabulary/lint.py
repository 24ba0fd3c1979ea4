"""The linter: every fault of every file at once, each with file and line; what passes can be compiled."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from allpoints.ground.refusal import Fault
from allpoints.vocabulary.asking import asked_fields
from allpoints.vocabulary.countries import Countries, CountryTable
from allpoints.vocabulary.declaration import (
    KEBAB,
    SHORT_LIMIT,
    Declared,
    DeclaredList,
    FieldDeclaration,
    Identifier,
    ListHead,
    RegisterHead,
    Term,
)
from allpoints.vocabulary.lint_fields import as_fields, lint_fields
from allpoints.vocabulary.lint_head import lint_head
from allpoints.vocabulary.lint_references import lint_references
from allpoints.vocabulary.reading import Said, Where
from allpoints.vocabulary.sections import section, sequence
from allpoints.vocabulary.types.code import CODE_LIMIT
from allpoints.vocabulary.types.kind import Surroundings
from allpoints.vocabulary.types.kinds import parts_of

REQUIRED_LISTS = ("audit-events", "handling", "offences", "purposes", "statuses")
"""Lists that the program itself asks for."""

_PARTS = frozenset({"fields", "identifiers"})


class _File(NamedTuple):
    said: Said
    head: RegisterHead
    fields: tuple[FieldDeclaration, ...]
    identifiers: tuple[Identifier, ...]
    notice: bool


class Linted(NamedTuple):
    """What passed the linter."""

    around: Surroundings
    declared: tuple[Declared, ...]


def lint(files: Sequence[Said], faults: list[Fault]) -> Linted | None:
    """Read the declarations out of ``files``; None, and every fault added, when any of them has one."""
    lists = _lists([said for said in files if "list" in said.value], faults)
    countries = _countries([said for said in files if "iso" in said.value], faults)
    around = Surroundings(lists, countries or Countries(CountryTable((), (), (), ())))
    faults.extend(
        said.fault((), "KIND", "The file declares no register, notice, list or countries.")
        for said in files
        if not said.value.keys() & {"list", "iso", "register", "notice"}
    )
    read = [
        file
        for said in files
        if said.value.keys() & {"register", "notice"}
        and (file := _register_file(said, around, faults)) is not None
    ]
    faults.extend(_twice(read))
    declared = tuple(_declared(file, read, around, faults) for file in read)
    faults.extend(_keys_that_differ(read))
    return None if faults or countries is None else Linted(around, declared)


def _lists(files: Sequence[Said], faults: list[Fault]) -> dict[str, DeclaredList]:
    found: dict[str, DeclaredList] = {}
    for said in files:
        head = section(said, (), _without(said.value, {"terms"}), ListHead, faults)
        terms = _terms(said, faults)
        if head is None:
            continue
        if not KEBAB.fullmatch(head.name):
            faults.append(said.fault(("list",), "NAME", f"“{head.name}” cannot name a list."))
        if head.name in found:
            faults.append(said.fault(("list",), "DUPLICATE", f"There are two lists “{head.name}”."))
        found[head.name] = DeclaredList(head.name, head.label, terms)
    faults.extend(
        Fault("VOCABULARY-LIST-MISSING", f"There is no list “{name}”.", "lists", "Add it.")
        for name in REQUIRED_LISTS
        if name not in found
    )
    return found


def _terms(said: Said, faults: list[Fault]) -> dict[str, Term]:
    terms: dict[str, Term] = {}
    seen: set[str] = set()
    for at, value in enumerate(sequence(said, "terms", faults)):
        where: Where = ("terms", at)
        term = section(said, where, value, Term, faults)
        if term is None:
            continue
        if not 1 <= len(term.code) <= CODE_LIMIT or term.code != term.code.strip():
            faults.append(said.fault((*where, "code"), "NAME", f"“{term.code}” is no code."))
        if term.code.casefold() in seen:
            faults.append(
                said.fault((*where, "code"), "DUPLICATE", f"The code “{term.code}” stands there twice.")
            )
        seen.add(term.code.casefold())
        terms[term.code] = term
    if not terms:
        faults.append(said.fault((), "LIST-EMPTY", "The list has no terms."))
    return terms


def _countries(files: Sequence[Said], faults: list[Fault]) -> Countries | None:
    if len(files) != 1:
        faults.append(
            Fault(
                "VOCABULARY-COUNTRIES", "There must be exactly one file of countries.", "lists", "Keep one."
            )
        )
    if not files:
        return None
    table = section(files[0], (), files[0].value, CountryTable, faults)
    if table is None:
        return None
    codes = [row[1] for row in table.iso] + [entry.code for entry in table.icao]
    codes += [entry.code for entry in table.former]
    faults.extend(
        files[0].fault(("iso",), "DUPLICATE", f"The code {code} stands there twice.")
        for code in sorted({code for code in codes if codes.count(code) > 1})
    )
    return Countries(table)


def _without(value: Mapping[str, Any], keys: set[str] | frozenset[str]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in keys}


def _register_file(said: Said, around: Surroundings, faults: list[Fault]) -> _File | None:
    notice = "notice" in said.value
    value = _without(said.value, _PARTS)
    if notice:
        value["register"] = value.pop("notice")
    head = section(said, (), value, RegisterHead, faults)
    fields = lint_fields(said, ("fields",), said.value.get("fields"), around, faults)
    identifiers = tuple(
        identifier
        for at, value in enumerate(sequence(said, "identifiers", faults))
        if (identifier := section(said, ("identifiers", at), value, Identifier, faults)) is not None
    )
    if head is None:
        return None
    where = ("notice",) if notice else ("register",)
    if not KEBAB.fullmatch(head.name):
        faults.append(said.fault(where, "NAME", f"“{head.name}” cannot name a register."))
    if not 1 <= len(head.short) <= SHORT_LIMIT:
        faults.append(said.fault(("short",), "VALUE", f"A short name has 1 to {SHORT_LIMIT} letters."))
    if notice != bool(head.colour):
        faults.append(said.fault(("colour",), "COLOUR", "A notice has a colour, and only a notice."))
    if len(identifiers) < len(sequence(said, "identifiers", faults)):
        return None
    return _File(said, head, fields, identifiers, notice)


def _twice(files: Sequence[_File]) -> Iterator[Fault]:
    for key in ("name", "code", "short"):
        seen: dict[Any, str] = {}
        for file in files:
            value = getattr(file.head, key)
            if value in seen:
                yield file.said.fault(
                    ("notice" if file.notice else "register",) if key == "name" else (key,),
                    "DUPLICATE",
                    f"{seen[value]} already has the {key} “{value}”.",
                )
            seen.setdefault(value, file.said.file)


def _keys_that_differ(files: Sequence[_File]) -> Iterator[Fault]:
    """One key is one thing: registers that share it make it of fields of the same types."""
    seen: dict[str, tuple[list[str], str]] = {}
    for file in files:
        for at, identifier in enumerate(file.identifiers):
            made_of = _made_of(file, identifier)
            if identifier.key and made_of is not None:
                first, name = seen.setdefault(identifier.key, (made_of, file.said.file))
                if first != made_of:
                    yield file.said.fault(
                        ("identifiers", at),
                        "KEY",
                        f"The key “{identifier.key}” is made of other types in {name}.",
                        "Use the same types, or a key of its own.",
                    )


def _made_of(file: _File, identifier: Identifier) -> list[str] | None:
    fields = as_fields(file.fields)
    if identifier.within:
        holder = fields.get(identifier.within)
        fields = as_fields(parts_of(holder)) if holder is not None else {}
    field, beside = asked_fields(identifier)
    kinds = [fields.get(name) for name in (*beside, field)]
    return None if None in kinds else [kind.of or kind.type for kind in kinds if kind is not None]


def _declared(file: _File, files: Sequence[_File], around: Surroundings, faults: list[Fault]) -> Declared:
    fields, identifiers, head = file.fields, file.identifiers, file.head
    if head.includes:
        base = next((other for other in files if other.head.name == head.includes), None)
        if base is None or base.head.includes:
            faults.append(
                file.said.fault(
                    ("includes",),
                    "INCLUDE",
                    f"“{head.includes}” is no register that can be included.",
                    "Include a register that includes no other.",
                )
            )
            return Declared(head, fields, identifiers, file.notice)
        fields = _included(file, base, faults)
        identifiers = base.identifiers + identifiers
        head = msgspec.structs.replace(
            head,
            names=base.head.names + head.names,
            sensitive_reason=head.sensitive_reason or base.head.sensitive_reason,
        )
    declared = Declared(head, fields, identifiers, file.notice)
    # A field with a fault of its own is left out above; what refers to it would only repeat that.
    if len(file.fields) == len(sequence(file.said, "fields", [])):
        faults.extend(lint_references(file.said, declared, file.identifiers, around))
        faults.extend(lint_head(file.said, declared, around))
    return declared


def _included(file: _File, base: _File, faults: list[Fault]) -> tuple[FieldDeclaration, ...]:
    relaxed, wanted = set(file.head.relaxes), set(file.head.requires)
    there = {field.name for field in base.fields}
    faults.extend(
        file.said.fault((key, at), "FIELD-UNKNOWN", f"{base.head.name} has no field “{name}”.")
        for key in ("relaxes", "requires")
        for at, name in enumerate(getattr(file.head, key))
        if name not in there
    )
    faults.extend(
        file.said.fault(("fields", at, "name"), "DUPLICATE", f"{base.head.name} has “{field.name}” already.")
        for at, field in enumerate(file.fields)
        if field.name in there
    )
    brought = tuple(
        msgspec.structs.replace(
            field, required=field.name in wanted or (field.required and field.name not in relaxed)
        )
        for field in base.fields
    )
    return brought + file.fields
