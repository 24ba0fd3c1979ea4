"""Files are read strictly and every key keeps its line."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Fault
from allpoints.vocabulary.reading import DEPTH_LIMIT, FILE_LIMIT_BYTES, Said, read


def _read(folder: Path, text: str | bytes) -> tuple[Said | None, list[Fault]]:
    path = folder / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    faults: list[Fault] = []
    return read(path, faults), faults


def test_values_are_plain_and_lines_are_kept(tmp_path: Path) -> None:
    said, faults = _read(tmp_path, "a: NO\nb:\n  - 12\n  - 007\n  - true\n  - '12'\n  - 2031-03-14\n")
    assert said is not None
    assert not faults
    assert said.value == {"a": "NO", "b": [12, "007", True, "12", "2031-03-14"]}
    assert said.at(("b", 1)) == "a.yaml:4"
    assert said.at(("b", 99, "c")) == "a.yaml:2"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "VOCABULARY-YAML", 3),
        ("a: 1\nb: [1, 2\nc: }\n", "VOCABULARY-YAML", 3),
        ("a: &x 1\nb: *x\n", "VOCABULARY-YAML", 1),
        ("a: 1\nb: !!python/name:os.system x\n", "VOCABULARY-YAML", 2),
        ("- 1\n", "VOCABULARY-EMPTY", 1),
        ("", "VOCABULARY-EMPTY", 1),
        ("a: " + "[" * 40 + "]" * 40, "VOCABULARY-YAML", 1),
        (b"a: \xff\xfe\n", "VOCABULARY-UNREADABLE", 1),
        (b"a: \x00\n", "VOCABULARY-YAML", 1),
    ],
)
def test_what_is_ambiguous_or_broken_is_a_fault_with_its_line(
    tmp_path: Path, text: str | bytes, code: str, line: int
) -> None:
    _, faults = _read(tmp_path, text)
    assert [(fault.code, fault.path) for fault in faults] == [(code, f"a.yaml:{line}")]


def test_size_and_depth_are_bounded_and_the_bound_itself_is_allowed(tmp_path: Path) -> None:
    deep = "[" * (DEPTH_LIMIT - 1) + "]" * (DEPTH_LIMIT - 1)
    assert not _read(tmp_path, f"a: {deep}\n")[1]
    assert _read(tmp_path, f"a: [{deep}]\n")[1]
    assert not _read(tmp_path, "a: 1\n#".ljust(FILE_LIMIT_BYTES, "x"))[1]
    assert _read(tmp_path, "a: 1\n#".ljust(FILE_LIMIT_BYTES + 1, "x"))[1]


def test_a_file_that_cannot_be_opened_is_a_fault(tmp_path: Path) -> None:
    faults: list[Fault] = []
    assert read(tmp_path / "none.yaml", faults) is None
    assert faults[0].path == "none.yaml:1"


@given(st.text(st.sampled_from("ab:-[]{}'\"#&*!|>\n \t,0"), max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gives_a_mapping_or_faults_and_never_a_crash(tmp_path: Path, text: str) -> None:
    said, faults = _read(tmp_path, text)
    assert said is not None or faults
