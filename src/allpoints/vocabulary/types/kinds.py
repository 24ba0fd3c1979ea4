"""Types by the name a declaration uses: which options each takes and how one is made from a declaration."""

from collections.abc import Mapping

import msgspec

from allpoints.vocabulary.declaration import FieldDeclaration
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.code import Code
from allpoints.vocabulary.types.composite import Composite, Part, structure
from allpoints.vocabulary.types.country import Country
from allpoints.vocabulary.types.dates import BirthDate, Day, PartialDate
from allpoints.vocabulary.types.document_number import DocumentNumber
from allpoints.vocabulary.types.kind import Kind, Surroundings
from allpoints.vocabulary.types.listing import Listing
from allpoints.vocabulary.types.number import Boolean, Integer
from allpoints.vocabulary.types.people import PEOPLE
from allpoints.vocabulary.types.person_name import PersonName
from allpoints.vocabulary.types.text import Text
from allpoints.vocabulary.types.things import THINGS

MAX_LENGTH = 200
MAX_NAME_LENGTH = 100
MAX_ITEMS = 20
"""What text, names and lists are bounded by when a declaration says nothing."""


def _text(said: FieldDeclaration, _: Surroundings) -> FieldType:
    return Text(said.max or MAX_LENGTH, said.multiline)


def _person_name(said: FieldDeclaration, _: Surroundings) -> FieldType:
    return PersonName(said.max or MAX_NAME_LENGTH)


def _code(said: FieldDeclaration, around: Surroundings) -> FieldType:
    return Code.of(around.lists[said.list].terms.values(), said.list)


def _country(_: FieldDeclaration, around: Surroundings) -> FieldType:
    return Country(around.countries)


def _integer(said: FieldDeclaration, _: Surroundings) -> FieldType:
    return Integer(said.from_ or 0, said.to or 0, said.unit)


def _boolean(said: FieldDeclaration, _: Surroundings) -> FieldType:
    return Boolean(said.presumed)


def _listing(said: FieldDeclaration, around: Surroundings) -> FieldType:
    return Listing(made(msgspec.structs.replace(said, type=said.of), around), said.at_most or MAX_ITEMS)


def _composite(said: FieldDeclaration, around: Surroundings) -> FieldType:
    parts = tuple(Part(part.name, made(part, around), part.required, part.label) for part in parts_of(said))
    return Composite(structure(said.name, parts), parts)


KINDS: Mapping[str, Kind] = {
    "text": Kind(_text, frozenset({"max", "multiline"})),
    "person-name": Kind(_person_name, frozenset({"max"}), personal=True),
    "code": Kind(_code, frozenset({"list"}), frozenset({"list"})),
    "country": Kind(_country),
    "document-number": Kind(lambda *_: DocumentNumber()),
    "date": Kind(lambda *_: Day()),
    "partial-date": Kind(lambda *_: PartialDate()),
    "birth-date": Kind(lambda *_: BirthDate(), personal=True),
    "integer": Kind(_integer, frozenset({"from", "to", "unit"}), frozenset({"from", "to"})),
    "boolean": Kind(_boolean, frozenset({"presumed"})),
    "list": Kind(_listing, frozenset({"of", "at_most"}), frozenset({"of"})),
    "object": Kind(_composite, frozenset({"fields"}), frozenset({"fields"})),
    **PEOPLE,
    **THINGS,
}


def made(said: FieldDeclaration, around: Surroundings) -> FieldType:
    """The type that a declaration without faults asks for."""
    return KINDS[said.type].make(said, around)


def parts_of(said: FieldDeclaration) -> tuple[FieldDeclaration, ...]:
    """The declared parts of an object."""
    return msgspec.convert(said.fields, tuple[FieldDeclaration, ...])
