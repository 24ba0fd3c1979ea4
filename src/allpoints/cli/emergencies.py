"""Emergency accesses of this node: listed, ended and reviewed. One is opened at the console alone."""

from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, group, remote
from allpoints.cli.client import Fields

PATH = "/api/v1/emergencies"

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The access's number in the list.")]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    emergency = group("Emergency accesses: opened at the console, reviewed by another officer.")
    remote(emergency, "list", "emergency list", "emergency list --json")(list_emergencies)
    remote(emergency, "end", "emergency end 3")(end)
    remote(
        emergency,
        "review",
        'emergency review 3 --verdict justified --text "A child was missing"',
        'emergency review 4 --verdict not-justified --text "No case stood behind it"',
    )(review)
    app.add_typer(emergency, name="emergency")


def list_emergencies(call: Call) -> None:
    """List emergency accesses: an administrator sees all, others their own; those without a review come first."""
    found = call.client.get(PATH, list[Fields])
    if call.as_json:
        output.json(found)
        return
    rows = [
        (
            one["number"],
            one["officer"],
            one["register"] or one["role"],
            one["reason"],
            output.at(one["opened_ms"]),
            "open" if one["open"] else output.at(one["ends_ms"]),
            one["verdict"] or "to review",
            one["reviewer"],
        )
        for one in found
    ]
    heads = ("number", "officer", "opened", "reason", "from", "until", "verdict", "by")
    output.table(heads, rows, empty="There is no emergency access.")


def end(call: Call, number: Number) -> None:
    """End an emergency access at once: one's own, or as an administrator anybody's."""
    call.client.post(f"{PATH}/{number}/end", None, Fields)
    output.say(f"Emergency access {number} has ended.")
    if call.as_json:
        output.json({"number": number})


def review(
    call: Call,
    number: Number,
    verdict: Annotated[str, typer.Option(help="justified or not-justified.")],
    text: Annotated[str, typer.Option(help="What the verdict rests on.")],
) -> None:
    """Review an emergency access of another officer; afterwards that officer can open one again."""
    call.client.post(f"{PATH}/{number}/review", {"verdict": verdict, "text": text}, Fields)
    output.say(f"Emergency access {number} was reviewed: {verdict}.")
    if call.as_json:
        output.json({"number": number, "verdict": verdict})
