"""The form of a red notice, made from the vocabulary and divided as its readers look for things."""

from collections.abc import Sequence

import msgspec

from allpoints.vocabulary.register import NoticeKind
from allpoints.web.pages import forms
from allpoints.web.pages.showing import PERSON_FIELDS
from allpoints.web.views.common import FormSection, Input, Option
from allpoints.web.words import _

EXCLUDED = "excluded"
_DOCUMENTS = ("documents",)
_JUDICIAL = (
    "offences",
    "charge",
    "facts",
    "law",
    "request_for",
    "maximum_penalty_months",
    "sentence_months",
    "remaining_months",
    "warrants",
)
_ASSURANCES = ("extradition_assured", "appeal_to_judge", "international_interest")
_LEFT_OUT = ("status_of_person",)
"""Whoever is the subject of a red notice is wanted."""


_EXPECTED = frozenset(
    {
        "birth_date",
        "nationalities",
        "sex",
        "facts",
        "law",
        "request_for",
        "warrants.0.reference",
        "warrants.0.authority",
        "warrants.0.issued_on",
        "warrants.0.country",
        "extradition_assured",
        "international_interest",
    }
)
"""What the reviewers' gates ask for: the form says so, but only they refuse a notice that lacks it."""


def sections_of(kind: NoticeKind, members: Sequence[Option]) -> tuple[FormSection, ...]:
    """The form of a notice; a field that no section names stands in the last one, so none can be forgotten."""
    person = (*PERSON_FIELDS, "warnings")
    named = {*person, *_DOCUMENTS, *_JUDICIAL, *_ASSURANCES, *_LEFT_OUT}
    rest = [field.name for field in kind.fields if field.name not in named]
    excluded = Input(
        name=EXCLUDED,
        label=_("Members that may not open it"),
        kind="checkboxes",
        options=tuple(members),
        hint=_("An excluded member cannot open the notice, nor learn that it exists."),
    )
    sections = (
        FormSection(name="person", title=_("Person"), inputs=forms.inputs_of(kind, person)),
        FormSection(
            name="documents",
            title=_("Documents"),
            hint=_("A document known here lets a border post find the bearer by its number."),
            inputs=forms.inputs_of(kind, _DOCUMENTS),
        ),
        FormSection(name="judicial", title=_("Judicial data"), inputs=forms.inputs_of(kind, _JUDICIAL)),
        FormSection(name="assurances", title=_("Assurances"), inputs=forms.inputs_of(kind, _ASSURANCES)),
        FormSection(
            name="file",
            title=_("File and visibility"),
            inputs=(*forms.inputs_of(kind, rest), *((excluded,) if members else ())),
        ),
    )
    return tuple(
        msgspec.structs.replace(section, inputs=tuple(_expected(one) for one in section.inputs))
        for section in sections
    )


def _expected(one: Input) -> Input:
    return msgspec.structs.replace(one, required=True) if one.name in _EXPECTED else one
