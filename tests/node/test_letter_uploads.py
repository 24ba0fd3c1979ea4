"""An upload goes on where it stood, for the officer who began it, and takes no more and no less than was announced."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA

from allpoints.ground.refusal import Refusal
from allpoints.messages import file_store
from allpoints.messages.letter_file import UploadView
from allpoints.node import letter_files, letter_uploads
from allpoints.node.bureau import Bureau
from allpoints.node.letter_uploads import Upload
from allpoints.sealing.chunks import CHUNK_BYTES, FILE_LIMIT_BYTES, FileKey

CONTENT = b"canary" + bytes(range(256)) * (4 * 1024 * 2) + b"end"
BERT = msgspec.structs.replace(ANNA, officer="bert")


def begun(node: Bureau, size: int = len(CONTENT)) -> Upload:
    view: UploadView = node.do(lambda: node.letters.begin_upload(ANNA, "film.mp4", size))
    assert (view.have, view.file) == (0, None)
    return found(node, view.id)


def found(node: Bureau, upload_id: str, asker: Any = ANNA) -> Upload:
    upload: Upload = node.do(lambda: node.letters.upload(asker, upload_id))
    return upload


def code_of(act: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def left(node: Bureau) -> int:
    folder = node.disk.folder / letter_files.FOLDER
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_pieces_of_several_requests_make_one_file(two: Federation) -> None:
    node = two.bureau("XAV")
    upload = begun(node)
    for start, end in ((0, 10), (10, CHUNK_BYTES + 5), (CHUNK_BYTES + 5, len(CONTENT))):
        assert upload.view().have == start
        assert not upload.whole
        upload.add(upload.go_on(start), CONTENT[start:end])
    assert upload.whole
    file = upload.finish()
    upload.file = node.do(lambda: node.letters.attached(ANNA, file))
    assert upload.view().file is not None
    kept = node.letters.files.attached([file.id.hex()])[0]
    assert (kept.size, kept.name) == (len(CONTENT), "film.mp4")
    held = file_store.find(node.db, file.id)
    assert held is not None
    opening = letter_files.Opening(held, FileKey(kept.id, kept.key), node.letters.files.chunks(file.id))
    assert b"".join(opening.pieces(0, kept.size)) == CONTENT
    for start, end in (
        (0, 1),
        (5, CHUNK_BYTES),
        (CHUNK_BYTES - 1, CHUNK_BYTES + 1),
        (kept.size - 3, kept.size),
    ):
        assert b"".join(opening.pieces(start, end)) == CONTENT[start:end]


def test_whoever_goes_on_begins_where_it_stands_and_the_one_before_adds_nothing_more(two: Federation) -> None:
    """The first request hangs in a cut connection; what it still has must not get behind what the second one sends."""
    node = two.bureau("XAV")
    upload = begun(node)
    first = upload.go_on(0)
    upload.add(first, CONTENT[:100])
    assert code_of(lambda: upload.go_on(0)) == "UPLOAD-ELSEWHERE"
    assert code_of(lambda: upload.go_on(101)) == "UPLOAD-ELSEWHERE"
    second = upload.go_on(100)
    assert code_of(lambda: upload.add(first, CONTENT[100:200])) == "UPLOAD-ELSEWHERE"
    upload.add(second, CONTENT[100:200])
    assert upload.view().have == 200
    upload.add(second, CONTENT[200:300])
    assert upload.stand().have == 300
    assert code_of(lambda: upload.add(second, CONTENT[300:400])) == "UPLOAD-ELSEWHERE"
    assert upload.stand().have == 300


def test_no_more_comes_than_was_announced(two: Federation) -> None:
    upload = begun(two.bureau("XAV"), 5)
    turn = upload.go_on(0)
    assert code_of(lambda: upload.add(turn, b"123456")) == "UPLOAD-TOO-LONG"
    upload.add(turn, b"12345")
    assert upload.whole


def test_another_officers_upload_is_as_unknown_as_one_that_never_was(two: Federation) -> None:
    node = two.bureau("XAV")
    upload = begun(node)
    assert found(node, upload.id) is upload
    assert code_of(lambda: found(node, upload.id, BERT)) == "UPLOAD-UNKNOWN"
    assert code_of(lambda: found(node, "0" * 32)) == "UPLOAD-UNKNOWN"


def test_sizes_at_the_limits(two: Federation) -> None:
    node = two.bureau("XAV")

    def begin(size: int) -> UploadView:
        view: UploadView = node.do(lambda: node.letters.begin_upload(ANNA, "x", size))
        return view

    assert begin(1).size == 1
    assert begin(FILE_LIMIT_BYTES).size == FILE_LIMIT_BYTES
    assert code_of(lambda: begin(0)) == "EMPTY-FILE"
    assert code_of(lambda: begin(-1)) == "EMPTY-FILE"
    assert code_of(lambda: begin(FILE_LIMIT_BYTES + 1)) == "FILE-TOO-LARGE"


def test_so_many_go_on_at_once_and_one_that_rests_is_dropped_with_its_chunks(two: Federation) -> None:
    node = two.bureau("XAV")
    uploads = [begun(node) for _ in range(letter_uploads.UPLOADS_LIMIT)]
    resting = uploads[0]
    turn = resting.go_on(0)
    resting.add(turn, CONTENT[: CHUNK_BYTES + 1])
    assert left(node) == 1
    assert code_of(lambda: begun(node)) == "UPLOADS-FULL"
    two.clock.now_ms += letter_uploads.IDLE_MS
    assert found(node, uploads[1].id) is uploads[1]
    two.clock.now_ms += 1
    assert begun(node).view().have == 0
    assert code_of(lambda: found(node, resting.id)) == "UPLOAD-UNKNOWN"
    assert code_of(lambda: resting.add(turn, b"more")) == "UPLOAD-ELSEWHERE"
    assert left(node) == 0
    assert found(node, uploads[1].id) is uploads[1]
