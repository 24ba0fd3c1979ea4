"""Files of messages on the command line: handed to the node in pieces, saved from it in pieces, from where they stood when a connection was cut."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from allpoints.cli import files, output
from allpoints.cli.calling import Call
from allpoints.cli.client import NOT_RUNNING, part
from allpoints.ground.refusal import Refusal
from allpoints.messages.letter import LetterView
from allpoints.messages.letter_file import FileView, UploadView

PIECE_BYTES = 1024 * 1024
UNFINISHED = ".part"
UPLOADS = "/api/v1/message-uploads"
WAITS_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""How long is waited after each cut in a row before the node is asked again."""

T = TypeVar("T")


def attached(call: Call, paths: Sequence[Path]) -> tuple[str, ...]:
    """Hand the files to the node, one after the other; gives the identifiers that a draft names."""
    found = []
    for path in paths:
        try:
            with path.open("rb") as source, output.progress() as bars:
                size = path.stat().st_size
                bar = bars.add_task(f"{path.name} ", total=size, note="")
                view = _uploaded(call, source, path.name, size, lambda at: bars.update(bar, completed=at))  # noqa: B023 - told while its bar is shown
        except OSError as error:
            raise files.unreadable(path, error) from error
        found.append(view.id)
    return tuple(found)


def _uploaded(call: Call, source: BinaryIO, name: str, size: int, tell: Callable[[int], None]) -> FileView:
    """Upload one file, going on from where the node says it stands whenever the connection is cut."""
    stands = call.client.post(UPLOADS, {}, UploadView, name=name, size=str(size))
    address = f"{UPLOADS}/{part(stands.id)}"
    waits = list(WAITS_SECONDS)
    while stands.file is None:
        try:
            sent = _sent(call, source, address, stands, tell)
        except Refusal as refusal:
            # What was under way when the connection was cut may still have arrived after the node was asked.
            if refusal.code not in {NOT_RUNNING, "UPLOAD-ELSEWHERE"}:
                raise
            sent = _after_a_wait(waits, refusal, lambda: call.client.get(address, UploadView))
            if sent.have > stands.have:
                waits = list(WAITS_SECONDS)
        else:
            if sent.file is None:
                raise Refusal("FILE-CHANGED", f"{name} is shorter now than it was.", path="file", status=409)
        stands = sent
    return stands.file


def _sent(
    call: Call, source: BinaryIO, address: str, stands: UploadView, tell: Callable[[int], None]
) -> UploadView:
    source.seek(stands.have)

    def pieces() -> Iterator[bytes]:
        # No more than was announced, should the file have grown meanwhile.
        while piece := source.read(min(PIECE_BYTES, stands.size - source.tell())):
            yield piece
            tell(source.tell())

    answer = call.client.send(address, pieces(), "application/octet-stream", start=stands.have)
    return msgspec.json.decode(answer, type=UploadView)


def _after_a_wait(waits: list[float], why: Refusal, ask: Callable[[], T]) -> T:
    """Ask again after a while, and again; raises what was refused at last once all waits are over."""
    while waits:
        time.sleep(waits.pop(0))
        try:
            return ask()
        except Refusal as refusal:
            if refusal.code != NOT_RUNNING:
                raise
            why = refusal
    raise why


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
    """Save one file; what came before a cut is kept, and gone on from, now or the next time."""
    unfinished = path.with_name(path.name + UNFINISHED)
    address = f"/api/v1/messages/{part(reference)}/files/{part(one.id)}"
    try:
        with unfinished.open("a+b") as target, output.progress() as bars:
            bar = bars.add_task(f"{path.name} ", total=one.size, note="")
            digest = _digest_of(target, one.size)
            waits = list(WAITS_SECONDS)
            while (have := target.tell()) < one.size:
                try:
                    for piece in call.client.pieces(address, have):
                        digest.update(piece)
                        target.write(piece)
                        bars.update(bar, completed=target.tell())
                        waits = list(WAITS_SECONDS)
                except Refusal as refusal:
                    if refusal.code != NOT_RUNNING or not waits:
                        raise
                    time.sleep(waits.pop(0))
            target.flush()
            os.fsync(target.fileno())
            size = target.tell()
        if (size, digest.hexdigest()) != (one.size, one.sha256):
            unfinished.unlink()
            raise Refusal("FILE-OTHERWISE", "What came is not the file that was sent.", status=502)
        unfinished.rename(path)
    except OSError as error:
        raise files.unreadable(path, error) from error


def _digest_of(target: BinaryIO, size: int) -> "hashlib._Hash":
    """The hash of what an earlier try left; what is longer than the file ever was is begun anew."""
    if target.seek(0, os.SEEK_END) > size:
        target.truncate(0)
    target.seek(0)
    digest = hashlib.sha256()
    while piece := target.read(PIECE_BYTES):
        digest.update(piece)
    return digest
