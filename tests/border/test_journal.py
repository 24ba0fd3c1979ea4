"""The journals of check workers: every line that was written is read again, and nothing else is."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.border import journal
from allpoints.border.journal import FRAME_HEAD_BYTES, MAGIC, Journal, JournalLine, frame
from allpoints.ground.refusal import Refusal

texts = st.text(max_size=20)
lines_ = st.builds(
    JournalLine,
    check=texts,
    at_ms=st.integers(0, 2**48),
    officer=texts,
    purpose=texts,
    case=texts,
    emergency=texts,
    asked=st.binary(max_size=40),
    number=texts,
    issuer=texts,
    pair=st.binary(max_size=16),
    tokens=st.lists(st.binary(min_size=16, max_size=16), max_size=3).map(tuple),
)


def line(number: int = 0) -> JournalLine:
    return JournalLine(
        f"c{number}", 5, "bo", "border-control", "K-1", "", b"{}", "AB1", "XAV", b"", (bytes([number]) * 16,)
    )


def written(folder: Path, *many: JournalLine) -> Path:
    out = Journal(folder, "policy")
    for one in many:
        out.write(frame(one))
    out.close()
    (path,) = journal.files(folder)
    return path


def all_of(path: Path, start: int = 0) -> list[JournalLine]:
    return journal.read(path, start, 1_000).lines


@given(many=st.lists(lines_, max_size=6), at_once=st.integers(1, 4))
def test_lines_are_read_again_in_order_whatever_is_read_at_once(
    tmp_path_factory: pytest.TempPathFactory, many: list[JournalLine], at_once: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    path = written(folder, line(), *many)
    found, start = [], 0
    while piece := journal.read(path, start, at_once).lines:
        start = journal.read(path, start, at_once).end
        found += piece
    assert found == [line(), *many]
    assert start == path.stat().st_size
    assert journal.read(path, 0, 1).policy == "policy"


@given(cut=st.integers(1, len(frame(line(1)))))
def test_a_line_that_is_not_wholly_there_is_not_read_and_those_before_it_are(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = written(tmp_path_factory.mktemp("journal"), line(), line(1))
    assert all_of(path) == [line(), line(1)]
    os.truncate(path, path.stat().st_size - cut)
    piece = journal.read(path, 0, 10)
    assert piece.lines == [line()]
    assert piece.end <= path.stat().st_size


@given(data=st.data())
def test_a_line_in_which_anything_is_changed_is_not_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = written(tmp_path_factory.mktemp("journal"), line(), line(1))
    size = len(frame(line(1)))
    raw = bytearray(path.read_bytes())
    raw[-data.draw(st.integers(1, size))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(raw))
    assert all_of(path) == [line()]


@pytest.mark.parametrize("raw", [b"", b"allpoints", MAGIC, MAGIC + b"\0" * 40, b"x" * 500])
def test_a_file_that_no_worker_began_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / f"x{journal.SUFFIX}"
    path.write_bytes(raw)
    with pytest.raises(Refusal) as refused:
        journal.read(path, 0, 10)
    assert refused.value.code == "CHECK-JOURNAL-BROKEN"


def test_a_whole_frame_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, line())
    with path.open("ab") as file:
        file.write(journal.framed(b"\xc0"))
    with pytest.raises(Refusal):
        journal.read(path, 0, 10)


def test_a_journal_is_finished_once_its_worker_let_go_of_it(tmp_path: Path) -> None:
    out = Journal(tmp_path, "policy")
    out.write(frame(line()))
    (path,) = journal.files(tmp_path)
    assert not journal.is_finished(path)
    out.close()
    assert journal.is_finished(path)
    assert not journal.is_finished(tmp_path / "gone.journal")


def test_a_long_file_ends_and_another_one_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "FILE_LIMIT_BYTES", 200)
    out = Journal(tmp_path, "policy")
    for number in range(9):
        out.write(frame(line(number)))
    paths = journal.files(tmp_path)
    assert len(paths) > 2
    assert [journal.is_finished(path) for path in paths].count(False) == 1
    assert sorted(one.check for path in paths for one in all_of(path)) == [f"c{n}" for n in range(9)]
    out.close()


def test_after_a_write_that_failed_nothing_comes_into_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Journal(tmp_path, "policy")
    out.write(frame(line()))
    real = os.write

    def half(file: int, data: bytes) -> int:
        return real(file, data[: len(data) // 2])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half)
        with pytest.raises(OSError, match="only a part"):
            out.write(frame(line(1)))
    out.write(frame(line(2)))
    found = sorted(one.check for path in journal.files(tmp_path) for one in all_of(path))
    assert found == ["c0", "c2"]
    out.close()


def test_syncing_says_so_once_everything_written_is_on_the_disk(tmp_path: Path) -> None:
    out = Journal(tmp_path, "policy")
    out.sync()
    states = [out.unsynced]
    out.write(frame(line()))
    states.append(out.unsynced)
    out.sync()
    states.append(out.unsynced)
    assert states == [False, True, False]
    out.close()


def test_a_frame_has_its_length_and_check_sum_in_front() -> None:
    whole = frame(line())
    assert int.from_bytes(whole[:4], "big") == len(whole) - FRAME_HEAD_BYTES
