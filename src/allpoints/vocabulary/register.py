"""A compiled register: what it is called, who may write it, and the way of a body in, out and into an index."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary.asking import Search, asked_fields
from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.declaration import DeclaredList, Identifier, Label, Term, words
from allpoints.vocabulary.finding import Findable
from allpoints.vocabulary.machine import Field, Machine
from allpoints.vocabulary.policy_set import PolicySet
from allpoints.vocabulary.rules import Entry
from allpoints.vocabulary.types.base import faults_of, wrong_type
from allpoints.vocabulary.types.composite import (
    Composite,
    missing_part,
    object_schema,
    unknown_part,
)
from allpoints.vocabulary.types.listing import element_of

BODY_LIMIT_BYTES = 256 * 1024
"""Largest encoded body: four thousand words and a hundred values, many times over."""

FAULTS_LIMIT = 100
"""Most faults of one body that are told at once."""

_ENCODER = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True, eq=False)
class Register(Findable):
    """One crime database. Bodies are frozen structures of ``struct``; ``code`` stands in index postings.

    Text that was not given is ``""`` in a body, a list ``()``, a number or an open question ``None``.
    """

    name: str
    code: int
    short: str
    label: Label
    plural: Label
    description: Label
    fields: tuple[Field, ...]
    featured: tuple[str, ...]
    writer: str
    readers: str
    openings: bool
    person_data: bool
    effect: str
    retention_days: int
    retention_by_status: Mapping[str, int]
    status: str
    achieved: tuple[str, ...]
    rules: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    struct: type[msgspec.Struct]
    machine: Machine = field(repr=False)

    def clean(self, raw: Mapping[str, object]) -> msgspec.Struct:
        """The body for what a form, a row or a program gave; raises one ``Refusal`` with every fault."""
        if type(raw) is not dict and not isinstance(raw, Mapping):
            raise wrong_type("", "An object", raw)
        machine = self.machine
        faults: list[Fault] = []
        if not raw.keys() <= machine.known:
            faults += [unknown_part(name, "") for name in raw if name not in machine.known]
        values: list[Any] = []
        for name, clean, absent, default, required in machine.steps:
            value = raw.get(name)
            if value is not None and value != "":
                try:
                    value = clean(value, name)
                except Refusal as refusal:
                    faults += faults_of(refusal)
                    continue
                if value != absent:
                    values.append(value)
                    continue
            if required:
                faults.append(missing_part(name, self._label(name), ""))
            values.append(default)
        if faults:
            raise Refusal.of(faults[:FAULTS_LIMIT])
        body = self.struct(*values)
        self._check(body)
        return body

    def _label(self, name: str) -> str:
        return next(known.shown_label() for known in self.fields if known.name == name)

    def _check(self, body: msgspec.Struct) -> None:
        for check in self.machine.checks:
            faults = list(check(body))
            if faults:
                raise Refusal.of(faults)

    def encode(self, body: msgspec.Struct) -> bytes:
        """The body as a MessagePack map; fields that were not given are left out."""
        return _ENCODER.encode(body)

    def decode(self, data: bytes) -> msgspec.Struct:
        """The body in ``data``; refuses unknown fields, wrong types, lengths and codes, but cleans nothing."""
        if len(data) > BODY_LIMIT_BYTES:
            raise Refusal(
                "BODY-LARGE",
                f"A body has at most {BODY_LIMIT_BYTES:,} bytes.",
                status=413,
                hint="Shorten it.",
            )
        try:
            return self.machine.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Refusal(
                "BODY-UNREADABLE",
                f"This is no body of {self.name}: {error}.",
                hint="The sender must use the same vocabulary.",
            ) from error

    def accept(self, data: bytes) -> msgspec.Struct:
        """Decode what another member wrote, and refuse it unless cleaning would change nothing in it."""
        body = self.decode(data)
        if self.clean({known.name: getattr(body, known.name) for known in self.fields}) != body:
            raise Refusal(
                "BODY-NOT-CLEAN",
                f"The body of {self.name} is not in normal form.",
                hint="The sender must clean what it publishes.",
            )
        return body

    def check_entry(self, body: msgspec.Struct, handling: str, today: dt.date) -> None:
        """Refuse a body that may not be entered that day under that handling code: minors, victims, witnesses."""
        for check in self.machine.entry_checks:
            faults = list(check(body, Entry(handling, today)))
            if faults:
                raise Refusal.of(faults)

    def may_take_part(self, member: str, secretariat: str) -> None:
        """Refuse a member that may write no record of this register, whatever it says: not even a withdrawal."""
        if self.writer == "secretariat" and member != secretariat:
            raise Refusal(
                "NOT-SECRETARIAT",
                "Only the secretariat's analysts write this register.",
                path="register",
                hint="Send the secretariat a message with what you know.",
                status=403,
            )

    def may_write(self, member: str, body: msgspec.Struct, secretariat: str = "") -> None:
        """Nothing when ``member`` may enter, change or withdraw this body; else a ``Refusal``."""
        self.may_take_part(member, secretariat)
        rule, _, name = self.writer.partition(":")
        if rule == "issuer" and getattr(body, name) != member:
            raise Refusal(
                "NOT-ISSUER",
                f"Only {getattr(body, name)} may write this record: it issued the document.",
                path=name,
                hint="Send the issuing country a message.",
                status=403,
            )

    def status_of(self, body: msgspec.Struct) -> str:
        """The status of the person or thing, ``""`` where the register has none."""
        return str(getattr(body, self.status)) if self.status else ""

    def retention(self, body: msgspec.Struct) -> int:
        """How many days the record is kept, by the status of its person or thing; 0 for ever."""
        return self.retention_by_status.get(self.status_of(body), self.retention_days)

    def advice(self, body: msgspec.Struct) -> list[tuple[str, str]]:
        """Field and sentence of everything that may be wrong in the body and is accepted all the same."""
        own = [
            (known.name, sentence)
            for known in self.fields
            if (value := getattr(body, known.name)) != known.type.absent
            for sentence in known.type.advice(value)
        ]
        return own + [
            (name, sentence)
            for name, beside in map(asked_fields, self.identifiers)
            if name in self.machine.types
            and (value := getattr(body, name)) != self.machine.types[name].absent
            for sentence in self.machine.types[name].advice_beside(
                value, [getattr(body, other) for other in beside]
            )
        ]

    def caption(self, body: msgspec.Struct, language: str = "en") -> str:
        """One line that says which record this is."""
        shown = {known.name: known for known in self.fields}
        parts: list[str] = []
        for literal, name in self.machine.caption:
            if name is None:
                parts.append(literal)
                continue
            kind, value = shown[name].type, getattr(body, name)
            if value != kind.absent:
                # What stands before a value that is missing is left out with it.
                parts.append((literal if parts else "") + kind.caption(value, language))
        return "".join(parts).strip()

    def describe(self, body: msgspec.Struct, language: str = "en") -> list[tuple[str, str]]:
        """Label and shown value of every field that was given, in the order of the declaration."""
        return [
            (known.shown_label(language), known.type.caption(value, language))
            for known in self.fields
            if (value := getattr(body, known.name)) != known.type.absent
        ]

    def columns(self) -> tuple[str, ...]:
        """The header of an import file: every field that fits one cell (values of a list by ``;``)."""
        return tuple(known.name for known in self.fields if not _nested(known))

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema (2020-12) of a body as ``clean`` wants it."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": words(self.label),
            "description": words(self.description),
            **object_schema(self.fields),
        }


def _nested(known: Field) -> bool:
    return isinstance(element_of(known.type), Composite)


@dataclass(frozen=True, slots=True, eq=False)
class NoticeKind(Register):
    """A kind of notice: a register of bulletins with a colour, reviewed before it is published."""

    colour: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Everything declared, compiled: registers and notice kinds by name, closed lists, countries, who may do what."""

    registers: Mapping[str, Register]
    notices: Mapping[str, NoticeKind]
    lists: Mapping[str, DeclaredList]
    countries: Countries
    policies: PolicySet
    asked: Mapping[str, Search] = field(default_factory=dict, repr=False)

    def terms(self, name: str) -> Mapping[str, Term]:
        """The terms of a closed list by code; raises ``Refusal`` for a list that is not declared."""
        found = self.lists.get(name)
        if found is None:
            raise Refusal("LIST-UNKNOWN", f"There is no list “{name}”.", hint="Add a file to the vocabulary.")
        return MappingProxyType(found.terms)

    @property
    def purposes(self) -> Mapping[str, Term]:
        return self.terms("purposes")

    @property
    def offences(self) -> Mapping[str, Term]:
        return self.terms("offences")

    @property
    def handling(self) -> Mapping[str, Term]:
        return self.terms("handling")

    @property
    def audit_events(self) -> Mapping[str, Term]:
        return self.terms("audit-events")

    @property
    def statuses(self) -> Mapping[str, Term]:
        return self.terms("statuses")

    def searches(self) -> Mapping[str, Search]:
        """Every kind of key that a search or a check can ask under, by its name."""
        return self.asked

    def register_names(self) -> dict[int, str]:
        """Names of registers and notice kinds by the code that stands in postings."""
        return {known.code: name for group in (self.registers, self.notices) for name, known in group.items()}
