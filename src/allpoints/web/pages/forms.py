"""Forms made from the vocabulary: an input for each field, and back from what was entered to a body."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.machine import Field
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.attachment import File, Image
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.call_sign import CallSign
from allpoints.vocabulary.types.code import Code
from allpoints.vocabulary.types.composite import Composite, Part
from allpoints.vocabulary.types.coordinates import Coordinates
from allpoints.vocabulary.types.country import Country
from allpoints.vocabulary.types.dates import Day, PartialDate
from allpoints.vocabulary.types.digest import Digest
from allpoints.vocabulary.types.document_number import DocumentNumber
from allpoints.vocabulary.types.email import EMail
from allpoints.vocabulary.types.folder import Folder
from allpoints.vocabulary.types.imo import Imo
from allpoints.vocabulary.types.listing import Listing
from allpoints.vocabulary.types.mmsi import Mmsi
from allpoints.vocabulary.types.number import Boolean, Integer
from allpoints.vocabulary.types.pdq import Pdq
from allpoints.vocabulary.types.person_name import PersonName
from allpoints.vocabulary.types.phone import Phone
from allpoints.vocabulary.types.stamped import Stamped
from allpoints.vocabulary.types.str_profile import StrProfile
from allpoints.vocabulary.types.text import Text
from allpoints.vocabulary.types.wallet import Wallet
from allpoints.web.pages.visit import Entered
from allpoints.web.views.common import Input, InputKind, Option
from allpoints.web.words import _

RADIOS_LIMIT = 4
REPEATED = {"documents": 2}
"""How many values a form offers of a list of objects; the API takes as many as the vocabulary allows."""
KEPT = ".kept"
"""Beside the input of a file: the references of files that are here already."""

_SEPARATED = re.compile(r"[\s,;]+")
_YES = Option("yes", _("Yes"))


class _Look(NamedTuple):
    kind: InputKind
    width: int
    hint: str = ""


_LOOKS: tuple[tuple[type[FieldType], _Look], ...] = (
    (DocumentNumber, _Look("code", 16)),
    (Country, _Look("code", 6, _("Three letters."))),
    (Day, _Look("date", 12, _("Year, month, day: 2031-03-14."))),
    (PartialDate, _Look("date", 12, _("1979-03-14, or 1979-03, or 1979."))),
    (Integer, _Look("number", 5)),
    (File, _Look("file", 0)),
    (Stamped, _Look("code", 24)),
    (Imo, _Look("code", 12)),
    (Mmsi, _Look("code", 12)),
    (CallSign, _Look("code", 12)),
    (Digest, _Look("literal", 0)),
    (Pdq, _Look("literal", 0)),
    (Wallet, _Look("literal", 0)),
    (EMail, _Look("literal", 0)),
    (Phone, _Look("literal", 24, _("With the country: +44 …"))),
    (Coordinates, _Look("literal", 24, _("Latitude and longitude: 12.3456 -45.6789."))),
    (StrProfile, _Look("textarea", 0)),
)
"""What is read letter by letter runs from left to right; only what has capitals alone is typed in capitals."""


_LISTED: Mapping[type[FieldType], InputKind] = {
    Code: "checkboxes",
    Folder: "checkboxes",
    Country: "code",
    File: "file",
    Image: "file",
}


def inputs_of(register: Register, names: Iterable[str]) -> tuple[Input, ...]:
    """The inputs of the named fields, in the vocabulary's order."""
    wanted = set(names)
    return tuple(one for field in register.fields if field.name in wanted for one in _inputs(field))


def _inputs(field: Field) -> list[Input]:
    kind = field.type
    if isinstance(kind, Listing) and isinstance(kind.of, Composite):
        count = REPEATED.get(field.name, 1)
        return [
            _input(
                f"{field.name}.{place}.{part.name}",
                f"{field.shown_label()}{f' {place + 1}' if count > 1 else ''}: {words(part.label).lower()}",
                part,
            )
            for place in range(count)
            for part in kind.of.parts
        ]
    hint = words(field.description) or _example(field)
    return [_input(field.name, field.shown_label(), field, required=field.required, hint=hint)]


def _example(field: Field) -> str:
    if not field.examples or isinstance(field.type, Code | Listing | Boolean | Integer):
        return ""
    return _("For example: %s") % str(field.examples[0])


def _input(name: str, label: str, part: Part, *, required: bool = False, hint: str = "") -> Input:
    kind = part.type
    unit = kind.unit if isinstance(kind, Integer) else ""
    extra = _hint(kind)
    return Input(
        name=name,
        label=f"{label} ({unit})" if unit else label,
        kind=_kind(kind),
        required=required,
        hint=f"{hint.rstrip('.')}. {extra}" if hint and extra else hint or extra,
        options=_options(kind),
        max_length=kind.longest if isinstance(kind, Text | PersonName) else 0,
        width=_width(kind),
        blank=_("Not stated") if _kind(kind) == "select" else "",
        several=isinstance(kind, Listing) and _kind(kind) == "file",
    )


def _kind(kind: FieldType) -> InputKind:
    if isinstance(kind, Listing):
        return _LISTED.get(type(kind.of), "textarea")
    if isinstance(kind, Code):
        few = len(kind.terms) <= RADIOS_LIMIT and not isinstance(kind, Folder)
        return "radios" if few else "select"
    if isinstance(kind, Boolean):
        return "checkboxes" if kind.presumed is not None else "select"
    if isinstance(kind, Text) and kind.multiline:
        return "textarea"
    return next((look.kind for known, look in _LOOKS if isinstance(kind, known)), "text")


def _options(kind: FieldType) -> tuple[Option, ...]:
    match kind:
        case Code() | Listing(of=Code()):
            code = kind if isinstance(kind, Code) else kind.of
            terms = code.terms if isinstance(code, Code) else {}
            return tuple(Option(one, code.caption(one)) for one in terms)
        case Boolean():
            return (_YES,) if kind.presumed is not None else (_YES, Option("no", _("No")))
        case _:
            return ()


def _hint(kind: FieldType) -> str:
    if isinstance(kind, Listing):
        if isinstance(kind.of, Country):
            return _("Three-letter codes, a space between them.")
        return "" if type(kind.of) in _LISTED else _("One on each line.")
    return next((look.hint for known, look in _LOOKS if isinstance(kind, known)), "")


def _width(kind: FieldType) -> int:
    return next((look.width for known, look in _LOOKS if isinstance(kind, known)), 0)


# -- and back


def body_of(register: Register, entered: Entered) -> dict[str, Any]:
    """What was entered, as the vocabulary's cleaning takes it; fields left empty are left out."""
    found = {field.name: _value(field, entered) for field in register.fields}
    return {name: value for name, value in found.items() if value not in ("", None, [], ())}


def _value(field: Field, entered: Entered) -> Any:
    kind, name = field.type, field.name
    match kind:
        case Listing(of=Composite() as composite):
            return _objects(name, composite, entered)
        case File() | Listing(of=File()):
            kept = list(entered.several(name + KEPT))
            return kept if isinstance(kind, Listing) else "".join(kept[:1])
        case Listing(of=Code()):
            return list(entered.several(name))
        case Listing(of=Country()):
            return [part for part in _SEPARATED.split(entered.text(name).upper()) if part]
        case Listing():
            return [line.strip() for line in entered.text(name).split("\n") if line.strip()]
        case _:
            return _plain(kind, name, entered)


def _plain(kind: FieldType, name: str, entered: Entered) -> Any:
    if isinstance(kind, Boolean):
        given = entered.text(name)
        return None if not given else given == "yes"
    return entered.text(name)


def _objects(name: str, kind: Composite, entered: Entered) -> list[dict[str, Any]]:
    listed = []
    for place in range(REPEATED.get(name, 1)):
        parts = {part.name: _plain(part.type, f"{name}.{place}.{part.name}", entered) for part in kind.parts}
        given = {part: value for part, value in parts.items() if value not in ("", None)}
        if given:
            listed.append(given)
    return listed


def values_of(register: Register, body: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    """A body put back into its form."""
    found: dict[str, str | tuple[str, ...]] = {}
    for field in register.fields:
        value = body.get(field.name)
        match field.type:
            case Listing(of=Composite()):
                for place, one in enumerate(value or ()):
                    found |= {f"{field.name}.{place}.{part}": _text(given) for part, given in one.items()}
            case Listing(of=File()):
                found[field.name + KEPT] = tuple(value or ())
            case File():
                found[field.name + KEPT] = (value,) if value else ()
            case Listing(of=Code()):
                found[field.name] = tuple(value or ())
            case Listing(of=Country()):
                found[field.name] = " ".join(value or ())
            case Listing():
                found[field.name] = "\n".join(value or ())
            case _:
                found[field.name] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
