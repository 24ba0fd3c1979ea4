"""Which files a record refers to, and for whom they have to be sealed; pure rules."""

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.machine import Field
from allpoints.vocabulary.register import Register
from allpoints.vocabulary.types.attachment import Attachment, File, parse
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.composite import Composite
from allpoints.vocabulary.types.listing import Listing

FILES_LIMIT = 40
"""Files of one record."""

FILES_BYTES_LIMIT = 64 * 1024 * 1024
"""All files of one record together."""


@cache
def file_fields(register: Register) -> tuple[Field, ...]:
    """The fields of a register in which a file can stand; most registers have none."""
    return tuple(field for field in register.fields if _bears(field.type))


def _bears(kind: FieldType) -> bool:
    if isinstance(kind, Listing):
        return _bears(kind.of)
    if isinstance(kind, Composite):
        return any(_bears(part.type) for part in kind.parts)
    return isinstance(kind, File)


def files_of(register: Register, body: msgspec.Struct) -> tuple[Attachment, ...]:
    """The files a clean body refers to, each once; raises Refusal TOO-MANY-FILES, FILES-TOO-LARGE, FILE-AMBIGUOUS."""
    fields = file_fields(register)
    if not fields:
        return ()
    found: dict[str, Attachment] = {}
    for field, attachment in shown_in(register, body):
        first = found.setdefault(attachment.sha256, attachment)
        if (first.size, first.media_type) != (attachment.size, attachment.media_type):
            raise Refusal(
                "FILE-AMBIGUOUS",
                "The record says two different things of one file.",
                path=field.name,
                hint="Give the same media type and size wherever the file stands.",
            )
    _check(found.values(), fields[0].name)
    return tuple(found.values())


def shown_in(register: Register, body: msgspec.Struct) -> Iterator[tuple[Field, Attachment]]:
    """Every file of a body with the field it stands in, in the order of the declaration."""
    for field in file_fields(register):
        for attachment in _in(field.type, getattr(body, field.name)):
            yield field, attachment


def _in(kind: FieldType, value: Any) -> Iterator[Attachment]:
    if value == kind.absent:
        return
    if isinstance(kind, Listing):
        for item in value:
            yield from _in(kind.of, item)
    elif isinstance(kind, Composite):
        for part in kind.parts:
            yield from _in(part.type, getattr(value, part.name))
    elif isinstance(kind, File):
        yield parse(value)


def _check(files: Collection[Attachment], path: str) -> None:
    if len(files) > FILES_LIMIT:
        raise Refusal(
            "TOO-MANY-FILES",
            f"A record has at most {FILES_LIMIT} files, not {len(files)}.",
            path=path,
            hint="Attach those that help to recognise what is sought.",
        )
    total = sum(file.size for file in files)
    if total > FILES_BYTES_LIMIT:
        raise Refusal(
            "FILES-TOO-LARGE",
            f"The files of one record have at most {FILES_BYTES_LIMIT:,} bytes together, not {total:,}.",
            path=path,
            hint="Make the images smaller.",
            status=413,
        )


def covers(sealed_without: Iterable[str], excluded: Iterable[str]) -> bool:
    """Whether a file that was sealed for all but some reaches every reader of a record that excludes ``excluded``."""
    return set(sealed_without) <= set(excluded)
