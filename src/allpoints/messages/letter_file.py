"""A file of a letter: what its sealed part says of it, and how it is sealed as it arrives from an officer."""

import hashlib
from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal
from allpoints.messages.chunk_file import ChunkFile
from allpoints.sealing.chunks import (
    CHUNK_BYTES,
    FILE_ID_BYTES,
    FILE_KEY_BYTES,
    FILE_LIMIT_BYTES,
    new_file_key,
    seal_chunk,
)

FILES_LIMIT = 20
"""Files of one letter."""
NAME_LIMIT = 200


class LetterFile(msgspec.Struct, frozen=True):
    """What opens a file: its identifier, its key, its name, its size in bytes and its SHA-256."""

    id: Annotated[bytes, Meta(min_length=FILE_ID_BYTES, max_length=FILE_ID_BYTES)]
    key: Annotated[bytes, Meta(min_length=FILE_KEY_BYTES, max_length=FILE_KEY_BYTES)]
    name: Annotated[str, Meta(min_length=1, max_length=NAME_LIMIT)]
    size: Annotated[int, Meta(ge=1, le=FILE_LIMIT_BYTES)]
    sha256: Annotated[bytes, Meta(min_length=32, max_length=32)]


class FileView(msgspec.Struct, frozen=True):
    """A file as its desk sees it, without its key.

    ``state`` is attached, leaving, left, coming, here or refused; ``have`` of ``parts`` have moved.
    """

    id: str
    name: str
    size: int
    sha256: str
    state: str
    have: int
    parts: int


class UploadView(msgspec.Struct, frozen=True):
    """How an upload stands: ``have`` of ``size`` bytes are here; ``file`` is there once it is whole."""

    id: str
    name: str
    size: int
    have: int
    file: FileView | None = None


class ArrivingFile:
    """Seals a file piece by piece into its place on the disk; no more of it than one chunk is in memory."""

    def __init__(self, place: Callable[[bytes], ChunkFile]) -> None:
        self._file = new_file_key()
        self._chunks = place(self._file.id)
        self._digest = hashlib.sha256()
        self._rest = bytearray()
        self._position = 0
        self.size = 0

    def add(self, piece: bytes) -> None:
        """Take the next piece; ``FILE-TOO-LARGE``."""
        self.size += len(piece)
        if self.size > FILE_LIMIT_BYTES:
            raise Refusal(
                "FILE-TOO-LARGE", f"A file has at most {FILE_LIMIT_BYTES:,} bytes.", path="file", status=413
            )
        self._digest.update(piece)
        self._rest += piece
        # The last chunk is sealed as the last one: one is held back until more comes or the file ends.
        while len(self._rest) > CHUNK_BYTES:
            self._seal(bytes(self._rest[:CHUNK_BYTES]), last=False)
            del self._rest[:CHUNK_BYTES]

    def finish(self, name: str) -> LetterFile:
        """The whole file, once its last piece was taken; ``EMPTY-FILE``."""
        if not self._rest:
            raise Refusal("EMPTY-FILE", "The file is empty.", path="file")
        self._seal(bytes(self._rest), last=True)
        return LetterFile(self._file.id, self._file.key, shown_name(name), self.size, self._digest.digest())

    def drop(self) -> None:
        """Leave nothing of a file that did not come whole."""
        self._chunks.erase()

    def _seal(self, data: bytes, *, last: bool) -> None:
        self._chunks.write(self._position, seal_chunk(self._file, self._position, data, last=last))
        self._position += 1


def shown_name(name: str) -> str:
    """A file's name without folders and signs that no name has; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    return kept[-NAME_LIMIT:] or "file"
