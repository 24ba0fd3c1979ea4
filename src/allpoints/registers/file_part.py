"""A file on its way: parts of at most one size, bundled so that many small files share one ledger entry.

How many parts a file has, and how long each is, follows from the file's size alone; a part of any other shape is
refused before it is looked at further.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from allpoints.ground.refusal import Refusal
from allpoints.sealing.chunks import CHUNK_BYTES, count_of, length_of
from allpoints.vocabulary.types.attachment import ATTACHMENT_SIZE_LIMIT

PART_BYTES = CHUNK_BYTES
"""Every part but a file's last has this length."""

BUNDLE_PARTS_LIMIT = 256
BUNDLE_BYTES_LIMIT = PART_BYTES + BUNDLE_PARTS_LIMIT * 128
"""What an entry's parts may be together, with what stands beside their bytes."""

SHA256_BYTES = 32


class FilePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some bytes of a file of ``size`` bytes: the ``position``-th part, counted from 0."""

    sha256: Annotated[bytes, Meta(min_length=SHA256_BYTES, max_length=SHA256_BYTES)]
    size: Annotated[int, Meta(ge=1, le=ATTACHMENT_SIZE_LIMIT)]
    position: Annotated[int, Meta(ge=0, lt=ATTACHMENT_SIZE_LIMIT // PART_BYTES)]
    data: Annotated[bytes, Meta(min_length=1, max_length=PART_BYTES)]


Bundle = Annotated[tuple[FilePart, ...], Meta(min_length=1, max_length=BUNDLE_PARTS_LIMIT)]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Bundle).decode


def parts_of(sha256: bytes, content: bytes) -> Iterator[FilePart]:
    """A file's parts, in order."""
    for position in range(count_of(len(content))):
        start = position * PART_BYTES
        yield FilePart(sha256, len(content), position, content[start : start + PART_BYTES])


def bundles(parts: Iterable[FilePart]) -> Iterator[tuple[FilePart, ...]]:
    """The parts in the same order, as many together as one entry takes."""
    waiting: list[FilePart] = []
    held = 0
    for part in parts:
        if waiting and (held + len(part.data) > PART_BYTES or len(waiting) == BUNDLE_PARTS_LIMIT):
            yield tuple(waiting)
            waiting, held = [], 0
        waiting.append(part)
        held += len(part.data)
    if waiting:
        yield tuple(waiting)


def encode_bundle(parts: tuple[FilePart, ...]) -> bytes:
    """The bytes to seal."""
    return _encode(parts)


def decode_bundle(data: bytes) -> tuple[FilePart, ...]:
    """Read what ``encode_bundle`` made; refuses (FILE-PART-SHAPE) anything else, and a part of the wrong length."""
    if len(data) > BUNDLE_BYTES_LIMIT:
        raise _misshapen(f"a bundle has at most {BUNDLE_BYTES_LIMIT} bytes")
    try:
        parts = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _misshapen(str(error)) from None
    for part in parts:
        if len(part.data) != length_of(part.size, part.position):
            raise _misshapen(f"part {part.position} of a file of {part.size} bytes has another length")
    return parts


def _misshapen(why: str) -> Refusal:
    return Refusal("FILE-PART-SHAPE", f"These are no parts of files: {why}.", status=400)
