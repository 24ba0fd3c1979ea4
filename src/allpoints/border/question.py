"""What a post asks: the machine-readable zone as scanned, or what an officer typed."""

import datetime as dt
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary import normal
from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.identifying import DOCUMENT, DOCUMENT_SHAPE, PERSON, Key
from allpoints.vocabulary.mrz import Mrz, parse
from allpoints.vocabulary.register import Vocabulary

THINGS_LIMIT = 10
"""Identifiers beside the document in one question."""

Kind = Annotated[str, Meta(max_length=64)]

TEXT_LIMIT = 80
"""Longest typed field: no document number or name part that a check can use is longer."""


class Question(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One question as it comes from outside; ``mrz`` wins over typed fields when both are given."""

    mrz: str = ""
    number: str = ""
    issuer: str = ""
    document_type: str = ""
    family_name: str = ""
    given_names: str = ""
    birth_date: str = ""
    identifiers: Annotated[dict[Kind, str], Meta(max_length=THINGS_LIMIT)] = {}
    """Things beside the document: kind of key and what was typed, ``{"vin": "WVW…", "plate": "XAV AB 123"}``."""


class Thing(NamedTuple):
    """One identifier beside document and bearer: its key, how it was typed, and what it is called.

    ``near`` are one-slip neighbours, for a warning only; ``shape`` and ``probes`` are for ranges.
    """

    key: Key
    typed: str
    label: str
    near: tuple[Key, ...] = ()
    shape: Key | None = None
    probes: tuple[Key, ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """A question understood: the identifiers to look up, in normal form.

    ``document`` is the document's key, ``""`` when no document was asked about; ``shape`` and ``probes`` are
    for ranges of blanks; ``near`` are one-slip neighbours of the number, for a warning only; ``person`` is
    the bearer's key. ``mrz`` holds what was read, with its check digits, when a zone was scanned.
    """

    question: Question
    number: str = ""
    issuer: str = ""
    document_type: str = ""
    document: str = ""
    shape: str = ""
    probes: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    person: str = ""
    bearer: str = ""
    birth_date: str = ""
    mrz: Mrz | None = None
    things: tuple[Thing, ...] = ()

    @property
    def pair(self) -> str:
        """What stands for this traveller: the document and its bearer together; empty when only one was asked.

        A false hit is remembered for a traveller. A number alone, or a name alone, may be somebody else's tomorrow.
        """
        return f"{self.document}#{self.person}" if self.document and self.person else ""

    @property
    def readable(self) -> bool:
        return self.mrz is None or self.mrz.valid

    def kept_under(self) -> list[tuple[str, str]]:
        """Kind and value of everything under which a later record would concern this check."""
        if not self.readable:
            return []
        kinds = [
            (DOCUMENT, self.document),
            (PERSON, self.person),
            (DOCUMENT_SHAPE, self.shape),
            *(tuple(thing.key) for thing in self.things),
            *(tuple(thing.shape) for thing in self.things if thing.shape is not None),
        ]
        return [(kind, value) for kind, value in kinds if value]


def understand(question: Question, vocabulary: Vocabulary, today: dt.date) -> Asked:
    """The identifiers in a question; refuses one that asks nothing or whose text is no machine-readable zone.

    A zone whose check digits do not add up is understood as unreadable: it carries no identifiers, because an
    answer to a misread number would be an answer about somebody else's document.
    """
    things = _things(question, vocabulary) if question.identifiers else ()
    if question.mrz.strip():
        mrz = parse(question.mrz, today=today)
        if not mrz.valid:
            return Asked(question, number=mrz.number, issuer=mrz.issuer, mrz=mrz, things=things)
        return _identified(
            question,
            (mrz.number, mrz.issuer, mrz.document_type),
            (mrz.family_name, mrz.given_names, mrz.birth_date),
            mrz,
            things,
        )
    typed = _typed(question, vocabulary.countries)
    return _identified(
        typed,
        (typed.number, typed.issuer, typed.document_type),
        (typed.family_name, typed.given_names, typed.birth_date),
        None,
        things,
    )


def _things(question: Question, vocabulary: Vocabulary) -> tuple[Thing, ...]:
    found, searches = [], vocabulary.searches()
    for kind, text in question.identifiers.items():
        path = f"identifiers.{kind}"
        search = searches.get(kind)
        if search is None:
            raise Refusal(
                "CHECK-IDENTIFIER",
                f"Nothing is known by “{kind}”.",
                path=path,
                hint=f"Known are: {', '.join(sorted(searches))}.",
            )
        key = search.ask(text, path)
        shape, probes = search.ranges(key) if search.ranged else (None, ())
        found.append(Thing(key, text.strip(), words(search.label), search.near_keys(key), shape, probes))
    return tuple(found)


def _typed(question: Question, countries: Countries) -> Question:
    for field in ("number", "issuer", "document_type", "family_name", "given_names", "birth_date"):
        if len(getattr(question, field)) > TEXT_LIMIT:
            raise Refusal(
                "CHECK-TOO-LONG",
                f"This field is longer than {TEXT_LIMIT} characters.",
                path=field,
                hint="Type what stands on the document.",
            )
    issuer = question.issuer.strip().upper()
    if question.number.strip() and not issuer:
        raise Refusal(
            "CHECK-NO-ISSUER",
            "A document number means nothing without the country that issued it.",
            path="issuer",
            hint="Give the three letters printed on the document, such as XAV.",
        )
    if issuer and issuer not in countries:
        raise Refusal(
            "CHECK-ISSUER",
            f"{issuer} is not the code of an issuing country or organisation.",
            path="issuer",
            hint="Use the three-letter code of ICAO Doc 9303 part 3.",
        )
    named = question.family_name.strip() and question.birth_date.strip()
    if not (question.number.strip() or named or question.identifiers):
        raise Refusal(
            "CHECK-EMPTY",
            "There is nothing to check.",
            path="mrz",
            hint="Scan the zone, or type number and issuer, family name and birth date, or another identifier.",
        )
    return msgspec.structs.replace(question, issuer=issuer)


def _identified(
    question: Question,
    document: tuple[str, str, str],
    person: tuple[str, str, str],
    mrz: Mrz | None,
    things: tuple[Thing, ...],
) -> Asked:
    number_raw, issuer, document_type = document
    family, given, born = person
    number = normal.document_number(number_raw) if number_raw.strip() else ""
    key = normal.person_key(family, given, born) if family.strip() and len(born) == len("1979-03-14") else ""
    return Asked(
        question,
        number=number,
        issuer=issuer,
        document_type=document_type,
        document=normal.document_key(issuer, number) if number else "",
        shape=normal.range_shape(issuer, number) if number else "",
        probes=tuple(normal.range_probes(issuer, number)) if number else (),
        # A zone whose check digits add up was read right: only what was typed can be off by one slip.
        near=tuple(normal.near_numbers(number)) if number and mrz is None else (),
        person=key,
        bearer=" ".join(part for part in (family, given) if part),
        birth_date=born,
        mrz=mrz,
        things=things,
    )
