"""A bureau that imports files as a node does, one piece after the other."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from tests.registers.writers import writer

from allpoints.registers import import_job, importing
from allpoints.registers.chunking import inspect, read_chunk
from allpoints.registers.entering import Carriage
from allpoints.registers.import_job import (
    GOING,
    ImportJob,
)
from allpoints.registers.importing import Order, commit_chunk
from allpoints.registers.record import RecordOp
from allpoints.vocabulary.register import Vocabulary

Raw = dict[str, object]
Make = Callable[..., Raw]
Open = Callable[[], sqlite3.Connection]
HEADER = "source_ref,document_number,issuer,document_type,fraud\n"
OUTBOX = "CREATE TABLE test_outbox (ops BLOB)"


def rows(count: int, fraud: str = "stolen") -> str:
    return "".join(f"AV-{n},AV{n:07d},XAV,passport,{fraud}\n" for n in range(count))


class Bureau:
    """Drives imports as a node does: what a chunk comes to goes into the outbox in the same transaction."""

    def __init__(
        self, db: sqlite3.Connection, vocabulary: Vocabulary, carriage: Carriage, path: Path
    ) -> None:
        self.db = db
        self.vocabulary = vocabulary
        self.documents = vocabulary.registers["travel-documents"]
        self.carriage = carriage
        self.path = path
        self._made = 0
        db.execute(OUTBOX)

    def begin(self, text: str, **options: Any) -> ImportJob:
        self.path.write_text(text)
        self._made += 1
        order = Order(f"import-{self._made}", "XAV", "officer", self.carriage, **options)
        source = inspect(self.vocabulary, self.path, "travel-documents")
        return importing.begin(self.db, self.vocabulary, source, order, 5)

    def step(self, job: ImportJob, size: int = 4) -> ImportJob:
        chunk = read_chunk(job, self.documents, writer("XAV"), size)
        committed = commit_chunk(self.db, job, chunk, self.documents, 9)
        if committed.ops:
            self.db.execute("INSERT INTO test_outbox VALUES (?)", (msgspec.msgpack.encode(committed.ops),))
        return committed.job

    def finish(self, job: ImportJob) -> ImportJob:
        while job.state in GOING:
            job = self.step(job)
        return job

    def run(self, text: str, **options: Any) -> ImportJob:
        return self.finish(self.begin(text, **options))

    def outbox(self) -> list[RecordOp]:
        blobs = self.db.execute("SELECT ops FROM test_outbox ORDER BY rowid").fetchall()
        return [op for (blob,) in blobs for op in msgspec.msgpack.decode(blob, type=list[RecordOp])]

    def said(self) -> list[tuple[str, int]]:
        return [(op.ref, op.version) for op in self.outbox()]

    def faults(self, job: ImportJob) -> list[tuple[int, str, str]]:
        return [(fault.line, fault.field, fault.code) for fault in import_job.faults(self.db, job)]


def counts(job: ImportJob) -> tuple[str, int, int, int, int]:
    return job.state, job.read, job.accepted, job.unchanged, job.bad
