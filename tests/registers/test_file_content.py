import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.exhibits import PDF, SOUND, TEXT, jp2, jpeg, png, webp, wsq

from allpoints.ground.refusal import Refusal
from allpoints.registers.file_content import PIXELS_LIMIT, SIDE_LIMIT_PIXELS, Pixels, check
from allpoints.vocabulary.types.attachment import FILES, IMAGES

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def refused(media_type: str, content: bytes) -> bool:
    try:
        check(media_type, content)
    except Refusal as refusal:
        return refusal.code == "FILE-CONTENT"
    return False


def test_every_kind_that_may_be_attached_is_known_here() -> None:
    assert set(SOUND) == set(FILES)


@pytest.mark.parametrize("media_type", SOUND)
def test_a_file_is_taken_as_what_it_is_and_as_nothing_else(media_type: str) -> None:
    for claimed in SOUND:
        assert refused(claimed, SOUND[media_type]) == (claimed != media_type) or claimed == "text/plain"
    assert check(media_type, SOUND[media_type]) == (Pixels(3, 2) if media_type in IMAGES else None)


@pytest.mark.parametrize("make", [png, jpeg, wsq, webp, jp2])
def test_width_and_height_are_read_in_their_order(make: Callable[..., bytes]) -> None:
    media_type = next(name for name, one in SOUND.items() if one == make())
    assert check(media_type, make(640, 480)) == (640, 480)


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b"\xef\xbb\xbf  " + SVG,
        b"<!DOCTYPE html><p>x",
        b"#!/bin/sh\nrm -rf /\n",
        b"%!PS-Adobe-3.0\n",
        b"{\\rtf1 x}",
        b"harmless at first\n<script>alert(1)</script>\n",
        b"a\0b",
        b"\xff\xfe<\0s\0",
        b"",
    ],
)
@pytest.mark.parametrize("media_type", FILES)
def test_markup_and_scripts_are_no_kind_of_file(media_type: str, content: bytes) -> None:
    assert refused(media_type, content) or not content
    assert not refused("text/plain", TEXT)


@pytest.mark.parametrize("media_type", ["image/svg+xml", "text/html", "application/javascript", ""])
def test_an_unknown_media_type_is_refused_whatever_the_file_holds(media_type: str) -> None:
    assert refused(media_type, png())


def damaged_png(place: int, value: int) -> bytes:
    """A PNG with one changed byte in its header, and a check sum that agrees."""
    data = bytearray(png())
    data[place] = value
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("image/png", png()[:30]),
        ("image/png", png().replace(b"IHDR", b"IDAT", 1)),
        ("image/png", png()[:16] + b"\xff" + png()[17:]),
        ("image/png", damaged_png(24, 5)),
        ("image/png", damaged_png(25, 1)),
        ("image/png", damaged_png(28, 2)),
        ("image/jpeg", jpeg()[:12]),
        ("image/jpeg", jpeg().replace(b"\xff\xc0", b"\xff\xda")),
        ("image/jpeg", jpeg().replace(b"\xff\xfe\0\x06", b"\xff\xfe\0\x01")),
        ("image/jpeg", jpeg().replace(b"\xff\xfe\0\x06", b"\xff\xfe\0\x05")),
        ("image/x-wsq", wsq().replace(b"\xff\xa2", b"\xff\xa3")),
        ("image/webp", webp()[:-3]),
        ("image/webp", webp().replace(b"VP8L", b"VP8Z")),
        ("image/jp2", jp2().replace(b"ihdr", b"bpcc")),
        ("image/jp2", jp2().replace(b"jp2h", b"jp2c")),
        ("application/pdf", b"\n" + PDF),
    ],
)
def test_an_image_with_a_broken_header_is_refused(media_type: str, content: bytes) -> None:
    assert refused(media_type, content)
    assert not refused(media_type, SOUND[media_type])


def test_an_image_has_a_size_and_no_more_pixels_than_a_screen_can_unfold() -> None:
    side = int(PIXELS_LIMIT**0.5)
    assert not refused("image/png", png_of(side, side))
    assert refused("image/png", png_of(side + 1, side + 1))
    assert not refused("image/png", png_of(SIDE_LIMIT_PIXELS, 1))
    assert refused("image/png", png_of(SIDE_LIMIT_PIXELS + 1, 1))
    assert refused("image/png", png_of(0, 1))
    assert refused("image/jpeg", jpeg(3, 0))


def png_of(width: int, height: int) -> bytes:
    """The header of a PNG that claims a size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + header + struct.pack(">I", zlib.crc32(header))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SOUND)), st.data())
def test_cut_off_and_changed_files_are_read_or_refused_and_nothing_else(
    media_type: str, data: st.DataObject
) -> None:
    content = bytearray(SOUND[media_type])
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    refused(media_type, bytes(content[: data.draw(st.integers(0, len(content)))]))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*FILES, "image/svg+xml"]), st.binary(max_size=60))
def test_arbitrary_bytes_are_read_or_refused(media_type: str, content: bytes) -> None:
    refused(media_type, content)
