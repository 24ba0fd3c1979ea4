"""Importing files of records into the running node, and following an import until the relay has all of it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from allpoints.cli import attachments, files, output
from allpoints.cli.calling import Call, IdsOption, perhaps_asking, remote
from allpoints.cli.client import NOT_RUNNING, part
from allpoints.ground.refusal import Refusal

PATH = "/api/v1/imports"
PIECE_BYTES = 256 * 1024
LOOK_SECONDS = 0.2
"""How often a followed import is asked how it stands."""
KINDS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
GOING = {"checking", "running", "clearing"}
INTERRUPTED = 130


KeepGoing = Annotated[bool, typer.Option("--keep-going", help="Enter the good rows even if others are bad.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen and enter nothing.")]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", help="A member that may not see them; give it once for each.")
]
FilesFolder = Annotated[
    Path | None,
    typer.Option("--files", metavar="FOLDER", help="Where the files are that cells name as file:NAME."),
]
Whole = Annotated[
    bool, typer.Option("--whole", help="The file is all there is: withdraw what it does not name.")
]
AtMostGone = Annotated[
    int,
    typer.Option(
        "--at-most-gone", min=-1, help="How many records --whole may withdraw; a tenth if not said."
    ),
]


class View(msgspec.Struct, frozen=True):
    """An import as the node tells it."""

    id: str
    register: str
    state: str
    checked: bool
    size_bytes: int
    offset_bytes: int
    read: int
    accepted: int
    unchanged: int
    bad: int
    fresh: int
    gone: int
    waiting: int
    started_ms: int
    ended_ms: int
    faults: list[dict[str, Any]] = []


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    perhaps_asking(
        app,
        "import",
        "import stolen.csv --register travel-documents --purpose border-control",
        "import stolen.csv --register travel-documents --keep-going --purpose border-control",
        "import exhibits.csv --register works-of-art --files pictures --purpose locate",
        "import whole.csv --register stolen-vehicles --whole --at-most-gone 500 --purpose locate",
        "import --follow 9f2c1a7b44e0d312 --purpose border-control",
    )(import_)
    remote(app, "imports", "imports --dir xav", "imports --json")(imports)


def import_(  # noqa: PLR0913 - the import's own options
    call: Call,
    *,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A .csv or .jsonl file.")] = None,
    register: Annotated[str, typer.Option(help="The register, such as travel-documents.")] = "",
    keep_going: KeepGoing = False,
    dry_run: DryRun = False,
    handling: Annotated[str, typer.Option(help="The handling code of the records.")] = "official-use",
    exclude: Exclude = None,
    files_: FilesFolder = None,
    whole: Whole = False,
    at_most_gone: AtMostGone = -1,
    follow: Annotated[str, typer.Option(metavar="ID", help="Follow an import that is going already.")] = "",
) -> None:
    """Import a file of records: all rows are checked first, and one bad row refuses the whole file.

    With --keep-going the good rows are entered and the bad ones listed. The command waits until every record is
    at the relay; Ctrl-C leaves the import going. Running it again doubles nothing. Exits with 1 when refused.
    """
    if follow:
        call.require_purpose()
        _finish(call, _followed(call, follow))
        return
    if file is None or not register:
        raise typer.BadParameter("Name the file and its --register, or an import to --follow.")
    call.require_purpose()
    references = attachments.uploaded_beside(call, file, files_) if files_ is not None else {}
    view = _begun(
        call,
        file,
        references,
        register=register,
        kind=_kind(file),
        keep_going=keep_going,
        dry_run=dry_run,
        handling=handling,
        excluded=",".join(exclude or ()),
        whole=whole,
        at_most_gone="" if at_most_gone < 0 else str(at_most_gone),
    )
    _finish(call, _followed(call, view.id))


def _kind(file: Path) -> str:
    kind = KINDS.get(file.suffix.lower())
    if kind is None:
        raise Refusal(
            "IMPORT-KIND",
            f"{file} is neither .csv nor .jsonl.",
            path="file",
            hint="See allpoints template REGISTER for how a file begins.",
        )
    return kind


def _begun(call: Call, file: Path, references: Mapping[str, str], **options: object) -> View:
    """Hand the file over, in pieces, and return the import it became."""
    try:
        size = file.stat().st_size
        with file.open("rb") as source, output.progress() as bars:
            bar = bars.add_task("Sending ", total=size, note="")
            pieces = (
                attachments.rewritten(file, references.__getitem__) if references else _pieces(source.read)
            )
            content = _told(pieces, lambda step: bars.advance(bar, step))
            answer = call.client.send(PATH, content, "application/octet-stream", **options)
    except OSError as error:
        raise files.unreadable(file, error) from error
    return msgspec.json.decode(answer, type=View)


def _pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while piece := read(PIECE_BYTES):
        yield piece


def _told(pieces: Iterable[bytes], told: Callable[[int], None]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        told(len(piece))


def _followed(call: Call, identifier: str) -> View:
    """Wait until the import has ended and the relay has all that it entered."""
    try:
        return _watched(call, identifier)
    except KeyboardInterrupt:
        output.say(
            f"The import goes on. Follow it: allpoints import --follow {identifier} --dir {call.folder}"
            f" --purpose {call.options.purpose}"
        )
        raise typer.Exit(INTERRUPTED) from None
    except Refusal as refusal:
        if refusal.code == NOT_RUNNING:
            output.say(f"The import goes on when the node runs again: allpoints import --follow {identifier}")
        raise


def _watched(call: Call, identifier: str) -> View:
    with output.progress() as bars:
        bar = bars.add_task("Checking", total=None, note="")
        while True:
            view = call.client.get(f"{PATH}/{part(identifier)}", View)
            bars.update(
                bar,
                description="Entering" if view.checked else "Checking",
                total=view.size_bytes,
                completed=view.offset_bytes,
                note=_note(view),
            )
            if view.state not in GOING and (view.state != "done" or not view.waiting):
                return view
            time.sleep(LOOK_SECONDS)


def _note(view: View) -> str:
    words = [f"{view.read} rows"]
    words += [f"{view.bad} bad"] if view.bad else []
    words += [f"{view.waiting} entries on their way to the relay"] if view.waiting else []
    return ", ".join(words)


def _finish(call: Call, view: View) -> None:
    if call.as_json:
        output.json(view)
    else:
        _tell(view)
    if view.state == "failed":
        raise typer.Exit(1)


def _tell(view: View) -> None:
    """Bad rows and the tally are data; what they mean is talk."""
    if view.faults:
        rows = [(one["line"], one["field"], one["sentence"], one["hint"]) for one in view.faults]
        output.table(("line", "field", "reason", "hint"), rows, empty="")
        shown = len({one["line"] for one in view.faults})
        if shown < view.bad:
            output.say(f"These are {shown} of {view.bad} bad rows.")
    entered = "entered" if view.checked else "would be entered"
    output.facts(
        [
            ("import", view.id),
            ("state", view.state),
            ("rows read", view.read),
            (entered, view.accepted - view.gone),
            ("of them new", view.fresh),
            ("withdrawn" if view.checked else "would be withdrawn", view.gone),
            ("unchanged", view.unchanged),
            ("bad", view.bad),
            ("took", output.span(view.ended_ms - view.started_ms) if view.ended_ms else ""),
        ]
    )
    if view.state == "failed":
        entered_some = view.checked and view.accepted
        came = (
            "ended early; what is listed as entered stays"
            if entered_some
            else "was refused and nothing of it was entered"
        )
        output.say(f"error: The import {came}.")
        output.say("hint: Mend the rows above and run it again, or enter the good ones with --keep-going.")
    elif view.state == "stopped":
        output.say("The import was stopped; what it had entered stays.")


def imports(call: Call, ids: IdsOption = False) -> None:
    """List imports, newest first."""
    found = call.client.get(PATH, list[View])
    rows = [
        (one.id, one.register, one.state, one.read, one.accepted, one.bad, output.at(one.started_ms))
        for one in found
    ]
    columns = ("import", "register", "state", "rows", "entered", "bad", "started")
    output.listing(found, columns, rows, output.Listing("There are no imports.", call.as_json, ids))
