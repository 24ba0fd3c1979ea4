"""Files of records: uploaded before their record, saved from it, and found beside a file of rows."""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TextIO

import msgspec
import typer

from allpoints.cli import files, output
from allpoints.cli.calling import Call, asking, group, remote
from allpoints.cli.client import Fields, part
from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.attachment import ATTACHMENT_SIZE_LIMIT, FILES, File

MARK = "file:"
"""A cell that begins so names a file beside the rows."""

ENDINGS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jp2": "image/jp2",
    ".wsq": "image/x-wsq",
    ".pdf": "application/pdf",
    ".an2": "application/x-nist",
    ".eft": "application/x-nist",
    ".nist": "application/x-nist",
    ".nst": "application/x-nist",
    ".txt": "text/plain",
}

_LINE_LIMIT = 64 * 1024
_DELIMITERS = re.compile("[,;]")

Refer = Callable[[str], str]
"""The reference that stands for a named file."""


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    attached = group("Upload a file for a record.")
    remote(attached, "add", "file add front.jpg", "file add print.bin --media-type image/x-wsq")(add_file)
    app.add_typer(attached, name="file")


def add_to_record(record: typer.Typer) -> None:
    """Put the command that saves a record's file beside the other commands on records."""
    asking(record, "file", "record file 5a0b8c… 3f1c9e… --out front.jpg --purpose investigate")(save)


def add_file(
    call: Call,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file.")],
    media_type: Annotated[str, typer.Option(help="What it is, if its ending does not say so.")] = "",
    name: Annotated[str, typer.Option(help="What to call it, if not by its own name.")] = "",
) -> None:
    """Upload a file and print the reference to put into a record's field.

    Enter the record within a day: a file that no record refers to is erased then.
    """
    uploaded = _upload(call, path, media_type, name)
    if call.as_json:
        output.json(uploaded)
    else:
        output.data(uploaded["file"])


def _upload(call: Call, path: Path, media_type: str = "", name: str = "") -> Fields:
    kind = media_type or ENDINGS.get(path.suffix.lower(), "")
    if not kind:
        raise Refusal(
            "ATTACHMENT-TYPE",
            f"The ending of {path} does not say what it is.",
            path="path",
            hint=f"Give --media-type, one of {', '.join(FILES)}.",
        )
    try:
        with path.open("rb") as file:
            content = file.read(ATTACHMENT_SIZE_LIMIT + 1)
    except OSError as error:
        raise files.unreadable(path, error) from error
    answer = call.client.send(
        "/api/v1/files", content, "application/octet-stream", media_type=kind, name=name or path.name
    )
    return msgspec.json.decode(answer, type=Fields)


def save(
    call: Call,
    record: Annotated[str, typer.Argument(metavar="ID", help="The record's identifier.")],
    sha256: Annotated[str, typer.Argument(metavar="SHA256", help="The file's hash, as the record shows it.")],
    out: Annotated[Path, typer.Option(help="Where to write it.")],
) -> None:
    """Save one file of a record."""
    files.check_new(out)
    content = call.client.fetch(f"/api/v1/records/{part(record)}/files/{part(sha256.lower())}")
    if hashlib.sha256(content).hexdigest() != sha256.lower():
        raise Refusal("FILE-OTHERWISE", "What came is not the file that was asked for.", status=502)
    files.write_new(out, content)
    output.say(f"{out} has {len(content):,} bytes.")


# -- rows that name files beside them


def uploaded_beside(call: Call, rows: Path, folder: Path) -> Mapping[str, str]:
    """Upload every file that the rows name, once each; gives the reference that stands for each name."""
    named: dict[str, str] = {}
    for _ in rewritten(rows, lambda name: named.setdefault(name, "")):
        pass
    with output.progress() as bars:
        bar = bars.add_task("Files   ", total=len(named), note="")
        for name in named:
            if Path(name).name != name:
                raise Refusal(
                    "FILE-UNREADABLE",
                    f"{name!r} is no file in {folder}.",
                    path="files",
                    hint=f"Write {MARK}NAME without a folder.",
                )
            named[name] = _upload(call, folder / name)["file"]
            bars.advance(bar)
    return named


def rewritten(rows: Path, refer: Refer) -> Iterator[bytes]:
    """The rows of a .csv or .jsonl file with a reference wherever a file was named; lines stay where they are."""
    read = _csv_rows if rows.suffix.lower() == ".csv" else _json_rows
    try:
        with rows.open(encoding="utf-8-sig", newline="") as file:
            yield from read(file, refer)
    except OSError as error:
        raise files.unreadable(rows, error) from error
    except (UnicodeDecodeError, csv.Error, msgspec.DecodeError) as error:
        raise Refusal(
            "FILE-UNREADABLE",
            f"{rows} is not understood: {error}.",
            path="file",
            hint="Without --files the node says which rows are bad.",
            status=400,
        ) from error


def _csv_rows(file: TextIO, refer: Refer) -> Iterator[bytes]:
    found = _DELIMITERS.search(file.readline(_LINE_LIMIT))
    delimiter = found[0] if found else ","
    file.seek(0)
    for row in csv.reader(file, delimiter=delimiter, strict=True):
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(
            [_cell(one, refer) for one in row]
        )
        yield line.getvalue().encode()


def _json_rows(file: TextIO, refer: Refer) -> Iterator[bytes]:
    for line in file:
        if not line.strip():
            yield b"\n"
            continue
        row = msgspec.json.decode(line, type=Fields)
        yield msgspec.json.encode({name: _value(one, refer) for name, one in row.items()}) + b"\n"


def _value(value: Any, refer: Refer) -> Any:
    if isinstance(value, str):
        return _cell(value, refer)
    return [_value(one, refer) for one in value] if isinstance(value, list) else value


def _cell(text: str, refer: Refer) -> str:
    if not text.startswith(MARK):
        return text
    several = (one.strip() for one in text.split(File.separator))
    return File.separator.join(
        refer(one.removeprefix(MARK)) if one.startswith(MARK) else one for one in several
    )
