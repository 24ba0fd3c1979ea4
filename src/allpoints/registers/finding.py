"""The ways a record answers a question: by identifier, in part, by a range, by reference, name, words and facets.

Each way gives records with the reason for them; what merely looks alike is a warning and stands apart.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.registers import mark_store, store
from allpoints.registers.mark_store import Wanted
from allpoints.registers.store import Row
from allpoints.vocabulary import normal
from allpoints.vocabulary.asking import Search, is_partial
from allpoints.vocabulary.declaration import words as label_words
from allpoints.vocabulary.identifying import Key
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.listing import element_of

WORDS_LIMIT = 12
"""Words of a name, or of a text, in one question."""

CANDIDATES_LIMIT = 2_000
"""Records that are looked at for one part of a question; it has to say more when there are more."""

ENDS_LIMIT = 2
"""Characters that must be known at the beginning or the end of a value asked for in part."""

Lookup = Callable[[str, str], Iterable[bytes]]
"""The check index: kind and normal value in, identities of records out."""


class Strength(IntEnum):
    """How results stand in order: the surest first."""

    DOCUMENT = 0
    RANGE = 1
    REFERENCE = 2
    NAME = 3
    PARTIAL = 4
    WORDS = 5
    TEXT = 6
    FACET = 7


class Why(msgspec.Struct, frozen=True):
    """One reason, with the values that were compared: what was asked and what the record has."""

    sentence: str
    field: str
    asked: str
    held: str


class Reason(NamedTuple):
    row: Row
    strength: Strength
    why: Why


class Sight(NamedTuple):
    """What may be seen: registers by code, and the moment that decides what is past its retention."""

    registers: frozenset[int]
    now_ms: int

    def shows(self, row: Row) -> bool:
        # A record past its retention is not shown even before the fold has marked it.
        return row.status == store.VALID and row.expires_ms > self.now_ms and row.register in self.registers


class Finding:
    """One question's look into the registers; ``crowded`` says that some part of it had more than was looked at."""

    def __init__(self, db: sqlite3.Connection, vocabulary: Vocabulary, lookup: Lookup, sight: Sight) -> None:
        self.db = db
        self.vocabulary = vocabulary
        self.lookup = lookup
        self.sight = sight
        self.crowded = False

    def by_identifier(self, key: str, text: str) -> tuple[list[Reason], list[Why]]:
        """Records with this identifier, or holding it in a range; warnings of those that look alike if none has it."""
        search = self.vocabulary.searches().get(key)
        path = f"identifiers.{key}"
        if search is None or not self._of(search):
            raise Refusal(
                "UNKNOWN-IDENTIFIER",
                f"Nothing is searched by “{key}”.",
                path=path,
                hint=f"Known are: {', '.join(self.known_keys())}.",
            )
        if is_partial(text):
            return self._in_part(search, text, path), []
        return self._answered(search, search.ask(text, path), text)

    def _answered(self, search: Search, asked: Key, text: str) -> tuple[list[Reason], list[Why]]:
        found = [
            *self._exactly(search, asked, text),
            *(self._in_ranges(search, asked, text) if search.ranged else ()),
        ]
        if any(self.sight.shows(reason.row) for reason in found):
            return found, []
        return found, list(self._near(search, asked, text))

    def by_document(self, issuer: str, number: str) -> tuple[list[Reason], list[Why]]:
        """Records of a document, or of the bearer of one; the same as the identifier “document”."""
        search = self.vocabulary.searches()["document"]
        return self._answered(
            search,
            Key(search.key, normal.document_key(issuer, normal.document_number(number, "number"))),
            number,
        )

    def known_keys(self) -> list[str]:
        """The kinds of identifiers that registers in sight have."""
        return sorted(key for key, search in self.vocabulary.searches().items() if self._of(search))

    def _of(self, search: Search) -> bool:
        registers = self.vocabulary.registers
        return any(registers[name].code in self.sight.registers for name in search.registers)

    def _rows(self, key: Key) -> list[Row]:
        return store.rows_of(self.db, list(self.lookup(key.kind, key.value)))

    def _exactly(self, search: Search, asked: Key, text: str) -> Iterator[Reason]:
        document = search.key == "document"
        sentence = (
            "Issuing country and number are the same."
            if document
            else f"{label_words(search.label)}: the same."
        )
        field = "document_number" if document else search.key
        for row in self._rows(asked):
            yield Reason(row, Strength.DOCUMENT, Why(sentence, field, text, asked.value))

    def _in_ranges(self, search: Search, asked: Key, text: str) -> Iterator[Reason]:
        shape, probes = search.ranges(asked)
        if not any(True for _ in self.lookup(shape.kind, shape.value)):
            return
        field = "document_number" if search.key == "document" else search.key
        for probe in probes:
            for row in self._rows(probe):
                sentence = "The number lies in a range of blank documents on record."
                yield Reason(row, Strength.RANGE, Why(sentence, field, text, probe.value))

    def _near(self, search: Search, asked: Key, text: str) -> Iterator[Why]:
        what = "A document whose number" if search.key == "document" else "A record whose value"
        field = "document_number" if search.key == "document" else search.key
        for near in search.near_keys(asked):
            if any(self.sight.shows(row) for row in self._rows(near)):
                yield Why(
                    f"{what} differs by one easily confused character is on record."
                    " This is a warning, not a result: read it again.",
                    field,
                    text,
                    near.value.rpartition("|")[2],
                )

    def _in_part(self, search: Search, text: str, path: str) -> list[Reason]:
        pattern = search.pattern(text, path)
        if max(map(len, mark_store.known_ends(pattern.value))) < ENDS_LIMIT:
            raise Refusal(
                "PATTERN-NEEDS-AN-END",
                f"At least {ENDS_LIMIT} characters must be known at the beginning or at the end.",
                path=path,
                hint="Give the first or the last characters.",
            )
        codes = sorted(self.sight.registers)
        rows = self._at(mark_store.rows_like(self.db, search.key, pattern.value, codes, CANDIDATES_LIMIT + 1))
        beside = "|".join(pattern.beside) + "|" if pattern.beside else ""
        why = Why("What is known of the value fits.", search.key, text, pattern.value)
        found = []
        for row, register, body in self._opened(rows):
            held = [key.value for key in register.keys(body) if key.kind == search.key]
            if any(value.startswith(beside) for value in held):
                shown = msgspec.structs.replace(why, held=", ".join(held))
                found.append(Reason(row, Strength.PARTIAL, shown))
        return found

    def by_reference(self, ref: str) -> list[Reason]:
        rows = store.rows_by_ref(self.db, ref.strip(), self.sight.registers, CANDIDATES_LIMIT)
        why = "The reference is the same."
        return [Reason(row, Strength.REFERENCE, Why(why, "source_ref", ref, row.ref)) for row in rows]

    def by_name(self, name: str, birth_year: int) -> Iterator[Reason]:
        """Records that bear the name; every word asked for must stand in one name of the record."""
        folded, asked = _words(name, "name")
        rows = self._at(store.rows_named(self.db, asked, self.sight.registers, CANDIDATES_LIMIT + 1))
        for row, register, body in self._opened(rows):
            if birth_year and not _born(body, birth_year):
                continue
            # Given name of one alias, family name of another is no match.
            fitting = [form for form in register.names(body) if set(asked) <= set(form.split())]
            if folded in fitting:
                yield Reason(row, Strength.NAME, Why("The name is the same.", "name", name, folded))
            elif fitting:
                sentence = "Every word of the name asked for stands in a name of the record."
                yield Reason(row, Strength.WORDS, Why(sentence, "name", name, fitting[0]))

    def by_text(self, text: str) -> list[Reason]:
        """Records whose text has every word asked for."""
        _, asked = _words(text, "text")
        codes = sorted(self.sight.registers)
        rows = self._at(mark_store.rows_with_words(self.db, asked, codes, CANDIDATES_LIMIT + 1))
        why = Why("Every word asked for stands in the record.", "text", text, "")
        return [Reason(row, Strength.TEXT, why) for row in rows]

    def by_facets(self, register: Register, wanted: Sequence[Wanted]) -> list[Reason]:
        """Records of a register that have every wanted facet."""
        numbers = mark_store.rows_with_facets(self.db, register.code, wanted, CANDIDATES_LIMIT + 1)
        shown = ", ".join(f"{one.field}: {one.value}" for one in wanted)
        why = Why("The record has what was chosen.", "filters", shown, "")
        return [Reason(row, Strength.FACET, why) for row in self._at(numbers)]

    def _at(self, numbers: list[int]) -> list[Row]:
        self.crowded = self.crowded or len(numbers) > CANDIDATES_LIMIT
        return store.rows_at(self.db, numbers[:CANDIDATES_LIMIT])

    def _opened(self, rows: list[Row]) -> Iterator[tuple[Row, Register, Any]]:
        """Rows in sight, with their register and body."""
        names = self.vocabulary.register_names()
        for row in rows:
            register = self.vocabulary.registers.get(names.get(row.register, ""))
            if register is not None and row.body is not None and self.sight.shows(row):
                yield row, register, register.decode(row.body)


def wanted_facets(register: Register, filters: Mapping[str, str]) -> list[Wanted]:
    """What filters ask of the records of a register; raises Refusal UNKNOWN-FILTER and what the types refuse."""
    wanted = []
    for name, text in filters.items():
        path = f"filters.{name}"
        if name not in register.machine.facets:
            raise Refusal(
                "UNKNOWN-FILTER",
                f"{label_words(register.plural)} are not filtered by “{name}”.",
                path=path,
                hint=f"Known are: {', '.join(register.machine.facets) or 'none'}.",
            )
        of = element_of(register.machine.types[name])
        value = of.clean(text, path)
        if value == of.absent:
            raise Refusal("FILTER-EMPTY", "The filter is empty.", path=path, hint="Choose a value.")
        wanted.append(Wanted(name, of.normal(value), of.name == "folder"))
    return wanted


def _words(text: str, path: str) -> tuple[str, list[str]]:
    """The text folded, and its words, each once."""
    folded = normal.folded_name(text)
    words = sorted(set(folded.split()))
    if not words:
        raise Refusal(f"{path.upper()}-EMPTY", f"The {path} has no letters.", path=path)
    if len(words) > WORDS_LIMIT:
        raise Refusal(
            f"{path.upper()}-TOO-LONG", f"Ask for at most {WORDS_LIMIT} words of a {path}.", path=path
        )
    return folded, words


def _born(body: msgspec.Struct, year: int) -> bool:
    return str(getattr(body, "birth_date", "") or "").startswith(f"{year:04d}")
