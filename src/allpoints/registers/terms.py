"""What a valid record is found by, beside its reference: taken from its body, and taken away again while it is blocked."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from allpoints.registers import mark_store, store
from allpoints.registers.mark_store import Marked, Marks
from allpoints.vocabulary.identifying import Key
from allpoints.vocabulary.register import Register

NAME_WORDS_LIMIT = 200
"""Words of one record's names that are kept for search, first ones first."""

TEXT_WORDS_LIMIT = 500
FACETS_LIMIT = 100
PARTS_LIMIT = 50
"""Words, facets and partly known values of one record that are kept for search, first ones first."""


class Terms(NamedTuple):
    """The keys of the check index, the words of the name search, and the marks of the other searches."""

    keys: list[Key]
    words: list[str]
    marks: Marks


NONE = Terms([], [], mark_store.NOTHING)


def terms_of(register: Register, body: msgspec.Struct) -> Terms:
    """Everything a body is found by, as much of it as one record may have."""
    names = register.names(body)
    words = list(dict.fromkeys(" ".join(names).split()))[:NAME_WORDS_LIMIT] if names else []
    return Terms(register.keys(body), words, _marks(register, body))


def _marks(register: Register, body: msgspec.Struct) -> Marks:
    if not register.is_marked:
        return mark_store.NOTHING
    return Marks(
        register.facets(body)[:FACETS_LIMIT],
        register.words(body)[:TEXT_WORDS_LIMIT],
        register.partials(body)[:PARTS_LIMIT],
    )


class Place(NamedTuple):
    """Where terms lead: the code of the register and the row."""

    register: int
    row: int


def write(db: sqlite3.Connection, found: Sequence[tuple[Place, Terms]]) -> None:
    """Let the records at these places be searched by their terms; the keys are for the check index."""
    mark_store.add(db, [Marked(place.row, place.register, terms.marks) for place, terms in found])
    store.add_names(db, [(word, place.register, place.row) for place, terms in found for word in terms.words])


def drop(db: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Let nothing lead to the records at these rows any more, the check index apart."""
    store.drop_names(db, numbers)
    mark_store.drop(db, numbers)
