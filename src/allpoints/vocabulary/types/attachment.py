"""Attached files: what a record says of one, and the types of field that hold such a reference.

The text of a reference is ``image/jpeg;size=12345;sha256=<64 hex digits>;name=front.jpg``; the file itself is
kept elsewhere and found by its hash.
"""

import re
import unicodedata
from collections.abc import Mapping
from itertools import dropwhile
from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.base import FieldType, plain_text

ATTACHMENT_SIZE_LIMIT = 32 * 1024 * 1024
"""Largest attached file, in bytes."""

ATTACHMENT_NAME_LIMIT = 100
"""Longest file name kept; a longer one loses letters before its ending."""

ATTACHMENT_TEXT_LIMIT = 300
"""Longest text looked at for a reference."""

IMAGES: Mapping[str, str] = {
    "image/jpeg": "JPEG image",
    "image/png": "PNG image",
    "image/webp": "WebP image",
    "image/jp2": "JPEG 2000 image",
    "image/x-wsq": "WSQ fingerprint image",
}
"""What an image may be, and what a person calls it."""

FILES: Mapping[str, str] = {
    **IMAGES,
    "application/pdf": "PDF document",
    "application/x-nist": "ANSI/NIST-ITL file",
    "text/plain": "plain text",
}
"""What a file may be; nothing that a reader's machine would run."""

_OTHER_SPELLINGS = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/wsq": "image/x-wsq"}
_SIZE = re.compile(r"0*[0-9]{1,8}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_UNSAFE = re.compile(r'[<>:"|?*;\s]+')
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}\Z", re.ASCII)
_TEXT = rf"(image|text|application)/[a-z0-9-]{{1,10}};size=[1-9][0-9]{{0,7}};sha256=[0-9a-f]{{64}}(;name=[^;]{{1,{ATTACHMENT_NAME_LIMIT}}})?"
_SHA256_EXAMPLE = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
_HINT = "Write it as image/jpeg;size=12345;sha256=(64 hex digits);name=front.jpg."


class Attachment(msgspec.Struct, frozen=True):
    """One attached file as a record refers to it; ``name`` is for people and may be empty."""

    media_type: str
    size: int
    sha256: str
    name: str = ""

    def text(self) -> str:
        """The canonical text, which ``parse`` reads back."""
        name = f";name={self.name}" if self.name else ""
        return f"{self.media_type};size={self.size};sha256={self.sha256}{name}"


def parse(text: str, path: str = "") -> Attachment:
    """The attachment a text refers to, its name made safe; raises ``Refusal`` for what is no reference."""
    media_type, *said = plain_text(text, path, ATTACHMENT_TEXT_LIMIT).split(";")
    found: dict[str, str] = {}
    for part in said:
        label, equals, value = part.partition("=")
        label = label.strip().lower()
        if not equals or label not in {"size", "sha256", "name"} or label in found:
            raise Refusal(
                "ATTACHMENT-FORM",
                f"“{part.strip()[:40]}” cannot stand in a reference to a file.",
                path=path,
                hint=_HINT,
            )
        found[label] = value.strip()
    return Attachment(
        _media_type(media_type, path),
        _size(found.get("size", ""), path),
        _sha256(found.get("sha256", ""), path),
        file_name(found.get("name", "")),
    )


def file_name(text: str) -> str:
    """A file name without folders and without characters that a disk or a terminal would trip over."""
    name = "".join(letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFC", text))
    name = _UNSAFE.sub(" ", re.split(r"[/\\]", name)[-1])
    name = "".join(dropwhile(_no_beginning, name)).rstrip(" .")
    if len(name) <= ATTACHMENT_NAME_LIMIT:
        return name
    ending = _ENDING.search(name)
    kept = ending[0] if ending else ""
    return name[: ATTACHMENT_NAME_LIMIT - len(kept)].rstrip(" .") + kept


def _no_beginning(letter: str) -> bool:
    # A mark would join the sign before the name.
    return letter in " ." or unicodedata.combining(letter) > 0


def _media_type(text: str, path: str) -> str:
    media_type = text.strip().lower()
    media_type = _OTHER_SPELLINGS.get(media_type, media_type)
    if media_type not in FILES:
        raise _wrong_type(media_type, FILES, path)
    return media_type


def _wrong_type(media_type: str, allowed: Mapping[str, str], path: str) -> Refusal:
    return Refusal(
        "ATTACHMENT-TYPE",
        f"“{media_type[:40]}” is not a kind of file that can be attached here.",
        path=path,
        hint=f"Attach one of: {', '.join(allowed)}.",
    )


def _size(text: str, path: str) -> int:
    size = int(text) if _SIZE.fullmatch(text) else 0
    if not 1 <= size <= ATTACHMENT_SIZE_LIMIT:
        raise Refusal(
            "ATTACHMENT-SIZE",
            f"An attached file has 1 to {ATTACHMENT_SIZE_LIMIT:,} bytes.",
            path=path,
            hint="Give the size in bytes as size=12345; make a larger file smaller first.",
        )
    return size


def _sha256(text: str, path: str) -> str:
    digest = text.lower()
    if not _SHA256.fullmatch(digest):
        raise Refusal(
            "ATTACHMENT-HASH",
            "The SHA-256 of an attached file has 64 hexadecimal digits.",
            path=path,
            hint="Give it as sha256=, the way sha256sum prints it.",
        )
    return digest


class File(FieldType, frozen=True):
    """A reference to an attached file; two are the same when their hashes are, whatever their names."""

    name: ClassVar[str] = "file"
    separator: ClassVar[str] = "|"
    allowed: ClassVar[Mapping[str, str]] = FILES

    def clean(self, raw: object, path: str) -> str:
        text = plain_text(raw, path, ATTACHMENT_TEXT_LIMIT)
        if not text:
            return ""
        attachment = parse(text, path)
        if attachment.media_type not in self.allowed:
            raise _wrong_type(attachment.media_type, self.allowed, path)
        return attachment.text()

    def normal(self, value: str) -> str:
        return parse(value).sha256

    def caption(self, value: str, language: str = "en") -> str:
        del language
        attachment = parse(value)
        shown = f"{readable(attachment.size)}, {FILES[attachment.media_type]}"
        return f"{attachment.name} ({shown})" if attachment.name else shown

    @property
    def examples(self) -> tuple[str, ...]:
        return (
            f"application/pdf;size=48213;sha256={_SHA256_EXAMPLE};name=warrant.pdf",
            f"image/jpeg;size=12345;sha256={_SHA256_EXAMPLE}",
        )

    def annotation(self) -> Any:
        return Annotated[str, msgspec.Meta(max_length=ATTACHMENT_TEXT_LIMIT, pattern=rf"^({_TEXT})?\Z")]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_TEXT}$", "maxLength": ATTACHMENT_TEXT_LIMIT}


class Image(File, frozen=True):
    """A reference to an attached image."""

    name: ClassVar[str] = "image"
    allowed: ClassVar[Mapping[str, str]] = IMAGES

    @property
    def examples(self) -> tuple[str, ...]:
        return (
            f"image/jpeg;size=12345;sha256={_SHA256_EXAMPLE};name=front.jpg",
            f"image/x-wsq;size=20480;sha256={_SHA256_EXAMPLE}",
        )


def readable(size: int) -> str:
    """A size in bytes as a person says it."""
    for unit, factor in (("GB", 1024**3), ("MB", 1024 * 1024), ("KB", 1024)):
        if size >= factor:
            return f"{size / factor:.0f} {unit}"
    return f"{size} bytes"
