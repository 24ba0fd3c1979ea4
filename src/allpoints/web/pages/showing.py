"""From what the parts know to what pages show: words for states, cells from the vocabulary's fields, choices."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from allpoints.border.verdict import Match
from allpoints.ground.clock import DAY
from allpoints.node.bureau import Bureau
from allpoints.node.host import Host
from allpoints.vocabulary.declaration import Term
from allpoints.vocabulary.machine import Field
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.country import Country
from allpoints.vocabulary.types.dates import Day, PartialDate
from allpoints.vocabulary.types.document_number import DocumentNumber
from allpoints.vocabulary.types.listing import Listing
from allpoints.vocabulary.types.number import Boolean
from allpoints.vocabulary.types.person_name import PersonName
from allpoints.web.pages.console import Console
from allpoints.web.views.common import (
    Cell,
    Contact,
    Countdown,
    Identity,
    Kind,
    Option,
    Reason,
    Section,
    State,
    Tone,
)
from allpoints.web.words import _

HIT_STATES: Mapping[str, State] = {
    "raised": State(_("Raised"), "info"),
    "notified": State(_("Owner told"), "info"),
    "confirmed": State(_("Confirmed"), "good"),
    "refuted": State(_("Refuted"), "quiet"),
    "expired": State(_("No answer in time"), "warn"),
}

NOTICE_STATES: Mapping[str, State] = {
    "draft": State(_("Draft")),
    "submitted": State(_("Submitted"), "info"),
    "screening": State(_("Screening"), "info"),
    "query_to_source": State(_("Query to source"), "warn"),
    "legal_review": State(_("Legal review"), "info"),
    "approved": State(_("Approved"), "good"),
    "published": State(_("Published"), "good"),
    "updated": State(_("Updated"), "good"),
    "suspended": State(_("Suspended"), "warn"),
    "expired": State(_("Expired")),
    "cancelled": State(_("Cancelled")),
    "withdrawn": State(_("Withdrawn")),
    "refused": State(_("Refused"), "bad"),
}

CLOCK_MS = 90 * DAY
"""What ends later than this is shown by its date."""

_RECORD_STATES: Mapping[str, State] = {
    "withdrawn": State(_("Withdrawn")),
    "expired": State(_("Expired")),
    "blocked": State(_("Under examination")),
}

_KINDS: tuple[tuple[type[FieldType], Kind], ...] = (
    (Country, "country"),
    (Day, "date"),
    (PartialDate, "partial-date"),
    (DocumentNumber, "code"),
    (PersonName, "name"),
)


def record_state(status: str, register: Register, body: msgspec.Struct | None) -> State:
    """What a record that is in force says of its document or person, in the vocabulary's own word."""
    if status in _RECORD_STATES:
        return _RECORD_STATES[status]
    word = next(
        (
            shown
            for name in ("fraud", "status_of_person")
            if body is not None and (shown := caption_of(register, body, name))
        ),
        _("On record"),
    )
    return State(word, "bad")


def caption_of(register: Register, body: msgspec.Struct, name: str) -> str:
    """The shown value of one field; empty when the register has no such field or it was not given."""
    field = field_of(register, name)
    value = getattr(body, name, None) if field is not None else None
    if field is None or value is None or value == field.type.absent:
        return ""
    return field.type.caption(value)


def field_of(register: Register, name: str) -> Field | None:
    return next((field for field in register.fields if field.name == name), None)


def cells_of(
    register: Register, body: msgspec.Struct, names: Iterable[str] | None = None
) -> tuple[Cell, ...]:
    """The fields that were given, in the vocabulary's order, or the named ones."""
    wanted = None if names is None else set(names)
    return tuple(
        cell_of(field, getattr(body, field.name))
        for field in register.fields
        if (wanted is None or field.name in wanted) and getattr(body, field.name) != field.type.absent
    )


def cell_of(field: Field, value: Any) -> Cell:
    """One field's value, printed by its type; one that was not given is empty."""
    if value is None or value == field.type.absent:
        return Cell(field.shown_label(), "")
    label = field.shown_label()
    if isinstance(field.type, Boolean):
        return Cell(label, _("Yes") if value else _("No"))
    kind = next((kind for known, kind in _KINDS if isinstance(field.type, known)), None)
    if kind is not None:
        return Cell(label, str(value), kind)
    if isinstance(field.type, Listing) and isinstance(field.type.of, Country) and len(value) == 1:
        return Cell(label, value[0], "country")
    return Cell(label, field.type.caption(value), "code" if field.name == "source_ref" else "text")


PERSON_FIELDS = (
    "family_name",
    "given_names",
    "names_original",
    "aliases",
    "sex",
    "birth_date",
    "birth_place",
    "nationalities",
    "height_cm",
    "weight_kg",
    "eyes",
    "hair",
    "marks",
)
"""What describes a person, on whatever register or notice; all else has its own section."""


def sections_of(register: Register, body: msgspec.Struct) -> tuple[Section, ...]:
    """A record's fields: the person apart from the rest, where there is a person."""
    if not register.person_data:
        return (Section(_("Report"), cells_of(register, body)),)
    rest = [
        field.name
        for field in register.fields
        if field.name not in PERSON_FIELDS and field.name != "warnings"
    ]
    found = (
        Section(_("Person"), cells_of(register, body, PERSON_FIELDS)),
        Section(_("Case"), cells_of(register, body, rest)),
    )
    return tuple(section for section in found if section.cells)


def decoded_of(register: Register, body: msgspec.Struct) -> tuple[Section, ...]:
    """What the values themselves tell: the maker in a VIN, the flag in an MMSI."""
    cells = tuple(
        Cell(f"{field.shown_label()}: {label}", value)
        for field in register.fields
        if (given := getattr(body, field.name)) != field.type.absent
        for label, value in field.type.facts(given)
    )
    return (Section(_("Told by the numbers"), cells),) if cells else ()


def advice_of(register: Register, body: msgspec.Struct | None) -> tuple[str, ...]:
    """What may be wrong in a record and was accepted all the same, each with its field's label."""
    if body is None:
        return ()
    labels = {field.name: field.shown_label() for field in register.fields}
    return tuple(f"{labels[name]}: {sentence}" for name, sentence in register.advice(body))


def identity_of(
    register: Register, body: msgspec.Struct | None, state: State, handling: str, title: str = ""
) -> Identity:
    """The bar on top of a record's page; without a body only what the caller says."""
    if body is None:
        return Identity(title=title or _("No longer shown"), state=state, handling=handling)
    featured = ("birth_date", "nationalities", "sex") if register.person_data else ("issuer", "expiry_date")
    originals = getattr(body, "names_original", ())
    return Identity(
        title=name_of(body) or register.caption(body),
        names_original=tuple(Cell(_("Original script"), name, "name") for name in originals),
        state=state,
        handling=handling,
        cells=cells_of(register, body, featured),
        warnings=warnings_of(register, body),
    )


def name_of(body: msgspec.Struct) -> str:
    """Family name in capitals, then the given names; empty where there is no person."""
    family, given = getattr(body, "family_name", ""), getattr(body, "given_names", "")
    return f"{str(family).upper()} {given}".strip() if family else ""


def warnings_of(register: Register, body: msgspec.Struct) -> tuple[str, ...]:
    shown = caption_of(register, body, "warnings")
    return tuple(shown.split("; ")) if shown else ()


# -- words


def term(terms: Mapping[str, Term], code: str) -> str:
    """The word of a code; a code that is not on the list is shown as it is."""
    known = terms.get(code)
    return known.caption() if known else code


def register_label(vocabulary: Vocabulary, name: str) -> str:
    """The shown word of a register or kind of notice."""
    known = vocabulary.registers.get(name) or vocabulary.notices.get(name)
    return known.label["en"] if known else name


def sentence(code: str) -> str:
    """A code as a word: ``query_to_source`` is Query to source."""
    return code.replace("_", " ").replace("-", " ").capitalize()


def plain_caption(caption: str) -> str:
    """A caption without its register's name: "Persons: Torvane, Elio" is Torvane, Elio."""
    return caption.partition(": ")[2] or caption


def grounds(match: Match) -> tuple[Reason, ...]:
    """Why a record matched; the value asked stands beside the one on record, not alone."""
    return tuple(
        Reason(sentence=one.sentence, asked=spoken(one.asked) if one.held else "", record=spoken(one.held))
        for one in match.reasons
    )


def spoken(value: str) -> str:
    """A key of the index as people write it: ``XAV|AB123456`` is XAV AB123456."""
    return value.replace("|", " ")


def clock_to(label: str, ends_ms: int, now_ms: int) -> Countdown | None:
    """A clock for what ends soon; years are not counted in days."""
    return Countdown(label=label, ends_ms=ends_ms) if ends_ms - now_ms < CLOCK_MS else None


def short(reference: str, length: int = 12) -> str:
    """The beginning of a long reference, for lists."""
    return reference if len(reference) <= length else f"{reference[:length]}…"


def tone_of(*, good: bool) -> Tone:
    return "good" if good else "warn"


# -- choices


def options(terms: Mapping[str, Term]) -> tuple[Option, ...]:
    return tuple(Option(code, one.caption()) for code, one in terms.items())


def purposes(host: Host) -> tuple[Option, ...]:
    return options(host.vocabulary.purposes)


def places(console: Console) -> tuple[Option, ...]:
    """Every country and member that has a name, by name."""
    known = console.places
    return tuple(sorted((Option(code, known[code]) for code in known), key=lambda one: one.label))


def contact(console: Console, member: str, compose: str = "") -> Contact:
    """Whom to ask at a member's bureau."""
    return Contact(name=console.places.members().get(member, member), member=member, compose=compose)


def writing_to(desk: Bureau, member: str, about: str) -> str:
    """The address of the compose page with the recipient filled in; empty where nobody can write to it."""
    if member not in desk.letters.addressees():
        return ""
    return f"/en/messages/new?to={member}&about={about}"
