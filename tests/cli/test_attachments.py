import csv
import io
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli.conftest import Allpoints

from allpoints.cli.attachments import ENDINGS, rewritten
from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.attachment import FILES


def rewrite(path: Path) -> str:
    return b"".join(rewritten(path, lambda name: f"<{name}>")).decode()


def test_every_kind_of_file_has_an_ending() -> None:
    assert set(ENDINGS.values()) == set(FILES)


def test_named_files_become_references_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(
        'source_ref;title;views\nE-1;"a;b";file:one.png | file:two, and.png\n\nE-2;see file:x;image/png;size=1\n',
        encoding="utf-8-sig",
    )
    assert rewrite(path) == (
        'source_ref;title;views\nE-1;"a;b";<one.png>|<two, and.png>\n\nE-2;see file:x;image/png;size=1\n'
    )


def test_lists_in_json_lines_name_files_too(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a":"file:x.pdf","b":["file:y.png","z"],"c":3,"d":{"e":"file:q"}}\n\n{"a":"é"}\n')
    read = [msgspec.json.decode(line) for line in rewrite(path).splitlines() if line]
    assert read == [{"a": "<x.pdf>", "b": ["<y.png>", "z"], "c": 3, "d": {"e": "file:q"}}, {"a": "é"}]
    assert len(rewrite(path).splitlines()) == 3


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    ["file:a.png", "file:a.png|file:b.png", "two\nlines", 'a "word"', ""]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=5), st.sampled_from([",", ";"]))
def test_rows_keep_every_cell_that_names_no_file(
    tmp_path: Path, rows: list[list[str]], delimiter: str
) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows([["one", "two"], *rows])
    found = list(csv.reader(io.StringIO(rewrite(path), newline=""), delimiter=delimiter))[1:]
    for before, after in zip(rows, found, strict=True):
        for cell, now in zip(before, after, strict=True):
            assert now == cell or cell.startswith("file:")


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.csv", b'a,b\n"never closed'), ("x.csv", b"a,\xff\n"), ("x.jsonl", b"{]"), ("x.jsonl", b"[1]")],
)
def test_rows_that_cannot_be_read_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refusal, match="is not understood"):
        rewrite(path)
    with pytest.raises(Refusal, match="cannot be read"):
        rewrite(tmp_path / "missing.csv")


def test_a_file_whose_ending_says_nothing_needs_its_media_type(allpoints: Allpoints, tmp_path: Path) -> None:
    path = tmp_path / "print.bin"
    path.write_bytes(b"x")
    told = allpoints("file", "add", path, "--dir", tmp_path)
    assert told.code == 1
    assert "--media-type" in told.err
