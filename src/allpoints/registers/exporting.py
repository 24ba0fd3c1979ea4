"""A member's own records out again, as a file that could be imported as it is."""

import csv
import io
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.registers import store
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.listing import element_of

PAGE_ROWS = 500
"""Records in one piece of an export: the node answers checks in between."""

CSV, JSON_LINES = "csv", "jsonl"
FORMATS = (CSV, JSON_LINES)


class Page(NamedTuple):
    """A piece of an export; ``after`` is where the next one begins, 0 when this was the last."""

    data: bytes
    after: int


def head(register: Register, form: str) -> bytes:
    """What stands before the records of a file."""
    if form not in FORMATS:
        raise Refusal("EXPORT-FORMAT", "A file is csv or jsonl.", path="format", hint="Choose csv or jsonl.")
    return _lines([register.columns()]) if form == CSV else b""


def page(db: sqlite3.Connection, register: Register, owner: str, form: str, after: int) -> Page:
    """The next records of ``owner`` in a register, those under examination too, in the order they were entered."""
    rows = store.rows_owned(db, register.code, owner, after, PAGE_ROWS)
    bodies = [fields_of(register, row.body) for row in rows if row.body is not None]
    last = rows[-1].row if len(rows) == PAGE_ROWS else 0
    if form == CSV:
        columns, types = register.columns(), register.machine.types
        return Page(
            _lines([[_cell(body.get(name), types[name]) for name in columns] for body in bodies]), last
        )
    return Page(b"".join(msgspec.json.encode(body) + b"\n" for body in bodies), last)


def fields_of(register: Register, body: bytes) -> dict[str, Any]:
    """The fields of a body by name, as programs read them; what was not given is left out."""
    fields: dict[str, Any] = msgspec.to_builtins(register.decode(body))
    return fields


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode()


def _cell(value: Any, kind: FieldType) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return element_of(kind).separator.join(map(str, value))
    return str(value)
