"""Taking in what check workers answered by themselves: from their journals into the audit log and the kept checks.

A place in a journal and what stands before it are committed together, so that every check is taken in exactly once,
whatever is killed meanwhile. A record that came between a worker's answer and this is found here: its hit is late.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
import structlog

from allpoints.border import journal, store
from allpoints.border.journal import JournalLine, Piece
from allpoints.border.verdict import Verdict
from allpoints.ground.refusal import Refusal
from allpoints.ledger import audit
from allpoints.node.alerts import Alerts
from allpoints.node.check_index import CheckIndex
from allpoints.node.checks import Checks
from allpoints.node.engine import Engine

LINES_AT_ONCE = 1_000
"""Lines taken in by one item of work: some 50 ms, so that no hit waits long."""
WAITING_LIMIT_BYTES = 64 * 1024 * 1024
"""Beyond so much that was answered and not taken in, workers say that they are busy."""
BROKEN_SUFFIX = ".broken"

_encode = msgspec.json.Encoder().encode
log = structlog.get_logger("checks")


class Read(NamedTuple):
    """A piece of one journal and from where it was read."""

    path: Path
    start: int
    piece: Piece


class LooksAgain(Protocol):
    def take_late(self, kept: store.KeptCheck) -> None:
        """Look again at a check that was answered, and raise what is found now."""
        ...


class CheckIntake:
    """The journals of one node's workers."""

    def __init__(
        self,
        engine: Engine,
        parts: tuple[CheckIndex, Checks, Alerts],
        again: LooksAgain,
    ) -> None:
        self.engine = engine
        self.index, self.checks, self.alerts = parts
        self.again = again
        self.folder = engine.disk.folder / journal.FOLDER

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def places(self) -> dict[str, int]:
        """How far each journal was taken in; those that are gone are forgotten."""
        known = dict(self.db.execute("SELECT name, taken FROM office_check_journals"))
        there = {path.name for path in journal.files(self.folder)}
        gone = [(name,) for name in known if name not in there]
        self.db.executemany("DELETE FROM office_check_journals WHERE name = ?", gone)
        return {name: taken for name, taken in known.items() if name in there}

    def take(self, read: Read) -> None:
        """Take in a piece of a journal: audit lines, kept checks and the place behind them, all or none of it."""
        name, lines = read.path.name, read.piece.lines
        row = self.db.execute("SELECT taken FROM office_check_journals WHERE name = ?", (name,)).fetchone()
        if (row[0] if row else 0) != read.start:
            raise Refusal("STALE-CHUNK", "This piece of a journal was taken in already.", status=409)
        audit.take_over(self.db, "check:asked", read.piece.policy, map(_audited, lines))
        for line in lines:
            self._keep(line)
        self.checks.counts["asked"] += len(lines)
        self.db.execute("INSERT OR REPLACE INTO office_check_journals VALUES (?,?)", (name, read.piece.end))

    def _keep(self, line: JournalLine) -> None:
        kept = store.KeptCheck(line.check, line.at_ms, "", Verdict.CLEAR, line.asked.decode(), line.pair)
        try:
            if store.keep_check(self.db, kept, line.tokens) and self._concerned(line.tokens):
                self.again.take_late(kept)
        except Refusal as refusal:
            # The registers may have changed since it was asked; its line stands, and the others are not held up.
            log.warning("a check cannot be looked at again", code=refusal.code)

    def _concerned(self, tokens: Sequence[bytes]) -> bool:
        return any(self.index.index.lookup(token) for token in tokens)

    def set_aside(self, path: Path, why: str) -> None:
        """Keep a journal that cannot be read to its end for whoever examines it, and say so aloud."""
        log.error("a check journal cannot be read to its end", why=why)
        path.rename(path.with_suffix(BROKEN_SUFFIX))
        title = "A journal of checks could not be read to its end and was set aside."
        self.alerts.raise_(self.engine.clock.now(), "system", title, "", urgent=True)


def _audited(line: JournalLine) -> tuple[int, str, str, str, bytes]:
    detail = {
        "check": line.check,
        "question": msgspec.Raw(line.asked),
        "number": line.number,
        "issuer": line.issuer,
    }
    if line.emergency:
        detail["emergency"] = line.emergency
    return line.at_ms, line.officer, line.purpose, line.case, _encode(detail)


def waiting_bytes(folder: Path, places: dict[str, int]) -> int:
    """How much was answered and not taken in yet."""
    return sum(path.stat().st_size - places.get(path.name, 0) for path in journal.files(folder))
