"""A spooled file is looked at once and then read piece by piece; what is wrong with it is said plainly."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.registers.exhibits import NAME as EXHIBITS
from tests.registers.exhibits import exhibit
from tests.registers.exhibits import vocabulary as exhibits
from tests.registers.writers import writer

from allpoints.ground.refusal import Refusal
from allpoints.registers import chunking, importing
from allpoints.registers.chunking import inspect, read_chunk
from allpoints.registers.entering import Carriage
from allpoints.registers.import_job import ImportJob
from allpoints.registers.importing import Order
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.attachment import Attachment

Raw = dict[str, object]
Make = Callable[..., Raw]
HEADER = "source_ref,document_number,issuer,document_type,fraud\n"
Begin = Callable[[str | bytes], ImportJob]


@pytest.fixture
def begin(db: sqlite3.Connection, vocabulary: Vocabulary, carriage: Carriage, tmp_path: Path) -> Begin:
    def make(text: str | bytes) -> ImportJob:
        path = tmp_path / "spooled"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        source = inspect(vocabulary, path, "travel-documents")
        return importing.begin(db, vocabulary, source, Order("one", "XAV", "officer", carriage), 1)

    return make


def rows(count: int, start: int = 0) -> str:
    return "".join(f"AV-{n},AV{n:07d},XAV,passport,stolen\n" for n in range(start, start + count))


def test_a_file_is_known_by_its_kind_size_and_hash(vocabulary: Vocabulary, tmp_path: Path) -> None:
    path = tmp_path / "spooled"
    path.write_text(HEADER + rows(2))
    source = inspect(vocabulary, path, "travel-documents")
    assert (source.kind, source.size_bytes) == ("csv", path.stat().st_size)
    assert len(source.sha256) == 64
    path.write_text('{"source_ref": "1"}\n')
    assert inspect(vocabulary, path, "travel-documents").kind == "jsonl"


def test_files_that_cannot_be_imported_are_refused_at_once(
    vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spooled"
    path.write_text(HEADER + rows(2))
    with pytest.raises(Refusal) as refused:
        inspect(vocabulary, path, "stolen-cattle")
    assert refused.value.code == "UNKNOWN-REGISTER"
    monkeypatch.setattr(chunking, "FILE_BYTES_LIMIT", 20)
    with pytest.raises(Refusal) as refused:
        inspect(vocabulary, path, "travel-documents")
    assert (refused.value.code, refused.value.status) == ("FILE-TOO-LARGE", 413)
    path.write_text("name,rank\n")
    with pytest.raises(Refusal) as refused:
        inspect(vocabulary, path, "travel-documents")
    assert {fault.code for fault in refused.value.faults} == {"UNKNOWN-COLUMN", "MISSING-COLUMN"}


def test_a_chunk_holds_cleaned_records_and_every_fault_with_line_and_field(
    documents: Register, begin: Begin
) -> None:
    job = begin(
        HEADER + "AV-1, av-1 ,xav,passport,stolen\nAV-2,,XQZQ,passport,eaten\n\nAV-3,AV3,XBM,passport,lost\n"
    )
    chunk = read_chunk(job, documents, writer("XAV"))
    assert (chunk.read, chunk.bad, chunk.ended, chunk.broken) == (3, 2, True, None)
    ((line, record),) = chunk.records
    assert (line, record.ref) == (2, "AV-1")
    assert documents.decode(record.body) == documents.clean(
        {
            "source_ref": "AV-1",
            "document_number": "AV1",
            "issuer": "XAV",
            "document_type": "passport",
            "fraud": "stolen",
        }
    )
    assert {(fault.line, fault.field) for fault in chunk.faults} == {
        (3, "document_number"),
        (3, "issuer"),
        (3, "fraud"),
        (5, "issuer"),
    }
    assert all(fault.code and fault.sentence for fault in chunk.faults)


def test_chunks_follow_one_another_without_gap_or_overlap(documents: Register, begin: Begin) -> None:
    job = begin("\ufeff" + HEADER + rows(7))
    refs, ended = [], False
    while not ended:
        chunk = read_chunk(job, documents, writer("XAV"), 3)
        refs += [record.ref for _, record in chunk.records]
        assert chunk.offset == job.offset_bytes
        job = msgspec.structs.replace(job, offset_bytes=chunk.end_offset, line=chunk.end_line)
        ended = chunk.ended
    assert refs == [f"AV-{n}" for n in range(7)]
    assert (job.offset_bytes, job.line) == (job.size_bytes, 8)


def test_a_chunk_of_long_rows_ends_early(
    documents: Register, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunking, "CHUNK_BYTES_LIMIT", 100)
    assert read_chunk(begin(HEADER + rows(50)), documents, writer("XAV")).read < 5


def test_a_chunk_of_rows_with_large_files_ends_early(
    db: sqlite3.Connection, carriage: Carriage, tmp_path: Path
) -> None:
    large = chunking.CHUNK_FILES_BYTES_LIMIT // 2
    texts = [Attachment("image/png", large, f"{number:064x}").text() for number in range(5)]
    path = tmp_path / "spooled"
    path.write_bytes(
        b"\n".join(msgspec.json.encode(exhibit(f"E-{at}", front=one)) for at, one in enumerate(texts))
    )
    source = inspect(exhibits(), path, EXHIBITS)
    job = importing.begin(db, exhibits(), source, Order("one", "XAV", "officer", carriage), 1)
    chunk = read_chunk(job, exhibits().registers[EXHIBITS], writer("XAV"))
    assert (chunk.read, chunk.ended) == (2, False)


def test_a_broken_file_gives_the_rows_before_the_break(documents: Register, begin: Begin) -> None:
    chunk = read_chunk(begin(HEADER + rows(2) + '"AV-3,' + rows(3_000)), documents, writer("XAV"))
    assert (chunk.read, len(chunk.records), chunk.ended) == (2, 2, True)
    assert chunk.broken is not None
    assert chunk.broken.code == "QUOTE-NOT-CLOSED"


def test_a_file_that_is_gone_or_has_changed_is_refused(documents: Register, begin: Begin) -> None:
    job = begin(HEADER + rows(2))
    assert read_chunk(job, documents, writer("XAV")).read == 2
    Path(job.path).write_text(HEADER + rows(3))
    with pytest.raises(Refusal) as refused:
        read_chunk(job, documents, writer("XAV"))
    assert refused.value.code == "FILE-CHANGED"
    Path(job.path).unlink()
    with pytest.raises(Refusal) as refused:
        read_chunk(job, documents, writer("XAV"))
    assert job.sha256 in refused.value.hint
