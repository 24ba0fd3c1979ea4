"""Whether a file is what its media type says, judged by how it begins; nothing is decoded and nothing changed.

An image is refused when its header is broken or claims more pixels than a reader's screen program should unfold.
What a browser would run (markup, SVG, scripts) is no kind of file here, whatever it calls itself.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

from allpoints.ground.refusal import Refusal

SIDE_LIMIT_PIXELS = 65_500
PIXELS_LIMIT = 200_000_000
"""Width times height of an image: a fingerprint card at 1,000 ppi has a third of it."""

SEGMENTS_LIMIT = 10_000
"""Segments of a header looked through for the one with the size."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
_MARKUP = re.compile(rb"<\s*(!doctype|html|svg|script|\?xml|body|iframe)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


class Pixels(NamedTuple):
    """Width and height as the header gives them."""

    width: int
    height: int


class _BrokenError(Exception):
    """The header does not say what it must."""


def check(media_type: str, content: bytes) -> Pixels | None:
    """The size of an image, None for another file; raises Refusal FILE-CONTENT for what its type does not allow."""
    reader = _READERS.get(media_type)
    if reader is None:
        raise _refused(media_type, "it is of no kind that can be attached")
    try:
        pixels = reader(content)
        if pixels is not None:
            _check_size(pixels)
    except _BrokenError as broken:
        raise _refused(media_type, str(broken)) from None
    except IndexError:
        raise _refused(media_type, "its header is cut off") from None
    return pixels


def _refused(media_type: str, why: str) -> Refusal:
    return Refusal(
        "FILE-CONTENT",
        f"The file is not the {media_type} that it is said to be: {why}.",
        path="file",
        hint="Open it in a program that shows it, save it anew, and give its own media type.",
    )


def _check_size(pixels: Pixels) -> None:
    if min(pixels) < 1:
        raise _BrokenError("the image has no size")
    if max(pixels) > SIDE_LIMIT_PIXELS or pixels.width * pixels.height > PIXELS_LIMIT:
        raise _BrokenError(f"the image would have {pixels.width} by {pixels.height} pixels")


def _number(data: bytes, start: int, length: int) -> int:
    part = data[start : start + length]
    if len(part) != length:
        raise IndexError
    return int.from_bytes(part)


def _little(data: bytes, start: int, length: int) -> int:
    part = data[start : start + length]
    if len(part) != length:
        raise IndexError
    return int.from_bytes(part, "little")


def _png(data: bytes) -> Pixels:
    if not data.startswith(_PNG):
        raise _BrokenError("it does not begin like a PNG")
    if data[8:16] != b"\0\0\0\x0dIHDR":
        raise _BrokenError("the header of the PNG is not first")
    if _number(data, 29, 4) != zlib.crc32(data[12:29]):
        raise _BrokenError("the header of the PNG is damaged")
    depth, colour, packing, filtering, interlaced = data[24:29]
    if depth not in _PNG_DEPTHS.get(colour, ()) or packing or filtering or interlaced > 1:
        raise _BrokenError("the header of the PNG says what no PNG can be")
    return Pixels(_number(data, 16, 4), _number(data, 20, 4))


def _jpeg(data: bytes) -> Pixels:
    if not data.startswith(b"\xff\xd8\xff"):
        raise _BrokenError("it does not begin like a JPEG")
    place = 2
    for _ in range(SEGMENTS_LIMIT):
        marker, place = _marker(data, place)
        if marker in _JPEG_FRAMES:
            if _number(data, place, 2) < 11:
                raise _BrokenError("the JPEG's frame is too short")
            return Pixels(_number(data, place + 5, 2), _number(data, place + 3, 2))
        if marker in {0xD8, 0xD9, 0xDA}:
            break
        if marker != 0x01 and not 0xD0 <= marker <= 0xD7:
            place += _length(data, place)
    raise _BrokenError("the JPEG gives no size before its picture")


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """The marker at a place and what follows it; fill bytes may stand before a marker."""
    if data[place] != 0xFF:
        raise _BrokenError("a segment does not end where it says")
    while data[place] == 0xFF:
        place += 1
    return data[place], place + 1


def _length(data: bytes, place: int) -> int:
    length = _number(data, place, 2)
    if length < 2:
        raise _BrokenError("a segment has no length")
    return length


def _wsq(data: bytes) -> Pixels:
    if not data.startswith(b"\xff\xa0\xff"):
        raise _BrokenError("it does not begin like a WSQ image")
    place = 2
    for _ in range(SEGMENTS_LIMIT):
        marker, place = _marker(data, place)
        if marker == 0xA2:
            return Pixels(_number(data, place + 6, 2), _number(data, place + 4, 2))
        if marker in {0xA0, 0xA1, 0xA3}:
            break
        place += _length(data, place)
    raise _BrokenError("the WSQ image gives no size before its picture")


def _webp(data: bytes) -> Pixels:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise _BrokenError("it does not begin like a WebP")
    if _little(data, 4, 4) + 8 > len(data) + 1:
        raise _BrokenError("the WebP is cut off")
    kind, start = data[12:16], 20
    if kind == b"VP8X":
        return Pixels(_little(data, start + 4, 3) + 1, _little(data, start + 7, 3) + 1)
    if kind == b"VP8L" and data[start] == 0x2F:
        bits = _little(data, start + 1, 4)
        return Pixels((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and data[start + 3 : start + 6] == b"\x9d\x01\x2a":
        return Pixels(_little(data, start + 6, 2) & 0x3FFF, _little(data, start + 8, 2) & 0x3FFF)
    raise _BrokenError("the WebP's first part is none that it can begin with")


def _jp2(data: bytes) -> Pixels:
    if not data.startswith(_JP2) or data[16:20] != b"ftyp":
        raise _BrokenError("it does not begin like a JPEG 2000 file")
    place = 12
    for _ in range(SEGMENTS_LIMIT):
        length, kind = _number(data, place, 4), data[place + 4 : place + 8]
        if kind == b"jp2h":
            if data[place + 12 : place + 16] != b"ihdr":
                raise _BrokenError("the header of the JPEG 2000 file does not begin with the size")
            return Pixels(_number(data, place + 20, 4), _number(data, place + 16, 4))
        if length < 8 or kind == b"jp2c":
            break
        place += length
    raise _BrokenError("the JPEG 2000 file gives no size before its picture")


def _pdf(data: bytes) -> None:
    if not re.match(rb"%PDF-[12]\.[0-9]", data):
        raise _BrokenError("it does not begin like a PDF")


def _nist(data: bytes) -> None:
    if not re.match(rb"1\.0?01:[0-9]+\x1d", data):
        raise _BrokenError("it does not begin with the first field of an ANSI/NIST-ITL transaction")


def _plain(data: bytes) -> None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _BrokenError("it is not UTF-8 text") from None
    if _CONTROLS.search(text):
        raise _BrokenError("it holds characters that no text has")
    if text.lstrip().startswith(("<", "#!", "%!", "{\\rtf")) or _MARKUP.search(data):
        raise _BrokenError("it is markup or a script")


_READERS: Mapping[str, Callable[[bytes], Pixels | None]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/jp2": _jp2,
    "image/x-wsq": _wsq,
    "application/pdf": _pdf,
    "application/x-nist": _nist,
    "text/plain": _plain,
}
