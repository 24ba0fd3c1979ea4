"""A node's folder on this machine: who may write to it, and its database while the node is stopped."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.identity import officer_tables
from allpoints.ledger import audit

LOCK_FILE = "lock"
DATABASE = "node.sqlite"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder alone; refuses (FOLDER-BUSY) while another process serves it or works in it."""
    handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(folder, handle) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _busy(folder: Path, handle: int) -> Refusal:
    process = os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "unknown"
    return Refusal(
        "FOLDER-BUSY",
        f"{folder} is in use by another process (number {process}).",
        hint="A folder has one node at a time: stop that one first, or name another folder with --dir.",
        status=409,
    )


@contextmanager
def written(folder: Path) -> Iterator[sqlite3.Connection]:
    """The stopped node's database in one transaction, under the folder's lock."""
    with held(folder), closing(FolderDisk(folder).database(DATABASE)) as db:
        for schema in (officer_tables.SCHEMA, audit.SCHEMA):
            db.executescript(schema)
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
