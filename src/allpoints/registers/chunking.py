"""Reading a spooled file for an import: looked at once, then piece by piece, each row cleaned.

Nothing here knows the database, so a worker may read ahead while the engine does other things.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.registers import csv_reading, entering
from allpoints.registers.csv_reading import CHANGE_COLUMN, RawRow
from allpoints.registers.entering import REASON_COLUMN, Cleaned, Writer
from allpoints.registers.import_job import CLEARING, ImportJob, RowFault
from allpoints.vocabulary.register import Register, Vocabulary

FILE_BYTES_LIMIT = 1024 * 1024 * 1024
"""Largest file of one import; a larger one is split."""

CHUNK_ROWS = 500

CHUNK_BYTES_LIMIT = 2 * 1024 * 1024
"""A chunk ends here even with fewer rows, so that its acts fit into one ledger entry."""

CHUNK_FILES_BYTES_LIMIT = 8 * 1024 * 1024
"""And here once its rows' files are so large: sealing them holds up everything else that the node does."""

GONE = "gone"
ENTERED = frozenset({"", "new", "changed"})
"""What a row may say of its record under ``@change``."""

ROW_FAULTS_LIMIT = 20
"""Faults listed of one row."""

_HASHING_BYTES = 1024 * 1024


class Source(msgspec.Struct, frozen=True):
    """A spooled file that was looked at: what it is, and that its header fits the register."""

    path: str
    register: str
    kind: str
    size_bytes: int
    sha256: str


class Chunk(NamedTuple):
    """Some rows of the file, cleaned. ``broken`` says why nothing after them can be read.

    ``records`` pairs each good row's line with its record. ``checked``, ``offset`` and ``line`` are those of the
    job it was read for.
    """

    checked: bool
    offset: int
    end_offset: int
    end_line: int
    read: int
    bad: int
    records: list[tuple[int, Cleaned]]
    faults: list[RowFault]
    ended: bool
    broken: Fault | None


def inspect(vocabulary: Vocabulary, path: Path, register_name: str) -> Source:
    """Look at a spooled file: kind, header, size, hash. Reads the whole file once; touches no database.

    Raises Refusal UNKNOWN-REGISTER, FILE-TOO-LARGE, EMPTY-FILE, NOT-UTF-8 and those of ``read_header``.
    """
    register = vocabulary.registers.get(register_name)
    if register is None:
        raise Refusal("UNKNOWN-REGISTER", f"There is no register {register_name!r}.", path="register")
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size > FILE_BYTES_LIMIT:
            raise Refusal(
                "FILE-TOO-LARGE",
                f"The file has {size} bytes, at most {FILE_BYTES_LIMIT} are allowed.",
                path="file",
                hint="Split it and import the parts one after the other.",
                status=413,
            )
        kind = csv_reading.kind_of(file)
        if kind == csv_reading.CSV:
            csv_reading.read_header(file, register)
        file.seek(0)
        digest = hashlib.sha256()
        while part := file.read(_HASHING_BYTES):
            digest.update(part)
    return Source(str(path), register_name, kind, size, digest.hexdigest())


def read_chunk(job: ImportJob, register: Register, writer: Writer, size: int = CHUNK_ROWS) -> Chunk:
    """Read and clean the next rows of the job's file; pure but for reading, so a worker may run it.

    Raises Refusal FILE-CHANGED when the spooled file is gone or has another size than when it was begun.
    """
    reading = _Reading(job, register, writer)
    if job.state == CLEARING:
        # The file is read; what it does not name is looked up where the chunk is committed.
        return reading.chunk(ended=True)
    try:
        with Path(job.path).open("rb") as file:
            if file.seek(0, 2) != job.size_bytes:
                raise _changed(job)
            for row in _rows(file, job, register):
                reading.take(row)
                if reading.is_full(size):
                    return reading.chunk(ended=False)
    except FileNotFoundError:
        raise _changed(job) from None
    except csv_reading.Broken as broken:
        return reading.chunk(ended=True, broken=broken.fault())
    return reading.chunk(ended=True)


def row_fault(line: int, fault: Fault) -> RowFault:
    """The fault as it is listed for a row."""
    return RowFault(line, fault.path, fault.code, fault.sentence, fault.hint)


def _changed(job: ImportJob) -> Refusal:
    return Refusal(
        "FILE-CHANGED",
        "The file of this import is no longer the one that was begun.",
        path="file",
        hint=f"Begin a new import with the file whose SHA-256 is {job.sha256}.",
        status=409,
    )


def _rows(file: BinaryIO, job: ImportJob, register: Register) -> Iterator[RawRow]:
    if job.kind == csv_reading.JSON_LINES:
        return csv_reading.json_rows(file, job.offset_bytes, job.line)
    header = csv_reading.read_header(file, register)
    if job.offset_bytes:
        return csv_reading.csv_rows(file, header, job.offset_bytes, job.line)
    return csv_reading.csv_rows(file, header, header.end_offset, header.end_line)


class _Reading:
    """Rows of one chunk as they are read and cleaned."""

    def __init__(self, job: ImportJob, register: Register, writer: Writer) -> None:
        self._job = job
        self._writer = writer
        self._register = register
        self.read = 0
        self.end_offset = job.offset_bytes
        self._end_line = job.line
        self._bad = 0
        self._file_bytes = 0
        self._records: list[tuple[int, Cleaned]] = []
        self._faults: list[RowFault] = []

    def take(self, row: RawRow) -> None:
        self.read += 1
        self.end_offset, self._end_line = row.end_offset, row.end_line
        if row.fault is not None:
            self._refuse(row.line, (row.fault,))
            return
        try:
            record = self._record(row.raw)
        except Refusal as refusal:
            self._refuse(row.line, refusal.faults or (refusal.fault(),))
        else:
            self._records.append((row.line, record))
            self._file_bytes += record.file_bytes

    def is_full(self, size: int) -> bool:
        """Whether the rows are enough for one transaction: by number, by their bytes, or by those of their files."""
        read_bytes = self.end_offset - self._job.offset_bytes
        return (
            self.read >= size
            or read_bytes >= CHUNK_BYTES_LIMIT
            or self._file_bytes >= CHUNK_FILES_BYTES_LIMIT
        )

    def _record(self, raw: dict[str, Any]) -> Cleaned:
        change = raw.pop(CHANGE_COLUMN, "")
        if change == GONE:
            return entering.gone(self._register, self._writer, raw)
        raw.pop(REASON_COLUMN, None)
        if change not in ENTERED:
            raise Refusal(
                "CHANGE-UNKNOWN",
                f"“{str(change)[:20]}” is no change.",
                path=CHANGE_COLUMN,
                hint="Write new, changed or gone, or leave it empty.",
            )
        return entering.clean(self._register, self._writer, raw, self._job.carriage.handling)

    def _refuse(self, line: int, faults: Sequence[Fault]) -> None:
        self._bad += 1
        self._faults += [row_fault(line, fault) for fault in faults[:ROW_FAULTS_LIMIT]]

    def chunk(self, *, ended: bool, broken: Fault | None = None) -> Chunk:
        job = self._job
        return Chunk(
            job.checked,
            job.offset_bytes,
            self.end_offset,
            self._end_line,
            self.read,
            self._bad,
            self._records,
            self._faults,
            ended,
            broken,
        )
