"""The form of a record, made from the vocabulary and divided as its readers look for things."""

from collections.abc import Mapping, Sequence

import msgspec

from allpoints.vocabulary.machine import Field
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.attachment import File
from allpoints.vocabulary.types.listing import element_of
from allpoints.web.pages import forms
from allpoints.web.pages.showing import PERSON_FIELDS
from allpoints.web.views.common import FormSection, Input, Option
from allpoints.web.words import _

HANDLING, EXCLUDED, REASON = "@handling", "@excluded", "@reason"
"""What a record carries beside its fields; no field can have such a name."""

SENSITIVE_REASON, MINOR = "sensitive_reason", "minor"
_MINOR = _(
    "Yes for whoever is under 18 today. The record must then be restricted or higher, and is never shown to"
    " outsiders."
)


class Around(msgspec.Struct, frozen=True):
    """What a form offers that the vocabulary's fields do not say."""

    handling: Sequence[Option]
    members: Sequence[Option]
    fixed: frozenset[str] = frozenset()
    """Fields that a change cannot touch."""


def sections_of(register: Register, around: Around, values: Mapping[str, object]) -> tuple[FormSection, ...]:
    """The sections of a register's form; every field stands in exactly one of them."""
    files = [field.name for field in register.fields if is_file(field)]
    sensitive = [field.name for field in register.fields if field.sensitive]
    if sensitive:
        sensitive.append(SENSITIVE_REASON)
    apart = {*files, *sensitive, *around.fixed}
    main = [
        field.name
        for field in register.fields
        if field.name not in apart and (field.required or field.name in register.featured)
    ]
    person = [
        name for name in (*PERSON_FIELDS, MINOR) if register.person_data and name not in {*apart, *main}
    ]
    rest = [field.name for field in register.fields if field.name not in {*apart, *main, *person}]
    sections = (
        FormSection(name="main", title=_("What it is"), inputs=_inputs(register, main)),
        FormSection(name="person", title=_("Person"), inputs=_inputs(register, person)),
        FormSection(name="details", title=_("Details"), inputs=_inputs(register, rest)),
        FormSection(
            name="sensitive",
            title=_("Sensitive data"),
            hint=_("Only where it matters for the purpose: say why. It is never searched or counted."),
            inputs=_inputs(register, sensitive),
        ),
        FormSection(
            name="files",
            title=_("Pictures and files"),
            hint=_("Up to 32 MB each. A file is kept a day for its record."),
            inputs=tuple(one for name in files for one in _file_inputs(register, name, values)),
        ),
        FormSection(name="carriage", title=_("Handling and visibility"), inputs=_carriage(around)),
    )
    return tuple(section for section in sections if section.inputs)


def _inputs(register: Register, names: Sequence[str]) -> tuple[Input, ...]:
    found = forms.inputs_of(register, names)
    return tuple(
        msgspec.structs.replace(one, hint=f"{one.hint} {_MINOR}".strip()) if one.name == MINOR else one
        for one in found
    )


def is_file(field: Field) -> bool:
    return isinstance(element_of(field.type), File)


def _file_inputs(register: Register, name: str, values: Mapping[str, object]) -> list[Input]:
    """Boxes for the files that are here already, then the input for new ones."""
    (upload,) = forms.inputs_of(register, [name])
    here = values.get(name + forms.KEPT, ())
    texts = (
        [here] if isinstance(here, str) else [str(one) for one in here] if isinstance(here, Sequence) else []
    )
    if not texts:
        return [upload]
    kind = element_of(register.machine.types[name])
    kept = Input(
        name=name + forms.KEPT,
        label=_("%s: kept") % upload.label,
        kind="checkboxes",
        options=tuple(Option(text, kind.caption(text)) for text in texts),
    )
    return [kept, msgspec.structs.replace(upload, required=False)]


def _carriage(around: Around) -> tuple[Input, ...]:
    handling = Input(
        name=HANDLING, label=_("Handling"), kind="select", options=tuple(around.handling), required=True
    )
    excluded = Input(
        name=EXCLUDED,
        label=_("Members that may not open it"),
        kind="checkboxes",
        options=tuple(around.members),
        hint=_(
            "An excluded member cannot open the record, nor learn that it exists. One that could read it until now is"
            " ordered to delete it; what it has read it cannot unread."
        ),
    )
    reason = Input(
        name=REASON,
        label=_("Reason"),
        max_length=500,
        hint=_("Why it is entered or changed. With a reason the retention begins anew."),
    )
    return (handling, *((excluded,) if around.members else ()), reason)
