"""One process at a time in a folder."""

import os
import sqlite3
from pathlib import Path

import pytest

from allpoints.cli import folders
from allpoints.ground.refusal import Refusal


def test_a_folder_is_held_by_one_at_a_time_and_named_with_its_process(tmp_path: Path) -> None:
    with folders.held(tmp_path):
        with pytest.raises(Refusal) as refused, folders.held(tmp_path):
            pass
        assert refused.value.code == "FOLDER-BUSY"
        assert str(os.getpid()) in refused.value.sentence
    with folders.held(tmp_path):
        pass


def test_what_fails_in_the_folder_is_undone(tmp_path: Path) -> None:
    with folders.written(tmp_path) as db:
        db.execute("CREATE TABLE kept (one)")
    with pytest.raises(sqlite3.Error), folders.written(tmp_path) as db:
        db.executemany("INSERT INTO kept VALUES (?)", [(1,), (2, 3)])
    with folders.written(tmp_path) as db:
        assert db.execute("SELECT count(*) FROM kept").fetchone() == (0,)
