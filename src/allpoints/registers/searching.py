"""A desk's question to the registers: by document, by name, by reference; each result says why it is one.

An exact answer rests on keys that records and questions form alike. A number that merely looks alike is a warning
and stands apart: it is never a result.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal
from allpoints.registers import store
from allpoints.registers.reading import register_of
from allpoints.registers.store import Row
from allpoints.vocabulary import normal
from allpoints.vocabulary.register import Vocabulary

DOCUMENT = "document"
RANGE = "document-range"
SHAPE = "document-shape"

RESULTS_LIMIT = 100
"""Results of one search; who gets more has asked too little."""

NAME_WORDS_LIMIT = 12
"""Words of a name in one question."""

CANDIDATES_LIMIT = 2_000
"""Records whose names are compared for one question; the question has to say more when there are more."""

Lookup = Callable[[str, str], Iterable[bytes]]
"""The check index: kind and normal value in, identities of records out."""


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked: a document (number and issuer), a name (and birth year), a reference; at least one of them."""

    number: Annotated[str, Meta(max_length=100)] = ""
    issuer: Annotated[str, Meta(max_length=10)] = ""
    name: Annotated[str, Meta(max_length=400)] = ""
    birth_year: Annotated[int, Meta(ge=0, le=9999)] = 0
    ref: Annotated[str, Meta(max_length=100)] = ""
    register: Annotated[str, Meta(max_length=64)] = ""
    """Only this register; all of them when empty."""
    limit: Annotated[int, Meta(ge=1, le=RESULTS_LIMIT)] = 50


class Strength(IntEnum):
    """How results stand in order: the surest first."""

    DOCUMENT = 0
    RANGE = 1
    REFERENCE = 2
    NAME = 3
    WORDS = 4


class Why(msgspec.Struct, frozen=True):
    """One reason, with the values that were compared: what was asked and what the record has."""

    sentence: str
    field: str
    asked: str
    held: str


class Found(msgspec.Struct, frozen=True):
    """One record that answers, with every reason for it; ``strength`` is the best of them."""

    record_id: bytes
    register: str
    owner: str
    ref: str
    version: int
    published_ms: int
    caption: str
    purpose: str
    handling: str
    strength: Strength
    why: tuple[Why, ...]


class SearchResult(msgspec.Struct, frozen=True):
    """Results in a standing order and, apart from them, warnings; ``more`` says that some were left out."""

    results: tuple[Found, ...]
    warnings: tuple[Why, ...]
    more: bool


class _Reason(NamedTuple):
    row: Row
    strength: Strength
    why: Why


def search(
    db: sqlite3.Connection, vocabulary: Vocabulary, lookup: Lookup, query: Query, now_ms: int
) -> SearchResult:
    """Answer a question; every part of it is asked, and a record may be found by several.

    Raises Refusal NO-QUESTION, UNKNOWN-REGISTER, ISSUER-MISSING, NAME-EMPTY, NAME-TOO-LONG and what the normal
    forms refuse. The order depends on records and question alone: strength, newest publication, identity.
    """
    only = _only(vocabulary, query)
    reasons: list[_Reason] = []
    warnings: tuple[Why, ...] = ()
    crowded = False
    if query.number:
        issuer = vocabulary.countries.understand(query.issuer, "issuer")
        query = msgspec.structs.replace(query, issuer=issuer)
        reasons += _by_document(db, lookup, query)
        known = any(_shown(reason.row, only, now_ms) for reason in reasons)
        warnings = () if known else tuple(_near(db, lookup, query, only, now_ms))
    if query.ref:
        reasons += _by_reference(db, query)
    if query.name:
        rows, crowded = _candidates(db, query, only)
        reasons += _by_name(vocabulary, rows, query)
    found = _gathered(vocabulary, [reason for reason in reasons if _shown(reason.row, only, now_ms)])
    results = tuple(found[: query.limit])
    return SearchResult(results, warnings, crowded or len(found) > len(results))


def _only(vocabulary: Vocabulary, query: Query) -> int | None:
    if not (query.number or query.name or query.ref):
        raise Refusal(
            "NO-QUESTION",
            "Nothing is asked.",
            hint="Give a document number, a name or a reference.",
            path="q",
        )
    try:
        f"{query.number}{query.name}{query.ref}".encode()
    except UnicodeEncodeError:
        raise Refusal("NOT-TEXT", "The question holds half a character.", path="q", status=400) from None
    if query.number and not query.issuer:
        raise Refusal(
            "ISSUER-MISSING",
            "A document is looked up by its number and the country that issued it.",
            path="issuer",
            hint="Give the three letters of the issuing country.",
        )
    if not query.register:
        return None
    register = vocabulary.registers.get(query.register)
    if register is None:
        raise Refusal("UNKNOWN-REGISTER", f"There is no register {query.register!r}.", path="register")
    return register.code


def _shown(row: Row, only: int | None, now_ms: int) -> bool:
    # A record past its retention is not shown even before the fold has marked it.
    return row.status == store.VALID and row.expires_ms > now_ms and only in (None, row.register)


def _by_document(db: sqlite3.Connection, lookup: Lookup, query: Query) -> Iterator[_Reason]:
    number = normal.document_number(query.number, "number")
    key = normal.document_key(query.issuer, number)
    for row in store.rows_of(db, list(lookup(DOCUMENT, key))):
        why = Why("Issuing country and number are the same.", "document_number", query.number, key)
        yield _Reason(row, Strength.DOCUMENT, why)
    if not any(True for _ in lookup(SHAPE, normal.range_shape(query.issuer, number))):
        return
    for probe in normal.range_probes(query.issuer, number):
        for row in store.rows_of(db, list(lookup(RANGE, probe))):
            sentence = "The number lies in a range of blank documents on record."
            yield _Reason(row, Strength.RANGE, Why(sentence, "document_number", query.number, probe))


def _near(
    db: sqlite3.Connection, lookup: Lookup, query: Query, only: int | None, now_ms: int
) -> Iterator[Why]:
    for near in normal.near_numbers(query.number):
        rows = store.rows_of(db, list(lookup(DOCUMENT, normal.document_key(query.issuer, near))))
        if any(_shown(row, only, now_ms) for row in rows):
            yield Why(
                "A document whose number differs by one easily confused character is on record."
                " This is a warning, not a result: read the number again.",
                "document_number",
                query.number,
                near,
            )


def _by_reference(db: sqlite3.Connection, query: Query) -> Iterator[_Reason]:
    for row in store.rows_by_ref(db, query.ref.strip(), RESULTS_LIMIT + 1):
        yield _Reason(
            row, Strength.REFERENCE, Why("The reference is the same.", "source_ref", query.ref, row.ref)
        )


def _candidates(db: sqlite3.Connection, query: Query, only: int | None) -> tuple[list[Row], bool]:
    words = sorted(set(normal.folded_name(query.name).split()))
    if not words:
        raise Refusal("NAME-EMPTY", "The name has no letters.", path="name")
    if len(words) > NAME_WORDS_LIMIT:
        raise Refusal("NAME-TOO-LONG", f"Ask for at most {NAME_WORDS_LIMIT} words of a name.", path="name")
    numbers = store.rows_named(db, words, only, CANDIDATES_LIMIT + 1)
    return store.rows_at(db, numbers[:CANDIDATES_LIMIT]), len(numbers) > CANDIDATES_LIMIT


def _by_name(vocabulary: Vocabulary, rows: list[Row], query: Query) -> Iterator[_Reason]:
    folded = normal.folded_name(query.name)
    asked = set(folded.split())
    for row in rows:
        register = register_of(vocabulary, row.register)
        if register is None or row.body is None:
            continue
        body = register.decode(row.body)
        if query.birth_year and not _born(body, query.birth_year):
            continue
        # The words of a question must stand in one name: given name of one alias, family name of another is no match.
        fitting = [form for form in register.names(body) if asked <= set(form.split())]
        if folded in fitting:
            why = Why("The name is the same.", "name", query.name, folded)
            yield _Reason(row, Strength.NAME, why)
        elif fitting:
            sentence = "Every word of the name asked for stands in a name of the record."
            yield _Reason(row, Strength.WORDS, Why(sentence, "name", query.name, fitting[0]))


def _born(body: msgspec.Struct, year: int) -> bool:
    return str(getattr(body, "birth_date", "") or "").startswith(f"{year:04d}")


def _gathered(vocabulary: Vocabulary, reasons: list[_Reason]) -> list[Found]:
    by_row: dict[int, list[_Reason]] = {}
    for reason in reasons:
        by_row.setdefault(reason.row.row, []).append(reason)
    found = []
    for several in by_row.values():
        row = several[0].row
        register = register_of(vocabulary, row.register)
        if register is None or row.body is None:
            continue
        found.append(
            Found(
                row.record_id,
                register.name,
                row.owner,
                row.ref,
                row.version,
                row.published_ms,
                register.caption(register.decode(row.body)),
                row.purpose,
                row.handling,
                min(reason.strength for reason in several),
                tuple(reason.why for reason in several),
            )
        )
    return sorted(found, key=lambda one: (one.strength, -one.published_ms, one.record_id))
