"""A node's folder and database: private, durable, and begun and committed by hand."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from allpoints.ground.disk import FolderDisk


def test_a_new_folder_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    disk = FolderDisk(tmp_path / "node")
    disk.database("node.sqlite").close()
    assert stat.S_IMODE(disk.folder.stat().st_mode) == 0o700


def test_a_database_has_a_write_ahead_log_and_syncs_fully_unless_told_otherwise(tmp_path: Path) -> None:
    with closing(FolderDisk(tmp_path).database("full.sqlite")) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)
    with closing(FolderDisk(tmp_path, synchronous="OFF").database("off.sqlite")) as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (0,)


def test_nothing_begins_or_commits_by_itself(tmp_path: Path) -> None:
    with closing(FolderDisk(tmp_path).database("node.sqlite")) as db:
        db.execute("CREATE TABLE one (a)")
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO one VALUES (1)")
        assert db.in_transaction
        db.execute("ROLLBACK")
        assert db.execute("SELECT count(*) FROM one").fetchone() == (0,)


def test_what_was_committed_is_there_for_whoever_opens_the_folder_next(tmp_path: Path) -> None:
    with closing(FolderDisk(tmp_path).database("node.sqlite")) as db:
        db.execute("CREATE TABLE one (a)")
        db.execute("INSERT INTO one VALUES (7)")
    with closing(FolderDisk(tmp_path).database("node.sqlite")) as db:
        assert db.execute("SELECT a FROM one").fetchall() == [(7,)]


def test_rows_with_a_foreign_key_to_nothing_are_refused_by_the_database(tmp_path: Path) -> None:
    with closing(FolderDisk(tmp_path).database("node.sqlite")) as db:
        db.execute("CREATE TABLE one (a INTEGER PRIMARY KEY)")
        db.execute("CREATE TABLE two (a INTEGER REFERENCES one(a))")
        db.execute("INSERT INTO one VALUES (1)")
        db.execute("INSERT INTO two VALUES (1)")
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("INSERT INTO two VALUES (2)")


def test_what_is_erased_is_overwritten_in_the_file(tmp_path: Path) -> None:
    canary = b"canary-of-a-withdrawn-record" * 300
    with closing(FolderDisk(tmp_path).database("node.sqlite")) as db:
        db.execute("CREATE TABLE one (a INTEGER PRIMARY KEY, body BLOB)")
        db.execute("INSERT INTO one VALUES (1, ?)", (canary,))
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert canary[:28] in (tmp_path / "node.sqlite").read_bytes()
        db.execute("UPDATE one SET body=NULL")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert canary[:28] not in (tmp_path / "node.sqlite").read_bytes()
