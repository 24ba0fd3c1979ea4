"""Imports at a node: files of records that wait in the spool and go in piece by piece, beside everything else."""

import contextlib
import os
import sqlite3
from pathlib import Path

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.node.records import Records
from allpoints.registers import chunking, import_job, importing
from allpoints.registers.chunking import Chunk, Source
from allpoints.registers.import_job import ImportJob
from allpoints.registers.importing import Order

FILES_LIMIT = 100_000
"""Imports looked through for those that have not ended."""
IMPORT_WINDOW = 24
"""Entries of an import that may wait for the relay before the next rows are read."""


class Imports:
    """One node's imports into its registers."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.engine = records.engine

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def check_may(self, asker: Asker, register: str = "") -> None:
        """Refuse whoever may not import, before a file of theirs is taken."""
        if register:
            policy.require(self.records.vocabulary, asker, Act.IMPORT)
            self.records.known_register(asker, register)
        else:
            policy.require_could(self.records.vocabulary, asker, Act.IMPORT)

    def begin(self, asker: Asker, source: Source, order: Order) -> ImportJob:
        self.check_may(asker, source.register)
        now = self.engine.clock.now()
        audit.record(self.db, "import:started", asker, now, register=source.register, sha256=source.sha256)
        return importing.begin(self.db, self.records.vocabulary, source, order, now)

    # -- what an officer is told of: nothing of an import into a register that is closed to this one

    def newest(self, asker: Asker, limit: int) -> list[ImportJob]:
        self.check_may(asker)
        return import_job.newest(self.db, limit, self.records.known(asker))

    def known(self, asker: Asker, identifier: str) -> ImportJob:
        """One import; raises Refusal UNKNOWN-IMPORT (404)."""
        self.check_may(asker)
        return importing.known(self.db, identifier, self.records.known(asker))

    # -- how it goes on

    def going(self) -> list[ImportJob]:
        """Imports to go on with, unless the relay is far behind what was signed already."""
        if self.records.audience.outbox.waiting() >= IMPORT_WINDOW:
            return []
        return import_job.going(self.db)

    def read(self, job: ImportJob) -> Chunk:
        """Read and clean the next rows; touches no database, so that a worker thread may do it."""
        return chunking.read_chunk(job, self.records.register(job.register), self.records.writer())

    def commit(self, job: ImportJob, chunk: Chunk) -> ImportJob:
        """Take a chunk: what it enters is sealed and kept in the same transaction as how far the file is read."""
        register = self.records.register(job.register)
        committed = importing.commit_chunk(self.db, job, chunk, register, self.engine.clock.now())
        for excluded, ops in importing.by_audience(committed).items():
            self.records.seal(register, ops, excluded)
        self._unspool(committed.job)
        return committed.job

    def fail(self, job: ImportJob, why: Refusal) -> ImportJob:
        failed = importing.fail(self.db, job.id, why, self.engine.clock.now())
        self._unspool(failed)
        return failed

    # -- its file

    def spool(self) -> Path:
        """Where files to import wait; they stay until the import has ended."""
        folder = self.engine.disk.folder / "spool"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _unspool(self, job: ImportJob) -> None:
        """Erase the file of an import that has ended: what it says lies in the clear."""
        path = Path(job.path)
        if job.ended_ms and path.parent == self.spool():
            self.engine.after(lambda: path.unlink(missing_ok=True))

    def tidy_spool(self, now_ms: int) -> None:
        """Erase files that no import waits for: a kill came between their arrival, or their end, and this."""
        waiting = {Path(job.path).name for job in import_job.newest(self.db, FILES_LIMIT) if not job.ended_ms}
        for path in self.spool().iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.name not in waiting and path.stat().st_mtime * 1_000 < now_ms - DAY:
                    path.unlink()


def new_import_id() -> str:
    return os.urandom(8).hex()
