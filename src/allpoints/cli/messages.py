"""Messages from desk to desk, sealed end to end."""

from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import files, message_files, output
from allpoints.cli.calling import Call, IdsOption, asking, group
from allpoints.cli.client import part
from allpoints.messages.letter import Draft, LetterView
from allpoints.messages.letter_file import FileView

PATH = "/api/v1/messages"


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    message = group("Messages from desk to desk, sealed end to end.")
    asking(
        message,
        "send",
        'message send --to XBM --subject "Your hit 4bb1" --text "Please keep the bearer." --purpose find-wanted',
        'message send --to XBM --to XCS --subject "New method" --purpose warn - < text.txt',
        'message send --to XBM --subject "The film" --text "See the file." --attach film.mp4 --purpose investigate',
    )(send)
    asking(
        message,
        "inbox",
        "message inbox --purpose investigate",
        "message inbox --purpose investigate --json",
    )(inbox)
    asking(message, "sent", "message sent --purpose investigate")(sent)
    asking(message, "read", "message read 7d1f09 --purpose investigate --case C-17")(read)
    asking(
        message,
        "fetch",
        "message fetch 7d1f09 --purpose investigate",
        "message fetch 7d1f09 --file film.mp4 --to evidence --purpose investigate",
    )(fetch)
    app.add_typer(message, name="message")


def send(  # noqa: PLR0913 - the letter and what it carries
    call: Call,
    *,
    to: Annotated[list[str], typer.Option(help="A member; give it once for each.")],
    subject: Annotated[str, typer.Option(help="What it is about.")],
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A file with the text, or -.")] = None,
    text: Annotated[str, typer.Option(help="The text.")] = "",
    priority: Annotated[str, typer.Option(help="normal, urgent or very-urgent.")] = "normal",
    handling: Annotated[str, typer.Option(help="The handling code.")] = "official-use",
    reply_to: Annotated[str, typer.Option(metavar="REF", help="The message that this one answers.")] = "",
    attach: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A file that goes with it; give it once for each."),
    ] = None,
) -> None:
    """Write a message to other members; only they can open it, not the relay that carries it."""
    if text and file is not None:
        raise typer.BadParameter("Give the text with --text or as a file, not both.")
    words = files.read_text(file) if file is not None else text
    attached = message_files.attached(call, attach or ())
    draft = Draft(tuple(to), subject, words, priority, handling, reply_to, attached)
    _tell(call, call.client.post(PATH, draft, LetterView))


def inbox(call: Call, ids: IdsOption = False) -> None:
    """List the messages that came in, newest first."""
    _list(call, "inbox", ids)


def sent(call: Call, ids: IdsOption = False) -> None:
    """List the messages that went out, newest first."""
    _list(call, "sent", ids)


def _list(call: Call, folder: str, ids: bool) -> None:
    found = call.client.get(PATH, list[LetterView], folder=folder)
    rows = [
        (
            one.reference,
            output.at(one.at_ms),
            one.sender if folder == "inbox" else one.to,
            one.letter.subject,
            one.priority,
            _seen(one),
        )
        for one in found
    ]
    columns = ("message", "when", "from" if folder == "inbox" else "to", "subject", "priority", "")
    output.listing(found, columns, rows, output.Listing("There are no messages.", call.as_json, ids, SHOWN))


SHOWN = 12
"""Letters of a reference that lists show; the command that reads a message takes any beginning."""


def _seen(view: LetterView) -> str:
    if view.folder == "inbox":
        return "" if view.read_ms else "new"
    return ", ".join(dict.fromkeys(one.kind for one in view.receipts))


def read(
    call: Call,
    reference: Annotated[str, typer.Argument(metavar="REF", help="The message, or its first letters.")],
) -> None:
    """Read a message; its sender gets a receipt the first time."""
    _tell(call, call.client.get(f"{PATH}/{part(_full(call, reference))}", LetterView))


def fetch(
    call: Call,
    reference: Annotated[str, typer.Argument(metavar="REF", help="The message, or its first letters.")],
    *,
    file: Annotated[str, typer.Option(metavar="NAME", help="The one file to save; all, if not given.")] = "",
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to save them.")] = Path(),
) -> None:
    """Save the files of a message; a file that has not come whole yet is refused."""
    view = call.client.get(f"{PATH}/{part(_full(call, reference))}", LetterView)
    for path in message_files.saved(call, view, to, file):
        output.data(str(path))


def _full(call: Call, given: str) -> str:
    """The whole reference of a message of which only the beginning was typed, if just one begins so."""
    if len(given) == REFERENCE_LETTERS:
        return given
    listed = [
        view
        for folder in ("inbox", "sent")
        for view in call.client.get(PATH, list[LetterView], folder=folder)
    ]
    found = {view.reference for view in listed if view.reference.startswith(given)}
    return found.pop() if len(found) == 1 else given


REFERENCE_LETTERS = 64


def _tell(call: Call, view: LetterView) -> None:
    if call.as_json:
        output.json(view)
        return
    receipts = [
        f"{one.kind} by {one.by} {output.at(one.at_ms)}" + (f" ({one.reason})" if one.reason else "")
        for one in view.receipts
    ]
    output.facts(
        [
            ("message", view.reference),
            ("from", view.sender),
            ("to", view.to),
            ("sent", output.at(view.at_ms)),
            ("subject", view.letter.subject),
            ("priority", view.priority),
            ("handling", view.handling),
            ("purpose", view.purpose),
            ("case", view.letter.case),
            ("receipts", "\n".join(receipts)),
            ("files", "\n".join(_file(one) for one in view.files)),
        ]
    )
    output.data("")
    output.data(view.letter.text)


def _file(one: FileView) -> str:
    moving = f", {one.have} of {one.parts} parts" if one.state in {"leaving", "coming"} else ""
    return f"{one.name}, {one.size:,} bytes: {one.state}{moving}"
