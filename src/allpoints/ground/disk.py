"""The disk, as an interface: one folder, one database, and nothing acknowledged before it is written."""

import sqlite3
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    @property
    def folder(self) -> Path:
        """Where the node keeps its files."""
        ...

    def database(self, name: str) -> sqlite3.Connection:
        """Open (or make) the database ``name`` in the folder; the caller begins and commits by hand."""
        ...


class FolderDisk:
    """A real folder: SQLite with a write-ahead log, and a commit returns only when it is on the disk."""

    def __init__(self, folder: Path, *, synchronous: str = "FULL") -> None:
        self._folder = folder
        self._synchronous = synchronous

    @property
    def folder(self) -> Path:
        return self._folder

    def database(self, name: str) -> sqlite3.Connection:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(
            self._folder / name, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        # What is erased is overwritten: a withdrawn record must not lie in free pages of a stolen disk.
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA wal_autocheckpoint=8192")
        return connection
