"""Files in chunks: each sealed by itself under the file's key, with its place and whether it is the last one.

    sealed chunk = AES-256-GCM(file key, nonce = 7 zero bytes, position (4), last (1); bound to the file's identifier)

The key is for one file and no other, so that no nonce is ever used twice. A chunk that is moved, left out, cut off or
taken from another file does not open (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár, 2015). How many chunks
a file has, and how long each is, follows from its size alone.
"""

import secrets

import msgspec

from allpoints.ground.refusal import Refusal

CHUNK_BYTES = 1024 * 1024
"""Every chunk but a file's last has this length, before it is sealed."""
CHUNK_OVERHEAD_BYTES = 16
SEALED_CHUNK_BYTES = CHUNK_BYTES + CHUNK_OVERHEAD_BYTES
FILE_LIMIT_BYTES = 8 * 1024 * CHUNK_BYTES
"""The largest file of a message."""
FILE_ID_BYTES = 16
FILE_KEY_BYTES = 32

_LABEL = b"allpoints/chunk/1"


class FileKey(msgspec.Struct, frozen=True):
    """A file's identifier, by which a relay knows it, and the key of its chunks."""

    id: bytes
    key: bytes


def new_file_key() -> FileKey:
    """An identifier and a key for one file."""
    return FileKey(secrets.token_bytes(FILE_ID_BYTES), secrets.token_bytes(FILE_KEY_BYTES))


def count_of(size: int) -> int:
    """How many chunks a file of this size has."""
    return -(-size // CHUNK_BYTES)


def length_of(size: int, position: int) -> int:
    """How long the chunk at a position is; 0 or less when there is no such chunk."""
    return min(CHUNK_BYTES, size - position * CHUNK_BYTES)


def sealed_size(size: int) -> int:
    """The size of a file's sealed chunks together."""
    return size + count_of(size) * CHUNK_OVERHEAD_BYTES


def seal_chunk(file: FileKey, position: int, data: bytes, *, last: bool) -> bytes:
    """Seal the chunk at a position; only the last one may be shorter than ``CHUNK_BYTES``."""
    if not 0 < len(data) <= CHUNK_BYTES or (len(data) < CHUNK_BYTES and not last):
        raise ValueError("a chunk is full unless it is the last one, and never empty")
    # Imported here: commands know the shape of chunks, and show their help without loading any cryptography.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(file.key).encrypt(_nonce(position, last=last), data, _LABEL + file.id)


def open_chunk(file: FileKey, position: int, sealed: bytes, size: int) -> bytes:
    """The chunk at a position of a file of ``size`` bytes; ``CHUNK-ALTERED`` for anything else."""
    if len(sealed) != length_of(size, position) + CHUNK_OVERHEAD_BYTES or length_of(size, position) < 1:
        raise _altered(position)
    nonce = _nonce(position, last=position == count_of(size) - 1)
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(file.key).decrypt(nonce, sealed, _LABEL + file.id)
    except InvalidTag as error:
        raise _altered(position) from error


def _nonce(position: int, *, last: bool) -> bytes:
    return bytes(7) + position.to_bytes(4, "big") + bytes((last,))


def _altered(position: int) -> Refusal:
    return Refusal(
        "CHUNK-ALTERED",
        f"Part {position} of the file is not as it was sealed, or belongs elsewhere.",
        path=f"chunks[{position}]",
        status=403,
    )
