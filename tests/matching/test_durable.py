from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from allpoints.matching.durable import DurableFile

if TYPE_CHECKING:
    from tests.matching.conftest import FailingDisk


def write(path: Path, disk: "FailingDisk", data: bytes) -> None:
    with DurableFile(path, disk) as file:
        file.leave_room(4)
        file.write(data)
        file.rewrite_start(b"head")


def test_a_file_is_synced_before_it_is_named_and_its_folder_after(
    tmp_path: Path, disk: "FailingDisk"
) -> None:
    write(tmp_path / "file", disk, b"body")
    assert (tmp_path / "file").read_bytes() == b"headbody"
    assert disk.steps == ["create", "write", "write", "sync", "rename", "sync-folder"]


def test_a_file_is_for_its_owner_only(tmp_path: Path, disk: "FailingDisk") -> None:
    write(tmp_path / "file", disk, b"body")
    assert (tmp_path / "file").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("number", range(1, 7))
def test_a_failure_at_any_step_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, disk: "FailingDisk", names: Callable[[Path], set[str]], number: int
) -> None:
    write(tmp_path / "file", disk, b"old")
    disk.fail_at(number)
    with pytest.raises(OSError, match="no space"):
        write(tmp_path / "file", disk, b"new")
    renamed = disk.steps[-1] == "sync-folder"
    assert (tmp_path / "file").read_bytes() == (b"headnew" if renamed else b"headold")
    assert names(tmp_path) == {"file"}


def test_an_exception_of_the_writer_leaves_nothing(
    tmp_path: Path, disk: "FailingDisk", names: Callable[[Path], set[str]]
) -> None:
    def half() -> None:
        with DurableFile(tmp_path / "file", disk) as file:
            file.write(b"half")
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        half()
    assert names(tmp_path) == set()
