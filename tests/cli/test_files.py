"""Files named on the command line."""

from pathlib import Path

import pytest

from allpoints.cli import files
from allpoints.ground.refusal import Refusal


def test_json_and_yaml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"born": "1979-03-14", "n": [1]}', encoding="utf-8")
    (tmp_path / "a.yaml").write_text("born: 1979-03-14\nn: [1]\n", encoding="utf-8")
    assert files.read_document(tmp_path / "a.json") == files.read_document(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.json", b"{", "FILE-UNREADABLE"),
        ("a.yaml", b"a: [", "FILE-UNREADABLE"),
        ("a.yaml", b"just words", "FILE-UNREADABLE"),
        ("a.json", b"\xff\xfe", "NOT-UTF-8"),
        ("a.json", b" " * (files.DOCUMENT_LIMIT_BYTES + 1), "FILE-TOO-LARGE"),
    ],
)
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refusal) as refused:
        files.read_document(tmp_path / name)
    assert refused.value.code == code


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    files.write_new(tmp_path / "out.json", "one")
    with pytest.raises(Refusal) as refused:
        files.write_new(tmp_path / "out.json", "two")
    assert refused.value.code == "FILE-EXISTS"
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == "one"
