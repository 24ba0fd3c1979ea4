"""What surrounds a node in a test: a clock that is moved, a wire that is watched, a disk that fails."""

import sqlite3
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

from tests.node.samples import NOW_MS

from allpoints.ground.disk import FolderDisk
from allpoints.node import frames


class Clock:
    """A clock that moves when it is told."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now_ms = now_ms

    def now(self) -> int:
        return self.now_ms


class Sent(NamedTuple):
    sender: str
    to: str
    data: bytes

    @property
    def frame(self) -> frames.AnyFrame:
        return frames.decode(self.data)


class Wire:
    """Every frame on its way, in order, from everybody to everybody."""

    def __init__(self) -> None:
        self.queue: deque[Sent] = deque()
        self.seen: list[Sent] = []

    def carrier(self, sender: str) -> "Line":
        return Line(self, sender)


class Line:
    def __init__(self, wire: Wire, sender: str) -> None:
        self.wire = wire
        self.sender = sender

    def send(self, peer: str, frame: bytes) -> None:
        one = Sent(self.sender, peer, frame)
        self.wire.queue.append(one)
        self.wire.seen.append(one)


class FailingConnection(sqlite3.Connection):
    """Fails at the n-th statement (counted from 1) once armed, and from then on if it is told to stay broken."""

    fails_at = 0
    statements = 0
    stays_broken = False
    broke = ""

    def arm(self, number: int, *, stays_broken: bool = False) -> None:
        self.fails_at, self.statements, self.stays_broken = number, 0, stays_broken
        self.broke = ""

    def _count(self, sql: str) -> None:
        # A rollback needs no disk: SQLite forgets what it had not written yet.
        if not self.fails_at or sql == "ROLLBACK":
            return
        self.statements += 1
        over = self.statements > self.fails_at and self.stays_broken
        if self.statements == self.fails_at or over:
            self.broke = sql
            raise sqlite3.OperationalError("disk I/O error")

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self._count(sql)
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        self._count(sql)
        return super().executemany(sql, parameters)


class FailingDisk(FolderDisk):
    """A folder whose database can be told to fail."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, synchronous="OFF")

    def database(self, name: str) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = sqlite3.connect(self.folder / name, isolation_level=None, factory=FailingConnection)
        for pragma in ("synchronous=OFF", "journal_mode=WAL", "foreign_keys=ON"):
            db.execute(f"PRAGMA {pragma}")
        return db
