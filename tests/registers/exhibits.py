"""A register whose records have files, and small files of every kind that may be attached to them."""

import hashlib
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from allpoints.registers.record import record_id
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.types.attachment import Attachment

FOLDER = Path(__file__).parent / "declared"
NAME = "exhibits"


@cache
def vocabulary() -> Vocabulary:
    return load([FOLDER])


def register() -> Register:
    return vocabulary().registers[NAME]


def exhibit(ref: str = "E-1", **fields: Any) -> dict[str, object]:
    return {"source_ref": ref, "title": f"Seal {ref}", **fields}


def identity(owner: str, ref: str = "E-1") -> bytes:
    return record_id(NAME, owner, ref)


def attachment(content: bytes, media_type: str = "image/png", name: str = "front.png") -> Attachment:
    return Attachment(media_type, len(content), hashlib.sha256(content).hexdigest(), name)


def png(width: int = 3, height: int = 2, filling: bytes = b"") -> bytes:
    """A whole PNG image; ``filling`` stands in it as text that no picture shows."""
    rows = b"".join(b"\0" + b"\x7f" * (3 * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"tEXt", b"Comment\0" + filling), (b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in [*chunks, (b"IEND", b"")])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg(width: int = 3, height: int = 2) -> bytes:
    """The header of a JPEG image, with a comment before its frame."""
    frame = struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8\xff\xfe\0\x06sea!\xff\xff\xc0" + frame + b"\xff\xda\0\x08" + bytes(6) + b"\xff\xd9"


def wsq(width: int = 3, height: int = 2) -> bytes:
    """The header of a WSQ fingerprint, with a comment before its frame."""
    frame = struct.pack(">HBBHH", 17, 0, 255, height, width) + bytes(9)
    return b"\xff\xa0\xff\xa8\0\x06NIST\xff\xa2" + frame + b"\xff\xa1"


def webp(width: int = 3, height: int = 2) -> bytes:
    """The header of a lossless WebP image."""
    picture = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(5)
    parts = b"WEBPVP8L" + struct.pack("<I", len(picture)) + picture
    return b"RIFF" + struct.pack("<I", len(parts)) + parts


def jp2(width: int = 3, height: int = 2) -> bytes:
    """The boxes of a JPEG 2000 file up to its picture."""
    size = b"\0\0\0\x16ihdr" + struct.pack(">II", height, width) + b"\0\x03\x07\x07\0\0"
    kind = b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 "
    header = struct.pack(">I", 8 + len(size)) + b"jp2h" + size
    return b"\0\0\0\x0cjP  \r\n\x87\n" + kind + header + b"\0\0\0\0jp2c"


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
NIST = b"1.001:137\x1d1.002:0500\x1d1.003:1\x1f1\x1e14\x1f01\x1c"
TEXT = "Seized at the harbour of Sundvik – number 4.\n".encode()

SOUND = {
    "image/png": png(),
    "image/jpeg": jpeg(),
    "image/x-wsq": wsq(),
    "image/webp": webp(),
    "image/jp2": jp2(),
    "application/pdf": PDF,
    "application/x-nist": NIST,
    "text/plain": TEXT,
}
"""One file of every kind."""
