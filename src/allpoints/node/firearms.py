"""The two registers that a trace begins with: what was made where, and what was reported stolen, lost or smuggled."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from allpoints.border.verdict import Match, Reason, Verdict
from allpoints.ground.refusal import Refusal
from allpoints.matching.posting import Posting
from allpoints.node.checks import Known
from allpoints.node.records import Records
from allpoints.registers import store
from allpoints.tracing.requesting import Reference
from allpoints.tracing.trace import Firearm
from allpoints.vocabulary import normal
from allpoints.vocabulary.register import Register

REFERENCES, ILLICIT = "firearms-reference", "firearms"
SERIAL = "serial"
CANDIDATES_LIMIT = 500
"""Entries of the reference table that are compared with one firearm."""


class Firearms:
    """Looks firearms up in this node's own copy of the two registers; a node without them finds nothing."""

    def __init__(self, records: Records, behind: Callable[[Posting], Known | None]) -> None:
        self.records = records
        self.behind = behind

    def references(self, firearm: Firearm) -> list[Reference]:
        """Entries of the reference table with this make, and with its model and calibre where they are given."""
        register = self.records.vocabulary.registers.get(REFERENCES)
        words = _folded(f"{firearm.make} {firearm.model}").split()
        if register is None or not words:
            return []
        db, now_ms = self.records.db, self.records.engine.clock.now()
        numbers = store.rows_named(db, words, register.code, CANDIDATES_LIMIT)
        rows = [
            row for row in store.rows_at(db, numbers) if row.status == store.VALID and row.expires_ms > now_ms
        ]
        found = [_reference(register, row) for row in rows]
        return [one for one in found if one is not None and _fits(one, firearm)]

    def illicit(self, firearm: Firearm) -> Iterator[Match]:
        """Records of firearms with the same serial number and make, each as a hit would tell it."""
        register = self.records.vocabulary.registers.get(ILLICIT)
        value = _serial(register, firearm) if register is not None else ""
        if register is None or not value:
            return
        for posting in self.records.index.lookup(SERIAL, value):
            known = self.behind(posting)
            if posting.register == register.code and known is not None:
                yield _match(register, posting, known, firearm)


def _reference(register: Register, row: store.Row) -> Reference | None:
    body = register.decode(row.body) if row.body is not None else None
    if body is None:
        return None
    return Reference(
        _said(body, "reference") or row.ref,
        _said(body, "make"),
        _said(body, "model"),
        _said(body, "calibre"),
        _said(body, "type"),
        _said(body, "country_of_manufacture"),
    )


def _said(body: msgspec.Struct, name: str) -> str:
    return str(getattr(body, name, "") or "")


def _fits(one: Reference, firearm: Firearm) -> bool:
    """The same make, and nothing that is known of both and differs."""
    pairs = ((one.model, firearm.model), (one.calibre, firearm.calibre))
    same_make = _plain(one.make) == _plain(firearm.make)
    return same_make and all(not asked or _plain(held) == _plain(asked) for held, asked in pairs)


def _folded(text: str) -> str:
    return normal.folded_name(text)


def _plain(text: str) -> str:
    """A make, model or calibre without what people write differently: ``9 x 19`` is ``9x19``."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _serial(register: Register, firearm: Firearm) -> str:
    """The value under which the register would hold this serial number; empty when it cannot hold it."""
    identifier = next((one for one in register.identifiers if getattr(one, "key", "") == SERIAL), None)
    types = {field.name: field.type for field in register.fields}
    if identifier is None:
        return ""
    beside: tuple[str, ...] = getattr(identifier, "with_", ())
    try:
        parts: list[Any] = [
            types[name].normal(types[name].clean(getattr(firearm, name, ""), name))
            for name in (*beside, identifier.field)
        ]
    except Refusal:
        return ""
    return "|".join(parts) if all(parts) else ""


def _match(register: Register, posting: Posting, known: Known, firearm: Firearm) -> Match:
    reason = Reason("The serial number is the same.", firearm.caption, known.caption)
    return Match(
        record=posting.record_id.hex(),
        register=register.name,
        verdict=Verdict.POSSIBLE,
        owner=posting.owner,
        published_ms=posting.published_ms,
        version=posting.version,
        reasons=(reason,),
        caption=known.caption,
        reference=known.reference,
    )
