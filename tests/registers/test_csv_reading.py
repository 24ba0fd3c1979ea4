"""Rows come out of a file whole, with the offset after each, however they are quoted and wherever reading resumes."""

import csv
import io
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.registers import csv_reading
from allpoints.registers.csv_reading import Broken, Header, RawRow, csv_rows, json_rows, kind_of, read_header
from allpoints.vocabulary.register import Register

HEADER = "source_ref,document_number,issuer,document_type,fraud"
CELLS = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=6)


def rows_of(text: str | bytes, columns: int = 2, *, offset: int = 0, line: int = 0) -> list[RawRow]:
    data = text if isinstance(text, bytes) else text.encode()
    header = Header(tuple("abcdefgh"[:columns]), ",", 0, 0)
    return list(csv_rows(io.BytesIO(data), header, offset, line))


def header_of(text: str | bytes, register: Register) -> Header:
    return read_header(io.BytesIO(text if isinstance(text, bytes) else text.encode()), register)


def refused_code(text: str | bytes, register: Register) -> str:
    with pytest.raises(Refusal) as refused:
        header_of(text, register)
    return refused.value.code


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=8))
@settings(max_examples=60, deadline=None)
def test_reading_on_from_any_row_gives_the_rest_of_the_rows(table: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(table)
    rows = rows_of(out.getvalue())
    expected = [{name: cell for name, cell in zip("ab", cells, strict=True) if cell} for cells in table]
    assert [row.raw for row in rows] == [raw for raw in expected if raw]
    for position, row in enumerate(rows):
        assert rows_of(out.getvalue(), offset=row.end_offset, line=row.end_line) == rows[position + 1 :]


@given(st.lists(st.dictionaries(st.sampled_from("ab"), CELLS, min_size=1), max_size=8))
@settings(max_examples=60, deadline=None)
def test_json_lines_can_be_read_on_from_any_row_too(table: list[dict[str, str]]) -> None:
    data = "".join(json.dumps(raw) + "\n" for raw in table).encode()
    rows = list(json_rows(io.BytesIO(data), 0, 0))
    assert [row.raw for row in rows] == table
    for position, row in enumerate(rows):
        assert list(json_rows(io.BytesIO(data), row.end_offset, row.end_line)) == rows[position + 1 :]


@given(st.binary(max_size=120), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_rows_faults_or_a_broken_file_and_never_run_backwards(
    data: bytes, as_json: bool
) -> None:
    header = Header(("a", "b"), ",", 0, 0)
    file = io.BytesIO(data)
    at = 0
    with suppress(Broken):
        for row in json_rows(file, 0, 0) if as_json else csv_rows(file, header, 0, 0):
            assert at < row.end_offset <= len(data)
            at = row.end_offset


def test_a_quoted_value_may_run_over_lines_and_the_next_row_keeps_its_line_number() -> None:
    rows = rows_of('one,"two\r\nlines"\r\n\r\nthree,four\r\n')
    assert [(row.line, row.raw) for row in rows] == [
        (1, {"a": "one", "b": "two\r\nlines"}),
        (4, {"a": "three", "b": "four"}),
    ]
    assert rows[0].end_line == 2


def test_rows_without_any_value_are_passed_over() -> None:
    assert [row.line for row in rows_of("\n,\n1,2\n , \n")] == [3, 4]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"1,2,3", "CELL-COUNT"),
        (b"1", "CELL-COUNT"),
        (b"\xff,2", "NOT-UTF-8"),
        (b"\0,2", "NUL-BYTE"),
        (b'"1"x,2', "QUOTING"),
        (b"1,2\r3,4", "LINE-END"),
    ],
)
def test_a_row_that_cannot_be_read_is_bad_and_the_rows_after_it_are_read(line: bytes, code: str) -> None:
    rows = rows_of(b"a,b\n" + line + b"\nc,d\n")
    assert [row.fault.code if row.fault else "" for row in rows] == ["", code, ""]
    assert rows[1].raw == {}
    assert rows[2].raw == {"a": "c", "b": "d"}


def test_a_line_of_64_kib_is_read_and_a_longer_one_ends_the_file() -> None:
    longest = "1," + "x" * (csv_reading.LINE_BYTES_LIMIT - 3) + "\n"
    assert len(rows_of(longest + "3,4\n")) == 2
    with pytest.raises(Broken) as broken:
        rows_of("a,b\n1," + longest)
    assert broken.value.code == "LINE-TOO-LONG"


def test_a_quote_never_closed_ends_the_file_and_does_not_swallow_it() -> None:
    for text in ('a,b\n1,"2\n', 'a,b\n1,"2\n' + "3,4\n" * 100_000):
        header = Header(("a", "b"), ",", 0, 0)
        rows = csv_rows(io.BytesIO(text.encode()), header, 0, 0)
        assert next(rows).raw == {"a": "a", "b": "b"}
        with pytest.raises(Broken) as broken:
            next(rows)
        assert broken.value.code == "QUOTE-NOT-CLOSED"


@pytest.mark.parametrize("line", ["[1]", "{", "1", "", "nothing", '{"a":' * 20_000])
def test_a_line_that_is_no_json_object_is_a_bad_row(line: str) -> None:
    data = f'{{"a": "1"}}\n{line}\n{{"a": 2}}\n'.encode()
    if len(line) > csv_reading.LINE_BYTES_LIMIT:
        with pytest.raises(Broken):
            list(json_rows(io.BytesIO(data), 0, 0))
        return
    rows = list(json_rows(io.BytesIO(data), 0, 0))
    assert rows[0].raw == {"a": "1"}
    assert rows[-1].raw == {"a": 2}
    assert [row.fault.code for row in rows if row.fault] == (["JSON-LINE"] if line else [])


def test_a_deeply_nested_json_line_is_a_bad_row() -> None:
    rows = list(json_rows(io.BytesIO(b'{"a":' * 10_000 + b"\n"), 0, 0))
    assert [row.fault.code for row in rows if row.fault] == ["JSON-LINE"]


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (b"\xff\xfes\0o\0", "NOT-UTF-8"),
        (b"\xfe\xff\0s\0o", "NOT-UTF-8"),
        (b"PK\x03\x04rest", "NOT-UTF-8"),
        (b"\xd0\xcf\x11\xe0rest", "NOT-UTF-8"),
        (b"\x1f\x8brest", "NOT-UTF-8"),
        (b"", "EMPTY-FILE"),
        (b"\xef\xbb\xbf\n \n", "EMPTY-FILE"),
    ],
)
def test_a_file_that_is_visibly_something_else_is_refused_with_what_it_is(start: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        kind_of(io.BytesIO(start))
    assert refused.value.code == code


def test_csv_and_json_lines_are_told_apart_by_their_first_letter() -> None:
    assert kind_of(io.BytesIO(HEADER.encode())) == "csv"
    assert kind_of(io.BytesIO(b"\xef\xbb\xbf" + HEADER.encode())) == "csv"
    assert kind_of(io.BytesIO(b'\n {"source_ref": "1"}')) == "jsonl"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_header_is_read_with_either_delimiter_and_with_or_without_a_mark(
    documents: Register, mark: str, delimiter: str
) -> None:
    line = mark + HEADER.replace(",", delimiter) + "\r\n"
    header = header_of(line + "rest", documents)
    assert header.columns == tuple(HEADER.split(","))
    assert (header.delimiter, header.end_offset, header.end_line) == (delimiter, len(line.encode()), 1)


def test_an_unknown_column_is_named_with_the_nearest_one_and_the_template(documents: Register) -> None:
    with pytest.raises(Refusal) as refused:
        header_of(HEADER.replace("document_number", "document_nunber"), documents)
    faults = {fault.code: fault for fault in refused.value.faults}
    assert faults["UNKNOWN-COLUMN"].path == "document_nunber"
    assert "Did you mean document_number?" in faults["UNKNOWN-COLUMN"].hint
    assert "source_ref" in faults["UNKNOWN-COLUMN"].hint
    assert faults["MISSING-COLUMN"].path == "document_number"
    assert header_of(HEADER, documents).columns


def test_headers_that_do_not_fit_are_refused(documents: Register) -> None:
    assert refused_code("source_ref,issuer", documents) == "MISSING-COLUMN"
    assert refused_code(HEADER + ",issuer", documents) == "DOUBLE-COLUMN"
    assert refused_code(HEADER + ",", documents) == "UNKNOWN-COLUMN"
    assert refused_code(HEADER + ",issuer" * 200, documents) == "TOO-MANY-COLUMNS"
    assert refused_code(HEADER.encode() + b"\xff", documents) == "NOT-UTF-8"
    assert refused_code(HEADER + "\0", documents) == "NUL-BYTE"
    assert refused_code("x" * 70_000, documents) == "LINE-TOO-LONG"
    assert refused_code('"' + HEADER, documents) == "UNKNOWN-COLUMN"
