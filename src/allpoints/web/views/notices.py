"""Notices: list, page and form."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import (
    Countdown,
    Event,
    FormSection,
    Identity,
    Input,
    Option,
    Paging,
    Section,
    State,
    View,
)
from allpoints.web.words import _


class NoticeRow(View, frozen=True, kw_only=True):
    reference: str
    href: str
    title: str
    kind: str
    """``red``; the word is ``kind_label``."""
    kind_label: str
    state: State
    owner: str
    published_ms: int = 0
    expires_ms: int = 0


class NoticesPage(View, frozen=True, kw_only=True):
    """GET ``?state=&kind=``."""

    rows: tuple[NoticeRow, ...] = ()
    states: tuple[Option, ...] = ()
    state: str = ""
    paging: Paging
    may_write: bool = False


class Charge(View, frozen=True, kw_only=True):
    offence: str
    law: str = ""
    penalty: str = ""
    facts: str = ""
    language: str = ""


class Warrant(View, frozen=True, kw_only=True):
    number: str
    authority: str
    issued: str
    country: str


class Version(View, frozen=True, kw_only=True):
    number: int
    at_ms: int
    by: str
    changes: tuple[str, ...] = ()


class NoticePage(View, frozen=True, kw_only=True):
    """POST fields (owner only): ``act`` = ``withdraw`` | ``submit``, ``reason``."""

    reference: str
    kind: str
    kind_label: str
    identity: Identity
    owner: str
    handling: str
    state: State
    published_ms: int = 0
    expiry: Countdown | None = None
    sections: tuple[Section, ...] = ()
    charges: tuple[Charge, ...] = ()
    warrant: Warrant | None = None
    versions: tuple[Version, ...] = ()
    review: tuple[Event, ...] = ()
    """Review so far, without what is sealed from this viewer."""
    review_href: str = ""
    excluded: tuple[str, ...] = ()
    """Countries that cannot open it; shown to the owner only."""
    may_submit: bool = False
    may_withdraw: bool = False
    reason: str = ""
    errors: tuple[Fault, ...] = ()


class NoticeFormPage(View, frozen=True, kw_only=True):
    """POST fields: every input of every section."""

    kind: str = "red"
    kind_label: str = _("Red notice")
    reference: str = ""
    """Empty for a new one."""
    sections: tuple[FormSection, ...]
    errors: tuple[Fault, ...] = ()


class Choices(View, frozen=True, kw_only=True):
    """The vocabulary's choices for the red notice form."""

    countries: tuple[Option, ...]
    offences: tuple[Option, ...]
    handling: tuple[Option, ...]
    purposes: tuple[Option, ...]
    warnings: tuple[Option, ...]
    document_types: tuple[Option, ...]
    sexes: tuple[Option, ...]
    members: tuple[Option, ...]


def red_notice_sections(choices: Choices) -> tuple[FormSection, ...]:
    """The red notice form, empty; fill it with `filled_sections`."""
    return (
        FormSection(name="person", title=_("Person"), inputs=_person(choices)),
        FormSection(
            name="documents",
            title=_("Documents"),
            hint=_("A document known here lets a border post find the bearer by its number."),
            inputs=_documents(choices),
        ),
        FormSection(name="judicial", title=_("Judicial data"), inputs=_judicial(choices)),
        FormSection(name="assurances", title=_("Assurances"), inputs=_assurances()),
        FormSection(name="visibility", title=_("Visibility"), inputs=_visibility(choices)),
    )


def _person(choices: Choices) -> tuple[Input, ...]:
    return (
        Input(name="family_name", label=_("Family name"), required=True, max_length=200),
        Input(name="given_names", label=_("Given names"), required=True, max_length=200),
        Input(
            name="names_original",
            label=_("Name in original script"),
            max_length=200,
            hint=_("As it stands in the person's own papers, in any script."),
        ),
        Input(
            name="aliases",
            label=_("Other names"),
            kind="textarea",
            hint=_("One on each line."),
            max_length=2000,
        ),
        Input(name="sex", label=_("Sex"), kind="radios", options=choices.sexes, required=True),
        Input(
            name="birth_date",
            label=_("Date of birth"),
            kind="date",
            required=True,
            width=12,
            hint=_("For example 1979-03-14. 1979-03 or 1979 where no more is known."),
        ),
        Input(name="birth_place", label=_("Place of birth"), max_length=200),
        Input(
            name="nationalities",
            label=_("Nationalities"),
            kind="checkboxes",
            options=choices.countries,
            required=True,
        ),
        Input(name="height_cm", label=_("Height in centimetres"), kind="number", width=4),
        Input(name="marks", label=_("Distinguishing marks"), kind="textarea", max_length=2000),
        Input(
            name="warnings",
            label=_("Warnings to officers"),
            kind="checkboxes",
            options=choices.warnings,
        ),
    )


def _documents(choices: Choices) -> tuple[Input, ...]:
    return (
        Input(name="documents.0.number", label=_("Document number"), kind="code", max_length=32, width=16),
        Input(
            name="documents.0.issuer",
            label=_("Issued by"),
            kind="select",
            options=choices.countries,
            blank=_("No document known"),
        ),
        Input(
            name="documents.0.type",
            label=_("Document type"),
            kind="select",
            options=choices.document_types,
            blank=_("No document known"),
        ),
    )


def _judicial(choices: Choices) -> tuple[Input, ...]:
    return (
        Input(
            name="offences",
            label=_("Offences"),
            kind="checkboxes",
            options=choices.offences,
            required=True,
        ),
        Input(
            name="facts",
            label=_("Facts of the case"),
            kind="textarea",
            required=True,
            max_length=8000,
            hint=_("What this person did, when and where. A vague account is the first reason for refusal."),
        ),
        Input(name="law", label=_("Law"), required=True, max_length=400, hint=_("Act and article.")),
        Input(
            name="stage",
            label=_("Sought for"),
            kind="radios",
            required=True,
            options=(Option("prosecution", _("Prosecution")), Option("sentence", _("Serving a sentence"))),
        ),
        Input(
            name="penalty_months",
            label=_("Maximum penalty, or sentence left to serve, in months"),
            kind="number",
            required=True,
            width=4,
        ),
        Input(name="warrant_number", label=_("Warrant number"), kind="code", required=True, max_length=100),
        Input(
            name="warrant_authority", label=_("Issued by (judicial authority)"), required=True, max_length=200
        ),
        Input(name="warrant_date", label=_("Date of the warrant"), kind="date", required=True, width=12),
    )


def _assurances() -> tuple[Input, ...]:
    stated = Option("yes", _("Stated by this bureau"))
    return (
        Input(
            name="extradition_assured",
            label=_("Extradition will be sought when the person is found"),
            kind="checkboxes",
            options=(stated,),
            required=True,
        ),
        Input(
            name="authority_competent",
            label=_("The issuing authority is competent"),
            kind="checkboxes",
            options=(stated,),
            required=True,
        ),
        Input(
            name="ordinary_crime",
            label=_("The request concerns ordinary-law crime"),
            kind="checkboxes",
            options=(stated,),
            required=True,
        ),
        Input(
            name="interest",
            label=_("Why other countries are concerned"),
            kind="textarea",
            required=True,
            max_length=2000,
        ),
    )


def _visibility(choices: Choices) -> tuple[Input, ...]:
    return (
        Input(name="purpose", label=_("Purpose"), kind="select", options=choices.purposes, required=True),
        Input(name="handling", label=_("Handling"), kind="select", options=choices.handling, required=True),
        Input(
            name="countries_excluded",
            label=_("Members that may not open it"),
            kind="checkboxes",
            options=choices.members,
            hint=_("An excluded member cannot open the notice, nor learn that it exists."),
        ),
        Input(
            name="contact", label=_("Contact at this bureau, day and night"), required=True, max_length=200
        ),
    )
