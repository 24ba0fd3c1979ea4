"""A desk's question to the registers; each result says why it is one, and counts say how more could be narrowed.

An exact answer rests on keys that records and questions form alike. A value that merely looks alike is a warning
and stands apart: it is never a result. Nothing that the asker may not see has any part in results, counts or order.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal
from allpoints.registers import mark_store
from allpoints.registers.finding import Finding, Lookup, Reason, Sight, Strength, Why, wanted_facets
from allpoints.registers.mark_store import Wanted
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.listing import element_of

RESULTS_LIMIT = 100
"""Results of one search; who gets more has asked too little."""

PARTS_LIMIT = 10
"""Identifiers, or filters, in one question."""

FACET_VALUES_LIMIT = 50
"""Values that are counted of one facet, the most frequent ones."""

Asked = Annotated[str, Meta(max_length=400)]
Parts = Annotated[dict[Annotated[str, Meta(max_length=64)], Asked], Meta(max_length=PARTS_LIMIT)]


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked, at least one part of it; a record that any part finds is a result.

    ``number`` and ``issuer`` are a document, ``identifiers`` other kinds of keys with what was typed (``?`` and ``*``
    for what is not known), ``name`` and ``birth_year`` a person, ``text`` words of free text, ``ref`` a reference.
    ``filters`` narrow all of that, by facets of the one ``register``; alone they are a question too.
    """

    number: Annotated[str, Meta(max_length=100)] = ""
    issuer: Annotated[str, Meta(max_length=10)] = ""
    name: Asked = ""
    birth_year: Annotated[int, Meta(ge=0, le=9999)] = 0
    ref: Annotated[str, Meta(max_length=100)] = ""
    register: Annotated[str, Meta(max_length=64)] = ""
    """Only this register; all of them when empty."""
    limit: Annotated[int, Meta(ge=1, le=RESULTS_LIMIT)] = 50
    identifiers: Parts = {}
    text: Asked = ""
    filters: Parts = {}


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


class Counted(msgspec.Struct, frozen=True):
    """How many of the records that answer have a value; ``value`` is what a filter would ask for."""

    value: str
    caption: str
    count: int


class Facet(msgspec.Struct, frozen=True):
    """One way to narrow a question, with its values and counts, most first."""

    field: str
    label: str
    values: tuple[Counted, ...]


class SearchResult(msgspec.Struct, frozen=True):
    """Results in a standing order and, apart from them, warnings; ``more`` says that some were left out."""

    results: tuple[Found, ...]
    warnings: tuple[Why, ...]
    more: bool
    facets: tuple[Facet, ...] = ()


def search(
    db: sqlite3.Connection, vocabulary: Vocabulary, lookup: Lookup, query: Query, sight: Sight
) -> SearchResult:
    """Answer a question; every part of it is asked, and a record may be found by several.

    Raises Refusal NO-QUESTION, UNKNOWN-REGISTER, ISSUER-MISSING, UNKNOWN-IDENTIFIER, UNKNOWN-FILTER and what
    types and normal forms refuse. The order depends on records and question alone: strength, newest publication,
    identity.
    """
    _check(query)
    register = _register(vocabulary, query, sight)
    if register is not None:
        sight = sight._replace(registers=frozenset({register.code}))
    wanted = _wanted(register, query)
    finding = Finding(db, vocabulary, lookup, sight)
    reasons, warnings = _asked(finding, query)
    if register is not None and wanted:
        if _only_filters(query):
            reasons = finding.by_facets(register, wanted)
        else:
            kept = mark_store.having(db, register.code, wanted, [reason.row.row for reason in reasons])
            reasons = [reason for reason in reasons if reason.row.row in kept]
    found, bodies = _gathered(vocabulary, [reason for reason in reasons if sight.shows(reason.row)])
    results = tuple(found[: query.limit])
    facets = _among(register, found, bodies) if bodies else ()
    if register is not None and finding.crowded and _only_filters(query):
        facets = _of_all(db, register, wanted)
    return SearchResult(results, tuple(warnings), finding.crowded or len(found) > len(results), facets)


def _check(query: Query) -> None:
    parts = (
        query.number,
        query.name,
        query.ref,
        query.text,
        *query.identifiers.values(),
        *query.filters.values(),
    )
    if not any(parts):
        raise Refusal(
            "NO-QUESTION",
            "Nothing is asked.",
            hint="Give a document number, another identifier, a name, a text or a reference.",
            path="q",
        )
    try:
        "".join((*parts, *query.identifiers, *query.filters)).encode()
    except UnicodeEncodeError:
        raise Refusal("NOT-TEXT", "The question holds half a character.", path="q", status=400) from None
    if query.number and not query.issuer:
        raise Refusal(
            "ISSUER-MISSING",
            "A document is looked up by its number and the country that issued it.",
            path="issuer",
            hint="Give the three letters of the issuing country.",
        )


def _only_filters(query: Query) -> bool:
    return not (query.number or query.name or query.ref or query.text or query.identifiers)


def _register(vocabulary: Vocabulary, query: Query, sight: Sight) -> Register | None:
    if not query.register:
        return None
    register = vocabulary.registers.get(query.register)
    if register is None or register.code not in sight.registers:
        raise Refusal("UNKNOWN-REGISTER", f"There is no register {query.register!r}.", path="register")
    return register


def _wanted(register: Register | None, query: Query) -> list[Wanted]:
    if not query.filters:
        return []
    if register is None:
        raise Refusal(
            "FILTER-NEEDS-REGISTER",
            "Filters are those of one register.",
            path="register",
            hint="Choose the register.",
        )
    return wanted_facets(register, query.filters)


def _asked(finding: Finding, query: Query) -> tuple[list[Reason], list[Why]]:
    reasons: list[Reason] = []
    warnings: list[Why] = []
    if query.number:
        issuer = finding.vocabulary.countries.understand(query.issuer, "issuer")
        found, near = finding.by_document(issuer, query.number)
        reasons += found
        warnings += near
    for key, text in query.identifiers.items():
        found, near = finding.by_identifier(key, text)
        reasons += found
        warnings += near
    if query.ref:
        reasons += finding.by_reference(query.ref)
    if query.name:
        reasons += finding.by_name(query.name, query.birth_year)
    if query.text:
        reasons += finding.by_text(query.text)
    return reasons, warnings


def _gathered(vocabulary: Vocabulary, reasons: list[Reason]) -> tuple[list[Found], dict[bytes, Any]]:
    by_row: dict[int, list[Reason]] = {}
    for reason in reasons:
        by_row.setdefault(reason.row.row, []).append(reason)
    names = vocabulary.register_names()
    found, bodies = [], {}
    for several in by_row.values():
        row = several[0].row
        register = vocabulary.registers.get(names.get(row.register, ""))
        if register is None or row.body is None:
            continue
        body = register.decode(row.body)
        bodies[row.record_id] = body
        found.append(
            Found(
                row.record_id,
                register.name,
                row.owner,
                row.ref,
                row.version,
                row.published_ms,
                register.caption(body),
                row.purpose,
                row.handling,
                min(reason.strength for reason in several),
                tuple(dict.fromkeys(reason.why for reason in several)),
            )
        )
    return sorted(found, key=lambda one: (one.strength, -one.published_ms, one.record_id)), bodies


def _among(
    register: Register | None, found: Sequence[Found], bodies: Mapping[bytes, Any]
) -> tuple[Facet, ...]:
    """Facets of the records that answer: by register and owner, and by the register's own when it is one."""
    if register is None:
        by_register = Counter(one.register for one in found)
        return (_facet("register", "Register", by_register.most_common(), {}),)
    owners = _facet("owner", "Owner", Counter(one.owner for one in found).most_common(), {})
    counted: dict[str, Counter[str]] = {name: Counter() for name in register.machine.facets}
    for body in bodies.values():
        for name, value in register.facets(body):
            counted[name][value] += 1
    return (owners, *_own_facets(register, {name: values.most_common() for name, values in counted.items()}))


def _of_all(db: sqlite3.Connection, register: Register, wanted: Sequence[Wanted]) -> tuple[Facet, ...]:
    """Facets of all records that have what was chosen, when they are too many to look at."""
    counted = {
        name: mark_store.counts(db, register.code, name, wanted, FACET_VALUES_LIMIT)
        for name in register.machine.facets
    }
    return _own_facets(register, counted)


def overview(db: sqlite3.Connection, register: Register, wanted: Sequence[Wanted] = ()) -> tuple[Facet, ...]:
    """Facets of everything a register holds here, or of what has every wanted one."""
    return _of_all(db, register, wanted)


def _own_facets(register: Register, counted: Mapping[str, Sequence[tuple[str, int]]]) -> tuple[Facet, ...]:
    labels = {field.name: words(field.label) for field in register.fields}
    facets = []
    for name, values in counted.items():
        of = element_of(register.machine.types[name])
        captions = {value: _shown(of, value) for value, _ in values[:FACET_VALUES_LIMIT]}
        facets.append(_facet(name, labels[name], values, captions))
    return tuple(facet for facet in facets if facet.values)


def _shown(kind: FieldType, value: str) -> str:
    try:
        return kind.caption(kind.clean(value, ""))
    except Refusal:
        return value


def _facet(field: str, label: str, values: Sequence[tuple[str, int]], captions: Mapping[str, str]) -> Facet:
    ordered = sorted(values, key=lambda one: (-one[1], one[0]))[:FACET_VALUES_LIMIT]
    return Facet(
        field, label, tuple(Counted(value, captions.get(value, value), count) for value, count in ordered)
    )
