"""Rows of a spooled file, one after the other, each with the byte offset after it, so that reading can go on there.

A row that cannot be read is a bad row. A file whose structure is lost (a line without end, a quote never closed)
is broken from that line on: whatever would be read after it might be the inside of a field.
"""

import csv
import difflib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.registers.entering import REASON_COLUMN
from allpoints.vocabulary.register import Register

LINE_BYTES_LIMIT = 64 * 1024
"""Longest line, and longest row when quoted fields run over several lines."""

COLUMNS_LIMIT = 200

CHANGE_COLUMN = "@change"
"""What became of a row's record since the last file: new, changed or gone. No field can have such a name."""

BESIDE = (CHANGE_COLUMN, REASON_COLUMN)

CSV = "csv"
JSON_LINES = "jsonl"

_BOM = b"\xef\xbb\xbf"
_DELIMITERS = (",", ";")
_FOREIGN = (
    (b"\xff\xfe", "The file is UTF-16 text."),
    (b"\xfe\xff", "The file is UTF-16 text."),
    (b"PK\x03\x04", "The file is a spreadsheet or an archive."),
    (b"\xd0\xcf\x11\xe0", "The file is a spreadsheet."),
    (b"\x1f\x8b", "The file is compressed."),
)
_SAVE_AS = "Save it as “CSV UTF-8”."

_decode_line = msgspec.json.Decoder(dict[str, Any]).decode


class Broken(Refusal):
    """The file's structure is lost here: rows before stand, nothing after it is read."""


class RawRow(NamedTuple):
    """One row as it stands in the file: its cells, or the fault that keeps it from being read.

    ``line`` is where it begins (1 is the file's first); ``end_offset`` and ``end_line`` are what is read when it
    is.
    """

    line: int
    raw: dict[str, Any]
    fault: Fault | None
    end_offset: int
    end_line: int


class Header(NamedTuple):
    """The first row of a CSV file and where the rows begin."""

    columns: tuple[str, ...]
    delimiter: str
    end_offset: int
    end_line: int


class _Lines:
    """Lines of the file as text, counted in bytes as the reader takes them, one row's worth at most."""

    def __init__(self, file: BinaryIO, offset: int, line: int) -> None:
        file.seek(offset)
        self._readline = file.readline
        self.offset = offset
        self.line = line
        self.fault: Fault | None = None
        self._row_start = offset

    def begin_row(self) -> None:
        self.fault = None
        self._row_start = self.offset

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data = self._readline(LINE_BYTES_LIMIT + 1)
        if not data:
            raise StopIteration
        if self.offset + len(data) - self._row_start > LINE_BYTES_LIMIT:
            raise self._endless(len(data))
        text = self._text(data.removeprefix(_BOM)) if self.offset == 0 else self._text(data)
        self.offset += len(data)
        self.line += 1
        return text

    def _text(self, data: bytes) -> str:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            sentence = f"Byte {error.start + 1} of line {self.line + 1} is not UTF-8 text."
            self.fault = Fault("NOT-UTF-8", sentence, hint=_SAVE_AS)
            return data.decode(errors="replace")
        if "\0" in text:
            self.fault = Fault("NUL-BYTE", "The row contains a zero byte.", hint="Export the file again.")
        return text

    def _endless(self, taken: int) -> Broken:
        if taken > LINE_BYTES_LIMIT:
            return Broken(
                "LINE-TOO-LONG",
                f"Line {self.line + 1} is longer than {LINE_BYTES_LIMIT} bytes; the file is not read beyond it.",
                hint="Check the line ends of the file.",
            )
        return Broken(
            "QUOTE-NOT-CLOSED",
            f"A row is longer than {LINE_BYTES_LIMIT} bytes when line {self.line + 1} is read;"
            " the file is not read beyond it.",
            hint="Look for a quotation mark that is never closed.",
        )


def kind_of(file: BinaryIO) -> str:
    """Whether the file is CSV or JSON lines; raises Refusal for what is visibly neither."""
    file.seek(0)
    start = file.read(4096)
    for magic, sentence in _FOREIGN:
        if start.startswith(magic):
            raise Refusal("NOT-UTF-8", sentence, path="file", hint=_SAVE_AS, status=400)
    text = start.removeprefix(_BOM).lstrip()
    if not text:
        raise Refusal("EMPTY-FILE", "The file is empty.", path="file")
    return JSON_LINES if text.startswith(b"{") else CSV


def read_header(file: BinaryIO, register: Register) -> Header:
    """Read and check the first row of a CSV file against the register's import columns.

    Raises Refusal NOT-UTF-8, NUL-BYTE, TOO-MANY-COLUMNS, UNKNOWN-COLUMN, DOUBLE-COLUMN, MISSING-COLUMN, LINE-TOO-LONG.
    """
    lines = _Lines(file, 0, 0)
    lines.begin_row()
    text = next(lines, "")
    if lines.fault is not None:
        raise Refusal.of([lines.fault], status=400)
    known = {*register.columns(), *BESIDE}
    readings = [(_split(text, delimiter), delimiter) for delimiter in _DELIMITERS]
    columns, delimiter = max(readings, key=lambda reading: len(known & set(reading[0])))
    _check_columns(register, columns)
    return Header(columns, delimiter, lines.offset, lines.line)


def _split(text: str, delimiter: str) -> tuple[str, ...]:
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return (text.strip(),)
    return tuple(cell.strip() for cell in cells)


def _check_columns(register: Register, columns: Sequence[str]) -> None:
    template = f"The template of {register.name} has: {', '.join(register.columns())}."
    if len(columns) > COLUMNS_LIMIT:
        raise Refusal(
            "TOO-MANY-COLUMNS",
            f"The file has {len(columns)} columns, {COLUMNS_LIMIT} at most.",
            hint=template,
        )
    required = [field.name for field in register.fields if field.required]
    faults = []
    for position, column in enumerate(columns, start=1):
        if column not in register.columns() and column not in BESIDE:
            near = difflib.get_close_matches(column[:100], register.columns(), 1)
            hint = f"Did you mean {near[0]}? {template}" if near else template
            named = repr(column[:100]) if column else f"number {position}, which has no name,"
            faults.append(Fault("UNKNOWN-COLUMN", f"The register has no column {named}.", column[:100], hint))
        elif column in columns[: position - 1]:
            faults.append(
                Fault("DOUBLE-COLUMN", f"The column {column!r} stands there twice.", column, template)
            )
    faults += [
        Fault("MISSING-COLUMN", f"The column {column!r} is missing; every record needs it.", column, template)
        for column in required
        if column not in columns
    ]
    if faults:
        raise Refusal.of(faults)


def csv_rows(file: BinaryIO, header: Header, offset: int, line: int) -> Iterator[RawRow]:
    """Rows from ``offset`` on; lines without any value are passed over. Raises Broken where the structure is lost."""
    lines = _Lines(file, offset, line)
    reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
    columns = header.columns
    while True:
        lines.begin_row()
        begins = lines.line + 1
        fault: Fault | None = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = _quoting(error, begins)
        if fault is None and not any(cells):
            continue
        fault = fault or lines.fault
        if fault is None and len(cells) != len(columns):
            sentence = f"The row has {len(cells)} cells, the header {len(columns)}."
            fault = Fault(
                "CELL-COUNT", sentence, hint="Put quotes around a value that contains the delimiter."
            )
        raw = {} if fault else {name: cell for name, cell in zip(columns, cells, strict=True) if cell}
        yield RawRow(begins, raw, fault, lines.offset, lines.line)


def _quoting(error: csv.Error, line: int) -> Fault:
    if "unexpected end of data" in str(error):
        raise Broken(
            "QUOTE-NOT-CLOSED",
            f"A quotation mark opened in the row of line {line} is never closed.",
            hint="Close it, or check that the file is whole.",
        ) from None
    if "new-line character" in str(error):
        return Fault("LINE-END", "A carriage return stands alone in the row.", hint=_SAVE_AS)
    sentence = "The quotation marks of the row do not fit together."
    return Fault("QUOTING", sentence, hint='Inside a quoted value, write a quotation mark twice ("").')


def json_rows(file: BinaryIO, offset: int, line: int) -> Iterator[RawRow]:
    """Rows of JSON lines from ``offset`` on, one object a line; empty lines are passed over."""
    lines = _Lines(file, offset, line)
    while True:
        lines.begin_row()
        text = next(lines, None)
        if text is None:
            return
        if not text.strip():
            continue
        fault, raw = lines.fault, {}
        if fault is None:
            try:
                raw = _decode_line(text)
            except (msgspec.DecodeError, RecursionError) as error:
                fault = Fault("JSON-LINE", f"The line is not one JSON object: {error}.")
        yield RawRow(lines.line, raw, fault, lines.offset, lines.line)
