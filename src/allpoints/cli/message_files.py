"""Files of messages on the command line: handed to the node in pieces, saved from it in pieces, whole or not at all."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from allpoints.cli import files, output
from allpoints.cli.calling import Call
from allpoints.cli.client import part
from allpoints.ground.refusal import Refusal
from allpoints.messages.letter import LetterView
from allpoints.messages.letter_file import FileView

PIECE_BYTES = 1024 * 1024
UNFINISHED = ".part"


def attached(call: Call, paths: Sequence[Path]) -> tuple[str, ...]:
    """Hand the files to the node, one after the other; gives the identifiers that a draft names."""
    found = []
    for path in paths:
        try:
            with path.open("rb") as source, output.progress() as bars:
                bar = bars.add_task(f"{path.name} ", total=path.stat().st_size, note="")

                def pieces() -> Iterator[bytes]:
                    while piece := source.read(PIECE_BYTES):
                        yield piece
                        bars.advance(bar, len(piece))  # noqa: B023 - told while its bar is shown

                answer = call.client.send(
                    "/api/v1/message-files", pieces(), "application/octet-stream", name=path.name
                )
        except OSError as error:
            raise files.unreadable(path, error) from error
        found.append(msgspec.json.decode(answer, type=FileView).id)
    return tuple(found)


def saved(call: Call, view: LetterView, folder: Path, name: str) -> list[Path]:
    """Save the files of a message (or the one called ``name``) into a folder; gives where they are."""
    wanted = [one for one in view.files if not name or one.name == name]
    if not wanted:
        raise Refusal("FILE-UNKNOWN", "This message has no such file.", path="file", status=404)
    places = _places(wanted, folder)
    for path in places:
        files.check_new(path)
    for one, path in zip(wanted, places, strict=True):
        _save(call, view.reference, one, path)
    return places


def _places(wanted: Sequence[FileView], folder: Path) -> list[Path]:
    """Where each goes; files of one name are told apart by the beginning of their identifiers."""
    names = [one.name for one in wanted]
    return [
        folder / (one.name if names.count(one.name) == 1 else f"{one.id[:8]}-{one.name}") for one in wanted
    ]


def _save(call: Call, reference: str, one: FileView, path: Path) -> None:
    unfinished = path.with_name(path.name + UNFINISHED)
    digest, size = hashlib.sha256(), 0
    try:
        with unfinished.open("wb") as target, output.progress() as bars:
            bar = bars.add_task(f"{path.name} ", total=one.size, note="")
            for piece in call.client.pieces(f"/api/v1/messages/{part(reference)}/files/{part(one.id)}"):
                digest.update(piece)
                size += target.write(piece)
                bars.advance(bar, len(piece))
            target.flush()
            os.fsync(target.fileno())
        if (size, digest.hexdigest()) != (one.size, one.sha256):
            raise Refusal("FILE-OTHERWISE", "What came is not the file that was sent.", status=502)
        unfinished.rename(path)
    except OSError as error:
        raise files.unreadable(path, error) from error
    finally:
        unfinished.unlink(missing_ok=True)
