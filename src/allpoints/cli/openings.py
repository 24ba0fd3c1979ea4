"""How often this country's records were opened at other members: asked, and what they answered."""

from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, asking, group
from allpoints.cli.client import Fields
from allpoints.ground.refusal import Refusal

PATH = "/api/v1/openings"
DAY_MS = 86_400_000


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    openings = group("How often this country's records were opened at other members: on which days, and why.")
    asking(
        openings,
        "ask",
        "openings ask XBM --register persons --since 2031-04-01 --until 2031-05-01 --purpose analyse",
        "openings ask XBM --register persons --ref P-1 --since 2031-04-01 --until 2031-04-08 --purpose analyse",
    )(ask)
    asking(openings, "list", "openings list --purpose analyse", "openings list --purpose analyse --json")(
        list_answers
    )
    app.add_typer(openings, name="openings")


def ask(
    call: Call,
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="The member that is asked.")],
    register: Annotated[str, typer.Option(help="The register, one whose owners may ask.")],
    since: Annotated[str, typer.Option(help="The first day, such as 2031-04-01.")],
    until: Annotated[str, typer.Option(help="The day before which to stop.")],
    ref: Annotated[
        list[str] | None, typer.Option(help="A record by your own reference; several times for several.")
    ] = None,
) -> None:
    """Ask a member how often your country's records were opened there; it answers by mail, and not who did.

    Without a reference all records of the register are meant.
    """
    body = {
        "member": member,
        "register": register,
        "since": _day(since, "since"),
        "until": _day(until, "until"),
        "refs": ref or [],
    }
    asked = call.client.post(PATH, body, Fields)
    output.say(f"{member} was asked. Its answer will stand in allpoints openings list.")
    if call.as_json:
        output.json(asked)


def _day(text: str, path: str) -> int:
    import datetime as dt

    try:
        return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days
    except ValueError as error:
        raise Refusal("BAD-INSTANT", f"{text} is no day.", path=path) from error


def list_answers(call: Call) -> None:
    """List what was asked and what was answered, newest first.

    A small number, or one behind which few officers stand, is told as few or many.
    """
    found = call.client.get(PATH, list[Fields])
    if call.as_json:
        output.json(found)
        return
    rows = [row for one in found for row in _rows(one)]
    heads = ("member", "register", "days", "day", "purpose", "opened", "counted up to")
    output.table(heads, rows, empty="No member was asked.")


def _rows(one: Fields) -> list[tuple[str, ...]]:
    about = (one["member"], one["register"], f"{_shown(one['since'])} to {_shown(one['until'] - 1)}")
    if one["state"] != "answered":
        return [(*about, "", "", one["refusal"] or one["state"], "")]
    counted = output.at(one["anchored_ms"]) + (", some lines are erased" if one["erased"] else "")
    cells: list[tuple[str, ...]] = [
        (
            *about,
            _shown(cell["day"]),
            cell["purpose"],
            str(cell["count"]) if cell["told"] == "exact" else cell["told"],
            counted,
        )
        for cell in one["cells"]
    ]
    return cells or [(*about, "", "", "never", counted)]


def _shown(day: int) -> str:
    return output.at(day * DAY_MS)[:10]
