"""The two registers that a trace begins with: what was made where, and what was reported stolen, lost or smuggled."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from allpoints.border.question import Question, understand
from allpoints.border.verdict import Answer
from allpoints.ground.clock import day_of
from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.matching.posting import Posting
from allpoints.node.checks import Checks, Known
from allpoints.node.hits import Hits
from allpoints.node.records import Records
from allpoints.registers import store
from allpoints.tracing.requesting import Reference
from allpoints.tracing.trace import Firearm
from allpoints.vocabulary.asking import asked_fields
from allpoints.vocabulary.identifying import SEPARATOR
from allpoints.vocabulary.normal import folded_name
from allpoints.vocabulary.register import Register

REFERENCES, ILLICIT = "firearms-reference", "firearms"
SERIAL = "serial"
CANDIDATES_LIMIT = 2_000
"""Entries of the reference table that are compared with one firearm: more than any maker has."""


class Node(Protocol):
    """What looking firearms up needs of the node that it is wired into."""

    records: Records
    checks: Checks
    hits: Hits

    def as_of(self) -> int: ...

    def behind(self, posting: Posting) -> Known | None: ...


class Firearms:
    """Looks firearms up in this node's own copy of the two registers; a node without them finds nothing."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def references(self, firearm: Firearm) -> list[Reference]:
        """Entries of the reference table with this make, and with its model and calibre where they are given."""
        register = self.node.records.vocabulary.registers.get(REFERENCES)
        if register is None:
            return []
        for model in dict.fromkeys((firearm.model, "")):
            # The model as it is written is the shorter way; written otherwise it is found among all of the make.
            rows = self._rows(register, self._candidates(register, firearm.make, model))
            found = [_reference(body, ref) for ref, body in rows if _fits(register, body, firearm)]
            if found:
                return found
        return []

    def _candidates(self, register: Register, make: str, model: str) -> list[int]:
        """Rows of entries that have all these words in their names."""
        words = folded_name(f"{make} {model}").split()
        return (
            store.rows_named(self.node.records.db, words, {register.code}, CANDIDATES_LIMIT) if words else []
        )

    def _rows(self, register: Register, numbers: Sequence[int]) -> Iterator[tuple[str, msgspec.Struct]]:
        now_ms = self.node.records.engine.clock.now()
        for row in store.rows_at(self.node.records.db, numbers):
            if row.status == store.VALID and row.expires_ms > now_ms and row.body is not None:
                yield row.ref, register.decode(row.body)

    def check(self, asker: Asker, trace: str, firearm: Firearm) -> Answer | None:
        """Check the firearm like a border would; what is found on record is told as a hit, now or within 72 hours."""
        text = self._identifier(firearm)
        if not text:
            return None
        checks, now_ms = self.node.checks, self.node.records.engine.clock.now()
        try:
            asked = understand(Question(identifiers={SERIAL: text}), checks.vocabulary, day_of(now_ms))
        except Refusal:
            # A number or make that the register cannot hold is not on record.
            return None
        at = checks.circumstances(trace, now_ms, self.node.as_of(), b"")
        return checks.ask(asker, asked, at, self.node, self.node.hits)

    def _identifier(self, firearm: Firearm) -> str:
        """Make and serial number as the register's search wants them; empty where there is no such register."""
        register = self.node.records.vocabulary.registers.get(ILLICIT)
        if register is None:
            return ""
        for identifier in register.identifiers:
            if identifier.key == SERIAL:
                _, beside = asked_fields(identifier)
                return SEPARATOR.join([*(_said(firearm, name) for name in beside), firearm.serial])
        return ""


def _reference(body: msgspec.Struct, ref: str) -> Reference:
    return Reference(
        _said(body, "reference") or ref,
        _said(body, "make"),
        _said(body, "model"),
        _said(body, "calibre"),
        _said(body, "type"),
        _said(body, "country_of_manufacture"),
    )


def _said(body: msgspec.Struct, name: str) -> str:
    return str(getattr(body, name, "") or "")


def _fits(register: Register, body: msgspec.Struct, firearm: Firearm) -> bool:
    """The same make, and nothing that is known of both and differs; a model may go by other names too."""
    for name in ("make", "model", "calibre"):
        asked = _said(firearm, name)
        if asked and not any(_same(register, name, held, asked) for held in _called(body, name)):
            return False
    return True


def _called(body: msgspec.Struct, name: str) -> list[str]:
    """What an entry calls its make, model or calibre."""
    held = [_said(body, name)]
    if name == "model":
        make = _said(body, "make")
        held += [text.removeprefix(make) for text in getattr(body, "also_known_as", ())]
    return held


def _same(register: Register, name: str, held: str, asked: str) -> bool:
    if _plain(held) == _plain(asked):
        return True
    normal = _normal(register, name, asked)
    return bool(normal) and normal == _normal(register, name, held)


def _normal(register: Register, name: str, text: str) -> str:
    """The normal form that the register gives a value; empty for one that it cannot hold."""
    kind = register.machine.types.get(name)
    if kind is None:
        return ""
    try:
        return str(kind.normal(kind.clean(text, name)))
    except Refusal:
        return ""


def _plain(text: str) -> str:
    """A make, model or calibre without what people write differently: ``9 x 19`` is ``9x19``."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
