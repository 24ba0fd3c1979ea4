"""Files that a person names on the command line: read within a limit, written without losing one that is there."""

import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import yaml

from allpoints.ground.refusal import Refusal

DOCUMENT_LIMIT_BYTES = 1024 * 1024
STANDARD_INPUT = "-"


def read_text(path: Path, limit_bytes: int = DOCUMENT_LIMIT_BYTES) -> str:
    """The text of a file, or of standard input for ``-``; refuses what is missing, too large or no UTF-8."""
    try:
        if str(path) == STANDARD_INPUT:
            content = sys.stdin.buffer.read(limit_bytes + 1)
        else:
            with path.open("rb") as file:
                content = file.read(limit_bytes + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(content) > limit_bytes:
        raise Refusal(
            "FILE-TOO-LARGE", f"{path} is larger than {limit_bytes} bytes.", path="file", status=413
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal("NOT-UTF-8", f"{path} is not UTF-8 text.", path="file", status=400) from error


def unreadable(path: Path, error: OSError) -> Refusal:
    return Refusal(
        "FILE-UNREADABLE",
        f"{path} cannot be read: {error.strerror}.",
        path="file",
        hint="Is the name right, and may you read it?",
        status=404,
    )


def read_document(path: Path) -> dict[str, Any]:
    """An object from a JSON or YAML file, by its ending."""
    text = read_text(path)
    try:
        read = yaml.safe_load(text) if path.suffix in {".yaml", ".yml"} else msgspec.json.decode(text)
    except (yaml.YAMLError, msgspec.DecodeError) as error:
        place = " ".join(str(error).split())
        raise Refusal(
            "FILE-UNREADABLE", f"{path} is not understood: {place}.", path="file", status=400
        ) from error
    if not isinstance(read, dict):
        raise Refusal("FILE-UNREADABLE", f"{path} holds no object with fields.", path="file", status=400)
    plain: dict[str, Any] = msgspec.to_builtins(read, str_keys=True)  # YAML's dates become text
    return plain


def check_new(path: Path) -> None:
    """Refuse a file that is there already, before anything is done that it should hold."""
    if path.exists():
        raise _taken(path)


def _taken(path: Path) -> Refusal:
    return Refusal(
        "FILE-EXISTS",
        f"There is a file {path} already.",
        path="out",
        hint="Name another with --out.",
        status=409,
    )


def write_new(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Write a file that must not be there yet; it is on the disk when this returns."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise Refusal(
            "FILE-UNWRITABLE", f"{path} cannot be written: {error.strerror}.", path="out"
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
